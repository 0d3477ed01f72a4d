import { type Memory, SpanPlan } from '../memory/memory.ts';
import type { HeapFrames } from './heapFrames.ts';
import type { HeapFrameView } from './heapFrameView.ts';
import type { SampledThread } from './sampledThread.ts';
import { CopyBuffer } from './walker.ts';

/** Looks in one walk: a read each, of 2 µs. */
const maxLooks = 8;

/**
 * Looks a second time whether a caller is where it was when it was copied, and still calls the same frame: then it can't
 * have been elsewhere when that was copied, unless it came back within microseconds.
 */
export class SecondLook {
  private looks = 0;
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
    this.copy = new CopyBuffer(2 * view.length);
    view.look(this.copy);
  }

  /** A walk begins. */
  begin(): void {
    this.looks = 0;
  }

  /** Whether this walk may look once more. */
  get isAllowed(): boolean {
    return this.looks < maxLooks;
  }

  /** @param caller, callee numbers of their frames @param position of the caller, `f_lasti` */
  stayed(thread: SampledThread, caller: number, callee: number, position: number): boolean {
    const { plan, view, frames, copy } = this;
    const { words } = copy;
    this.looks++;
    plan.clear();
    plan.add(frames.addresses[caller]!, view.length);
    plan.add(frames.addresses[callee]!, view.length);
    if (this.memory.readSpans(plan, copy.bytes) < plan.totalLength) return false;
    const calleeAt = view.length >> 2;
    const isCalled = words[calleeAt + view.back] === frames.low[caller] && words[calleeAt + view.back + 1] === frames.high[caller];
    return isCalled && words[view.position] === position && view.isExecuting(view.length, thread.addressLow, thread.addressHigh);
  }
}
