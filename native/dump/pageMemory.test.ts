import assert from 'node:assert/strict';
import { RecordedMemory } from '../memory/recorded.ts';
import { PageMemory } from './pageMemory.ts';

const page = 4096;

function live(): RecordedMemory {
  const memory = new RecordedMemory();
  memory.put(4 * page, new Uint8Array(3 * page).fill(1));
  return memory;
}

function byteAt(memory: PageMemory, address: number): number | null {
  const target = new Uint8Array(1);
  return memory.read(address, target, 0, 1) ? target[0]! : null;
}

describe('PageMemory', () => {
  it('is of the moment of its last refresh, and knows what was missing', () => {
    const source = live();
    const memory = new PageMemory(source);
    assert.equal(byteAt(memory, 4 * page), 1);
    source.put(4 * page, new Uint8Array(3 * page).fill(2));
    assert.equal(byteAt(memory, 4 * page + 8), 1);
    const plan = memory.plan();
    const keep = memory.refresh(plan, new Uint8Array(plan.totalLength));
    source.put(4 * page, new Uint8Array(3 * page).fill(3));
    keep();
    memory.fetching = 'never';
    assert.equal(byteAt(memory, 4 * page + 8), 2);
    assert.equal(byteAt(memory, 5 * page), null);
    assert.deepEqual([...memory.missing], [5]);
    memory.learn();
    assert.equal(byteAt(memory, 5 * page), 3);
  });

  it('reads across pages, up to what there is', () => {
    const memory = new PageMemory(live());
    const target = new Uint8Array(2 * page);
    assert.ok(memory.read(5 * page - 10, target, 0, page + 20));
    assert.ok(target.subarray(0, page + 20).every((byte) => byte === 1));
    assert.equal(memory.read(6 * page, target, 0, page + 1), false);
    for (const address of [0, 8, -1, NaN, 2 ** 47, 2 ** 60]) assert.equal(byteAt(memory, address), null);
    // One call for neighbours.
    assert.equal(memory.plan().count, 1);
  });
});
