import { Worker } from 'node:worker_threads';
import { deferred } from './deferred.ts';
import { fastestNative, type Engine, type EngineEvent, type EngineListener, type EngineOptions } from './engine.ts';
import type { Grant } from './os/elevation.ts';
import { Control } from './sampler/session.ts';
import type { WorkerInput } from './worker.ts';

/** An engine whose thread has loaded all it needs, and waits to be told what to sample. */
export interface WaitingEngine extends Engine {
  /** Resolves when everything is loaded, or could not be, which comes as an event. */
  readonly loaded: Promise<undefined>;
  begin(start: EngineStart): void;
  /** Ends it without a word, also when it has not begun. */
  discard(): void;
}

/** What a waiting engine is told: a process, or what others opened of it. */
export type EngineStart =
  | { readonly pid: number }
  /** `broker`: open socket to ask for more at (helper/broker.ts), or null. */
  | { readonly grant: Grant; readonly broker: number | null };

/** @throws RangeError for a rate or duration that makes no sense */
export function startEngineThread(options: EngineOptions, waiting: boolean, listener: EngineListener): WaitingEngine {
  const { rate, duration, blocking, maxStopped, native } = options;
  if (rate !== 'max' && !(rate >= 1 && rate <= 1_000_000)) throw new RangeError(`A rate of ${rate} samples per second is not possible.`);
  if (native !== undefined && (rate === 'max' || rate > fastestNative))
    throw new RangeError(`Native frames are read at most ${fastestNative} times a second.`);
  if (maxStopped !== undefined && !(maxStopped >= 0 && maxStopped <= 0.5))
    throw new RangeError(`Not ${maxStopped} of a program's time can be taken for looks: at most half of it.`);
  if (blocking === true && maxStopped === 0)
    throw new RangeError('Programs don’t stand still for looks that may take nothing of their time.');
  if (duration !== undefined && !(duration > 0)) throw new RangeError(`A duration of ${duration} ms is not possible.`);

  const control = new Int32Array(new SharedArrayBuffer(4));
  const input: WorkerInput = { options, control, waiting };
  // Beside us: worker.ts when the sources run as they are, worker.js when they are bundled.
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: input });
  const { promise: loaded, resolve: tellLoaded } = deferred<undefined>();
  let ended = false;
  const deliver = (event: EngineEvent): void => {
    if (ended) return;
    if (event.type === 'ended' || event.type === 'failed') {
      ended = true;
      tellLoaded(undefined); // whoever waits finds out
    }
    listener(event);
  };
  worker.on('message', (message: EngineEvent | 'loaded') => {
    if (message === 'loaded') tellLoaded(undefined);
    else deliver(message);
  });
  worker.on('error', (error) =>
    deliver({ type: 'failed', failure: { code: 'internal', detail: error instanceof Error ? error.message : String(error) } }),
  );
  worker.on('exit', (code) =>
    deliver({ type: 'failed', failure: { code: 'internal', detail: `the sampling thread ended with code ${code}` } }),
  );

  const command = (value: number): void => {
    // A stop is final: nothing after it may revive the loop.
    if (Atomics.load(control, 0) === Control.Stop) return;
    Atomics.store(control, 0, value);
    Atomics.notify(control, 0);
  };
  return {
    loaded,
    begin: (start) => worker.postMessage(start),
    discard: () => {
      ended = true;
      void worker.terminate();
    },
    pause: () => command(Control.Pause),
    resume: () => command(Control.Run),
    stop: () => command(Control.Stop),
  };
}
