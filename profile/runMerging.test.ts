import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunColumns } from './delta.ts';
import { RunStore } from './runStore.ts';
import { runSlice } from './testing/build.ts';
import { stepAt, type TimeSteps } from './timeSteps.ts';

interface Row {
  readonly thread: number;
  readonly stack: number;
  readonly flags: number;
  readonly duration: number;
  /** µs before it in which its thread was not looked at. */
  readonly gap: number;
}

/** As samplers make them: each thread's runs follow each other, and all are in the order of their starts. */
function recorded(rows: readonly Row[]): RunColumns {
  const ends = new Map<number, number>();
  const placed = rows
    .map((row) => {
      const start = (ends.get(row.thread) ?? 0) + row.gap;
      ends.set(row.thread, start + row.duration);
      return { ...row, start };
    })
    .sort((a, b) => a.start - b.start);
  return {
    threads: Uint32Array.from(placed, ({ thread }) => thread),
    stacks: Uint32Array.from(placed, ({ stack }) => stack),
    starts: Float64Array.from(placed, ({ start }) => start),
    durations: Float64Array.from(placed, ({ duration }) => duration),
    counts: Uint32Array.from(placed, ({ duration }) => 1 + (duration % 7)),
    cpu: Float64Array.from(placed, ({ duration }) => duration >> 1),
    flags: Uint8Array.from(placed, ({ flags }) => flags),
  };
}

const anyRow: fc.Arbitrary<Row> = fc.record({
  thread: fc.nat(2),
  stack: fc.nat(3),
  flags: fc.nat(1),
  duration: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 40_000 })),
  gap: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5000) }),
});
/** Some hundred runs, of which many are alike. */
const anyRecorded = fc
  .tuple(fc.array(anyRow, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 12 }))
  .map(([rows, times]) => recorded(Array.from({ length: times }, () => rows).flat()));

/** Time, samples and CPU time by thread, stack and flags. */
function sums({ threads, stacks, flags, durations, counts, cpu }: RunColumns, length = threads.length): Map<string, number[]> {
  const all = new Map<string, number[]>();
  for (let run = 0; run < length; run++) {
    const key = `${threads[run]} ${stacks[run]} ${flags[run]}`;
    const [time, samples, used] = all.get(key) ?? [0, 0, 0];
    all.set(key, [time! + durations[run]!, samples! + counts[run]!, used! + cpu[run]!]);
  }
  return new Map([...all].sort());
}

/** Time and samples of each thread in each of its steps, by their first samples; exact ones one by one. */
function sumsInSteps({ threads, starts, durations, counts }: RunColumns, length: number, steps: TimeSteps): Map<string, number> {
  const all = new Map<string, number>();
  for (let run = 0; run < length; run++) {
    const start = starts[run]!;
    const step = stepAt(steps, start);
    const before = steps.findLast(({ until }) => until <= start)?.until ?? 0;
    const key = `${threads[run]} ${step === 0 ? start : Math.max(before, Math.floor(start / step) * step)}`;
    all.set(key, (all.get(key) ?? 0) + durations[run]! * 1e6 + counts[run]!);
  }
  return new Map([...all].sort());
}

describe('a store that goes on without an end', () => {
  it('keeps all sums, and knows in which step of its thread each sample was', () => {
    fc.assert(
      fc.property(anyRecorded, fc.integer({ min: 16, max: 300 }), (runs, limit) => {
        const store = new RunStore(limit, { byAge: true });
        store.append(runs);
        store.hold();
        assert.deepEqual(sums(store, store.length), sums(runs));
        assert.deepEqual(sumsInSteps(store, store.length, store.steps), sumsInSteps(runs, runs.threads.length, store.steps));
      }),
    );
  });

  it('has no two runs of a thread at the same time', () => {
    fc.assert(
      fc.property(anyRecorded, fc.integer({ min: 16, max: 300 }), fc.nat(700), (runs, limit, cut) => {
        const store = new RunStore(limit, { byAge: true });
        store.append(runSlice(runs, 0, cut));
        const release = store.hold(); // may come at any time of a merging, which goes on
        assert.doesNotThrow(() => assertApart(store));
        release();
        store.append(runSlice(runs, cut, runs.threads.length));
        store.hold();
        assertApart(store);
        assert.deepEqual(sums(store, store.length), sums(runs));
      }),
    );
  });

  it('fills each step: what was without a gap is', () => {
    const runs = recorded(
      Array.from({ length: 40_000 }, (_, i) => ({ thread: i % 2, stack: (i * 7) % 5, flags: 0, duration: 130 + (i % 11), gap: 0 })),
    );
    const store = new RunStore(2000, { byAge: true });
    store.append(runs);
    store.hold();
    assert.ok(store.mergings > 10);
    const ends = [0, 0];
    for (let run = 0; run < store.length; run++) {
      const thread = store.threads[run]!;
      assert.equal(store.starts[run], ends[thread]);
      ends[thread] = store.starts[run]! + store.durations[run]!;
    }
  });

  it('stays as small however long it goes on, and knows best what was last', () => {
    const limit = 8192;
    const store = new RunStore(limit, { byAge: true });
    const rows = Array.from({ length: 10_000 }, (_, i) => ({ thread: i % 8, stack: (i >> 3) % 3, flags: i & 1, duration: 1000, gap: 0 }));
    const some = recorded(rows);
    const span = (rows.length / 8) * 1000;
    let most = 0;
    const rounds = 100;
    for (let round = 0; round < rounds; round++) {
      store.append({ ...some, starts: some.starts.map((start) => start + round * span) });
      most = Math.max(most, store.length, store.stacks.length);
    }
    assert.ok(most <= limit, `${most}`);
    store.hold();
    const samples = (counts: Uint32Array): number => counts.reduce((sum, count) => sum + count, 0);
    assert.equal(samples(store.counts.subarray(0, store.length)), rounds * samples(some.counts));
    // Of the latest eighth at least every sample has its time; what is older has steps that are a small part of its age.
    const { until, step } = store.steps.at(-1)!;
    const now = rounds * span;
    assert.ok(now - until >= (limit / 8 / 8) * 1000, `${now - until}`);
    assert.ok(step < (now - until) / 2, `${step}`);
    assert.ok(store.steps[0]!.step < now / 4, `${store.steps[0]!.step}`);
    assert.ok(store.steps.length > 2);
  });

  it('has room for as many different runs as there are, and not much more', () => {
    const store = new RunStore(1024, { byAge: true });
    const different = 5000;
    const rows = Array.from({ length: different }, (_, i) => ({
      thread: i % 50,
      stack: (i * 7) % different,
      flags: 0,
      duration: 10,
      gap: 0,
    }));
    const all = recorded(Array.from({ length: 20 }, () => rows).flat());
    for (let from = 0; from < all.threads.length; from += 100) {
      store.append(runSlice(all, from, from + 100));
      assert.ok(store.length <= different + 1024, `${store.length}`);
    }
    assert.deepEqual(sums(store, store.length), sums(all));
    assert.equal(sums(store, store.length).size, different);
  });

  it('has room also where times overlap, as no sampler has them', () => {
    const some = recorded(Array.from({ length: 1000 }, (_, i) => ({ thread: 0, stack: i % 3, flags: 0, duration: 10, gap: 0 })));
    const store = new RunStore(256, { byAge: true });
    const sure = { ...some, durations: some.durations.map(() => 1e9) };
    for (let round = 0; round < 20; round++) store.append(sure);
    assert.ok(store.length <= 256, `${store.length}`);
    assert.equal(sums(store, store.length).size, 3);
  });

  it('merges nothing while it is held, and makes up for it', () => {
    const rows = Array.from({ length: 3000 }, (_, i) => ({ thread: 0, stack: i % 2, flags: 0, duration: 10, gap: 0 }));
    const runs = recorded(rows);
    const store = new RunStore(64, { byAge: true });
    store.append(runSlice(runs, 0, 1000));
    const release = store.hold();
    const { starts, length, mergings } = store;
    const before = starts.slice(0, length);
    store.hold()();
    store.append(runSlice(runs, 1000, 2000));
    assert.equal(store.length, length + 1000);
    assert.deepEqual([starts.slice(0, length), store.mergings], [before, mergings]);
    release();
    store.append(runSlice(runs, 2000, 3000));
    assert.ok(store.length <= 64, `${store.length}`);
    assert.deepEqual(sums(store, store.length), sums(runs));
  });

  it('tells which runs are new, or that they were merged already', () => {
    const runs = recorded(Array.from({ length: 400 }, (_, i) => ({ thread: 0, stack: i % 2, flags: 0, duration: 10, gap: 0 })));
    const store = new RunStore(64, { byAge: true });
    assert.equal(store.firstSince(0), 0);
    let seen = 0;
    let time = 0;
    for (let from = 0; from < 400; from += 5) {
      store.append(runSlice(runs, from, from + 5));
      const first = store.firstSince(seen);
      assert.ok(first !== undefined);
      assert.deepEqual(store.starts.slice(first, store.length), runs.starts.slice(from, from + 5));
      seen = store.appended;
      time += store.durations.subarray(first, store.length).reduce((sum, one) => sum + one, 0);
    }
    assert.equal(time, 4000);
    assert.ok(store.mergings > 0);
    assert.equal(store.firstSince(0), undefined);
    assert.equal(store.firstSince(400), store.length);
  });
});

function assertApart({ threads, starts, durations, length }: RunStore): void {
  const ends = new Map<number, number>();
  for (let run = 0; run < length; run++) {
    const thread = threads[run]!;
    const end = ends.get(thread) ?? 0;
    assert.ok(starts[run]! >= end, `run ${run} of thread ${thread} begins at ${starts[run]} and the one before ends at ${end}`);
    ends.set(thread, starts[run]! + durations[run]!);
  }
}
