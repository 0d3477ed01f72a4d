import type { Profile } from '../profile.ts';
import { type CallTime, callTimes } from './callTimes.ts';
import type { WrittenSamples } from './format.ts';

/**
 * What cProfile writes and `python -m pstats` reads: a dict from (file, line, name) to (calls without recursion, calls, self time, time
 * in all, callers), marshalled (Python/marshal.c) in what every version from 2.7 on reads. In the place of calls stand samples.
 */
export function* pstatsBytes(profile: Profile, samples: WrittenSamples = {}): Generator<Uint8Array, void> {
  const { functions: records } = profile;
  const { functions, pairs, pairCalls } = callTimes(profile, samples);
  const callers = records.map((): number[] => []);
  for (let pair = 0; pair < pairs.length; pair++) callers[pairs.second(pair)]!.push(pair);
  const out = new Marshal();
  const key = (func: number): void => {
    const { file, firstLine, name } = records[func]!;
    // pstats calls what has no file, as built-in functions, ~.
    out
      .tuple(3)
      .text(file === '' ? '~' : file)
      .integer(firstLine)
      .text(name);
  };
  out.beginDict();
  for (const [func, times] of functions.entries()) {
    if (times.samples === 0) continue;
    key(func);
    figures(out.tuple(5), times).beginDict();
    for (const pair of callers[func]!) {
      key(pairs.first(pair));
      figures(out.tuple(4), pairCalls[pair]!);
    }
    out.endDict();
    if (out.length > 1 << 16) yield out.take();
  }
  out.endDict();
  yield out.take();
}

function figures(out: Marshal, { samples, self, time }: CallTime): Marshal {
  return out
    .integer(samples)
    .integer(samples)
    .float(self / 1e6)
    .float(time / 1e6);
}

/** Writes Python's marshal format, version 2: no references. */
class Marshal {
  #bytes = new Uint8Array(1 << 12);
  #view = new DataView(this.#bytes.buffer);
  length = 0;

  tuple(length: number): this {
    return this.#type('(').#uint32(length);
  }

  beginDict(): this {
    return this.#type('{');
  }

  endDict(): this {
    return this.#type('0');
  }

  text(text: string): this {
    const bytes = new TextEncoder().encode(text);
    this.#type('u').#uint32(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** From 0 on; of 32 bits at least as it is, of more as a float, which pstats adds up and prints as well. */
  integer(value: number): this {
    return value < 2 ** 31 ? this.#type('i').#uint32(value) : this.float(value);
  }

  float(value: number): this {
    this.#type('g').#room(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
    return this;
  }

  /** What was written; what follows begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  #type(character: string): this {
    this.#room(1);
    this.#bytes[this.length++] = character.charCodeAt(0);
    return this;
  }

  #uint32(value: number): this {
    this.#room(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
    return this;
  }

  #room(bytes: number): this {
    if (this.length + bytes <= this.#bytes.length) return this;
    const grown = new Uint8Array(2 * (this.length + bytes));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
    return this;
  }
}
