import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SampleFlag } from './delta.ts';
import { callersOfLine, lineTimes } from './lines.ts';
import { anyProfile } from './testing/arbitrary.ts';
import { profileOf } from './testing/build.ts';
import { slowTotals } from './testing/slow.ts';
import { StackWeights } from './weights.ts';

const weights = new StackWeights(
  profileOf({
    files: { helper: 'lib.py' },
    runs: [
      { stack: 'main:1 fib:8 fib:8 fib:9', count: 3 },
      { stack: 'main:1 fib:8 helper:30', count: 2 },
      { stack: 'main:2 fib:8' },
      { stack: 'main:2 helper:0' },
      { stack: '' },
    ],
  }),
);

describe('lineTimes', () => {
  it('books what was called and not read on no line itself, but on the totals of its callers', () => {
    const cut = new StackWeights(
      profileOf({
        files: { cut: '' },
        runs: [
          { stack: 'main:1 f:2', count: 2 },
          { stack: 'main:1 f:2 cut:0', count: 3, flags: SampleFlag.OnCpu | SampleFlag.Partial },
        ],
      }),
    );
    assert.deepEqual(
      lineTimes(cut),
      new Map([
        [
          '/work/app.py',
          [
            { line: 1, self: 0, total: 5000, samples: 5 },
            { line: 2, self: 2000, total: 5000, samples: 5 },
          ],
        ],
      ]),
    );
  });

  it('gives self and total by file and line, recursion once, lines in order', () => {
    assert.deepEqual(
      lineTimes(weights),
      new Map([
        [
          '/work/app.py',
          [
            { line: 1, self: 0, total: 5000, samples: 5 },
            { line: 2, self: 0, total: 2000, samples: 2 },
            { line: 8, self: 1000, total: 6000, samples: 6 },
            { line: 9, self: 3000, total: 3000, samples: 3 },
          ],
        ],
        ['lib.py', [{ line: 30, self: 2000, total: 2000, samples: 2 }]],
      ]),
    );
  });

  it('is what going through every stack finds, and never more than all', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const any = new StackWeights(profile);
        const slow = slowTotals(any, (frames, at) => (frames[at]!.line === 0 ? undefined : `${frames[at]!.file}:${frames[at]!.line}`));
        const fast = new Map(
          [...lineTimes(any)].flatMap(([file, times]) => times.map(({ line, ...time }) => [`${file}:${line}`, time] as const)),
        );
        assert.deepEqual(fast, slow);
        for (const { self, total, samples } of fast.values()) {
          assert.ok(self <= total && total <= any.totalTime && samples <= any.totalSamples);
        }
      }),
    );
  });
});

describe('callersOfLine', () => {
  it('names the places that called, the heaviest first', () => {
    assert.deepEqual(callersOfLine(weights, '/work/app.py', 8, 9), [
      { name: 'main', file: '/work/app.py', line: 1, time: 5000 },
      { name: 'fib', file: '/work/app.py', line: 8, time: 3000 },
      { name: 'main', file: '/work/app.py', line: 2, time: 1000 },
    ]);
    assert.deepEqual(callersOfLine(weights, 'lib.py', 30, 9), [{ name: 'fib', file: '/work/app.py', line: 8, time: 2000 }]);
  });

  it('gives no more than asked for, and nothing where nothing called', () => {
    assert.equal(callersOfLine(weights, '/work/app.py', 8, 2).length, 2);
    assert.deepEqual(callersOfLine(weights, '/work/app.py', 8, 0), []);
    assert.deepEqual(callersOfLine(weights, '/work/app.py', 1, 9), []);
    assert.deepEqual(callersOfLine(weights, 'lib.py', 8, 9), []);
    assert.deepEqual(callersOfLine(weights, 'unknown.py', 1, 9), []);
  });

  it('is what going through every stack finds', () => {
    fc.assert(
      fc.property(anyProfile, fc.constantFrom('/a.py', 'b.py'), fc.integer({ min: 1, max: 3 }), (profile, file, line) => {
        const any = new StackWeights(profile);
        const slow = slowTotals(any, (frames, at) => {
          const callee = frames[at]!;
          const caller = frames[at - 1];
          return callee.file === file && callee.line === line && caller !== undefined ? `${caller.func}:${caller.line}` : undefined;
        });
        const fast = callersOfLine(any, file, line, Infinity);
        assert.equal(fast.length, slow.size);
        const descending = (a: number, b: number): number => b - a;
        assert.deepEqual(
          fast.map(({ time }) => time),
          [...slow.values()].map(({ total }) => total).sort(descending),
        );
      }),
    );
  });
});
