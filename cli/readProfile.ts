import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { getSystemErrorMap } from 'node:util';
import { createGunzip } from 'node:zlib';
import { AnyReader } from '../profile/formats/anyReader.ts';
import type { Format } from '../profile/formats/format.ts';
import { profileOf } from '../profile/formats/savedProfile.ts';
import type { Profile } from '../profile/profile.ts';
import { ProfileFormatError } from '../profile/profileFormatError.ts';

/** Bytes that are read and unpacked at once: a bomb ends after few of them. */
const PIECE = 1 << 18;

/**
 * Reads a profile, gzipped or not, piece by piece.
 * @param format what it is said to be; unless told, its beginning decides
 * @throws ProfileFormatError if it is none; Error if the file can't be read
 */
export async function readProfile(file: string, format?: Format): Promise<Profile> {
  const reader = new AnyReader(format);
  const handle = await open(file);
  try {
    await unpack(pieces(handle), (piece) => reader.push(piece));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error;
    throw new ProfileFormatError(`This is not a whole profile: the packed file is cut off or damaged (${error.message}).`, {
      cause: error,
    });
  } finally {
    await handle.close();
  }
  return profileOf(reader.end());
}

async function* pieces(handle: Awaited<ReturnType<typeof open>>): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(PIECE), 0, PIECE, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Gives all of the text to `take`, piece by piece. */
async function unpack(packed: AsyncGenerator<Uint8Array, void>, take: (piece: Uint8Array) => void): Promise<void> {
  const first = await packed.next();
  if (first.done === true) return;
  const whole = async function* (): AsyncGenerator<Uint8Array, void> {
    yield first.value;
    yield* packed;
  };
  const taken = async (pieces: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const piece of pieces) take(piece);
  };
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) await taken(whole());
  else await pipeline(whole(), createGunzip({ chunkSize: PIECE }), taken);
}

/** What `readProfile` threw, as a sentence without the file's name. */
export function whyUnread(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMap().get(error.errno) : undefined;
  return known === undefined ? error.message : `${known[1]}.`;
}
