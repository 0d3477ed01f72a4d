import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bounded, leftOutFunction } from './bounded.ts';
import { functionTimes } from './functionTimes.ts';
import { lineTimes } from './lines.ts';
import { stackTotals } from './stackTotals.ts';
import type { Profile } from './profile.ts';
import { anyProfile } from './testing/arbitrary.ts';
import { profileOf } from './testing/build.ts';
import { StackWeights } from './weights.ts';

const unbounded = { stacks: Infinity, runs: 1000, name: 1000 };

/** What took time, by names: functions that nothing needs have no ids any more. */
function times(profile: Profile, filter = {}): unknown {
  const weights = new StackWeights(profile, filter);
  const named = functionTimes(weights).map(({ func, ...time }) => ({ ...time, ...profile.functions[func]! }));
  const lines = [...lineTimes(weights)].sort(([a], [b]) => (a < b ? -1 : 1));
  return [weights.totalTime, weights.totalSamples, named.map((one) => JSON.stringify(one)).sort(), lines];
}

/** µs of the stacks that were seen, most first, without those that stand for others. */
function heaviest(weights: StackWeights): number[] {
  const { profile } = weights;
  const { time, samples } = stackTotals(weights);
  const isReal = (stack: number): boolean => profile.functions[profile.frameFunction(profile.stackFrame(stack))] !== leftOutFunction;
  return [...time.keys()]
    .filter((stack) => stack > 0 && samples[stack]! > 0 && isReal(stack))
    .map((stack) => time[stack]!)
    .sort((a, b) => b - a);
}

describe('a bounded profile', () => {
  it('is the same where it is within the bounds', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const less = bounded(profile, unbounded);
        for (const filter of [{}, { onCpuOnly: true }, { threads: new Set([0]) }])
          assert.deepEqual(times(less, filter), times(profile, filter));
        assert.deepEqual(
          [less.threads, less.processes, less.quality, less.until, less.runs.length],
          [profile.threads, profile.processes, profile.quality, profile.until, profile.runs.length],
        );
      }),
    );
  });

  it('has the heaviest stacks, and all of the time', () => {
    fc.assert(
      fc.property(anyProfile, fc.nat(8), (profile, stacks) => {
        const less = bounded(profile, { ...unbounded, stacks });
        // One more each for what is left out of it, the empty stack included.
        assert.ok(less.stackCount - 1 <= 2 * stacks + 1, `${less.stackCount}`);
        const [all, kept] = [new StackWeights(profile), new StackWeights(less)];
        assert.deepEqual([kept.totalTime, kept.totalSamples], [all.totalTime, all.totalSamples]);
        assert.deepEqual(heaviest(kept).slice(0, stacks), heaviest(all).slice(0, stacks));
      }),
    );
  });

  it('says where it left something out', () => {
    const profile = profileOf({
      runs: [
        { stack: 'main:1 hot:2', count: 90 },
        { stack: 'main:1 rare:3 rarer:4', count: 6 },
        { stack: 'main:1 other:5', count: 4 },
      ],
    });
    const less = bounded(profile, { ...unbounded, stacks: 2 });
    assert.deepEqual(
      functionTimes(new StackWeights(less)).map(({ func, self, total }) => [less.functions[func]!.name, self, total]),
      [
        ['main', 0, 100_000],
        ['hot', 90_000, 90_000],
        [leftOutFunction.name, 10_000, 10_000],
      ],
    );
  });

  it('has times in steps where there are too many runs', () => {
    const profile = profileOf({ runs: Array.from({ length: 4000 }, (_, i) => ({ stack: `f:${1 + (i % 2)}`, count: 1 + (i % 3) })) });
    const less = bounded(profile, { ...unbounded, runs: 200 });
    assert.ok(less.runs.length <= 400, `${less.runs.length}`);
    assert.ok(less.coarseTimes.length > 0);
    assert.deepEqual(times(less), times(profile));
  });

  it('has no endless names', () => {
    const name = 'n'.repeat(5000);
    const profile = profileOf({ runs: [{ stack: `${name}:1` }], files: { [name]: `/${'d'.repeat(5000)}/end.py` } });
    const [record] = bounded(profile, { ...unbounded, name: 20 }).functions;
    assert.deepEqual([record!.name, record!.file], [`${'n'.repeat(20)}…`, `…${'d'.repeat(13)}/end.py`]);
  });
});
