import { Worker } from 'node:worker_threads';
import type { SavedProfile } from '../../profile/formats/savedProfile.ts';
import { ProfileFormatError } from '../../profile/profileFormatError.ts';

/** What the thread gets that reads a file. */
export interface ReaderInput {
  /** The file's path, or what is in it. */
  readonly source: string | Uint8Array;
}

/** What it makes of it. */
export type ReaderAnswer =
  | { readonly saved: SavedProfile }
  /** `isSystems`: the file could not be read, whatever is in it. */
  | { readonly problem: string; readonly isSystems: boolean };

/** What it says: how much of the file is read, from 0 to 1, and in the end its answer. */
export type ReaderMessage = { readonly share: number } | ReaderAnswer;

export interface ReadingOptions {
  /** Called some hundred times at most; from 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
  /** MB. */
  readonly maxHeap?: number;
}

/**
 * MB: three times what JsonBudget lets pass, as functions are made of what is read, and are handed over. Columns are not in the heap. A
 * million runs take less than 24 MB of it.
 */
const MAX_HEAP = 2048;

let last: Promise<unknown> = Promise.resolve();

/**
 * Reads a profile in a thread of its own, which a hostile file may end, and the editor doesn't stand still meanwhile. One after
 * the other: an editor may restore many at once, and memory is bounded for each.
 * @param source the file's path, so that it is never in memory as a whole, or its bytes
 * @throws ProfileFormatError if it is none, or takes too much memory; Error if the file can't be read; the signal's reason
 */
export function readInThread(source: string | Uint8Array, options: ReadingOptions = {}): Promise<SavedProfile> {
  const result = last.then(() => read(source, options));
  last = result.catch(() => undefined);
  return result;
}

async function read(source: string | Uint8Array, { onProgress, signal, maxHeap = MAX_HEAP }: ReadingOptions): Promise<SavedProfile> {
  signal?.throwIfAborted();
  const input: ReaderInput = { source };
  // Beside us: reader.ts when the sources run as they are, reader.js when they are bundled.
  const file = import.meta.url.endsWith('.ts') ? './reader.ts' : './reader.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: input,
    resourceLimits: { maxOldGenerationSizeMb: maxHeap, maxYoungGenerationSizeMb: 8 },
  });
  const abort = (): void => void worker.terminate();
  signal?.addEventListener('abort', abort);
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (message: ReaderMessage) => {
        if ('share' in message) onProgress?.(message.share);
        else if ('saved' in message) resolve(message.saved);
        else reject(message.isSystems ? new Error(message.problem) : new ProfileFormatError(message.problem));
      });
      worker.once('error', (error) => reject(new ProfileFormatError(error instanceof Error ? error.message : String(error))));
      worker.once('exit', () =>
        reject(signal?.aborted === true ? (signal.reason as Error) : new ProfileFormatError('it could not be read to its end')),
      );
    });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
