import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunColumns } from './delta.ts';
import { RunStore } from './runStore.ts';
import { longestStep } from './timeSteps.ts';

/** Runs out of order, of which many have the same thread, stack and flags. */
const manyAlike: fc.Arbitrary<RunColumns> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.nat(1), fc.nat(1), fc.nat(20_000), fc.nat(300)), { maxLength: 150 })
  .map((rows) => ({
    ...runs(...rows.map(([stack, , , start]) => [stack, start] as const)),
    threads: Uint32Array.from(rows, ([, thread]) => thread),
    flags: Uint8Array.from(rows, ([, , flags]) => flags),
    durations: Float64Array.from(rows, ([, , , , duration]) => duration),
    cpu: Float64Array.from(rows, ([, , , , duration]) => 2 * duration),
  }));

describe('RunStore', () => {
  it('takes memory for runs that are there, not for those there is room for', () => {
    const store = new RunStore(4_000_000);
    store.append(runs([1, 0]));
    const before = process.memoryUsage.rss();
    store.reserve(4_000_000); // 148 MB
    store.append(runs([2, 100]));
    assert.ok(process.memoryUsage.rss() - before < 74_000_000);
    assert.equal(store.length, 2);
    assert.equal(store.stacks[0], 1);
  });

  it('keeps runs as they are while there is room', () => {
    const store = new RunStore(3);
    store.append(runs([1, 0], [1, 10], [1, 20]));
    assert.deepEqual([...store.starts.subarray(0, store.length)], [0, 10, 20]);
    assert.deepEqual(store.steps, []);
    assert.equal(store.mergings, 0);
  });

  it('merges equal runs that lie close together when it is full', () => {
    const store = new RunStore(4);
    store.append(runs([1, 0], [1, 100], [1, 200], [1, 1500], [1, 1600]));
    // The first three begin in the first ms, the fourth in the second; the fifth came when there was room again.
    assert.equal(store.mergings, 1);
    assert.deepEqual(store.steps, [{ until: 1501, step: 1000 }]);
    assert.deepEqual([...store.starts.subarray(0, store.length)], [0, 1500, 1600]);
    assert.deepEqual([...store.counts.subarray(0, store.length)], [3, 1, 1]);
    assert.deepEqual([...store.durations.subarray(0, store.length)], [300, 100, 100]);
    assert.deepEqual([...store.cpu.subarray(0, store.length)], [150, 50, 50]);
  });

  it('merges only what has the same thread, stack and flags', () => {
    const columns = runs([1, 0], [2, 10], [1, 20], [1, 30], [1, 40], [1, 50]);
    columns.threads[2] = 7;
    columns.flags[3] = 1;
    const store = new RunStore(5);
    store.append(columns);
    assert.deepEqual([...sums(store)].sort(), [
      ['0,1,0', [300, 3]],
      ['0,1,1', [100, 1]],
      ['0,2,0', [100, 1]],
      ['7,1,0', [100, 1]],
    ]);
    assert.equal(store.length, 5); // 4 different ones, and the last came later
  });

  it('changes no sum by thread, stack, flags and quantum', () => {
    fc.assert(
      fc.property(manyAlike, fc.integer({ min: 2, max: 60 }), (columns, limit) => {
        const store = new RunStore(limit);
        store.append(columns);
        const kept = new RunStore(1000);
        kept.append(columns);
        // Every quantum is a multiple of those before, so no merging moves a run out of the last one.
        assert.deepEqual(
          new Map([...sums(store, longestStep(store.steps))].sort()),
          new Map([...sums(kept, longestStep(store.steps))].sort()),
        );
      }),
    );
  });

  it('tells a thousand different runs in one quantum apart', () => {
    // So many that they collide in the hash table and it has to grow.
    const rows = Array.from({ length: 2400 }, (_, i) => ({
      stack: i % 100,
      thread: Math.floor(i / 100) % 3,
      flags: Math.floor(i / 300) % 4,
    }));
    const columns = {
      ...runs(...rows.map(({ stack }) => [stack, 0] as const)),
      threads: Uint32Array.from(rows, ({ thread }) => thread),
      flags: Uint8Array.from(rows, ({ flags }) => flags),
    };
    const store = new RunStore(2399);
    store.append(columns);
    assert.equal(store.length, 1201); // the last run came after the merging
    assert.deepEqual(sums(store), new Map(rows.map(({ stack, thread, flags }) => [`${thread},${stack},${flags}`, [200, 2]])));
  });

  it('stays within its bound as long as there are fewer different runs than half of it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(1_000_000_000)), { maxLength: 300 }), (rows) => {
        const store = new RunStore(16);
        store.append(runs(...rows));
        assert.ok(store.length <= 16, `${store.length}`);
      }),
    );
  });

  it('gives way when all runs are different', () => {
    const store = new RunStore(4);
    store.append(runs(...Array.from({ length: 100 }, (_, i): [number, number] => [i, i])));
    assert.equal(store.length, 100);
    assert.ok(store.mergings < 10);
  });

  it('never lets a count overflow', () => {
    const store = new RunStore(2);
    const columns = runs([1, 0], [1, 1], [1, 2]);
    columns.counts.fill(2 ** 31);
    store.append(columns);
    assert.equal(
      store.counts.subarray(0, store.length).reduce((sum, count) => sum + count, 0),
      3 * 2 ** 31,
    );
  });
});

describe('RunStore, all at once', () => {
  it('has room for as many as are told, and no more than it keeps', () => {
    const store = new RunStore(10);
    store.reserve(3);
    const { stacks } = store;
    store.append(runs([1, 0], [2, 10], [3, 20]));
    assert.equal(store.stacks, stacks);
    store.reserve(1000);
    assert.equal(store.stacks.length, 10);
    assert.deepEqual([...store.stacks.subarray(0, store.length)], [1, 2, 3]);
  });

  it('takes runs over with their columns', () => {
    const columns = runs([1, 0], [2, 10], [3, 20]);
    const store = new RunStore(2);
    store.adopt(columns);
    assert.deepEqual([store.length, store.mergings, store.steps], [3, 0, []]);
    assert.equal(store.starts, columns.starts);
    assert.throws(() => store.adopt(columns));
    store.append(runs([4, 30], [1, 40]));
    assert.equal(sums(store).size, 4);
  });
});

/** Runs of thread 0, 100 µs and 1 sample each (the first two: stack, start). */
function runs(...rows: readonly (readonly [stack: number, start: number])[]): RunColumns {
  return {
    threads: new Uint32Array(rows.length),
    stacks: Uint32Array.from(rows, ([stack]) => stack),
    starts: Float64Array.from(rows, ([, start]) => start),
    durations: new Float64Array(rows.length).fill(100),
    counts: new Uint32Array(rows.length).fill(1),
    cpu: new Float64Array(rows.length).fill(50),
    flags: new Uint8Array(rows.length),
  };
}

/** Time and samples by thread, stack and flags, and by quantum if one is given. */
function sums(
  { threads, stacks, flags, starts, durations, counts, length }: RunStore,
  quantum = 0,
): Map<string, [time: number, samples: number]> {
  const byKey = new Map<string, [number, number]>();
  for (let run = 0; run < length; run++) {
    const key = [threads[run], stacks[run], flags[run], ...(quantum > 0 ? [Math.floor(starts[run]! / quantum)] : [])].join();
    const [time, samples] = byKey.get(key) ?? [0, 0];
    byKey.set(key, [time + durations[run]!, samples + counts[run]!]);
  }
  return byKey;
}
