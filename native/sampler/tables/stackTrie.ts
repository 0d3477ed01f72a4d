import { grown } from './grown.ts';

/** Where the numbers of passing stacks begin: above those of all that last. */
const firstPassing = 2 ** 30;

/**
 * All stacks seen so far, as a trie of (parent stack, frame) pairs: a stack is one integer, and two
 * equal stacks are the same integer. Open addressing in typed arrays; nothing is allocated per
 * lookup. Stack 0 is the empty one.
 *
 * There is room for so many that last. Those that come after them are passing: they have numbers until they are forgotten, all at
 * once, and are no part of a profile, which has what they were cut off (`cutAbove`).
 */
export class StackTrie {
  /** Per stack that lasts: the stack below its innermost frame. */
  parents = new Int32Array(1024);
  /** Per stack that lasts: its innermost frame. */
  frames = new Int32Array(1024);
  /** Number of stacks that last, the empty one included. */
  count = 1;

  private slots = new Int32Array(4096);
  private shift = 32 - 12;
  private readonly capacity: number;
  private readonly cutFrame: () => number;
  /** The frame that stands for what found no room any more; −1: there was room for all. */
  private cut = -1;
  private readonly passing: PassingStacks;

  /**
   * @param cutFrame stands for what lies above a stack when there are `capacity` of them, so that profiles stay bounded and
   *   nothing is taken for something else
   * @param capacity most stacks that last and end in another frame: with them the trie takes up to 128 MB
   * @param passing most stacks that pass, until they are forgotten
   */
  constructor(cutFrame: () => number, capacity = 1 << 21, passing = 1 << 18) {
    this.cutFrame = cutFrame;
    this.capacity = capacity;
    this.passing = new PassingStacks(passing);
  }

  /** Whether a stack ends where there was no room for more. */
  isCut(stack: number): boolean {
    return this.cut >= 0 && stack !== 0 && this.frames[stack] === this.cut;
  }

  /** Whether a stack is no part of the profile, and has its number only until `forgetPassing`. */
  isPassing(stack: number): boolean {
    return stack >= firstPassing;
  }

  /** Whether the passing ones should be forgotten before many more are seen. */
  get isCrowded(): boolean {
    return this.passing.isCrowded;
  }

  /** Whoever keeps the number of a passing stack must forget it before. */
  forgetPassing(): void {
    this.passing.clear();
  }

  /** The stack that has `frame` on top of `parent`; a new one if it was never seen. */
  child(parent: number, frame: number): number {
    return parent >= firstPassing ? this.passingChild(parent, frame) : this.childOf(parent, frame, false);
  }

  /** As `child`, but lasts in any case. For a few: they have no bound. */
  lastingChild(parent: number, frame: number): number {
    return this.childOf(parent, frame, true);
  }

  /** What lasts of a passing stack: its outer part, with what stands for the rest on top. */
  cutAbove(stack: number): number {
    const below = this.lastingPart(stack);
    if (this.isCut(below)) return below;
    if (this.cut < 0) this.cut = this.cutFrame();
    // Twice as many at most: each of the others may be cut.
    return this.childOf(below, this.cut, true);
  }

  /** The outer part that lasts. */
  lastingPart(stack: number): number {
    while (stack >= firstPassing) stack = this.passing.parent(stack - firstPassing);
    return stack;
  }

  parentOf(stack: number): number {
    return stack >= firstPassing ? this.passing.parent(stack - firstPassing) : this.parents[stack]!;
  }

  /** The innermost frame; means nothing for stack 0. */
  frameOf(stack: number): number {
    return stack >= firstPassing ? this.passing.frame(stack - firstPassing) : this.frames[stack]!;
  }

  private childOf(parent: number, frame: number, lasts: boolean): number {
    const slots = this.slots;
    const mask = slots.length - 1;
    let slot = Math.imul(Math.imul(parent, 0x85ebca6b) ^ frame, 0x9e3779b1) >>> this.shift;
    for (;;) {
      const stack = slots[slot]!;
      if (stack === 0) return lasts || this.count < this.capacity ? this.insert(parent, frame, slot) : this.passingChild(parent, frame);
      if (this.frames[stack] === frame && this.parents[stack] === parent) return stack;
      slot = (slot + 1) & mask;
    }
  }

  private passingChild(parent: number, frame: number): number {
    if (parent < firstPassing && this.isCut(parent)) return parent;
    const found = this.passing.child(parent, frame);
    return found < 0 ? this.cutAbove(parent) : firstPassing + found;
  }

  private insert(parent: number, frame: number, slot: number): number {
    const stack = this.count;
    if (stack === this.parents.length) {
      this.parents = grown(this.parents, new Int32Array(2 * stack));
      this.frames = grown(this.frames, new Int32Array(2 * stack));
    }
    this.parents[stack] = parent;
    this.frames[stack] = frame;
    this.slots[slot] = stack;
    this.count++;
    if (this.count * 2 > this.slots.length) this.rehash();
    return stack;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 4);
    const mask = slots.length - 1;
    this.shift -= 2;
    for (let stack = 1; stack < this.count; stack++) {
      let slot = Math.imul(Math.imul(this.parents[stack]!, 0x85ebca6b) ^ this.frames[stack]!, 0x9e3779b1) >>> this.shift;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = stack;
    }
    this.slots = slots;
  }
}

/** Stacks that found no room among those that last, numbered from 0 until they are forgotten. Takes no memory before there is one. */
class PassingStacks {
  private readonly capacity: number;
  private parents = new Int32Array(0);
  private frames = new Int32Array(0);
  /** Numbers plus 1; at most a quarter is in use. */
  private slots = new Int32Array(0);
  private count = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get isCrowded(): boolean {
    return this.count * 2 > this.capacity;
  }

  parent(at: number): number {
    return this.parents[at]!;
  }

  frame(at: number): number {
    return this.frames[at]!;
  }

  /** @returns −1 when there is no room */
  child(parent: number, frame: number): number {
    if (this.slots.length === 0) {
      this.parents = new Int32Array(this.capacity);
      this.frames = new Int32Array(this.capacity);
      this.slots = new Int32Array(2 ** Math.ceil(Math.log2(this.capacity * 4)));
    }
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = (Math.imul(Math.imul(parent, 0x85ebca6b) ^ frame, 0x9e3779b1) >>> 7) & mask;
    for (;;) {
      const at = slots[slot]! - 1;
      if (at < 0) break;
      if (this.frames[at] === frame && this.parents[at] === parent) return at;
      slot = (slot + 1) & mask;
    }
    if (this.count === this.capacity) return -1;
    const at = this.count++;
    this.parents[at] = parent;
    this.frames[at] = frame;
    slots[slot] = at + 1;
    return at;
  }

  clear(): void {
    if (this.count > 0) this.slots.fill(0);
    this.count = 0;
  }
}

/** A copy of twice the length. */
export function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  return grown(array, new Int32Array(array.length * 2));
}
