import { findInterpreterFile, type InterpreterFile } from './cpython/locate.ts';
import { openTarget } from './openTarget.ts';
import type { System } from './os/system.ts';
import { TargetError } from './targetError.ts';

/** Processes that are looked at, and Pythons that are told. */
const most = { asked: 256, told: 16 };

/**
 * Which of the processes that a process started, and these, are Python: a shell, an Apache, a supervisor.
 * @param begun only those whose Python has begun: the processes of an Apache with mod_wsgi all have one that may never
 */
export function pythonsBelow(system: System, pid: number, begun = false): number[] {
  const asked = [pid];
  const found: number[] = [];
  const seen = new Map<string, InterpreterFile | null>();
  for (const parent of asked) {
    for (const child of system.childIds(parent)) {
      if (asked.length >= most.asked || found.length >= most.told) return found;
      asked.push(child);
      if (isPython(system, child, seen, begun)) found.push(child);
    }
  }
  return found;
}

function isPython(system: System, pid: number, seen: Map<string, InterpreterFile | null>, begun: boolean): boolean {
  try {
    return findInterpreterFile(system, pid, seen) !== null && (!begun || hasBegun(system, pid));
  } catch (error) {
    if (error instanceof TargetError) return false; // gone, or not for us to see
    throw error;
  }
}

/** @throws TargetError */
function hasBegun(system: System, pid: number): boolean {
  const target = openTarget(system, pid);
  const owner = target.owner(system.threadIds(pid));
  target.close();
  return owner !== null;
}
