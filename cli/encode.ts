import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { WriteOptions } from '../profile/formats/format.ts';
import { type FormatId, formatOf, isPacked } from '../profile/formats/registry.ts';
import type { Profile } from '../profile/profile.ts';

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
  const pieces = format.write(profile, options);
  if (isPacked(format, name)) yield* Readable.from(pieces, { objectMode: false }).compose(createGzip()) as AsyncIterable<Buffer>;
  else yield* pieces;
}
