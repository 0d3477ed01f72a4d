import { CopyBuffer } from '../../memory/copyBuffer.ts';
import { type Memory, SpanPlan } from '../../memory/memory.ts';
import type { HeapFrames } from './heapFrames.ts';
import type { HeapFrameView } from './heapFrameView.ts';
import type { SampledThread } from '../threads/sampledThread.ts';

/** Looks in one walk: a read each, of 2 µs. */
const maxLooks = 8;
/** Probes in one walk: a read each, of 1.5 µs. An even number, as they are made in two orders. */
const maxProbes = 64;
/** A probe did not find the caller calling. No position of a frame. */
export const notCalling = -2;

/**
 * Looks a second time whether a caller is where it was when it was copied, and still calls the same frame: then it can't
 * have been elsewhere when that was copied, unless it came back within microseconds. The caller is copied before and after its
 * callee: a loop that takes as long as from one look to the next would be met at the same two places again and again.
 */
export class SecondLook {
  private looks = 0;
  private probes = 0;
  private readonly memory: Memory;
  private readonly frames: HeapFrames;
  private readonly view: HeapFrameView;
  private readonly plan = new SpanPlan();
  private readonly copy: CopyBuffer;

  /** @param view one of its own: it is pointed to another copy here */
  constructor(memory: Memory, frames: HeapFrames, view: HeapFrameView) {
    this.memory = memory;
    this.frames = frames;
    this.view = view;
    this.copy = new CopyBuffer(3 * view.length);
    view.look(this.copy);
  }

  /** A walk begins. */
  begin(): void {
    this.looks = 0;
    this.probes = 0;
  }

  /** Whether this walk may look once more. */
  get isAllowed(): boolean {
    return this.looks < maxLooks;
  }

  /** Whether this walk may probe once more. */
  get mayProbe(): boolean {
    return this.probes < maxProbes;
  }

  /**
   * Copies the two frames alone, one right after the other, the caller first in every other probe.
   * @param caller, callee numbers of their frames
   * @param callerCode, calleeCode low halves of their codes' addresses
   * @returns where the caller was when it called the callee (`f_lasti`); `notCalling`
   */
  probe(
    thread: Pick<SampledThread, 'addressLow' | 'addressHigh'>,
    caller: number,
    callee: number,
    callerCode: number,
    calleeCode: number,
  ): number {
    const { plan, view, frames, copy } = this;
    const { words } = copy;
    const callerFirst = this.callerComesFirst;
    this.probes++;
    plan.clear();
    plan.add(frames.addresses[callerFirst ? caller : callee]!, view.length);
    plan.add(frames.addresses[callerFirst ? callee : caller]!, view.length);
    if (this.memory.readSpans(plan, copy.bytes) < plan.totalLength) return notCalling;
    const callerAt = callerFirst ? 0 : view.length >> 2;
    const calleeAt = callerFirst ? view.length >> 2 : 0;
    if (words[callerAt + view.code] !== callerCode || !this.isCalled(thread, calleeAt, calleeCode, caller)) return notCalling;
    return words[callerAt + view.position]!;
  }

  /** Whether the next probe copies the caller first. */
  get callerComesFirst(): boolean {
    return (this.probes & 1) === 0;
  }

  /**
   * @param caller, callee numbers of their frames
   * @param position of the caller, `f_lasti`
   * @param callerCode, calleeCode low halves of their codes' addresses
   */
  stayed(
    thread: Pick<SampledThread, 'addressLow' | 'addressHigh'>,
    caller: number,
    callee: number,
    position: number,
    callerCode: number,
    calleeCode: number,
  ): boolean {
    return this.stayedAt(thread, caller, callee, this.view.position, position, callerCode, calleeCode);
  }

  /** The same for a caller without bytecode, which says its line. @param line as in its frame */
  stayedOnLine(
    thread: Pick<SampledThread, 'addressLow' | 'addressHigh'>,
    caller: number,
    callee: number,
    line: number,
    callerCode: number,
    calleeCode: number,
  ): boolean {
    return this.stayedAt(thread, caller, callee, this.view.line, line, callerCode, calleeCode, this.view.tellsNothing);
  }

  /**
   * @param word of a frame that says where in its code it is, `value` what it said
   * @param mayBeSilent the callee may be compiled, too, and not say that it executes
   */
  private stayedAt(
    thread: Pick<SampledThread, 'addressLow' | 'addressHigh'>,
    caller: number,
    callee: number,
    word: number,
    value: number,
    callerCode: number,
    calleeCode: number,
    mayBeSilent = false,
  ): boolean {
    const { plan, view, frames, copy } = this;
    const { words } = copy;
    this.looks++;
    plan.clear();
    plan.add(frames.addresses[caller]!, view.length);
    plan.add(frames.addresses[callee]!, view.length);
    plan.add(frames.addresses[caller]!, view.length);
    if (this.memory.readSpans(plan, copy.bytes) < plan.totalLength) return false;
    const calleeAt = view.length >> 2;
    const againAt = 2 * calleeAt;
    if (words[word] !== value || words[againAt + word] !== value) return false;
    if (words[view.code] !== callerCode || words[againAt + view.code] !== callerCode) return false;
    return this.isCalled(thread, calleeAt, calleeCode, caller, mayBeSilent);
  }

  /** Whether the frame at a word of the copy executes, and is linked to its caller. A frame that was used again has other code. */
  private isCalled(
    thread: Pick<SampledThread, 'addressLow' | 'addressHigh'>,
    at: number,
    code: number,
    caller: number,
    mayBeSilent = false,
  ): boolean {
    const { view, frames } = this;
    const { words } = this.copy;
    if (words[at + view.code] !== code || words[at + view.back] !== frames.low[caller] || words[at + view.back + 1] !== frames.high[caller])
      return false;
    return mayBeSilent || view.isExecuting(at << 2, thread.addressLow, thread.addressHigh);
  }
}
