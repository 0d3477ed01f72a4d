import assert from 'node:assert/strict';
import path from 'node:path';
import { deviationBound, effectiveSamples, type KnownShares } from '../../../bench/shareDistance.ts';
import type { EngineOptions } from '../../../native/engine.ts';
import { SampleFlag } from '../../../profile/delta.ts';
import type { Profile } from '../../../profile/profile.ts';
import { type Interpreter, oneOfEachMinor, since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { sample } from '../sample.ts';
import { ShareCount } from './shareCount.ts';

/**
 * How programs are sampled here: as by default, but with more looks a second, which is all that this bound changes. As
 * HEATLINE_SHARES=running says, from other cores while they run, shares are known to be wrong.
 */
const mode: Pick<EngineOptions, 'maxStopped'> = { maxStopped: process.env['HEATLINE_SHARES'] === 'running' ? 0 : 0.1 };

const script = path.join(import.meta.dirname, '..', 'targets', 'shares.py');

/**
 * What shares may be off by, and what must be found out: it takes samples as (found - allowed)^-2. Of a million right ones one is
 * said to be wrong, of a hundred that must be found out one is missed; those that are read of running threads are off by 13 to 80
 * % where they are off.
 */
const atOneKilohertz = { rate: 1000, allowed: 0.03, found: 0.08, missed: 0.01 };
/** With a tenth of the samples not as little can be told apart. */
const atHundredHertz = { rate: 100, allowed: 0.03, found: 0.15, missed: 0.01 };

interface Said extends KnownShares {
  readonly tolerance: number;
}

async function checkShares(
  interpreter: Interpreter,
  args: readonly string[],
  { rate, allowed, found, missed }: typeof atOneKilohertz,
): Promise<void> {
  await using target = await startTarget(interpreter, script, { arguments: args });
  const said = target.ready as unknown as Said;
  const count = new ShareCount(said, { allowed: allowed + said.tolerance, found: found + said.tolerance, missed });
  await sample({ pid: target.pid, rate, ...mode }, (profile) => count.update(profile));
  assert.equal(count.verdict, 'right', count.describe());
}

/** ms: it takes 12 s alone, and longer where others want the same cores. */
const turnsTimeout = 400_000;

/** Of each name: seconds for which its thread had the GIL, and for which it may have had it besides. */
type Turns = Readonly<Record<string, readonly [held: number, perhaps: number]>>;

/**
 * What of the GIL's time each thread's function has, by the target's own clock between two questions. Sampling times don't
 * depend on the program, so what is off by more than chance makes of so many samples, once in a million runs, is wrong. On a machine
 * whose cores are all wanted by others this takes the right to go before them (sched(7)), which root has.
 */
async function checkTurns(interpreter: Interpreter, waiting: number): Promise<void> {
  await using target = await startTarget(interpreter, path.join(import.meta.dirname, '..', 'targets', 'turns.py'), {
    arguments: [String(waiting)],
  });
  const seen = new Map<string, number>();
  let before: Turns | undefined;
  let asking: Promise<unknown> | undefined;
  let looked = 0;
  const heavy: number[] = [];
  const { profile } = await sample({ pid: target.pid, rate: 1000, ...mode }, (growing) => {
    asking ??= target.ask('turns').then((turns) => (before = turns as Turns));
    const { runs } = growing;
    for (; looked < runs.length; looked++) {
      if (before === undefined || (runs.flags[looked]! & SampleFlag.HoldsGil) === 0) continue;
      const name = threadFunction(growing, runs.stacks[looked]!);
      if (name === null) continue;
      seen.set(name, (seen.get(name) ?? 0) + runs.durations[looked]!);
      heavy.push(runs.durations[looked]!);
    }
    return heavy.length > 1000 && effectiveSamples(heavy) >= 2000;
  });
  const after = (await target.ask('turns')) as Turns;
  const names = Object.keys(after);
  const { elapsed } = profile.quality;
  // Who rests has samples all the same, no look is anybody's twice, and no two have the GIL at once.
  const times = profile.threads.map(() => 0);
  let holding = 0;
  for (let run = 0; run < profile.runs.length; run++) {
    times[profile.runs.threads[run]!]! += profile.runs.durations[run]!;
    if ((profile.runs.flags[run]! & SampleFlag.HoldsGil) !== 0) holding += profile.runs.durations[run]!;
  }
  assert.equal(times.length, names.length + 1 + waiting);
  for (const time of times) assert(Math.abs(time - elapsed) < 0.02 * elapsed + 600_000, `${times.join()} of ${elapsed}`);
  assert(holding < 1.02 * elapsed + 600_000, `the GIL was held for ${holding} of ${elapsed} µs`);
  const turns = names.map((name) => [0, 1].map((at) => after[name]![at]! - before![name]![at]!) as [number, number]);
  const total = names.reduce((sum, name) => sum + (seen.get(name) ?? 0), 0);
  const distance = distanceToTurns(
    names.map((name) => (seen.get(name) ?? 0) / total),
    turns,
  );
  const allowed = 0.03 + deviationBound(effectiveSamples(heavy), names.length, 1e-6);
  assert(distance <= allowed, `${distance} of ${allowed}: ${JSON.stringify([...seen])} of ${names.join()}: ${JSON.stringify(turns)}`);
}

/** Which of the target's threads a stack is of, by its functions `run_…`; null: none of those. */
function threadFunction(profile: Profile, stack: number): string | null {
  for (let at = stack; at !== 0; at = profile.stackParent(at)) {
    const { name } = profile.functions[profile.frameFunction(profile.stackFrame(at))]!;
    if (name.startsWith('run_')) return name.slice('run_'.length);
  }
  return null;
}

/** By how much shares are off at least, as total variation, whatever is true of the time that someone may have had the GIL. */
function distanceToTurns(shares: readonly number[], turns: readonly (readonly [held: number, perhaps: number])[]): number {
  const held = turns.reduce((sum, [sure]) => sum + sure, 0);
  const most = turns.reduce((sum, [sure, perhaps]) => sum + sure + perhaps, 0);
  let above = 0;
  let below = 0;
  for (const [at, [sure, perhaps]] of turns.entries()) {
    above += Math.max(0, shares[at]! - (sure + perhaps) / (held + perhaps));
    below += Math.max(0, sure / (most - perhaps) - shares[at]!);
  }
  return Math.max(above, below);
}

const supported = oneOfEachMinor(since(3, 6)).filter(({ freeThreaded }) => !freeThreaded);
const everywhere: readonly (readonly [kind: string, size: string, minor: number])[] = [
  ['plain', 'mixed', 6],
  ['cgenerators', '1', 6],
  ['pauses', '1', 6],
  ['tasks', '10', 7],
];

describe('Shares of time', () => {
  for (const interpreter of supported) {
    for (const [kind, size] of everywhere.filter(([, , minor]) => interpreter.minor >= minor)) {
      it(`are those that the program has: ${title(interpreter)}, ${kind} of ${size} µs`, () =>
        checkShares(interpreter, [kind, size], atOneKilohertz)).timeout(120_000);
    }
  }

  // Each has to be decoded while the program waits for its core, so that there are few samples a second: one Python of each way
  // to tell code objects apart.
  for (const interpreter of supported.filter(({ minor }) => [6, 11, 13].includes(minor))) {
    it(`are those that the program has: ${title(interpreter)}, compiled of 1000 µs`, () =>
      checkShares(interpreter, ['compiled', '1000'], atOneKilohertz)).timeout(240_000);
  }

  for (const interpreter of [supported[0]!, ...supported.slice(-2)]) {
    it(`are those that threads on several cores have, which take turns with the GIL: ${title(interpreter)}`, () =>
      checkTurns(interpreter, 0)).timeout(turnsTimeout);
    it(`are so beside many threads that wait, too: ${title(interpreter)}`, () => checkTurns(interpreter, 60)).timeout(turnsTimeout);
  }

  for (const interpreter of [supported[0]!, supported.at(-1)!]) {
    it(`are those that the program has: ${title(interpreter)}, callbacks of 1 µs`, () =>
      checkShares(interpreter, ['callbacks', '1'], atOneKilohertz)).timeout(120_000);
    for (const kind of ['plain', 'pauses']) {
      it(`are those that the program has, at 100 Hz: ${title(interpreter)}, ${kind} of 1 µs`, () =>
        checkShares(interpreter, [kind, '1'], atHundredHertz)).timeout(120_000);
    }
  }
});
