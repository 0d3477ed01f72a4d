import { Worker } from 'node:worker_threads';
import type { EngineFailure } from './engine.ts';
import { TargetError } from './targetError.ts';
import type { GreenletSnapshot } from './tasks/greenletSnapshot.ts';
import type { TaskSnapshot } from './tasks/taskSnapshot.ts';

/** What to look at, once. */
export interface LookRequest {
  readonly kind: keyof LookResults;
  readonly pid: number;
}

/** What there is to see of each kind. */
export interface LookResults {
  readonly tasks: TaskSnapshot;
  readonly greenlets: GreenletSnapshot;
}

/** What a worker thread that was given a LookRequest answers. */
export type LookAnswer<Kind extends keyof LookResults = keyof LookResults> = { readonly result: LookResults[Kind] } | { readonly failure: EngineFailure };

/** ms: a look at a hundred thousand tasks takes some seconds. */
const patience = 60_000;

/**
 * Looks once at all asyncio tasks of a process, in a worker thread. The process is not paused.
 * @param signal gives it up
 * @throws TargetError (rejects) when there is no such process, no right to read it, no Python, or one whose tasks can't be read
 */
export function lookAtTasks(pid: number, signal?: AbortSignal): Promise<TaskSnapshot> {
  return look('tasks', pid, signal);
}

/**
 * Looks once at all greenlets of a process, as `lookAtTasks` at its tasks.
 * @throws TargetError (rejects) as `lookAtTasks`
 */
export function lookAtGreenlets(pid: number, signal?: AbortSignal): Promise<GreenletSnapshot> {
  return look('greenlets', pid, signal);
}

function look<Kind extends keyof LookResults>(kind: Kind, pid: number, signal: AbortSignal | undefined): Promise<LookResults[Kind]> {
  const request: LookRequest = { kind, pid };
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // Beside us: worker.ts when the sources run as they are, worker.js when they are bundled.
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    const worker = new Worker(new URL(file, import.meta.url), { workerData: request });
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      worker.removeAllListeners('exit');
      void worker.terminate();
      settle();
    };
    const fail = (failure: EngineFailure): void => end(() => reject(new TargetError(failure)));
    const abort = (): void => end(() => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted')));
    const timer = setTimeout(() => fail({ code: 'unreadable', pid, detail: `it takes longer than ${patience / 1000} s to read` }), patience);
    signal?.addEventListener('abort', abort);
    worker.on('message', (answer: LookAnswer<Kind>) => ('failure' in answer ? fail(answer.failure) : end(() => resolve(answer.result))));
    worker.on('error', (error) => fail({ code: 'internal', detail: error instanceof Error ? error.message : String(error) }));
    worker.on('exit', (code) => fail({ code: 'internal', detail: `the reading thread ended with code ${code}` }));
  });
}
