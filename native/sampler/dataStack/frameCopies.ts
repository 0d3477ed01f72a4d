import { type DataStackLayout, FrameOwner } from '../../cpython/layout.ts';
import type { Memory } from '../../memory/memory.ts';
import type { CodeCache } from '../code/codeCache.ts';
import type { SampledThread } from '../threads/sampledThread.ts';

export const two32 = 2 ** 32;
/** Frames read separately in one walk; where there are more, samples are partial until all are known. */
export const maxReads = 256;
/** Most bytes of a separately read frame. */
export const linkRoom = 2048;
/** Ticks after which a linked frame that was not met again is no longer copied. */
export const linkLifetime = 64;
/** The usual size of a thread's C stack. */
const cStackLength = 8 << 20;
/**
 * Most bytes from the start of a frame object to a frame that is a part of it: 48 to 72 where CPython made both (`_f_frame_data`,
 * pycore_frame.h), 72 to 96 in Nuitka's `struct Nuitka_FrameObject`, 16 more in free-threaded builds. The frame object that lies
 * right before a generator is no nearer to the generator's frame than 200: it has a frame's room itself, and a generator's
 * members follow.
 */
export const insideFrameObject = 128;
/** Bytes of 3.11's and 3.12's cframe that matter (`_PyCFrame`, Include/cpython/pystate.h). */
const cframeLength = 24;

/**
 * What is read of frames: the fields of those in a copy, and copies of frames and objects outside the data stack. What recent samples
 * met is copied along with the rest; what is new is read by itself, once.
 */
export abstract class FrameCopies {
  /** The set of linked frames of some thread changed: the plan must be made anew. */
  changed = false;

  words!: Int32Array;
  protected bytes!: Uint8Array;
  /** Where separately read frames go: behind the copy. */
  protected spare = 0;
  protected spareEnd = 0;
  protected reads = 0;
  /** Tick of the copy. */
  now = 0;

  protected readonly memory: Memory;
  protected readonly codes: CodeCache;
  protected readonly layout: DataStackLayout;
  protected readonly hasStackTop: boolean;
  protected readonly codeWord: number;
  protected readonly previousWord: number;
  protected readonly instructionWord: number;
  protected readonly stackWord: number;
  protected readonly ownerByte: number;
  protected readonly localsPlus: number;
  /** −1: there are no copies of bytecode. */
  protected readonly copyWord: number;
  protected readonly frameObject: number;
  protected readonly objectFrame: number;
  protected readonly objectLine: number;

  constructor(memory: Memory, layout: DataStackLayout, codes: CodeCache) {
    this.memory = memory;
    this.layout = layout;
    this.codes = codes;
    const { frame } = layout;
    this.hasStackTop = frame.stackTop >= 0;
    this.codeWord = frame.code >> 2;
    this.previousWord = frame.previous >> 2;
    this.instructionWord = frame.instruction >> 2;
    this.stackWord = (this.hasStackTop ? frame.stackTop : frame.stackPointer) >> 2;
    this.ownerByte = frame.owner;
    this.localsPlus = frame.localsPlus;
    this.copyWord = frame.bytecodeCopy === undefined ? -1 : frame.bytecodeCopy >> 2;
    this.frameObject = frame.object;
    this.objectFrame = layout.frameObject.frame;
    this.objectLine = layout.frameObject.line;
  }

  /** The copy that is looked at: `words` and `bytes` are views of the same memory; `spare` bytes on are free. */
  use(words: Int32Array, bytes: Uint8Array, spare: number, now: number): void {
    this.words = words;
    this.bytes = bytes;
    this.spare = spare;
    this.spareEnd = bytes.length;
    this.now = now;
  }

  /** A walk begins: it may make its share of separate reads. */
  begin(): void {
    this.reads = 0;
  }

  /**
   * Index of the code unit a frame is at; −1 when its instruction pointer lies outside its code.
   * @param copy of the code's bytecode that it runs (CodeCache.instructionsOfCopy)
   */
  unitOf(code: number, instruction: number, copy: number): number {
    const first = copy === 0 ? this.codes.instructionsLow[code]! : this.codes.instructionsOfCopy(code, copy);
    if (first === 0) return -1;
    const distance = (instruction - first) | 0;
    if (distance < 0) return this.hasStackTop && distance >= -2 ? 0 : -1; // prev_instr of a frame that has not begun
    const unit = distance >> 1;
    return unit < this.codes.unitCount[code]! ? unit : -1;
  }

  /** Offset of the copied pointer to the thread's current frame, −1 when it can't be read. */
  hintOffset(thread: SampledThread): number {
    const { threadState } = this.layout;
    if (threadState.currentFrame >= 0) return thread.stateOffset + threadState.currentFrame;
    return this.hintBehind(thread, (thread.stateOffset + threadState.cframe) >> 2);
  }

  /** The thread state itself says which frame is the current one (3.13+). */
  get hasCurrentFrame(): boolean {
    return this.layout.threadState.currentFrame >= 0;
  }

  /** The same as `hintOffset`, of the evaluation that called the one of a hint (`_PyCFrame.previous`, Include/cpython/pystate.h). */
  outerHint(thread: SampledThread, hint: number): number {
    return this.hintBehind(thread, (hint + 8) >> 2);
  }

  /** @param at word of the copy that holds a pointer to a `_PyCFrame` */
  protected hintBehind(thread: SampledThread, at: number): number {
    const { cframeCurrentFrame } = this.layout;
    const low = this.words[at]!;
    const high = this.words[at + 1]!;
    if ((low | high) === 0 || (low & 7) !== 0 || high < 0 || high > 0x7fff) return -1;
    const known = thread.findLinked(low, high);
    if (known >= 0) {
      thread.linkedUsed[known] = this.now;
      return thread.linkedOffsets[known]! + cframeCurrentFrame;
    }
    const offset = this.readApart(low, high, cframeLength);
    if (offset < 0) return -1;
    thread.addLinked(low, high, cframeLength, offset, this.now);
    this.changed = true;
    return offset + cframeCurrentFrame;
  }

  /** Where in the target the pointer to the thread's current frame is, which `hintOffset` found in the copy. */
  protected hintAddress(thread: SampledThread): number {
    const { threadState, cframeCurrentFrame } = this.layout;
    if (threadState.currentFrame >= 0) return thread.address + threadState.currentFrame;
    const at = (thread.stateOffset + threadState.cframe) >> 2;
    return (this.words[at]! >>> 0) + (this.words[at + 1]! >>> 0) * two32 + cframeCurrentFrame;
  }

  /** Whether a frame that was read again is where its copy at `frameOffset` was. */
  protected isWhere(again: Int32Array, offset: number, frameOffset: number): boolean {
    const now = offset >> 2;
    const then = frameOffset >> 2;
    const { words, instructionWord, stackWord } = this;
    return again[now + instructionWord] === words[then + instructionWord] && again[now + stackWord] === words[then + stackWord];
  }

  /** Whether two copies of a frame run the same code for the same caller. */
  protected isSame(one: number, other: number): boolean {
    const { words, codeWord, previousWord } = this;
    return (
      words[(one >> 2) + codeWord] === words[(other >> 2) + codeWord] &&
      words[(one >> 2) + previousWord] === words[(other >> 2) + previousWord]
    );
  }

  /** Copies memory to behind the copy. @returns its offset, or −1 */
  protected readApart(low: number, high: number, length: number): number {
    const offset = this.spare;
    if (this.reads === maxReads || offset + length > this.spareEnd) return -1;
    this.reads++;
    if (!this.memory.read((low >>> 0) + (high >>> 0) * two32, this.bytes, offset, length)) return -1;
    this.spare = offset + ((length + 7) & ~7);
    return offset;
  }

  /**
   * The line of a frame that is part of its own frame object, and no generator's, whatever it says of its owner: Nuitka calls its frames
   * a generator's, so that CPython leaves them alone.
   * @returns −1: it is not; 0: its position tells
   */
  lineOf(thread: SampledThread, offset: number, low: number, high: number): number {
    const at = (offset + this.frameObject) >> 2;
    const objectLow = this.words[at]!;
    const objectHigh = this.words[at + 1]!;
    const distance = (low - objectLow) | 0;
    if (distance <= 0 || distance > insideFrameObject || objectHigh !== (low >>> 0 < distance ? high - 1 : high)) return -1;
    const object = this.objectMemory(thread, objectLow, objectHigh, (this.objectLine + 8) & ~7);
    if (object < 0) return -1;
    const frame = (object + this.objectFrame) >> 2;
    if (this.words[frame] !== low || this.words[frame + 1] !== high) return -1;
    thread.lastRootFrames = this.now;
    return Math.max(0, this.words[(object + this.objectLine) >> 2]!);
  }

  /**
   * Offset of the copy of a frame outside the data stack. One that was not copied is read by itself now
   * and copied along from the next sample on.
   * @returns −1 when it can't be read
   */
  linkedFrame(thread: SampledThread, low: number, high: number): number {
    if ((low & 7) !== 0 || high < 0 || high > 0x7fff) return -1;
    const known = thread.findLinked(low, high);
    if (known >= 0) {
      thread.linkedUsed[known] = this.now;
      return thread.linkedOffsets[known]!;
    }
    const offset = this.readApart(low, high, this.localsPlus);
    if (offset < 0) return -1;
    const owner = this.bytes[offset + this.ownerByte]!;
    let length = this.localsPlus;
    if (owner === FrameOwner.Generator) {
      const code = this.codeAt(offset);
      if (code === 0) return -1;
      // Once more, whole: its value stack tells what it iterates over.
      const whole = Math.min(this.codes.frameLength[code]!, linkRoom);
      const address = (low >>> 0) + (high >>> 0) * two32;
      if (offset + whole <= this.spareEnd && this.memory.read(address, this.bytes, offset, whole)) {
        length = whole;
        this.spare = offset + ((whole + 7) & ~7);
      }
    } else if (!isTrampoline(owner) && this.lineOf(thread, offset, low, high) < 0) {
      return offset;
    }
    thread.addLinked(low, high, length, offset, this.now);
    this.changed = true;
    return offset;
  }

  /** Offset of the copy of an object's memory, which is copied along from now on; −1 when it can't be read. */
  protected objectMemory(thread: SampledThread, low: number, high: number, length: number): number {
    if ((low & 7) !== 0 || high < 0 || high > 0x7fff) return -1;
    // Behind the reference count, which nobody needs: so it is never taken for a frame, which begins at a multiple of 8.
    const start = low + 4;
    const known = thread.findLinked(start, high);
    if (known >= 0 && thread.linkedLengths[known]! >= length - 4) {
      thread.linkedUsed[known] = this.now;
      return thread.linkedOffsets[known]! - 4;
    }
    const offset = this.readApart(start, high, length - 4);
    if (offset < 0) return -1;
    this.changed = true;
    if (known >= 0) {
      thread.linkedLengths[known] = length - 4;
      thread.linkedOffsets[known] = offset;
    } else {
      thread.addLinked(start, high, length - 4, offset, this.now);
    }
    return offset - 4;
  }

  protected kindOf(offset: number): number {
    const code = this.codeAt(offset);
    const unit = code === 0 ? -1 : this.unitAt(offset, code);
    return unit < 0 ? 0 : this.codes.kindOfUnit[this.codes.unitBase[code]! + unit]!;
  }

  protected unitAt(offset: number, code: number): number {
    const at = offset >> 2;
    return this.unitOf(code, this.words[at + this.instructionWord]!, this.copyAt(offset));
  }

  /** Number of the copy of its code's bytecode that the frame at an offset runs. */
  protected copyAt(offset: number): number {
    return this.copyWord < 0 ? 0 : this.words[(offset >> 2) + this.copyWord]!;
  }

  protected codeAt(offset: number): number {
    const at = (offset >> 2) + this.codeWord;
    const low = this.hasStackTop ? this.words[at]! : this.words[at]! & ~3;
    return low === 0 ? 0 : this.codes.find(low, this.words[at + 1]!);
  }

  protected isSuspended(offset: number): boolean {
    const at = (offset >> 2) + this.stackWord;
    return this.hasStackTop ? this.words[at]! >= 0 : (this.words[at]! | this.words[at + 1]!) !== 0;
  }

  /** Whether an address is probably one of the thread's C stack: near the last trampoline met there. */
  onCStack(thread: SampledThread, low: number, high: number): boolean {
    return high === thread.trampolineHigh && Math.abs((low - thread.trampolineLow) | 0) < cStackLength;
  }

  onDataStack(thread: SampledThread, low: number, high: number): boolean {
    for (let i = 0; i < thread.chunkCount; i++) {
      const distance = (low - thread.chunkLow[i]!) | 0;
      if (high === thread.chunkHigh[i] && distance >= 0 && distance < Math.max(thread.chunkLengths[i]!, 16384)) return true;
    }
    return false;
  }
}

/** FRAME_OWNED_BY_CSTACK or FRAME_OWNED_BY_INTERPRETER (enum _frameowner, pycore_frame.h): 3 to 3.13, then 4 and 3. */
export function isTrampoline(owner: number): boolean {
  return owner === 3 || owner === 4;
}
