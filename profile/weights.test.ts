import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SampleFlag } from './delta.ts';
import type { SampleFilter } from './filter.ts';
import { Profile } from './profile.ts';
import { anyDelta, anyProfile, profileFrom } from './testing/arbitrary.ts';
import { deltaOf, pieces, profileOf } from './testing/build.ts';
import { StackWeights } from './weights.ts';

const anyFilter: fc.Arbitrary<SampleFilter> = fc.record(
  {
    threads: fc.array(fc.nat(3)).map((ids) => new Set(ids)),
    processes: fc.array(fc.nat(2)).map((ids) => new Set(ids)),
    onCpuOnly: fc.boolean(),
    readyOnly: fc.boolean(),
    gilOnly: fc.boolean(),
    range: fc.tuple(fc.nat(25_000), fc.nat(25_000)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) })),
  },
  { requiredKeys: [] },
);

describe('StackWeights', () => {
  it('adds up time and samples by stack, the empty one included', () => {
    const weights = new StackWeights(profileOf({ runs: [{ stack: 'f:1', count: 3 }, { stack: '', count: 2 }, { stack: 'f:1' }] }));
    assert.deepEqual([...weights.time], [2000, 4000]);
    assert.deepEqual([...weights.samples], [2, 4]);
    assert.equal(weights.totalTime, 6000);
    assert.equal(weights.totalSamples, 6);
  });

  it('takes only the samples that pass the filter', () => {
    const { OnCpu, HoldsGil, Ready } = SampleFlag;
    const profile = profileOf({
      processes: [{}, {}],
      threads: [{}, { process: 1 }],
      runs: [
        { stack: 'f:1', count: 1, flags: OnCpu | HoldsGil },
        { stack: 'f:1', count: 2, flags: OnCpu },
        { stack: 'f:1', count: 4, flags: HoldsGil },
        { stack: 'f:1', count: 8, thread: 1 },
        { stack: 'f:1', count: 16, flags: Ready | HoldsGil },
        { stack: 'f:1', count: 32, flags: Ready },
      ],
    });
    const samples = (filter: SampleFilter): number => new StackWeights(profile, filter).totalSamples;
    assert.equal(samples({}), 63);
    assert.equal(samples({ onCpuOnly: true }), 11);
    assert.equal(samples({ readyOnly: true }), 48);
    assert.equal(samples({ onCpuOnly: true, readyOnly: true }), 59);
    assert.equal(samples({ readyOnly: true, gilOnly: true }), 16);
    assert.equal(samples({ gilOnly: true }), 21);
    assert.equal(samples({ gilOnly: true, onCpuOnly: true }), 1);
    assert.equal(samples({ threads: new Set([1]) }), 8);
    assert.equal(samples({ processes: new Set([0]) }), 55);
    assert.equal(samples({ processes: new Set([0]), threads: new Set([1]) }), 0);
  });

  it('takes from a run the samples that lie in the range', () => {
    // Samples at 1000, 2000, 3000 and 4000 µs.
    const profile = profileOf({ runs: [{ stack: 'f:1', start: 1000, count: 4 }] });
    const inside = (start: number, end: number): [number, number] => {
      const weights = new StackWeights(profile, { range: { start, end } });
      return [weights.totalSamples, weights.totalTime];
    };
    assert.deepEqual(inside(0, 1000), [0, 0]);
    assert.deepEqual(inside(1000, 1001), [1, 1000]);
    assert.deepEqual(inside(1500, 3000), [1, 1000]);
    assert.deepEqual(inside(1500, 3001), [2, 2000]);
    assert.deepEqual(inside(0, Infinity), [4, 4000]);
    assert.deepEqual(inside(-Infinity, 2001), [2, 2000]);
    assert.deepEqual(inside(4001, 9000), [0, 0]);
  });

  it('says whether an update changed anything', () => {
    const [first, second] = pieces(deltaOf({ runs: [{ stack: 'f:1' }, { stack: 'f:1 g:2' }] }), [1]);
    const profile = profileFrom([first!]);
    const weights = new StackWeights(profile);
    const others = new StackWeights(profile, { gilOnly: true });
    assert.equal(weights.update(), false);
    profile.append(second!);
    assert.equal(weights.update(), true);
    assert.equal(weights.time.length, 3);
    assert.equal(others.update(), false);
    assert.equal(others.time.length, 3);
  });

  it('kept up to date is the same as made anew, also when runs were merged in between', () => {
    fc.assert(
      fc.property(
        anyDelta,
        fc.array(fc.nat(60), { maxLength: 5 }),
        anyFilter,
        fc.integer({ min: 2, max: 80 }),
        (delta, cuts, filter, maxRuns) => {
          const profile = new Profile({ maxRuns });
          const weights = new StackWeights(profile, filter);
          for (const piece of pieces(delta, cuts)) {
            profile.append(piece);
            weights.update();
          }
          assert.deepEqual(close(weights), close(new StackWeights(profile, filter)));
        },
      ),
    );
  });

  it('does not change by merging, whatever the filter, unless it is about time', () => {
    fc.assert(
      fc.property(anyDelta, anyFilter, fc.integer({ min: 2, max: 20 }), (delta, anything, maxRuns) => {
        const filter = without(anything, 'range');
        const merged = new StackWeights(profileFrom([delta], { maxRuns }), filter);
        assert.deepEqual(close(merged), close(new StackWeights(profileFrom([delta]), filter)));
      }),
    );
  });

  it('is the sum of its parts: threads, processes and ranges', () => {
    fc.assert(
      fc.property(anyProfile, anyFilter, fc.nat(25_000), (profile, anything, cut) => {
        const filter = without(anything, 'threads', 'processes', 'range');
        const whole = close(new StackWeights(profile, filter));
        const threads = profile.threads.map((_, id) => ({ ...filter, threads: new Set([id]) }));
        const processes = profile.processes.map((_, id) => ({ ...filter, processes: new Set([id]) }));
        const ranges = [
          { ...filter, range: { start: -Infinity, end: cut } },
          { ...filter, range: { start: cut, end: Infinity } },
        ];
        for (const parts of [threads, processes, ranges]) {
          const weights = parts.map((part) => new StackWeights(profile, part));
          const sum = (of: (part: StackWeights) => number): number => weights.reduce((total, part) => total + of(part), 0);
          assert.deepEqual(
            {
              time: Array.from(whole.time, (_, stack) => rounded(sum((part) => part.time[stack]!))),
              samples: Array.from(whole.samples, (_, stack) => sum((part) => part.samples[stack]!)),
              totalTime: rounded(sum((part) => part.totalTime)),
              totalSamples: sum((part) => part.totalSamples),
            },
            whole,
          );
        }
      }),
    );
  });

  it('has totals that are the sum over its stacks', () => {
    fc.assert(
      fc.property(anyProfile, anyFilter, (profile, filter) => {
        const { time, samples, totalTime, totalSamples } = close(new StackWeights(profile, filter));
        assert.ok(Math.abs(time.reduce((a, b) => a + b, 0) - totalTime) < 1e-3);
        assert.equal(
          samples.reduce((a, b) => a + b, 0),
          totalSamples,
        );
      }),
    );
  });
});

function without(filter: SampleFilter, ...parts: readonly (keyof SampleFilter)[]): SampleFilter {
  return Object.fromEntries(Object.entries(filter).filter(([name]) => !parts.includes(name as keyof SampleFilter)));
}

/** To the ns: parts of runs are fractions. */
function close({ time, samples, totalTime, totalSamples }: StackWeights): {
  time: number[];
  samples: number[];
  totalTime: number;
  totalSamples: number;
} {
  return { time: Array.from(time, rounded), samples: [...samples], totalTime: rounded(totalTime), totalSamples };
}

function rounded(microseconds: number): number {
  return Math.round(microseconds * 1000) / 1000;
}
