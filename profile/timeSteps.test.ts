import assert from 'node:assert/strict';
import fc from 'fast-check';
import { coarsePart, longerSteps, longestStep, stepAt, stepOver, stepsByAge } from './timeSteps.ts';

const anySteps = fc
  .tuple(fc.nat(1e9), fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: -16, max: 14 }))
  .map(([age, until, power]) => stepsByAge(until + age, until, 2 ** power));

describe('steps of time', () => {
  it('double with age', () => {
    assert.deepEqual(stepsByAge(1_000_000, 990_000, 0.2), [
      { until: 256_000, step: 128_000 },
      { until: 640_000, step: 64_000 },
      { until: 832_000, step: 32_000 },
      { until: 912_000, step: 16_000 },
      { until: 960_000, step: 8000 },
      { until: 980_000, step: 4000 },
      { until: 990_000, step: 2000 },
    ]);
  });

  it('are no longer than their share of the age, or the shortest step', () => {
    fc.assert(
      fc.property(
        fc.nat(1e9),
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: -16, max: 14 }),
        fc.nat(1e9),
        (age, until, power, at) => {
          const now = until + age;
          const time = at % until;
          const step = stepAt(stepsByAge(now, until, 2 ** power), time);
          assert.ok(step === 1000 || step <= (now - time) * 2 ** power, `${step} at ${time}`);
          assert.ok(step > ((now - time) * 2 ** power) / (4 * (1 + 2 ** power)));
        },
      ),
    );
  });

  it('of two are the longer ones, at each time', () => {
    fc.assert(
      fc.property(anySteps, anySteps, fc.nat(1.1e9), (one, other, time) => {
        const longer = longerSteps(one, other);
        assert.equal(stepAt(longer, time), Math.max(stepAt(one, time), stepAt(other, time)));
        for (const [i, { until, step }] of longer.entries())
          assert.ok(i === 0 || (until > longer[i - 1]!.until && step < longer[i - 1]!.step));
      }),
    );
  });

  it('are short, long and end somewhere', () => {
    assert.equal(longestStep([]), 0);
    assert.equal(stepAt([], 5), 0);
    assert.equal(coarsePart([]), null);
    const steps = [
      { until: 5000, step: 8000 },
      { until: 9000, step: 1000 },
    ];
    assert.deepEqual(
      [0, 4999, 5000, 8999, 9000].map((time) => stepAt(steps, time)),
      [8000, 8000, 1000, 1000, 0],
    );
    assert.deepEqual(coarsePart(steps), { until: 9000, shortest: 1000, longest: 8000 });
    // No step is longer than all that is in it.
    assert.deepEqual(coarsePart([{ until: 5000, step: 8000 }]), { until: 5000, shortest: 5000, longest: 5000 });
    assert.deepEqual([1, 1000, 1001, 5000].map(stepOver), [1000, 1000, 2000, 8000]);
  });
});
