import { open } from 'node:fs/promises';
import { getSystemErrorMap } from 'node:util';
import { unpackInto, unzstd } from '../profile/files/unpacked.ts';
import { AnyReader } from '../profile/formats/anyReader.ts';
import type { Format } from '../profile/formats/format.ts';
import { profileOf } from '../profile/formats/savedProfile.ts';
import type { Profile } from '../profile/profile.ts';

/** Bytes that are read at once. */
const PIECE = 1 << 18;

/**
 * Reads a profile, gzipped or not, piece by piece.
 * @param format what it is said to be; unless told, its beginning decides
 * @throws ProfileFormatError if it is none; Error if the file can't be read
 */
export async function readProfile(file: string, format?: Format): Promise<Profile> {
  const reader = new AnyReader(format, { unzstd });
  const handle = await open(file);
  try {
    await unpackInto(pieces(handle), (piece) => reader.push(piece));
  } finally {
    await handle.close();
  }
  return profileOf(reader.end());
}

async function* pieces(handle: Awaited<ReturnType<typeof open>>): AsyncGenerator<Uint8Array, void> {
  const buffer = new Uint8Array(PIECE);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, PIECE, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** What `readProfile` threw, as a sentence without the file's name. */
export function whyUnread(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMap().get(error.errno) : undefined;
  return known === undefined ? error.message : `${known[1]}.`;
}
