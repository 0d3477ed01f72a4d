import assert from 'node:assert/strict';
import type { Memory } from '../memory/memory.ts';
import { HeapFrames } from './heapFrames.ts';
import { HeapFrameView } from './heapFrameView.ts';
import { SecondLook } from './secondLook.ts';
import { heapLayoutOf, heapRecordings } from './testing/recordedHeap.ts';

const layout = heapLayoutOf(heapRecordings.find(({ version }) => version.startsWith('3.8'))!);
const { frame } = layout;
const addresses = { caller: 0x1000, callee: 0x2000 };
const codes = { caller: 0x3000, callee: 0x4000 };

/** What a frame's memory says at one of the three moments of a look. */
interface Moment {
  readonly back?: number;
  readonly code: number;
  readonly position: number;
  readonly executing?: number;
}

/** Whether a caller stayed, by what is read of it, of its callee, and of it again. */
function stayed(moments: readonly Moment[]): boolean {
  const view = new HeapFrameView(layout);
  const memory: Memory = {
    read: () => false,
    readSpans(plan, target) {
      assert.deepEqual([...plan.addresses.subarray(0, plan.count)], [addresses.caller, addresses.callee, addresses.caller]);
      const bytes = new DataView(target.buffer, target.byteOffset);
      moments.forEach(({ back = 0, code, position, executing = 1 }, i) => {
        const at = i * view.length;
        bytes.setInt32(at, 1, true);
        bytes.setInt32(at + frame.back, back, true);
        bytes.setInt32(at + frame.code, code, true);
        bytes.setInt32(at + frame.lastInstruction, position, true);
        bytes.setUint8(at + frame.state, executing);
      });
      return plan.totalLength;
    },
    close: () => undefined,
  };
  const frames = new HeapFrames();
  const [caller, callee] = [frames.add(addresses.caller, 0, 0, 0), frames.add(addresses.callee, 0, 0, 0)];
  const thread = { addressLow: 0, addressHigh: 0 };
  return new SecondLook(memory, frames, view).stayed(thread, caller, callee, 20, codes.caller, codes.callee);
}

const caller: Moment = { code: codes.caller, position: 20 };
const callee: Moment = { back: addresses.caller, code: codes.callee, position: 4 };

describe('SecondLook', () => {
  it('finds a caller that stayed, before its callee executed and after', () => {
    assert(stayed([caller, callee, caller]));
  });

  it('does not take a caller for one that stayed when it was elsewhere before or after', () => {
    assert(!stayed([{ ...caller, position: 22 }, callee, caller]));
    assert(!stayed([caller, callee, { ...caller, position: 22 }]));
  });

  it('does not take frames for the same that were used again, or are not linked, or do not execute', () => {
    assert(!stayed([{ ...caller, code: 0x5000 }, callee, caller]));
    assert(!stayed([caller, callee, { ...caller, code: 0x5000 }]));
    assert(!stayed([caller, { ...callee, code: 0x5000 }, caller]));
    assert(!stayed([caller, { ...callee, back: 0x6000 }, caller]));
    assert(!stayed([caller, { ...callee, executing: 0 }, caller]));
  });
});
