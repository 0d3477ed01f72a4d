import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { toCollapsed } from '../../profile/formats/collapsed.ts';
import { profileOf, toFirefox } from '../../profile/formats/firefox.ts';
import { toSpeedscope } from '../../profile/formats/speedscope.ts';
import type { Profile } from '../../profile/profile.ts';
import { readInThread } from './readerThread.ts';

/** Formats a profile can be written in. Heatline's own is the Firefox Profiler's, gzipped. */
export const fileFormats = {
  heatline: { extension: 'heatline.json.gz' },
  firefox: { extension: 'heatline.json' },
  speedscope: { extension: 'speedscope.json' },
  collapsed: { extension: 'collapsed.txt' },
} as const;

export type FileFormat = keyof typeof fileFormats;

/** The format that a file's name asks for; undefined where it asks for none. */
export function formatOfName(name: string): FileFormat | undefined {
  if (/\.gz$/i.test(name)) return 'heatline';
  if (/\.speedscope(\.json)?$/i.test(name)) return 'speedscope';
  if (/\.(txt|collapsed|folded)$/i.test(name)) return 'collapsed';
  return /\.json$/i.test(name) ? 'firefox' : undefined;
}

export async function encodeProfile(profile: Profile, format: FileFormat): Promise<Uint8Array> {
  switch (format) {
    case 'heatline':
      return promisify(gzip)(JSON.stringify(toFirefox(profile)));
    case 'firefox':
      return Buffer.from(JSON.stringify(toFirefox(profile)));
    case 'speedscope':
      return Buffer.from(JSON.stringify(toSpeedscope(profile)));
    case 'collapsed':
      return Buffer.from(toCollapsed(profile));
  }
}

/** Reads a Firefox Profiler profile, gzipped or not. @throws ProfileFormatError if it is none */
export async function decodeProfile(bytes: Uint8Array): Promise<Profile> {
  return profileOf(await readInThread(bytes));
}
