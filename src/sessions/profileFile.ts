import { Readable } from 'node:stream';
import { buffer as collected } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { sourceText } from '../../profile/files/sourceText.ts';
import type { PageSetup } from '../../profile/formats/html/pageParts.ts';
import { isPacked, type WrittenFormat } from '../../profile/formats/registry.ts';
import { profileOf } from '../../profile/formats/savedProfile.ts';
import type { Profile } from '../../profile/profile.ts';
import { localPath } from '../files/localPath.ts';
import { type ReadingOptions, readInThread } from './readerThread.ts';

/** Beside the extension. */
const builtPage = import.meta.url.endsWith('.ts') ? '../../dist/webview/page.html' : './webview/page.html';

export type PageTexts = Pick<PageSetup, 'language' | 'translations'>;

/**
 * @param name the file's, by which it is gzipped or not
 * @param texts for a page: the language and the translations it has
 * @throws ProfileFormatError for a profile that is too big for the format
 */
export async function encodeProfile(profile: Profile, format: WrittenFormat, name: string, texts: PageTexts): Promise<Uint8Array> {
  // It may go on while it is written.
  const release = profile.hold();
  try {
    return await written(profile, format, name, texts);
  } finally {
    release();
  }
}

async function written(profile: Profile, format: WrittenFormat, name: string, texts: PageTexts): Promise<Uint8Array> {
  const pieces = format.write(profile, {
    sourceOf: (file) => sourceOf(file, profile),
    page: () => ({ template: readFileSync(new URL(builtPage, import.meta.url), 'utf8'), setup: { ...texts, idle: true } }),
  });
  const text = Readable.from(pieces, { objectMode: false });
  return collected(isPacked(format, name) ? text.pipe(createGzip()) : text);
}

/** A source where one of the profile's processes would find it. */
function sourceOf(file: string, { processes }: Profile): string | undefined {
  for (const folder of new Set([null, ...processes.map(({ workingDirectory }) => workingDirectory)])) {
    const path = localPath(file, folder);
    const text = path === undefined ? undefined : sourceText(path);
    if (text !== undefined) return text;
  }
  return undefined;
}

/**
 * Reads a profile in any format of the registry, gzipped or not.
 * @param source the path of a file, or what is in it
 * @throws ProfileFormatError if it is none; Error if the file can't be read, or reading was ended
 */
export async function decodeProfile(source: string | Uint8Array, options?: ReadingOptions): Promise<Profile> {
  return profileOf(await readInThread(source, options));
}
