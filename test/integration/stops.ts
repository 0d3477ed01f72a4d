import assert from 'node:assert/strict';
import fs from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { frameText, type HandSampler } from '../../native/sampler/testing/handSampler.ts';
import { SampleFlag } from '../../profile/delta.ts';
import type { Json, Target } from '../support/target.ts';
import { LiveHandSampler } from './liveHandSampler.ts';

/** What a target says of one of its threads (targets/stops.py). */
export interface StoppedThread {
  /** `threading.get_ident()`, decimal, and the interpreter it is in: "123 in 0". */
  readonly ident: string;
  /** The kernel's id, where `threading` knows it. */
  readonly native: number | null;
  readonly name: string | null;
  /** frameText of each frame, root first. */
  readonly stack: readonly string[];
}

/** A point at which a target stands still. */
export interface Stop {
  readonly name: string;
  readonly threads: readonly StoppedThread[];
}

/** The names of a target's stops and what it says of its threads at each, when all of them stand still. */
export async function* stopsOf(target: Target): AsyncGenerator<{ readonly name: string; readonly said: Json }> {
  for (let name = nameOf(target.ready); name !== null; name = nameOf(await target.ask('go on'))) {
    await allWait(target.pid);
    const said = await target.ask('say where');
    await allWait(target.pid); // the reporter is back in its read
    yield { name, said };
  }
}

function nameOf(message: Json): string | null {
  return (message as { readonly stop: string | null }).stop;
}

function parseThreads(message: Json): readonly StoppedThread[] {
  const { threads } = message as unknown as {
    threads: {
      ident: string;
      interpreter: number;
      native: number | null;
      name: string | null;
      stack: [string, string, number, number][];
    }[];
  };
  return threads.map(({ ident, interpreter, native, name, stack: frames }) => ({
    ident: `${ident} in ${interpreter}`,
    native,
    name,
    stack: frames.map(([function_, file, line, firstLine]) => frameText({ name: function_, file, line, firstLine })),
  }));
}

/** Ticks at each stop: enough for everything that a sampler learns from its last sample to be used. */
const ticks = 12;
const maxShown = 5;

/**
 * Goes through all stops of a target, and demands at each that every sample of every thread is what
 * the target said: by a sampler that has seen all stops, and by one that is new at this one.
 * @returns the number of stops
 */
export async function checkStops(target: Target): Promise<number> {
  using old = await LiveHandSampler.open(target.pid);
  const problems: string[] = [];
  let count = 0;
  for await (const { name, said } of stopsOf(target)) {
    const stop: Stop = { name, threads: parseThreads(said) };
    old.sampler.housekeeping(); // as a session does several times a second
    const cold = await LiveHandSampler.open(target.pid);
    try {
      problems.push(...differences(cold, stop, 'a new sampler'), ...differences(old, stop, 'the sampler that saw all'));
    } finally {
      cold[Symbol.dispose]();
    }
    count++;
  }
  assert(problems.length === 0, `${problems.length} problems in ${count} stops, first:\n${problems.slice(0, maxShown).join('\n\n')}`);
  return count;
}

/** What is wrong with `ticks` samples of a target that stands still. */
export function differences(hand: HandSampler, stop: Stop, who: string): string[] {
  const { sampler } = hand;
  const before = { samples: sampler.book.samples, lost: sampler.lost, partial: sampler.book.partial };
  const runs = hand.tick(ticks);
  const problems: string[] = [];
  const report = (problem: string): number => problems.push(`At "${stop.name}", ${who}: ${problem}`);
  const expected = new Map(stop.threads.map((thread) => [thread.ident, thread]));
  const counts = new Map<string, number>();
  let idle = 0;
  for (let run = 0; run < runs.threads.length; run++) {
    const thread = hand.threads[runs.threads[run]!]!;
    const ident = `${thread.pythonThreadId} in ${thread.interpreterId}`;
    counts.set(ident, (counts.get(ident) ?? 0) + runs.counts[run]!);
    const truth = expected.get(ident);
    const stack = hand.framesOf(runs.stacks[run]!).map(frameText);
    if (truth === undefined && thread.interpreterId !== 0 && stack.length === 0) {
      idle += runs.counts[run]!; // the thread state an interpreter was created with
      continue;
    }
    if (truth === undefined) {
      report(`thread ${ident} is not one of the target's: ${stack.join(' > ')}`);
      continue;
    }
    if (truth.native !== null && truth.native !== thread.osThreadId)
      report(`thread ${truth.name} has id ${thread.osThreadId}, not ${truth.native}`);
    if (stack.join('\n') !== truth.stack.join('\n')) {
      const first = truth.stack.findIndex((frame, depth) => frame !== stack[depth]);
      const depth = first < 0 ? truth.stack.length : first;
      report(
        `thread ${truth.name}, ${runs.counts[run]} samples (flags ${runs.flags[run]}) have depth ${stack.length} instead of ${truth.stack.length}, ` +
          `and differ from ${depth}:\n  is     ${stack.slice(depth, depth + 4).join('\n         ')}\n  should ${truth.stack.slice(depth, depth + 4).join('\n         ')}`,
      );
    }
    for (const [name, flag] of Object.entries(SampleFlag)) {
      if ((runs.flags[run]! & flag) !== 0) report(`thread ${truth.name} waits, but ${runs.counts[run]} samples say ${name}`);
    }
  }
  for (const { ident, name } of stop.threads) {
    if (counts.get(ident) !== ticks) report(`thread ${name} has ${counts.get(ident) ?? 0} samples in ${ticks} ticks`);
  }
  if (sampler.lost !== before.lost) report(`${sampler.lost - before.lost} samples lost`);
  if (sampler.book.partial !== before.partial) report(`${sampler.book.partial - before.partial} partial samples`);
  const samples = sampler.book.samples - before.samples - idle;
  if (samples !== ticks * stop.threads.length) report(`${samples} samples in ${ticks} ticks of ${stop.threads.length} threads`);
  return problems;
}

/** Resolves when no thread of the process is running: each is where it will stay. */
export async function allWait(pid: number): Promise<void> {
  for (;;) {
    const states = fs.readdirSync(`/proc/${pid}/task`).map((task) => stateOf(pid, task));
    if (states.every((state) => state === 'S' || state === null)) return;
    await nextTurn();
  }
}

/** The state letter of proc_pid_stat(5); null for a thread that has just ended. */
function stateOf(pid: number, task: string): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/task/${task}/stat`, 'latin1');
    return stat.charAt(stat.lastIndexOf(')') + 2);
  } catch {
    return null;
  }
}
