import assert from 'node:assert/strict';
import type { Memory } from '../memory/memory.ts';
import { type Region, ThreadContext } from '../os/threadContexts.ts';
import { StackCopy } from './stackCopy.ts';
import { x64 } from './x64.ts';

/** Each eight bytes hold their own address; pages from `guard` on can't be read. */
function memoryUntil(guard: number): Memory {
  return {
    read(address, target, offset, length) {
      if (address + length > guard) return false;
      const view = new DataView(target.buffer, target.byteOffset + offset, length);
      for (let at = 0; at + 8 <= length; at += 8) view.setBigUint64(at, BigInt(address + at), true);
      return true;
    },
    readSpans: () => 0,
    close: () => undefined,
  };
}

const stack: Region = { start: 0x7f00_0000_0000, end: 0x7f00_0080_0000, executable: false, name: '' };

function filled(pointer: number, guard = stack.end): StackCopy | null {
  const context = new ThreadContext();
  context.set(x64.stackPointer, pointer | 0, Math.floor(pointer / 2 ** 32));
  const copy = new StackCopy();
  return copy.fill(context, x64, memoryUntil(guard), [stack]) ? copy : null;
}

describe('StackCopy', () => {
  it('has what a function may use below the stack pointer, and the stack to its end', () => {
    const copy = filled(stack.end - 0x1238)!;
    assert.equal(copy.base, stack.end - 0x1238 - 128);
    assert.equal(copy.length, 0x1238 + 128);
    for (const address of [copy.base, stack.end - 0x1238, stack.end - 8]) assert.equal(copy.at(copy.indexOf(address)), address);
    for (const address of [copy.base - 8, stack.end, NaN]) assert(Number.isNaN(copy.at(copy.indexOf(address))));
  });

  it('ends where a page can’t be read: another thread’s stack begins there', () => {
    const guard = stack.end - 0x20_0000;
    const copy = filled(guard - 0x2_3450, guard)!;
    assert.equal(copy.base + copy.length, guard);
    assert.equal(copy.at(copy.indexOf(guard - 8)), guard - 8);
  });

  it('is bounded', () => {
    assert.equal(filled(stack.start + 0x1000)!.length, 1024 * 1024);
  });

  it('is none where the stack pointer leads nowhere', () => {
    for (const pointer of [0, stack.start - 8, stack.end, stack.end - 0x1001]) assert.equal(filled(pointer), null);
    assert.equal(filled(stack.end - 0x1000, stack.end - 0x2000), null);
  });
});
