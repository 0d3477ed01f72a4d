import { Worker } from 'node:worker_threads';
import { deferred } from './deferred.ts';
import type { DumpSnapshot } from './dump/dumpSnapshot.ts';
import type { EngineFailure, LookKind } from './engine.ts';
import type { EngineStart } from './engineThread.ts';
import { TargetError } from './targetError.ts';
import type { GreenletSnapshot } from './tasks/greenletSnapshot.ts';
import type { TaskSnapshot } from './tasks/taskSnapshot.ts';

/** What a worker thread is to look at, once. It loads everything, says 'loaded', and waits for an EngineStart. */
export interface LookRequest {
  readonly kind: ThreadLookKind;
  /** Never takes a running program's core from it for the look: of threads, which alone are looked at so. */
  readonly neverStop: boolean;
}

/** What a worker thread can look at: helpers do not know threads. */
export type ThreadLookKind = LookKind | 'threads';

/** What there is to see of each kind. */
export interface LookResults {
  readonly tasks: TaskSnapshot;
  readonly greenlets: GreenletSnapshot;
}

export interface ThreadLookResults extends LookResults {
  readonly threads: DumpSnapshot;
}

/** What a worker thread that was given a LookRequest answers. */
export type LookAnswer<Kind extends ThreadLookKind = ThreadLookKind> =
  { readonly result: ThreadLookResults[Kind] } | { readonly failure: EngineFailure };

/** ms: a look at a hundred thousand tasks takes some seconds. */
export const lookPatience = 60_000;

/** A look that is ready and waits to be told at which process. */
export interface WaitingLook<Kind extends ThreadLookKind> {
  /** Resolves when everything is loaded, or could not be: then `result` rejects. */
  readonly loaded: Promise<undefined>;
  begin(start: EngineStart): void;
  /** Rejects with a TargetError, or with the reason of `end`. */
  readonly result: Promise<ThreadLookResults[Kind]>;
  /** Gives it up. */
  end(reason: Error): void;
}

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

/**
 * Looks once at all threads of a process and their frames, without their variables, at one instant where that can be had.
 * @param neverStop never takes a running program's core from it for that
 * @throws TargetError (rejects) when there is no such process, no right to read it, or no Python whose threads can be read
 */
export function lookAtThreads(pid: number, neverStop: boolean, signal?: AbortSignal): Promise<DumpSnapshot> {
  return look('threads', pid, signal, neverStop);
}

async function look<Kind extends ThreadLookKind>(
  kind: Kind,
  pid: number,
  signal: AbortSignal | undefined,
  neverStop = false,
): Promise<ThreadLookResults[Kind]> {
  signal?.throwIfAborted();
  const waiting = prepareLook(kind, neverStop);
  const abort = (): void => waiting.end(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal?.addEventListener('abort', abort);
  try {
    waiting.begin({ pid });
    return await waiting.result;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Gets a worker thread ready to look. */
export function prepareLook<Kind extends ThreadLookKind>(kind: Kind, neverStop = false): WaitingLook<Kind> {
  const request: LookRequest = { kind, neverStop };
  // Beside us: worker.ts when the sources run as they are, worker.js when they are bundled.
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: request });
  const { promise: loaded, resolve: tellLoaded } = deferred<undefined>();
  let timer: NodeJS.Timeout | undefined;
  let end!: (reason: Error) => void;
  const result = new Promise<ThreadLookResults[Kind]>((resolve, reject) => {
    const settle = (how: () => void): void => {
      clearTimeout(timer);
      worker.removeAllListeners('exit');
      void worker.terminate();
      tellLoaded(undefined);
      how();
    };
    end = (reason) => settle(() => reject(reason));
    const fail = (failure: EngineFailure): void => end(new TargetError(failure));
    worker.on('message', (answer: LookAnswer<Kind> | 'loaded') => {
      if (answer === 'loaded') tellLoaded(undefined);
      else if ('failure' in answer) fail(answer.failure);
      else settle(() => resolve(answer.result));
    });
    worker.on('error', (error) => fail({ code: 'internal', detail: error instanceof Error ? error.message : String(error) }));
    worker.on('exit', (code) => fail({ code: 'internal', detail: `the reading thread ended with code ${code}` }));
  });
  return {
    loaded,
    result,
    end,
    begin(start) {
      const pid = 'pid' in start ? start.pid : start.grant.pid;
      timer = setTimeout(
        () => end(new TargetError({ code: 'unreadable', pid, detail: `it takes longer than ${lookPatience / 1000} s to read` })),
        lookPatience,
      );
      worker.postMessage(start);
    },
  };
}
