import { open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { unpackInto, unzstd } from '../../profile/files/unpacked.ts';
import { AnyReader } from '../../profile/formats/anyReader.ts';
import type { ReaderAnswer, ReaderInput, ReaderMessage } from './readerThread.ts';

/** Bytes that are read at once. */
const PIECE = 1 << 20;

const { source } = workerData as ReaderInput;
const port = parentPort!;
const result = await answer();
port.postMessage(result satisfies ReaderMessage, 'saved' in result ? buffersOf(result.saved.delta) : []);

async function answer(): Promise<ReaderAnswer> {
  try {
    const reader = new AnyReader(undefined, { unzstd });
    await unpackInto(readPieces(), (bytes) => reader.push(bytes));
    return { saved: reader.end() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error), isSystems: error instanceof Error && 'syscall' in error };
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

/** What goes to the other thread rather than a copy of it. */
function buffersOf({ frames, stacks, runs }: { readonly frames: object; readonly stacks: object; readonly runs: object }): ArrayBuffer[] {
  const columns: unknown[] = [frames, stacks, runs, 'instructions' in frames ? frames.instructions : {}].flatMap(
    (columns) => Object.values(columns as object) as unknown[],
  );
  return columns.filter((column) => ArrayBuffer.isView(column)).map(({ buffer }) => buffer as ArrayBuffer);
}
