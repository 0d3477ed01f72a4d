import assert from 'node:assert/strict';
import fc from 'fast-check';
import { functionTimes } from '../functionTimes.ts';
import { anyProfile } from '../testing/arbitrary.ts';
import { profileOf } from '../testing/build.ts';
import { StackWeights } from '../weights.ts';
import { plainJson } from './plainJson.ts';

interface File {
  readonly meta: { readonly time: number; readonly samples: number; readonly startedAt: string | null };
  readonly threads: readonly { readonly time: number; readonly samples: number }[];
  readonly functions: readonly object[];
  readonly functionTimes: readonly object[];
  readonly frames: readonly { readonly function: number; readonly line: number }[];
  readonly stacks: readonly {
    readonly thread: number;
    readonly time: number;
    readonly samples: number;
    readonly frames: readonly number[];
  }[];
}

const written = (...args: Parameters<typeof plainJson>): File => JSON.parse([...plainJson(...args)].join('')) as File;

describe('JSON for programs', () => {
  it('has what docs/json.md says', () => {
    const profile = profileOf({
      startedAtEpoch: 1_700_000_000_000,
      quality: { requestedRate: 1000 },
      runs: [{ stack: 'main:1 f:12', count: 2 }, { stack: 'main:1' }, { stack: 'main:1 f:12', thread: 1 }],
    });
    const f = { function: 1, line: 12, self: 3000, total: 3000, samples: 3 };
    const main = { function: 0, line: 1, self: 1000, total: 4000, samples: 4 };
    const withoutLine = ({ function: func, self, total, samples }: typeof f): object => ({ function: func, self, total, samples });
    const thread = { process: 0, time: 3000, samples: 3, id: 4242, name: 'MainThread', isMain: true };
    assert.deepEqual(written(profile), {
      meta: {
        ...{ creator: 'Heatline', version: 1, unit: 'us', startedAt: '2023-11-14T22:13:20.000Z' },
        ...{ duration: profile.until, rate: 1000, time: 4000, samples: 4 },
      },
      processes: [{ pid: 4242, parent: null, name: 'app.py', commandLine: ['python3', 'app.py'], pythonVersion: '3.12.1' }],
      threads: [thread, { ...thread, time: 1000, samples: 1, id: 4243, name: 'Thread-1', isMain: false }],
      functions: [
        { name: 'main', file: '/work/app.py', line: 10 },
        { name: 'f', file: '/work/app.py', line: 20 },
      ],
      functionTimes: [withoutLine(main), withoutLine(f)],
      lineTimes: [main, f],
      frames: [
        { function: 0, line: 1 },
        { function: 1, line: 12 },
      ],
      stacks: [
        { thread: 0, time: 2000, samples: 2, frames: [0, 1] },
        { thread: 0, time: 1000, samples: 1, frames: [0] },
        { thread: 1, time: 1000, samples: 1, frames: [0, 1] },
      ],
    });
  });

  it('has all time and samples, in threads, stacks and functions', () => {
    fc.assert(
      fc.property(anyProfile, fc.boolean(), (profile, onCpuOnly) => {
        const samples = { onCpuOnly };
        const { meta, threads, stacks, functionTimes: times, frames, functions } = written(profile, samples);
        const weights = new StackWeights(profile, samples);
        for (const rows of [threads, stacks]) {
          assert.equal(
            rows.reduce((sum, { time }) => sum + time, 0),
            weights.totalTime,
          );
          assert.equal(
            rows.reduce((sum, row) => sum + row.samples, 0),
            weights.totalSamples,
          );
        }
        assert.deepEqual([meta.time, meta.samples], [weights.totalTime, weights.totalSamples]);
        assert.deepEqual(
          times,
          functionTimes(weights).map(({ func, self, total, samples: count }) => ({ function: func, self, total, samples: count })),
        );
        for (const { frames: path } of stacks) for (const frame of path) assert.ok(frames[frame]!.function < functions.length);
      }),
    );
  });
});
