import { ProfileFormatError } from '../profileFormatError.ts';

/** Bytes of text at most, for the time that reading takes: 20 million samples, about. */
export const MAX_BYTES = 1024 * 1024 * 1024;

/** Bytes of memory at most that is made of a file. Of 10 million runs that Heatline saved it is 180 MB. */
export const MAX_COST = 640_000_000;

/**
 * Bytes that things of a file take in V8's heap at most (Node 24): a value in an array, which has room for half as many again and is copied
 * when it grows; an object or a list with what tells of it; a text without its characters.
 */
export const cost = { value: 24, container: 320, text: 48 } as const;

/**
 * Counts what a file makes of memory, before it is made: `{},{},…` takes twenty times its own size, and packed a thousandth of
 * that. A thread that runs out of memory is ended, which tells the user nothing, and may take the process with it.
 */
export class JsonBudget {
  #bytes = 0;
  #cost = 0;

  /** Bytes of memory that what was counted may take. */
  get cost(): number {
    return this.#cost;
  }

  /** Counts text that comes. @throws ProfileFormatError when it gets too much */
  pass(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_BYTES) throw new ProfileFormatError(`This file is too big: more than ${MAX_BYTES / 1024 / 1024} MB of text.`);
  }

  /** Counts bytes of memory that are about to be taken. @throws ProfileFormatError when it gets too much */
  take(cost: number): void {
    this.#cost += cost;
    if (this.#cost > MAX_COST)
      throw new ProfileFormatError('This file holds more objects and values than any profile that Heatline can show.');
  }
}
