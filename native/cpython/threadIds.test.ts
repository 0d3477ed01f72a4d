import assert from 'node:assert/strict';
import { RecordedMemory } from '../memory/recorded.ts';
import { ThreadIds } from './threadIds.ts';

const descriptor = 0x9000;
const threads = [0x10000, 0x20000, 0x30000];
const ids = [501, 502, 503];

/** C-library structures of 2 KiB that hold the id at an offset, and other numbers around it. */
function memoryWith(offset: number): RecordedMemory {
  const memory = new RecordedMemory();
  for (const [index, thread] of threads.entries()) {
    const bytes = Buffer.alloc(2048);
    bytes.writeInt32LE(500, 16); // the process's own id: the same in all
    bytes.writeInt32LE(ids[index]!, offset);
    memory.put(thread, bytes);
  }
  return memory;
}

function described(memory: RecordedMemory, ...words: readonly number[]): RecordedMemory {
  const bytes = Buffer.alloc(12);
  words.forEach((word, index) => bytes.writeUInt32LE(word, 4 * index));
  memory.put(descriptor, bytes);
  return memory;
}

describe('ThreadIds', () => {
  it('reads where the C library says they are', () => {
    // { 32 bits, 1 of them, offset }: 720 in glibc 2.31 to 2.43
    const known = new ThreadIds(described(memoryWith(720), 32, 1, 720), descriptor, () => assert.fail('it need not ask for tasks'));
    assert.deepEqual(known.of(threads), ids);
    assert.deepEqual(known.of([threads[2]!, threads[0]!]), [503, 501]);
  });

  it('finds them by the tasks there are where it says nothing', () => {
    for (const descriptorWords of [null, [64, 1, 720], [32, 2, 720], [32, 1, 1 << 20]] as const) {
      const memory = memoryWith(56); // musl: pthread.tid
      if (descriptorWords !== null) described(memory, ...descriptorWords);
      const found = new ThreadIds(memory, descriptorWords === null ? 0 : descriptor, () => [500, 501, 502, 503]);
      assert.deepEqual(found.of(threads), ids);
    }
  });

  it('does not take a number that is the same in all threads, or no task’s, for their ids', () => {
    const found = new ThreadIds(memoryWith(56), 0, () => [500, 501, 502]);
    assert.deepEqual(found.of(threads), [0, 0, 0]);
    assert.deepEqual(found.of([]), []);
  });

  it('looks again when threads have come since', () => {
    let tasks = [500];
    const memory = memoryWith(56);
    const found = new ThreadIds(memory, 0, () => tasks);
    assert.deepEqual(found.of(threads), [0, 0, 0]);
    tasks = [500, ...ids];
    assert.deepEqual(found.of(threads), ids);
  });

  it('says 0 for threads whose structure can’t be read', () => {
    const known = new ThreadIds(described(memoryWith(720), 32, 1, 720), descriptor, () => []);
    assert.deepEqual(known.of([0x50000, threads[1]!, NaN]), [0, 502, 0]);
  });
});
