import assert from 'node:assert/strict';
import fc from 'fast-check';
import { calleesOfFunction, callersOfFunction, functionTimes, moduleTimes } from './functionTimes.ts';
import { anyProfile } from './testing/arbitrary.ts';
import { profileOf } from './testing/build.ts';
import { slowTotals } from './testing/slow.ts';
import { StackWeights } from './weights.ts';

// Function ids: main 0, fib 1, rest 2.
const weights = new StackWeights(
  profileOf({
    runs: [
      { stack: 'main:1 fib:8 fib:8 fib:9', count: 3 },
      { stack: 'main:1 rest:20 fib:9', count: 2 },
      { stack: 'main:2' },
      { stack: '' },
    ],
  }),
);

describe('functionTimes', () => {
  it('counts recursion once per stack, the heaviest first', () => {
    assert.deepEqual(functionTimes(weights), [
      { func: 0, self: 1000, total: 6000, samples: 6 },
      { func: 1, self: 5000, total: 5000, samples: 5 },
      { func: 2, self: 0, total: 2000, samples: 2 },
    ]);
  });

  it('is what going through every stack finds', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const any = new StackWeights(profile);
        const fast = functionTimes(any);
        const slow = slowTotals(any, (frames, at) => String(frames[at]!.func));
        assert.deepEqual(new Map(fast.map(({ func, ...time }) => [String(func), time])), slow);
        fast.forEach(({ total }, i) => assert.ok(total <= (fast[i - 1]?.total ?? any.totalTime)));
      }),
    );
  });

  it('sums up, in self time, to all but the time without a Python frame', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const any = new StackWeights(profile);
        const self = functionTimes(any).reduce((sum, time) => sum + time.self, 0);
        assert.equal(self, any.totalTime - any.time[0]!);
      }),
    );
  });
});

describe('moduleTimes', () => {
  it('counts each stack once however many functions of the module it has, by the first of them', () => {
    const profile = profileOf({
      files: { main: '/work/app.py', fib: '/work/maths.py', rest: '/work/maths.py' },
      runs: [{ stack: 'main:1 fib:8 fib:8 rest:9', count: 3 }, { stack: 'main:1 rest:20', count: 2 }, { stack: 'main:2' }],
    });
    assert.deepEqual(moduleTimes(new StackWeights(profile)), [
      { func: 0, self: 1000, total: 6000, samples: 6 },
      { func: 1, self: 5000, total: 5000, samples: 5 },
    ]);
  });

  it('is what going through every stack finds', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const any = new StackWeights(profile);
        const file = (func: number): string => profile.functions[func]!.file;
        const slow = slowTotals(any, (frames, at) => file(frames[at]!.func));
        assert.deepEqual(new Map(moduleTimes(any).map(({ func, ...time }) => [file(func), time])), slow);
      }),
    );
  });
});

describe('callersOfFunction and calleesOfFunction', () => {
  it('name who calls and is called, itself too if it recurses', () => {
    assert.deepEqual(callersOfFunction(weights, 1, 9), [
      { func: 0, time: 3000, samples: 3 },
      { func: 1, time: 3000, samples: 3 },
      { func: 2, time: 2000, samples: 2 },
    ]);
    assert.deepEqual(calleesOfFunction(weights, 0, 9), [
      { func: 1, time: 3000, samples: 3 },
      { func: 2, time: 2000, samples: 2 },
    ]);
    assert.deepEqual(calleesOfFunction(weights, 1, 9), [{ func: 1, time: 3000, samples: 3 }]);
    assert.deepEqual(callersOfFunction(weights, 0, 9), []);
    assert.equal(callersOfFunction(weights, 1, 2).length, 2);
  });

  it('are what going through every stack finds', () => {
    fc.assert(
      fc.property(anyProfile, fc.nat(4), (profile, func) => {
        const any = new StackWeights(profile);
        const callers = slowTotals(any, (frames, at) => (frames[at]!.func === func && at > 0 ? String(frames[at - 1]!.func) : undefined));
        const callees = slowTotals(any, (frames, at) => (frames[at - 1]?.func === func ? String(frames[at]!.func) : undefined));
        for (const [fast, slow] of [
          [callersOfFunction(any, func, Infinity), callers],
          [calleesOfFunction(any, func, Infinity), callees],
        ] as const) {
          const expected = new Map([...slow].map(([key, { total, samples }]) => [key, { time: total, samples }]));
          assert.deepEqual(new Map(fast.map(({ func: other, time, samples }) => [String(other), { time, samples }])), expected);
        }
      }),
    );
  });
});
