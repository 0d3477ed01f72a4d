import { Worker } from 'node:worker_threads';
import { deferred } from './deferred.ts';
import { CoreError, type CoreFailure } from './coreDump/coreFailure.ts';
import type { DumpOptions, DumpSnapshot } from './dump/dumpSnapshot.ts';
import type { ProcessSnapshot } from './dump/processSnapshot.ts';
import type { EngineFailure, LookKind } from './engine.ts';
import type { EngineStart } from './engineThread.ts';
import { TargetError } from './targetError.ts';
import type { GreenletSnapshot } from './tasks/greenletSnapshot.ts';
import type { TaskSnapshot } from './tasks/taskSnapshot.ts';

/** How threads are looked at. */
export interface ThreadLookOptions {
  readonly locals: DumpOptions['locals'];
  /** Never takes a running program's core from it for the look. */
  readonly neverStop: boolean;
  /** Tasks and greenlets, too, where the program has such. */
  readonly tasks: boolean;
}

/** What a worker thread is to look at, once. It loads everything, says 'loaded', and waits for an EngineStart. */
export interface LookRequest {
  readonly kind: LookKind;
  /** For threads. */
  readonly options: ThreadLookOptions;
  /** When it has answered, it waits for another EngineStart. */
  readonly repeats?: boolean;
}

/** A core dump that a worker thread is to read. */
export interface CoreRequest {
  readonly kind: 'core';
  readonly file: string;
  readonly search: readonly string[];
  readonly locals: DumpOptions['locals'];
}

/** What there is to see of each kind. */
export interface LookResults {
  readonly tasks: TaskSnapshot;
  readonly greenlets: GreenletSnapshot;
  readonly threads: ProcessSnapshot;
}

/** What a worker thread that was given a LookRequest answers. */
export type LookAnswer<Kind extends LookKind = LookKind> = { readonly result: LookResults[Kind] } | { readonly failure: EngineFailure };

/** What one that was given a CoreRequest answers. */
export type CoreAnswer = { readonly result: ProcessSnapshot } | { readonly failure: EngineFailure } | { readonly coreFailure: CoreFailure };

/** ms: a look at a hundred thousand tasks takes some seconds. */
export const lookPatience = 60_000;

/** A look that is ready and waits to be told at which process. */
export interface WaitingLook<Kind extends LookKind> {
  /** Resolves when everything is loaded, or could not be: then `result` rejects. */
  readonly loaded: Promise<undefined>;
  begin(start: EngineStart): void;
  /** Rejects with a TargetError, or with the reason of `end`. */
  readonly result: Promise<LookResults[Kind]>;
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
export async function lookAtThreads(pid: number, neverStop: boolean, signal?: AbortSignal): Promise<DumpSnapshot> {
  return (await look('threads', pid, signal, { ...justThreads, neverStop })).threads;
}

/**
 * Looks once at all that a process does: its threads, at one instant where that can be had, and then asyncio's tasks and greenlets.
 * @throws TargetError (rejects) as `lookAtThreads`
 */
export function lookAtProcess(pid: number, options: ThreadLookOptions, signal?: AbortSignal): Promise<ProcessSnapshot> {
  return look('threads', pid, signal, options);
}

/**
 * Reads a core dump in a worker thread: threads, tasks and greenlets of the process that it is of. However long that takes: a large one
 * that is packed is unpacked first.
 * @param search folders where the program's files are looked for first
 * @param signal gives it up
 * @throws CoreError, TargetError (rejects) as `openCore`
 */
export function lookAtCore(
  file: string,
  search: readonly string[],
  locals: DumpOptions['locals'],
  signal?: AbortSignal,
): Promise<ProcessSnapshot> {
  const request: CoreRequest = { kind: 'core', file, search, locals };
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(reasonOf(signal));
      return;
    }
    const worker = startLookWorker(request);
    const settle = (how: () => void): void => {
      signal?.removeEventListener('abort', abort);
      worker.removeAllListeners('exit');
      void worker.terminate();
      how();
    };
    const abort = (): void => settle(() => reject(reasonOf(signal)));
    const fail = (detail: string): void => settle(() => reject(new TargetError({ code: 'internal', detail })));
    signal?.addEventListener('abort', abort);
    worker.on('message', (answer: CoreAnswer) =>
      settle(() => {
        if ('result' in answer) resolve(answer.result);
        else reject('coreFailure' in answer ? new CoreError(answer.coreFailure) : new TargetError(answer.failure));
      }),
    );
    worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => fail(`the reading thread ended with code ${code}`));
  });
}

async function look<Kind extends LookKind>(
  kind: Kind,
  pid: number,
  signal: AbortSignal | undefined,
  options?: ThreadLookOptions,
): Promise<LookResults[Kind]> {
  signal?.throwIfAborted();
  const waiting = prepareLook(kind, options);
  const abort = (): void => waiting.end(reasonOf(signal));
  signal?.addEventListener('abort', abort);
  try {
    waiting.begin({ pid });
    return await waiting.result;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('aborted');
}

const justThreads: ThreadLookOptions = { locals: 'none', neverStop: false, tasks: false };

/** A thread that answers a request, and then is to be ended. */
export function startLookWorker(request: LookRequest | CoreRequest): Worker {
  // Beside us: worker.ts when the sources run as they are, worker.js when they are bundled.
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  return new Worker(new URL(file, import.meta.url), { workerData: request });
}

/** Gets a worker thread ready to look. */
export function prepareLook<Kind extends LookKind>(kind: Kind, options = justThreads): WaitingLook<Kind> {
  const worker = startLookWorker({ kind, options });
  const { promise: loaded, resolve: tellLoaded } = deferred<undefined>();
  let timer: NodeJS.Timeout | undefined;
  let end!: (reason: Error) => void;
  const result = new Promise<LookResults[Kind]>((resolve, reject) => {
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
