import { posix } from 'node:path';
import type { PythonProcess } from '../../native/index.ts';
import { descendantsOf } from '../picker/descendants.ts';

/** Below this process a debuggee is looked for: the one that runs extensions, and so debug adapters. */
export interface DebuggeeSearch {
  readonly hostPid: number;
}

/**
 * Processes that seem to be debugged by debugpy, those that we have to do with first: for sessions that don't say
 * which process theirs is. Command lines are those of debugpy 1.3 and later: the program runs as
 * `python …/debugpy --connect … app.py`, its children as `python -c "…pydevd…"` or `python …/pydevd.py … --file app.py`.
 */
export function findDebuggees(processes: readonly PythonProcess[], { hostPid }: DebuggeeSearch): PythonProcess[] {
  const isOurs = descendantsOf(hostPid, processes);
  return processes.filter(isDebuggee).sort((a, b) => Number(isOurs(b)) - Number(isOurs(a)) || b.startedAt - a.startedAt);
}

function isDebuggee({ commandLine, isOwn }: PythonProcess): boolean {
  // The launcher starts it as …/debugpy/launcher/../../debugpy.
  const words = commandLine.slice(1).map((word) => posix.normalize(word));
  if (!isOwn || words.some((word) => /[\\/]debugpy[\\/](?:adapter|launcher)(?:[\\/]|$)|^debugpy\.(?:adapter|launcher)$/.test(word)))
    return false;
  return words.some((word) =>
    /(?:^|[\\/])debugpy(?:[\\/]__main__\.py)?$|(?:^|[\\/])pydevd\.py$|\bpydevd\b.*\bsettrace\b|\b_pydevd_bundle\b/s.test(word),
  );
}

/**
 * Whether a process of this machine may be the one a debugger is attached to: its id may be that of another machine
 * or container, where something else has it.
 * @param name what the debugger says it runs; '' if it didn't
 */
export function mayBeDebuggee(process: PythonProcess | undefined, name: string): boolean {
  if (process === undefined) return false;
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  return (
    base === '' ||
    base.startsWith('-') ||
    isDebuggee(process) ||
    process.commandLine.some((word) => word === base || word.endsWith(`/${base}`) || word.endsWith(`\\${base}`)) ||
    process.name === base
  );
}
