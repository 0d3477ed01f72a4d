import type { Worker } from 'node:worker_threads';
import type { ProcessSnapshot } from './dump/processSnapshot.ts';
import { type LookAnswer, lookPatience, startLookWorker, type ThreadLookOptions } from './look.ts';
import { TargetError } from './targetError.ts';

/**
 * Looks at processes again and again in one worker thread, as `lookAtProcess` does once: a thread that has looked before does it in a
 * tenth of the CPU time that a new one takes, which loads and compiles everything.
 */
export class RepeatedLook {
  readonly #options: ThreadLookOptions;
  #worker: Worker | null = null;

  constructor(options: ThreadLookOptions) {
    this.#options = options;
  }

  /**
   * One at a time.
   * @param signal gives it up
   * @throws TargetError (rejects) as `lookAtProcess`
   */
  look(pid: number, signal: AbortSignal): Promise<ProcessSnapshot> {
    const worker = (this.#worker ??= startLookWorker({ kind: 'threads', options: this.#options, repeats: true }));
    return new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        for (const name of ['message', 'error', 'exit'] as const) worker.removeAllListeners(name);
        how();
      };
      const end = (error: unknown): void =>
        settle(() => {
          this.close();
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      const abort = (): void => end(signal.reason);
      const timer = setTimeout(
        () => end(new TargetError({ code: 'unreadable', pid, detail: `it takes longer than ${lookPatience / 1000} s to read` })),
        lookPatience,
      );
      signal.addEventListener('abort', abort);
      worker.on('message', (answer: LookAnswer<'threads'> | 'loaded') => {
        if (answer === 'loaded') return;
        settle(() => ('failure' in answer ? reject(new TargetError(answer.failure)) : resolve(answer.result)));
      });
      worker.on('error', (error) =>
        end(new TargetError({ code: 'internal', detail: error instanceof Error ? error.message : String(error) })),
      );
      worker.on('exit', (code) => end(new TargetError({ code: 'internal', detail: `the reading thread ended with code ${code}` })));
      if (signal.aborted) abort();
      else worker.postMessage({ pid });
    });
  }

  /** Ends its thread; a look that comes later has a new one. */
  close(): void {
    void this.#worker?.terminate();
    this.#worker = null;
  }
}
