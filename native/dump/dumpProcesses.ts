import type { EngineFailure } from '../engine.ts';
import { openSystem } from '../os/index.ts';
import { failureOf, TargetError } from '../targetError.ts';
import type { DumpOptions, DumpSnapshot } from './dumpSnapshot.ts';
import { readDump } from './readDump.ts';

/** Processes that are looked at. */
const maxProcesses = 1024;

/**
 * Looks once at all threads of a process, and of those it started if these are wanted, one after the other. In the calling thread, which
 * is blocked now and then, some milliseconds at a time: for the command line, which has nothing else to do (`lookAtThreads` has a worker thread).
 * @returns snapshots, and why a process that it started could not be read; those that are not Python are left out
 * @throws TargetError when the process itself can't be read
 */
export async function* dumpProcesses(
  pid: number,
  options: DumpOptions,
  subprocesses: boolean,
): AsyncGenerator<DumpSnapshot | { readonly failure: EngineFailure }> {
  const system = await openSystem();
  const pids = [pid];
  let found = 0;
  let first: TargetError | null = null;
  for (const [index, one] of pids.entries()) {
    if (subprocesses && pids.length < maxProcesses) pids.push(...system.childIds(one).slice(0, maxProcesses - pids.length));
    try {
      yield await readDump(system, one, options);
      found++;
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      const isOther = error.failure.code === 'not-python' || error.failure.code === 'no-such-process';
      if (index === 0 && (!subprocesses || !isOther)) throw error;
      if (index === 0) first = error;
      else if (!isOther) yield { failure: failureOf(error) };
    }
  }
  // A shell, for instance, that started nothing of Python either.
  if (found === 0 && first !== null) throw first;
}
