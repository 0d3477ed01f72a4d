import path from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { sourceText } from '../profile/files/sourceText.ts';
import type { WriteOptions } from '../profile/formats/format.ts';
import { type FormatId, formatOf, isPacked } from '../profile/formats/registry.ts';
import type { Profile } from '../profile/profile.ts';
import { pageParts } from './pageParts.ts';

/**
 * A profile as a file has it, piece by piece.
 * @param name the file's, by which it is gzipped or not; null for standard output
 * @throws ProfileFormatError or RangeError for one that is too big for the format
 */
export async function* encode(
  profile: Profile,
  id: FormatId,
  name: string | null,
  options: WriteOptions = {},
): AsyncGenerator<string | Uint8Array, void> {
  const format = formatOf(id);
  const pieces = format.write(profile, { sourceOf: (file) => sourceOf(file, profile), page: () => pageParts(true), ...options });
  if (isPacked(format, name)) yield* Readable.from(pieces, { objectMode: false }).compose(createGzip()) as AsyncIterable<Buffer>;
  else yield* pieces;
}

/** A source where the profile's processes would find it, or else where we are. */
function sourceOf(file: string, { processes }: Profile): string | undefined {
  const folders = processes.flatMap(({ workingDirectory }) => workingDirectory ?? []).filter((folder) => path.isAbsolute(folder));
  for (const candidate of new Set([...folders.map((folder) => path.resolve(folder, file)), path.resolve(file)])) {
    const text = sourceText(candidate);
    if (text !== undefined) return text;
  }
  return undefined;
}
