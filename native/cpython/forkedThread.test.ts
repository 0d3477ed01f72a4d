import assert from 'node:assert/strict';
import { RecordedMemory } from '../memory/recorded.ts';
import { ForkedThread } from './forkedThread.ts';
import { ThreadIds } from './threadIds.ts';

const threads = [0x10000, 0x20000, 0x30000];

/** What a fork leaves of the C library's structures: the id of the thread that forked is new. */
function forked(idsInC: readonly number[], pid: number, tasks: readonly number[]): ForkedThread {
  const memory = new RecordedMemory();
  for (const [index, thread] of threads.entries()) {
    const bytes = Buffer.alloc(2048);
    bytes.writeInt32LE(idsInC[index]!, 720);
    memory.put(thread, bytes);
  }
  return new ForkedThread(
    new ThreadIds(memory, 0, () => tasks),
    () => pid,
    () => tasks,
  );
}

describe('ForkedThread', () => {
  it('finds the thread that forked, and leaves out those that were not copied', () => {
    const child = forked([0, 900, 0], 900, [900]);
    assert.deepEqual(child.correct([501, 502, 500], threads), [-1, 900, -1]);
    assert.equal(child.wasFound, true);
  });

  it('keeps threads that the child has started since', () => {
    assert.deepEqual(forked([901, 900, 0], 900, [900, 901]).correct([901, 502, 500], threads), [901, 900, -1]);
  });

  it('changes nothing where Python knows the main thread, has none there, or it is not clear which it is', () => {
    for (const [inC, ids] of [
      [
        [501, 502, 900],
        [501, 502, 900],
      ],
      [
        [501, 502, 503],
        [501, 502, 503],
      ],
      [
        [900, 900, 0],
        [501, 502, 503],
      ],
    ] as const) {
      const child = forked(inC, 900, [900, 501, 502, 503]);
      assert.deepEqual(child.correct(ids, threads), ids);
      assert.equal(child.wasFound, false);
    }
  });
});
