import { PairTable } from '../pairTable.ts';

/** Stacks by parent and leaf frame; parents have smaller ids, and stack 0 is the empty one. */
export interface StackTable {
  readonly length: number;
  /** May be longer than there are stacks, like `frames`. */
  readonly parents: Uint32Array;
  readonly frames: Uint32Array;
}

/** Makes stacks, each once. */
export class StackMaker {
  readonly #pairs: PairTable;

  /** @param expected about how many */
  constructor(expected: number) {
    this.#pairs = new PairTable(expected);
  }

  /** The stack of a frame on top of another stack. */
  on(parent: number, frame: number): number {
    return this.#pairs.id(parent, frame) + 1;
  }

  table(): StackTable {
    const length = this.#pairs.length + 1;
    const parents = new Uint32Array(length);
    const frames = new Uint32Array(length);
    for (let stack = 1; stack < length; stack++) {
      parents[stack] = this.#pairs.first(stack - 1);
      frames[stack] = this.#pairs.second(stack - 1);
    }
    return { length, parents, frames };
  }
}
