import type { Memory } from '../memory/memory.ts';
import { rangeAt } from '../memory/ranges.ts';
import { type Region, registerCount, type ThreadContext } from '../os/threadContexts.ts';
import type { Architecture } from './architecture.ts';

/** Bytes of a stack that are copied at most; what lies further out is not unwound. */
const maxStack = 1024 * 1024;
/** Bytes that are copied in one piece at first. */
const pieceSize = 16 * 1024;
const pageSize = 4096;
/** An offset that no copy reaches, and that stays one if any offset of a rule's is added in 32 bits. */
const nowhere = -(2 ** 30);
/** Words before the stack: the registers. */
const stackAt = 2 * registerCount;

/**
 * A thread's registers, and its stack as it was at the same moment, in one array: registers are followed as places in it, since a
 * function's caller has them where the function saved them.
 */
export class StackCopy {
  /** Registers, two words each, then the stack. */
  words = new Int32Array(stackAt + pageSize / 4);
  /** Address of the first byte of the stack that was copied. */
  base = 0;
  /** Bytes of it. */
  length = 0;
  /** A bit for each register that is known. */
  known = 0;
  private bytes = new Uint8Array(this.words.buffer);

  /**
   * Copies a thread's stack, from its stack pointer to its end.
   * @param regions what is mapped
   * @returns false when the stack pointer points nowhere, or it can't be read
   */
  fill(context: ThreadContext, architecture: Architecture, memory: Memory, regions: readonly Region[]): boolean {
    const pointer = context.get(architecture.stackPointer);
    const region = rangeAt(regions, pointer);
    if (region === null || pointer % 8 !== 0) return false;
    const base = Math.max(region.start, pointer - architecture.redZone);
    const most = Math.min(region.end - base, maxStack);
    this.reserve(Math.min(most, pieceSize));
    this.words.set(context.words);
    this.known = context.known;
    this.base = base;
    this.length = 0;
    // Several threads' stacks may be one mapping, with pages between them that can't be read (MADV_GUARD_INSTALL, Linux 6.13).
    for (let step = pieceSize; this.length < most && step >= pageSize;) {
      const length = Math.min(step - ((base + this.length) % pageSize), most - this.length);
      this.reserve(this.length + length);
      if (memory.read(base + this.length, this.bytes, 4 * stackAt + this.length, length)) this.length += length;
      else step /= 2;
    }
    return this.length > architecture.redZone;
  }

  /** Index of the word at an address; −1 when those eight bytes are not in the copy. */
  indexOf(address: number): number {
    return this.indexAt(this.offsetOf(address));
  }

  /** Bytes from the copy's start to an address, as a small integer; far below 0 for one that is nowhere near. */
  offsetOf(address: number): number {
    const offset = address - this.base;
    return offset > nowhere && offset < -nowhere ? offset | 0 : nowhere;
  }

  /** Index of the word so many bytes from the copy's start; −1 when those eight bytes are not in the copy. */
  indexAt(offset: number): number {
    return offset >= 0 && offset + 8 <= this.length && (offset & 3) === 0 ? stackAt + (offset >> 2) : -1;
  }

  /** The eight bytes at an index as a number, exact below 2^53; NaN at −1. */
  at(index: number): number {
    return index < 0 ? NaN : (this.words[index]! >>> 0) + (this.words[index + 1]! >>> 0) * 2 ** 32;
  }

  private reserve(length: number): void {
    const needed = stackAt + Math.ceil(length / 8) * 2;
    if (needed <= this.words.length) return;
    const larger = new Int32Array(stackAt + (Math.ceil(length / pieceSize) * pieceSize) / 4);
    larger.set(this.words);
    this.words = larger;
    this.bytes = new Uint8Array(larger.buffer);
  }
}
