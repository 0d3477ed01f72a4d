import { type FileHandle, open } from 'node:fs/promises';
import { getSystemErrorMap } from 'node:util';
import { isRecording } from '../native/index.ts';
import { unpackInto, unzstd } from '../profile/files/unpacked.ts';
import { AnyReader } from '../profile/formats/anyReader.ts';
import type { Format } from '../profile/formats/format.ts';
import { profileOf } from '../profile/formats/savedProfile.ts';
import type { Profile } from '../profile/profile.ts';
import { readKept } from './kept/readKept.ts';

/** Bytes that are read at once. */
const PIECE = 1 << 18;

/**
 * Reads a profile, gzipped or not, piece by piece; or a recording whose profile was never written.
 * @param format what it is said to be; unless told, its beginning decides
 * @throws ProfileFormatError if it is none; Error if the file can't be read
 */
export async function readProfile(file: string, format?: Format): Promise<Profile> {
  const reader = new AnyReader(format, { unzstd });
  const handle = await open(file);
  try {
    const buffer = new Uint8Array(PIECE);
    const first = await nextPiece(handle, buffer);
    if (isRecording(first)) return (await readKept(file)).profile;
    await unpackInto(pieces(first, handle, buffer), (piece) => reader.push(piece));
  } finally {
    await handle.close();
  }
  return profileOf(reader.end());
}

/** @param buffer has the first one, and gets the others */
async function* pieces(first: Uint8Array, handle: FileHandle, buffer: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let piece = first; piece.length > 0; piece = await nextPiece(handle, buffer)) yield piece;
}

/** None at the end. */
async function nextPiece(handle: FileHandle, buffer: Uint8Array): Promise<Uint8Array> {
  return buffer.subarray(0, (await handle.read(buffer, 0, PIECE, null)).bytesRead);
}

/** What `readProfile` threw, as a sentence without the file's name. */
export function whyUnread(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMap().get(error.errno) : undefined;
  return known === undefined ? error.message : `${known[1]}.`;
}
