import type { HeapFrameLayout } from '../../cpython/layout.ts';
import type { CopyBuffer } from '../../memory/copyBuffer.ts';

/** PyFrameState of 3.10, Include/cpython/frameobject.h. */
const FrameState = { Executing: 0, Returned: 1, Unwinding: 2, Raised: 3 } as const;

/** Reads frame objects in a copy of the target's memory. Offsets are the copy's. */
export class HeapFrameView {
  /** Bytes of a frame to copy. */
  readonly length: number;
  /** Words from a frame to its members. */
  readonly back: number;
  readonly code: number;
  readonly position: number;
  readonly line: number;

  private words = new Int32Array(0);
  private bytes = new Uint8Array(0);
  private readonly referencesWord: number;
  private readonly stateByte: number;
  private readonly stateStyle: HeapFrameLayout['frame']['stateStyle'];
  private readonly stackTopWord: number;
  private readonly threadWord: number;

  constructor({ frame }: HeapFrameLayout) {
    this.length = (Math.max(frame.code, frame.lastInstruction, frame.line, frame.state, frame.stackTop, frame.threadState) + 8 + 7) & ~7;
    this.back = frame.back >> 2;
    this.code = frame.code >> 2;
    this.position = frame.lastInstruction >> 2;
    this.line = frame.line >> 2;
    this.referencesWord = frame.referenceCount >> 2;
    this.stateByte = frame.state;
    this.stateStyle = frame.stateStyle;
    this.stackTopWord = frame.stackTop >> 2;
    this.threadWord = frame.threadState >> 2;
  }

  look(copy: CopyBuffer): void {
    this.words = copy.words;
    this.bytes = copy.bytes;
  }

  /** To 3.3 frames don't say whether they execute, but for what the interpreter leaves in them when it executes them. */
  get tellsNothing(): boolean {
    return this.stateStyle === 'none';
  }

  /** Whether it is a frame at all: it was not freed, and its references are counted. */
  isAlive(offset: number): boolean {
    return this.words[(offset >> 2) + this.referencesWord] !== 0;
  }

  /** Whether a frame that is not the innermost one may be what it seems. */
  mayCall(offset: number): boolean {
    if (this.stateStyle === 'executing') return this.bytes[offset + this.stateByte] !== 0;
    // A frame that returns or raises may call a tracing function still (Python/ceval.c, `exiting`).
    if (this.stateStyle === 'state') return this.bytes[offset + this.stateByte]! <= FrameState.Raised;
    return this.stackTopIsNull(offset);
  }

  /** @param threadLow address of the thread state, two halves: to 3.3 frames know it, and nothing else tells */
  isExecuting(offset: number, threadLow: number, threadHigh: number): boolean {
    const { words, bytes } = this;
    if (!this.isAlive(offset)) return false;
    if (this.stateStyle === 'executing') return bytes[offset + this.stateByte] !== 0;
    if (this.stateStyle === 'state')
      return bytes[offset + this.stateByte] === FrameState.Executing || bytes[offset + this.stateByte] === FrameState.Unwinding;
    const at = (offset >> 2) + this.threadWord;
    return this.stackTopIsNull(offset) && words[at] === threadLow && words[at + 1] === threadHigh;
  }

  private stackTopIsNull(offset: number): boolean {
    const at = (offset >> 2) + this.stackTopWord;
    return (this.words[at]! | this.words[at + 1]!) === 0;
  }
}
