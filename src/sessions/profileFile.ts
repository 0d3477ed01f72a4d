import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { toCollapsed } from '../../profile/formats/collapsed.ts';
import { fromFirefox, toFirefox } from '../../profile/formats/firefox.ts';
import { toSpeedscope } from '../../profile/formats/speedscope.ts';
import type { Profile } from '../../profile/profile.ts';
import { ProfileFormatError } from '../../profile/profileFormatError.ts';

/** Unpacked bytes that are taken at most: near V8's limit for one string. */
const MAX_UNPACKED = 500 * 1024 * 1024;

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
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  let json: unknown;
  try {
    const unpacked = isPacked ? await promisify(gunzip)(bytes, { maxOutputLength: MAX_UNPACKED }) : bytes;
    if (unpacked.length > MAX_UNPACKED) throw new RangeError('too large');
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(unpacked));
  } catch (error) {
    throw new ProfileFormatError(error instanceof Error ? error.message : String(error));
  }
  return fromFirefox(json);
}
