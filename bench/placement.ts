import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { findProgram } from '../scripts/command.ts';

/** Where the benchmark's processes run. */
export interface Placement {
  /** Commands to put before a target's and a sampler's own, to keep them on a core each; empty without taskset or a second core. */
  readonly target: readonly string[];
  readonly sampler: readonly string[];
  /** What to tell the reader. */
  readonly description: string;
}

export const placement = place();

function place(): Placement {
  const cores = allowedCores();
  if (cores.length < 2) return { target: [], sampler: [], description: 'one core for target and sampler: rates and slowdowns say little' };
  const taskset = findProgram('taskset');
  if (taskset === null) return { target: [], sampler: [], description: 'not pinned (no taskset): expect scatter' };
  const sampler = cores[0]!;
  const target = cores.at(-1)!;
  return {
    target: [taskset, '-c', String(target)],
    sampler: [taskset, '-c', String(sampler)],
    description: `target pinned to core ${target}, samplers to core ${sampler}, but Heatline where it looks from the target's core`,
  };
}

function allowedCores(): number[] {
  let list: string | undefined;
  try {
    list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  } catch {
    // Not Linux.
  }
  if (list === undefined) return os.cpus().map((_, core) => core);
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/**
 * Gives a process, which must lead a session of its own, more weight than what else the machine does.
 * With autogroups (sched(7)) a nice value counts only within a session, and the session's own decides
 * between sessions.
 */
export function favour(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '-15');
  } catch {
    try {
      os.setPriority(pid, -15);
    } catch {
      // Not permitted: then it competes like everything else.
    }
  }
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program in a session of its own, on the sampler's core unless told, with more weight than others. */
export function startSampler(command: readonly string[], stdio: StdioOptions, where: readonly string[] = placement.sampler): ChildProcess {
  const [program, ...args] = [...where, ...command];
  const child = spawn(program!, args, { stdio, detached: true });
  if (child.pid !== undefined) favour(child.pid);
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** Two programs that never rest, on the target's core and the sampler's, with as much weight as these, until `end` is called. */
export function startBusyPair(): { end(): void } {
  const children = [placement.target, placement.sampler].map((where) => {
    const [program, ...args] = [...where, process.execPath, '-e', 'for (;;);'];
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    if (child.pid !== undefined) favour(child.pid);
    running.add(child);
    child.once('close', () => running.delete(child));
    return child;
  });
  return {
    end: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

/** Programs that never rest, on the sampler's core, with as much weight as the sampler, until `end` is called. */
export function startBusyNeighbours(count: number): { end(): void } {
  const children = Array.from({ length: count }, () => startSampler([process.execPath, '-e', 'for (;;);'], 'ignore'));
  return {
    end: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}
