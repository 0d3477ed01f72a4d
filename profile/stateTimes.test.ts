import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SampleFlag } from './delta.ts';
import { passingFlags, type StateFilter } from './filter.ts';
import { Profile } from './profile.ts';
import { StateTimes } from './stateTimes.ts';
import { deltaOf, pieces } from './testing/build.ts';
import { StackWeights } from './weights.ts';

const { OnCpu, HoldsGil, CollectingGarbage, Ready } = SampleFlag;

describe('How much time filters leave', () => {
  const run = fc.record({
    stack: fc.constantFrom('a:1', 'b:1', ''),
    thread: fc.nat(3),
    count: fc.integer({ min: 1, max: 9 }),
    flags: fc.constantFrom(0, OnCpu, OnCpu | HoldsGil, OnCpu | HoldsGil | CollectingGarbage, Ready, Ready | HoldsGil, CollectingGarbage),
  });
  const filter = fc.record({
    onCpuOnly: fc.boolean(),
    readyOnly: fc.boolean(),
    waitingOnly: fc.boolean(),
    gilOnly: fc.boolean(),
    gcOnly: fc.boolean(),
  });

  it('is what they do leave, whatever the states and the range, while samples come in and are merged', () => {
    fc.assert(
      fc.property(
        fc.array(run, { minLength: 1, maxLength: 60 }),
        filter,
        fc.option(fc.nat(60_000)),
        fc.boolean(),
        (runs, states, start, merges) => {
          const profile = new Profile({ maxRuns: merges ? 16 : 1000 });
          const range = start === null ? undefined : { start, end: start + 20_000 };
          const times = new StateTimes(profile, range);
          const passes = passingFlags(states);
          for (const piece of pieces(deltaOf({ runs, threads: [{}, {}, {}, {}] }), [runs.length >> 1])) {
            profile.append(piece);
            times.update();
            profile.threads.forEach((_, thread) => {
              const left = new StackWeights(profile, { ...states, threads: new Set([thread]), ...(range === undefined ? {} : { range }) });
              assert.ok(Math.abs(left.totalTime - times.of(thread, passes)) < 1e-6 * (1 + left.totalTime));
            });
          }
        },
      ),
    );
  });

  it('is of samples in any of the states that are asked for, and all else that is', () => {
    const passing = (states: StateFilter): number[] =>
      [0, OnCpu, Ready, OnCpu | HoldsGil, OnCpu | HoldsGil | CollectingGarbage, HoldsGil].filter(
        (flags) => passingFlags(states)[flags] === 1,
      );
    assert.deepEqual(passing({ waitingOnly: true }), [0, HoldsGil]);
    assert.deepEqual(passing({ waitingOnly: true, readyOnly: true }), [0, Ready, HoldsGil]);
    assert.deepEqual(passing({ gilOnly: true, onCpuOnly: true }), [OnCpu | HoldsGil, OnCpu | HoldsGil | CollectingGarbage]);
    assert.deepEqual(passing({ gcOnly: true }), [OnCpu | HoldsGil | CollectingGarbage]);
    assert.equal(passing({}).length, 6);
  });
});
