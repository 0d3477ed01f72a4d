import { Worker } from 'node:worker_threads';
import type { SavedProfile } from '../../profile/formats/firefox.ts';
import { ProfileFormatError } from '../../profile/profileFormatError.ts';

/** What the thread gets that reads a file. */
export interface ReaderInput {
  readonly bytes: Uint8Array;
}

/** What it makes of it. */
export type ReaderAnswer = { readonly saved: SavedProfile } | { readonly problem: string };

/**
 * MB. JsonBudget lets nothing pass whose text and objects take more than three quarters of that: what JSON.parse can't have ends the process, and only what
 * is made of its result ends the thread.
 */
const MAX_HEAP = 2048;

let last: Promise<unknown> = Promise.resolve();

/**
 * Reads a profile in a thread of its own, which a hostile file may end, and the editor doesn't stand still meanwhile. One after the other: an editor may restore many
 * at once, and memory is bounded for each.
 * @throws ProfileFormatError if it is none, or takes too much memory
 */
export function readInThread(bytes: Uint8Array): Promise<SavedProfile> {
  const result = last.then(() => read(bytes));
  last = result.catch(() => undefined);
  return result;
}

function read(bytes: Uint8Array): Promise<SavedProfile> {
  const input: ReaderInput = { bytes };
  // Beside us: reader.ts when the sources run as they are, reader.js when they are bundled.
  const file = import.meta.url.endsWith('.ts') ? './reader.ts' : './reader.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: input, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP } });
  return new Promise((resolve, reject) => {
    worker.once('message', (answer: ReaderAnswer) => {
      if ('saved' in answer) resolve(answer.saved);
      else reject(new ProfileFormatError(answer.problem));
    });
    worker.once('error', (error) => reject(new ProfileFormatError(error instanceof Error ? error.message : String(error))));
    worker.once('exit', () => reject(new ProfileFormatError('it could not be read to its end')));
  });
}
