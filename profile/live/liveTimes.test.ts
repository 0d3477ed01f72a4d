import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ProfileDelta, SampleFlag } from '../delta.ts';
import { functionLineTimes } from '../functionTimes.ts';
import { anyDelta } from '../testing/arbitrary.ts';
import { deltaOf, pieces } from '../testing/build.ts';
import { profileFrom } from '../testing/arbitrary.ts';
import { slowTotals } from '../testing/slow.ts';
import { StackWeights } from '../weights.ts';
import { type LiveFilter, type LiveKind, LiveTimes } from './liveTimes.ts';

const anyFilter: fc.Arbitrary<LiveFilter> = fc.record({ idle: fc.boolean(), gil: fc.boolean() });

/** Own and total, µs, by place; what took nothing is left out. */
function sums(live: LiveTimes, kind: 'function' | 'line' | 'module', of: 'now' | 'since'): Map<string, readonly [number, number]> {
  const { own, total } = live.tallies[kind][of];
  const found = new Map<string, readonly [number, number]>();
  for (let row = 0; row < live.length(kind); row++) {
    if (total[row] === 0) continue;
    const { name, file, line } = live.place(kind, row);
    const key = `${name}|${file}|${line}`;
    const [ownBefore, totalBefore] = found.get(key) ?? [0, 0];
    found.set(key, [ownBefore + own[row]!, totalBefore + total[row]!]);
  }
  return found;
}

/** The same by going through every stack of a profile that has all samples. */
function slowSums(delta: ProfileDelta, filter: LiveFilter, kind: 'function' | 'module'): Map<string, readonly [number, number]> {
  const profile = profileFrom([delta]);
  const weights = new StackWeights(profile, {
    ...(filter.idle === true ? {} : { onCpuOnly: true, readyOnly: true }),
    ...(filter.gil === true ? { gilOnly: true } : {}),
  });
  const times = slowTotals(weights, (frames, at) => {
    const { name, file, firstLine } = profile.functions[frames[at]!.func]!;
    return kind === 'module' ? `|${file}|0` : `${name}|${file}|${firstLine}`;
  });
  return new Map([...times].filter(([, { total }]) => total > 0).map(([key, { self, total }]) => [key, [self, total] as const]));
}

describe('LiveTimes', () => {
  it('has what a profile with all samples has, however they are cut into deltas', () => {
    fc.assert(
      fc.property(anyDelta, anyFilter, fc.array(fc.nat(60), { maxLength: 4 }), (delta, filter, cuts) => {
        const live = new LiveTimes(filter);
        for (const piece of pieces(delta, cuts)) live.append(piece);
        for (const kind of ['function', 'module'] as const)
          assert.deepEqual(sums(live, kind, 'since'), slowSums(delta, filter, kind), kind);
        assert.equal(live.profile.runs.length, 0);
      }),
    );
  });

  it('tells lines apart, and keeps what is now from what was', () => {
    const live = new LiveTimes();
    const whole = deltaOf({
      runs: [
        { stack: 'main:1 f:21 f:22', duration: 3000 },
        { stack: 'main:2 f:21', duration: 1000 },
        { stack: 'main:2', duration: 6000, flags: 0 },
        { stack: 'main:2 f:22', duration: 500, flags: SampleFlag.Ready | SampleFlag.HoldsGil },
      ],
    });
    const [first, second] = pieces(whole, [2]);
    live.append({ ...first!, quality: { ...whole.quality, elapsed: 5000 } });
    live.append({ ...second!, quality: { ...whole.quality, elapsed: 12_000 } });
    const file = '/work/app.py';
    assert.deepEqual(Object.fromEntries(sums(live, 'line', 'since')), {
      [`main|${file}|1`]: [0, 3000],
      [`f|${file}|21`]: [1000, 4000],
      [`f|${file}|22`]: [3500, 3500],
      [`main|${file}|2`]: [0, 1500],
    });
    assert.deepEqual(Object.fromEntries(sums(live, 'line', 'now')), { [`f|${file}|22`]: [500, 500], [`main|${file}|2`]: [0, 500] });
    assert.deepEqual(live.states, { window: 7000, onCpu: 0, ready: 500, gil: 500, garbage: 0, busyThreads: 1 });
    assert.equal(live.since, 12_000);
    const { now } = live.tallies.function;
    assert.deepEqual([now.total[1], now.cpu[1], now.gil[1]], [500, 0, 500]);
    live.reset();
    for (const kind of ['line', 'function', 'module'] as const) assert.equal(sums(live, kind, 'since').size, 0);
    assert.equal(live.since, 0);
  });

  it('gives a thread its time, and a process that of all it started', () => {
    const live = new LiveTimes({ idle: true });
    live.append(
      deltaOf({
        processes: [{ pid: 1 }, { pid: 2, parent: 0 }, { pid: 3, parent: 1 }],
        threads: [{ process: 0 }, { process: 2 }, { process: 2 }],
        runs: [
          { stack: 'a:1', thread: 0, duration: 1000 },
          { stack: '', thread: 1, duration: 2000 },
          { stack: 'b:1', thread: 2, duration: 4000 },
        ],
      }),
    );
    const of = (kind: LiveKind): unknown => {
      const { own, total } = live.tallies[kind].since;
      return Array.from({ length: live.length(kind) }, (_, row) => [own[row], total[row]]);
    };
    assert.deepEqual(of('thread'), [
      [1000, 1000],
      [2000, 2000],
      [4000, 4000],
    ]);
    assert.deepEqual(of('process'), [
      [1000, 7000],
      [0, 6000],
      [6000, 6000],
    ]);
    // No clock was there: the thread that took the most was looked at for as long.
    assert.equal(live.states.window, 4000);
  });

  it('adds what was cut off stacks as a profile does', () => {
    const delta = deltaOf({
      runs: [
        { stack: 'main:1 (not:0', duration: 5000 },
        { stack: 'f:7', duration: 0 },
        { stack: 'f:0', duration: 0 },
      ],
    });
    const column = (values: readonly number[]): Float64Array => Float64Array.from(values);
    const runs = (stacks: readonly number[], durations: readonly number[]): ProfileDelta['runs'] => ({
      threads: new Uint32Array(stacks.length),
      stacks: Uint32Array.from(stacks),
      starts: column(stacks.map(() => 0)),
      durations: column(durations),
      counts: Uint32Array.from(stacks, () => 1),
      cpu: column(stacks.map(() => 0)),
      flags: Uint8Array.from(stacks, () => 1),
    });
    // Stacks: 1 main, 2 what was not read, 3 f at line 7, 4 f at whatever line.
    const functions = delta.functions.map((one) => (one.name === '(not' ? { name: '(not read)', file: '', firstLine: 0 } : one));
    const cut = { ...delta, functions, cut: { calls: runs([3, 4], [4000, 4000]), leaves: runs([3], [4000]) } };
    const live = new LiveTimes();
    live.append(cut);
    assert.deepEqual(sums(live, 'function', 'since').get('(not read)||0'), [1000, 5000]);
    assert.deepEqual(sums(live, 'function', 'since').get(`f|/work/app.py|${delta.functions[2]!.firstLine}`), [4000, 4000]);
    const profile = profileFrom([cut]);
    for (const { func, line, self, total } of functionLineTimes(new StackWeights(profile)).filter(({ total }) => total > 0)) {
      const { name, file } = profile.functions[func]!;
      assert.deepEqual(sums(live, 'line', 'since').get(`${name}|${file}|${line}`), [self, total], name);
    }
  });

  it('takes a delta that makes no sense not at all', () => {
    const live = new LiveTimes();
    const delta = deltaOf({ runs: [{ stack: 'a:1' }] });
    assert.throws(() => live.append({ ...delta, runs: { ...delta.runs, stacks: Uint32Array.from([9]) } }), { name: 'ProfileFormatError' });
    live.append(delta);
    assert.equal(live.tallies.function.since.own[0], 1000);
  });
});
