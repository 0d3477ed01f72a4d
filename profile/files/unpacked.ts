import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { ProfileFormatError } from '../profileFormatError.ts';

/** Bytes that are unpacked at once: a bomb ends after few of them. */
const PIECE = 1 << 18;

/**
 * Gives all of a file to `take`, piece by piece, unpacked if it is gzipped, which its first bytes tell.
 * @param pieces each is valid until the next one is asked for
 * @param take may throw, which ends it
 * @throws ProfileFormatError if what is packed is cut off or damaged
 */
export async function unpackInto(pieces: AsyncGenerator<Uint8Array, unknown>, take: (bytes: Uint8Array) => void): Promise<void> {
  const first = await pieces.next();
  if (first.done === true) return;
  if (!isGzipped(first.value)) {
    take(first.value);
    for await (const piece of pieces) take(piece);
    return;
  }
  const gunzip = zlib.createGunzip({ chunkSize: PIECE });
  try {
    await pipeline(
      async function* () {
        // Copies, as some wait before they are unpacked.
        yield first.value.slice();
        for await (const piece of pieces) yield piece.slice();
      },
      gunzip,
      async (unpacked: AsyncIterable<Uint8Array>) => {
        for await (const piece of unpacked) take(piece);
      },
    );
  } catch (error) {
    if (!isZlibs(error)) throw error;
    throw new ProfileFormatError(
      `This is not a whole profile: the packed file is cut off or damaged at byte ${gunzip.bytesWritten} (${error.message}).`,
      { cause: error },
    );
  }
}

/** ReadOptions' `unzstd`; undefined in a Node that has none (before 22.15). */
export const unzstd = 'zstdDecompressSync' in zlib ? decompress : undefined;

function decompress(packed: Uint8Array, maxLength: number): Uint8Array {
  try {
    return zlib.zstdDecompressSync(packed, { maxOutputLength: maxLength });
  } catch (error) {
    if (error instanceof RangeError)
      throw new ProfileFormatError(`This file is too big: more than ${maxLength / 1024 / 1024} MB when it is unpacked.`, { cause: error });
    if (!isZlibs(error)) throw error;
    throw new ProfileFormatError(`This is not a whole profile: what is packed in it is cut off or damaged (${error.message}).`, {
      cause: error,
    });
  }
}

function isGzipped(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function isZlibs(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^Z(?:STD)?_/.test(String(error.code));
}
