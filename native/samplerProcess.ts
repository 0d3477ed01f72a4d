import { type ChildProcess, fork } from 'node:child_process';
import { deferred } from './deferred.ts';
import type { Engine, EngineEvent, EngineListener, EngineOptions } from './engine.ts';
import { type EngineStart, startEngineThread, type WaitingEngine } from './engineThread.ts';
import { nodeEnvironment } from './helper/commandLine.ts';

/** What the owner of a sampling process tells it; it is the same Heatline, so that what comes needs no parsing. */
type ToSampler =
  | { readonly type: 'prepare'; readonly options: EngineOptions }
  | { readonly type: 'start'; readonly options: EngineOptions }
  | { readonly type: 'begin'; readonly start: EngineStart }
  | { readonly type: 'pause' | 'resume' | 'stop' };
type FromSampler = EngineEvent | { readonly type: 'loaded' };

/** What a sampling process is started with, for `runSamplerProcess`. */
export const samplerArgument = 'sampler';

/** An engine in a process of its own. */
export interface SeparateEngine extends WaitingEngine {
  /** Undefined: it could not be started, which comes as an event. */
  readonly pid: number | undefined;
}

/**
 * As `prepareEngine`, in a process that starts nothing: only such a one may stop the threads of what this one starts, as Node's
 * asking for its children would take their stops for their ends (uv__wait_children, src/unix/process.c).
 * @param cli the command line's file, which this process runs
 * @throws RangeError for a rate or duration that makes no sense
 */
export function prepareSeparateEngine(
  cli: string,
  options: Omit<EngineOptions, 'pid' | 'launched'>,
  listener: EngineListener,
): SeparateEngine {
  return forkSampler(cli, { type: 'prepare', options: { ...options, pid: 0, launched: true } }, listener);
}

/**
 * As `startEngine`, in a process that starts nothing: whom stops of threads are told to, for native frames, is woken by each of them.
 * @param cli as for prepareSeparateEngine
 * @throws RangeError for a rate or duration that makes no sense
 */
export function startSeparateEngine(cli: string, options: EngineOptions, listener: EngineListener): Engine {
  return forkSampler(cli, { type: 'start', options }, listener);
}

function forkSampler(cli: string, first: ToSampler, listener: EngineListener): SeparateEngine {
  const child = fork(cli, [samplerArgument], {
    env: { ...process.env, ...nodeEnvironment() },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { promise: loaded, resolve: tellLoaded } = deferred<undefined>();
  let isOver = false;
  const deliver = (event: EngineEvent): void => {
    if (isOver) return;
    isOver = event.type === 'ended' || event.type === 'failed';
    if (isOver) {
      tellLoaded(undefined); // whoever waits finds out
      disconnect(child);
    }
    listener(event);
  };
  const fail = (detail: string): void => deliver({ type: 'failed', failure: { code: 'internal', detail } });
  child.on('message', (message: FromSampler) => {
    if (message.type === 'loaded') tellLoaded(undefined);
    else deliver(message);
  });
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => fail(`the sampling process ended with ${signal ?? `code ${code}`}`));
  const send = (message: ToSampler): void => {
    if (child.connected) child.send(message, () => undefined); // when it is gone, 'exit' says so
  };
  send(first);
  return {
    pid: child.pid,
    loaded,
    begin: (start) => send({ type: 'begin', start }),
    discard: () => {
      isOver = true;
      disconnect(child);
    },
    pause: () => send({ type: 'pause' }),
    resume: () => send({ type: 'resume' }),
    stop: () => send({ type: 'stop' }),
  };
}

/** It ends when nobody is connected to it, and we need not wait for that. */
function disconnect(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  child.unref();
}

/** The sampling process's own life: ends with its owner. Never resolves. */
export function runSamplerProcess(): Promise<never> {
  let engine: WaitingEngine | null = null;
  const send = (message: FromSampler): void => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  // A terminal's signals reach us, too. What they mean our owner says.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message: ToSampler) => {
    switch (message.type) {
      case 'prepare':
        engine = startEngineThread(message.options, true, send);
        void engine.loaded.then(() => send({ type: 'loaded' }));
        break;
      case 'start':
        engine = startEngineThread(message.options, false, send);
        break;
      case 'begin':
        engine?.begin(message.start);
        break;
      default:
        engine?.[message.type]();
    }
  });
  return new Promise(() => undefined);
}
