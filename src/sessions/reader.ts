import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createGunzip } from 'node:zlib';
import { AnyReader } from '../../profile/formats/anyReader.ts';
import { ProfileFormatError } from '../../profile/profileFormatError.ts';
import type { ReaderAnswer, ReaderInput, ReaderMessage } from './readerThread.ts';

/** Bytes that are read and unpacked at once: a bomb ends after few of them. */
const PIECE = 1 << 20;

const { source } = workerData as ReaderInput;
const port = parentPort!;
const result = await answer();
port.postMessage(result satisfies ReaderMessage, 'saved' in result ? buffersOf(result.saved.delta) : []);

async function answer(): Promise<ReaderAnswer> {
  try {
    const reader = new AnyReader();
    await readText((bytes) => reader.push(bytes));
    return { saved: reader.end() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error), isSystems: error instanceof Error && 'syscall' in error };
  }
}

/** Gives all of the text to `take`, piece by piece, unpacked if need be. */
async function readText(take: (bytes: Uint8Array) => void): Promise<void> {
  const pieces = readPieces();
  const first = (await pieces.next()).value ?? new Uint8Array(0);
  if (!isPacked(first)) {
    take(first);
    for await (const piece of pieces) take(piece);
    return;
  }
  const gunzip = createGunzip({ chunkSize: PIECE });
  try {
    await pipeline(
      async function* () {
        // Copies, as some wait before they are unpacked.
        yield first.slice();
        for await (const piece of pieces) yield piece.slice();
      },
      gunzip,
      async (unpacked: AsyncIterable<Uint8Array>) => {
        for await (const piece of unpacked) take(piece);
      },
    );
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error;
    throw new ProfileFormatError(
      `This is not a whole profile: the packed file is cut off or damaged at byte ${gunzip.bytesWritten} (${error.message}).`,
      { cause: error },
    );
  }
}

/** The file as it is, each piece in the place of the one before; tells how far it is. */
async function* readPieces(): AsyncGenerator<Uint8Array, undefined> {
  let told = 0;
  const tell = (share: number): void => {
    if (share - told < 0.01) return;
    told = share;
    port.postMessage({ share } satisfies ReaderMessage);
  };
  if (typeof source !== 'string') {
    for (let at = 0; at < source.length; at += PIECE) {
      tell(at / source.length);
      yield source.subarray(at, at + PIECE);
    }
    return undefined;
  }
  const file = await open(source);
  try {
    const { size } = await file.stat();
    const buffer = new Uint8Array(PIECE);
    for (let done = 0, length: number; ; done += length) {
      tell(done / Math.max(1, size));
      length = (await file.read(buffer, 0, PIECE)).bytesRead;
      if (length === 0) return undefined;
      yield buffer.subarray(0, length);
    }
  } finally {
    await file.close();
  }
}

function isPacked(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What goes to the other thread rather than a copy of it. */
function buffersOf({ frames, stacks, runs }: { readonly frames: object; readonly stacks: object; readonly runs: object }): ArrayBuffer[] {
  const columns: unknown[] = [frames, stacks, runs, 'instructions' in frames ? frames.instructions : {}].flatMap(
    (columns) => Object.values(columns as object) as unknown[],
  );
  return columns.filter((column) => ArrayBuffer.isView(column)).map(({ buffer }) => buffer as ArrayBuffer);
}
