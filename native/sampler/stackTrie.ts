/**
 * All stacks seen so far, as a trie of (parent stack, frame) pairs: a stack is one integer, and two
 * equal stacks are the same integer. Open addressing in typed arrays; nothing is allocated per
 * lookup. Stack 0 is the empty one.
 */
export class StackTrie {
  /** Per stack: the stack below its innermost frame. */
  parents = new Int32Array(1024);
  /** Per stack: its innermost frame. */
  frames = new Int32Array(1024);
  /** Number of stacks, the empty one included. */
  count = 1;

  private slots = new Int32Array(4096);
  private shift = 32 - 12;
  private readonly capacity: number;
  private readonly cutFrame: () => number;
  /** The frame that stands for what found no room any more; −1: there was room for all. */
  private cut = -1;

  /**
   * @param cutFrame stands for what lies above a stack when there are `capacity` of them, so that profiles stay bounded and nothing is taken for something else
   * @param capacity most stacks that end in another frame
   */
  constructor(cutFrame: () => number, capacity = 1 << 24) {
    this.cutFrame = cutFrame;
    this.capacity = capacity;
  }

  /** Whether a stack ends where there was no room for more. */
  isCut(stack: number): boolean {
    return this.cut >= 0 && stack !== 0 && this.frames[stack] === this.cut;
  }

  /** The stack that has `frame` on top of `parent`; a new one if it was never seen. */
  child(parent: number, frame: number): number {
    const slots = this.slots;
    const mask = slots.length - 1;
    let slot = Math.imul(Math.imul(parent, 0x85ebca6b) ^ frame, 0x9e3779b1) >>> this.shift;
    for (;;) {
      const stack = slots[slot]!;
      if (stack === 0) return this.insert(parent, frame, slot);
      if (this.frames[stack] === frame && this.parents[stack] === parent) return stack;
      slot = (slot + 1) & mask;
    }
  }

  private insert(parent: number, frame: number, slot: number): number {
    const stack = this.count;
    if (stack >= this.capacity) {
      if (this.isCut(parent)) return parent;
      if (this.cut < 0) this.cut = this.cutFrame();
      // Twice as many at most: each of the others may be cut.
      if (frame !== this.cut) return this.child(parent, this.cut);
    }
    if (stack === this.parents.length) {
      this.parents = doubled(this.parents);
      this.frames = doubled(this.frames);
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

/** A copy of twice the length. */
export function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(array.length * 2);
  copy.set(array);
  return copy;
}
