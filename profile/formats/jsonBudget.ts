import { ProfileFormatError } from '../profileFormatError.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes at most: near V8's limit for one string. */
export const MAX_BYTES = 500 * 1024 * 1024;

/**
 * What things of a file take at most in V8's heap while it is parsed, bytes: measured (Node 24) with files of nothing else. Properties
 * are dear when each object has other ones. A profile that Heatline kept whole, 4 million runs (DEFAULT_MAX_RUNS), has 30 million values.
 */
const VALUE = 16;
const CONTAINER = 128;
const PROPERTY = 256;
export const MAX_COST = 640_000_000;

/** By byte, outside strings. */
const COSTS = new Uint16Array(256);
for (const [character, cost] of [[',', VALUE], [':', PROPERTY], ['[', CONTAINER], ['{', CONTAINER]] as const) COSTS[character.charCodeAt(0)] = cost;

/**
 * Counts what JSON will make of memory before it is parsed: JSON.parse can't be stopped, and takes the process with it when there is no
 * room, also from a worker thread that has limits of its own. `{},{},…` takes 20 times its own size, and compressed a thousandth of that.
 */
export class JsonBudget {
  #bytes = 0;
  #cost = 0;
  #isInString = false;
  #isEscaped = false;

  /** Bytes of the heap that what was counted may take. */
  get cost(): number {
    return this.#cost;
  }

  /** Counts the next bytes of UTF-8. @throws ProfileFormatError when it gets too much */
  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_BYTES) throw new ProfileFormatError(`This file is too big: more than ${MAX_BYTES / 1024 / 1024} MB of text.`);
    let cost = 0;
    let at = 0;
    if (this.#isEscaped && bytes.length > 0) {
      this.#isEscaped = false;
      at = 1;
    }
    const { length } = bytes;
    while (at < length) {
      if (this.#isInString) {
        at = this.#leaveString(bytes, at);
        continue;
      }
      let byte = 0;
      while (at < length && (byte = bytes[at++]!) !== QUOTE) cost += COSTS[byte]!;
      this.#isInString = byte === QUOTE;
    }
    this.#cost += cost;
    if (this.#cost > MAX_COST) throw new ProfileFormatError('This file holds more objects and values than any profile that Heatline can show.');
  }

  /** @returns where to go on, behind the end of the string or the bytes */
  #leaveString(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      if (bytes[at] === BACKSLASH) {
        at++;
        this.#isEscaped = at === bytes.length;
      } else if (bytes[at] === QUOTE) {
        this.#isInString = false;
        return at + 1;
      }
    }
    return bytes.length;
  }
}
