import assert from 'node:assert/strict';
import type { Memory } from '../../memory/memory.ts';
import { HeapFrames } from './heapFrames.ts';
import { HeapFrameView } from './heapFrameView.ts';
import { notCalling, SecondLook } from './secondLook.ts';
import { heapLayoutOf, heapRecordings } from '../testing/recordedHeap.ts';

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

const thread = { addressLow: 0, addressHigh: 0 };

/** One that reads these places, in this order, as they are at these moments. */
function lookOf(places: readonly number[], moments: readonly Moment[]): { look: SecondLook; caller: number; callee: number } {
  const view = new HeapFrameView(layout);
  const memory: Memory = {
    read: () => false,
    readSpans(plan, target) {
      assert.deepEqual([...plan.addresses.subarray(0, plan.count)], places);
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
  return { look: new SecondLook(memory, frames, view), caller, callee };
}

/** Whether a caller stayed, by what is read of it, of its callee, and of it again. */
function stayed(moments: readonly Moment[]): boolean {
  const { look, caller, callee } = lookOf([addresses.caller, addresses.callee, addresses.caller], moments);
  return look.stayed(thread, caller, callee, 20, codes.caller, codes.callee);
}

/** Where a probe finds the caller that copies it before its callee, and where one that copies it after. */
function probed(callerIs: Moment, calleeIs: Moment): number[] {
  const order = [addresses.caller, addresses.callee];
  const moments = [callerIs, calleeIs];
  const { look, caller, callee } = lookOf(order, moments);
  const positions: number[] = [];
  for (const callerFirst of [true, false]) {
    assert.equal(look.callerComesFirst, callerFirst);
    positions.push(look.probe(thread, caller, callee, codes.caller, codes.callee));
    order.reverse();
    moments.reverse();
  }
  return positions;
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

  it('finds by probes in both orders where a caller is while its callee executes', () => {
    assert.deepEqual(probed(caller, callee), [20, 20]);
    assert.deepEqual(probed({ ...caller, position: -1 }, callee), [-1, -1]);
  });

  it('finds no caller by frames that were used again, or are not linked, or do not execute', () => {
    const none = [notCalling, notCalling];
    assert.deepEqual(probed({ ...caller, code: 0x5000 }, callee), none);
    assert.deepEqual(probed(caller, { ...callee, code: 0x5000 }), none);
    assert.deepEqual(probed(caller, { ...callee, back: 0x6000 }), none);
    assert.deepEqual(probed(caller, { ...callee, executing: 0 }), none);
  });

  it('probes and looks so many times in a walk, and no more', () => {
    const { look, caller: from, callee: to } = lookOf([addresses.caller, addresses.callee], [caller, callee]);
    let probes = 0;
    for (; look.mayProbe; probes++) {
      if (look.callerComesFirst) look.probe(thread, from, to, codes.caller, codes.callee);
      else assert.throws(() => look.probe(thread, from, to, codes.caller, codes.callee)); // the memory has the other order
    }
    assert.equal(probes, 64);
    look.begin();
    assert.deepEqual([look.mayProbe, look.callerComesFirst], [true, true]);
  });
});
