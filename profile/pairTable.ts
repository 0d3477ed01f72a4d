const EMPTY = -1;

/** Gives every pair of 32-bit integers a dense id: 0 for the first one asked for, then 1, 2, … */
export class PairTable {
  /** Number of pairs so far. */
  length = 0;
  /** By id: first, second. Side by side, because looking a pair up costs what it misses in the cache. */
  #pairs: Int32Array;
  /** Open addressing: ids, at most half full. */
  #slots: Int32Array;
  #mask: number;

  /** `expected` pairs fit without growing. */
  constructor(expected = 32) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(32, expected)));
    this.#pairs = new Int32Array(capacity * 2);
    this.#slots = new Int32Array(capacity * 2).fill(EMPTY);
    this.#mask = capacity * 2 - 1;
  }

  /** The pair's id; a new one if the pair has none yet (then `length` has grown). */
  id(first: number, second: number): number {
    const slots = this.#slots;
    const pairs = this.#pairs;
    const mask = this.#mask;
    let slot = hash(first, second) & mask;
    for (;;) {
      const id = slots[slot]!;
      if (id === EMPTY) return this.#add(first, second, slot);
      if (pairs[id * 2] === first && pairs[id * 2 + 1] === second) return id;
      slot = (slot + 1) & mask;
    }
  }

  first(id: number): number {
    return this.#pairs[id * 2]!;
  }

  second(id: number): number {
    return this.#pairs[id * 2 + 1]!;
  }

  #add(first: number, second: number, freeSlot: number): number {
    const id = this.length++;
    let slot = freeSlot;
    if (id * 2 === this.#pairs.length) {
      this.#grow();
      slot = this.#freeSlot(first, second);
    }
    this.#pairs[id * 2] = first;
    this.#pairs[id * 2 + 1] = second;
    this.#slots[slot] = id;
    return id;
  }

  #freeSlot(first: number, second: number): number {
    let slot = hash(first, second) & this.#mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #grow(): void {
    const old = this.#pairs;
    this.#pairs = new Int32Array(old.length * 2);
    this.#pairs.set(old);
    this.#slots = new Int32Array(old.length * 2).fill(EMPTY);
    this.#mask = old.length * 2 - 1;
    for (let id = 0; id * 2 < old.length; id++) this.#slots[this.#freeSlot(old[id * 2]!, old[id * 2 + 1]!)] = id;
  }
}

/** Mixes all bits of both numbers into 32 (the finalizer of MurmurHash3). */
export function hash(first: number, second: number): number {
  let h = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
