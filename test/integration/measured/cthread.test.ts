import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deviationBound, effectiveSamples } from '../../../bench/shareDistance.ts';
import { type Interpreter, oneOfEachMinor, since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { sample } from '../sample.ts';

const targets = path.join(import.meta.dirname, '..', 'targets');
/** µs of work and of a pause: from once to thousands of times a second. */
const rhythms = [
  [400_000, 400_000],
  [5000, 5000],
  [700, 300],
  [100, 100],
] as const;

/**
 * The part of the time that the thread's calls take, by the profile and by what the program says: from within, and from C, where
 * the thread is made known to Python, too. Looks don't depend on the program, so that what is off by more than chance makes of so
 * many, once in a million runs, is wrong.
 */
async function checkCalls(interpreter: Interpreter, library: string, work: number, pause: number): Promise<void> {
  await using target = await startTarget(interpreter, path.join(targets, 'cthread.py'), {
    arguments: [library, String(work), String(pause)],
    sameSession: true,
  });
  let before = [0, 0];
  let since = 0;
  let asking: Promise<void> | undefined;
  let [looked, seen, end] = [0, 0, 0];
  const weights: number[] = [];
  const { profile } = await sample({ pid: target.pid, rate: 1000, maxStopped: 0.1 }, ({ runs, quality, threads }) => {
    // To begin with most of what a look does is done for the first time, which takes longer than such a call.
    if (quality.elapsed < 1_000_000) return false;
    asking ??= target.ask('spent').then((said) => {
      before = said as number[];
      since = quality.elapsed;
    });
    const first = looked;
    looked = runs.length;
    if (since === 0) return false;
    end = quality.elapsed;
    for (let run = first; run < runs.length; run++) {
      const { isMain } = threads[runs.threads[run]!]!;
      // The main thread waits all the time: its samples are the looks.
      if (isMain) weights.push(...Array.from({ length: runs.counts[run]! }, () => runs.durations[run]! / runs.counts[run]!));
      else seen += runs.durations[run]!;
    }
    return weights.length > 2000 && end - since > 10 * (work + pause) && effectiveSamples(weights) > 2000;
  });
  const elapsed = end - since;
  const after = (await target.ask('spent')) as number[];
  assert.equal(profile.threads.length, 2, profile.threads.map(({ name, osThreadId }) => `${name} ${osThreadId}`).join());
  const [least, most] = after.map((spent, i) => ((spent - before[i]!) * 1e6) / elapsed);
  const found = seen / elapsed;
  // Looks that a busy machine kept from being made were due while others had the cores, which is no fair choice of moments.
  const { ticks, missed } = profile.quality;
  const allowed = 0.03 + deviationBound(effectiveSamples(weights), 1, 1e-6) + (0.5 * missed) / (ticks + missed);
  assert(
    found >= least! - allowed && found <= most! + allowed,
    `${found} of the time, and said are ${least} to ${most}; ${allowed} allowed`,
  );
}

describe('A thread of C’s that calls Python', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-test-'));
  const library = path.join(folder, 'caller.so');
  before(() => {
    execFileSync('cc', ['-O1', '-shared', '-fPIC', '-o', library, path.join(targets, 'caller.c'), '-lpthread']);
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const supported = oneOfEachMinor(since(3, 6)).filter(({ freeThreaded }) => !freeThreaded);
  for (const interpreter of supported) {
    // The slow one takes its time; what rhythms there are is the same for each version.
    for (const [work, pause] of interpreter === supported.at(-1) ? rhythms : rhythms.slice(2, 3)) {
      it(`is one thread, with all the time it takes: ${title(interpreter)}, ${work} µs and a pause of ${pause} µs`, () =>
        checkCalls(interpreter, library, work, pause)).timeout(120_000);
    }
  }
});
