import { ProfileFormatError } from '../profileFormatError.ts';
import { type AustinSample, AustinSamples } from './austinThreads.ts';
import type { ProfileReader } from './format.ts';
import { cost, JsonBudget } from './jsonBudget.ts';
import type { SavedProfile } from './savedProfile.ts';

/** Versions of the format: 1 (Austin 3.3), 2 (3.5), 3 (3.6), 4 (4.1). */
const NEWEST = 4;

/** Bytes of an event at most: it has at most two texts, and those are names. */
const MAX_EVENT = 1_000_000;

/** Events, by their first byte (https://p403n1x87.github.io/austin/latest/formats/mojo/). */
const Event = {
  Metadata: 1,
  Stack: 2,
  Frame: 3,
  InvalidFrame: 4,
  FrameReference: 5,
  KernelFrame: 6,
  Collecting: 7,
  Idle: 8,
  Time: 9,
  Memory: 10,
  String: 11,
  StringReference: 12,
  /** From version 4 on: the stack that the thread's sample before had. */
  SameStack: 13,
  /** From version 4 on: what follows, up to the next stack, is of a task that waits. */
  TaskStack: 14,
  TaskWaiter: 15,
} as const;

/** The string's number that stands for one that Austin could not read. */
const UNKNOWN = '\u0001';

type MutableSample = { -readonly [Key in keyof AustinSample]: AustinSample[Key] };

/**
 * Reads MOJO, Austin's binary format, as it comes: events that give strings and frames numbers, and make samples of these. Numbers of a
 * process's strings and frames may be of 64 bits, so their bytes stand for them here.
 */
export class MojoReader implements ProfileReader {
  readonly #samples = new AustinSamples();
  readonly #budget = new JsonBudget();
  readonly #decoder = new TextDecoder();
  readonly #strings = new Map<string, string>();
  readonly #frames = new Map<string, number>();
  /** By process and thread: its last stack. */
  readonly #stacks = new Map<string, number>();
  /** What is to be read, from `#at` on. */
  #bytes = new Uint8Array(0);
  #at = 0;
  /** Bytes before `#bytes`. */
  #passed = 0;
  #version = 0;
  #sample: MutableSample | undefined;
  #isTask = false;

  push(bytes: Uint8Array): void {
    this.#budget.pass(bytes.length);
    const rest = this.#bytes.subarray(this.#at);
    const whole = new Uint8Array(rest.length + bytes.length);
    whole.set(rest);
    whole.set(bytes, rest.length);
    this.#passed += this.#at;
    this.#bytes = whole;
    this.#at = 0;
    while (this.#at < whole.length) {
      const begin = this.#at;
      if (this.#version === 0 ? this.#header() : this.#event()) continue;
      // It is not whole yet.
      this.#at = begin;
      if (whole.length - begin > MAX_EVENT) this.#fail('something is longer than in any profile');
      return;
    }
  }

  end(): SavedProfile {
    if (this.#at < this.#bytes.length || this.#version === 0)
      throw new ProfileFormatError(`This is not a whole profile: the file is cut off after ${this.#passed + this.#bytes.length} bytes.`);
    this.#endSample();
    return this.#samples.end();
  }

  #fail(problem: string): never {
    throw new ProfileFormatError(`This is not a MOJO file of Austin: ${problem} at byte ${this.#passed + this.#at + 1}.`);
  }

  #header(): boolean {
    if (this.#bytes.length < 4) return false;
    if (!beginsMojo(this.#bytes)) this.#fail('it does not begin with MOJ');
    this.#at = 3;
    const version = this.#integer();
    if (version === undefined) return false;
    if (version < 1 || version > NEWEST)
      throw new ProfileFormatError(`This MOJO file is of version ${version}, and Heatline reads 1 to ${NEWEST}.`);
    this.#version = version;
    return true;
  }

  /** Reads an event. @returns whether it is whole; else nothing of it counts */
  #event(): boolean {
    const kind = this.#bytes[this.#at]!;
    this.#at++;
    switch (kind) {
      case Event.Metadata: {
        const [key, value] = [this.#text(), this.#text()];
        if (key === undefined || value === undefined) return false;
        this.#samples.metadata(key, value);
        return true;
      }
      case Event.Stack:
        return this.#stack();
      case Event.String: {
        const [key, value] = [this.#key(), this.#text()];
        if (key === undefined || value === undefined) return false;
        this.#budget.take(cost.value + cost.text + 2 * value.length);
        this.#strings.set(this.#keyOf(key), value);
        return true;
      }
      case Event.Frame:
        return this.#frame();
      case Event.FrameReference: {
        const key = this.#key();
        if (key === undefined) return false;
        this.#push(this.#frames.get(this.#keyOf(key)) ?? this.#fail('a frame is referred to that there is not'));
        return true;
      }
      case Event.InvalidFrame:
        this.#push(this.#samples.builder.frame('(not read)', '', 0));
        return true;
      case Event.KernelFrame: {
        const name = this.#text();
        if (name === undefined) return false;
        this.#push(this.#samples.builder.frame(name, 'kernel', 0));
        return true;
      }
      case Event.Collecting:
        if (!this.#isTask) this.#current().isCollecting = true;
        return true;
      case Event.Idle:
        if (!this.#isTask) this.#current().isIdle = true;
        return true;
      case Event.Time: {
        const time = this.#integer();
        if (time === undefined) return false;
        if (time < 0) this.#fail('a time is less than nothing');
        if (!this.#isTask) this.#current().time = time;
        return true;
      }
      case Event.Memory:
        return this.#integer() !== undefined;
      case Event.StringReference:
        return this.#key() !== undefined;
      case Event.SameStack: {
        if (this.#isTask) return true;
        const sample = this.#current();
        sample.stack = this.#stacks.get(threadKey(sample)) ?? this.#fail('a stack is that of the sample before, and there is none');
        return true;
      }
      case Event.TaskStack:
        this.#isTask = true;
        return this.#key() !== undefined && this.#key() !== undefined;
      case Event.TaskWaiter:
        return this.#key() !== undefined && this.#key() !== undefined;
      default:
        this.#at--;
        return this.#fail('there is an event of an unknown kind');
    }
  }

  #stack(): boolean {
    const pid = this.#integer();
    const interpreter = this.#version >= 3 ? this.#integer() : 0;
    const thread = this.#text();
    if (pid === undefined || interpreter === undefined || thread === undefined) return false;
    this.#endSample();
    const osThreadId = /^[0-9a-f]{1,8}$/.test(thread) ? parseInt(thread, 16) : 0;
    if (pid < 0) this.#fail('a process has no number');
    // Frames of C libraries that run without an interpreter have -1.
    this.#sample = {
      ...{ pid, interpreter: Math.max(0, interpreter), thread, osThreadId },
      ...{ stack: 0, time: 0, isIdle: false, isCollecting: false },
    };
    return true;
  }

  #frame(): boolean {
    const [key, file, name, line] = [this.#key(), this.#key(), this.#key(), this.#integer()];
    // Where it ends, which columns: Heatline has no place for them without an instruction.
    const place = this.#version >= 2 ? [this.#integer(), this.#integer(), this.#integer()] : [];
    if (key === undefined || file === undefined || name === undefined || line === undefined || place.includes(undefined)) return false;
    this.#budget.take(2 * cost.value + cost.text);
    const id = this.#samples.builder.frame(this.#string(name), this.#string(file), line > 0 && line < 2 ** 31 ? line : 0);
    this.#frames.set(this.#keyOf(key), id);
    return true;
  }

  #string(key: string): string {
    if (key === UNKNOWN) return '<unknown>';
    return this.#strings.get(this.#keyOf(key)) ?? this.#fail('a string is referred to that there is not');
  }

  #push(frame: number): void {
    if (this.#isTask) return;
    const sample = this.#current();
    sample.stack = this.#samples.builder.stack(sample.stack, frame);
  }

  #current(): MutableSample {
    return this.#sample ?? this.#fail('something belongs to no sample');
  }

  #endSample(): void {
    this.#isTask = false;
    const sample = this.#sample;
    if (sample === undefined) return;
    this.#budget.take(this.#stacks.has(threadKey(sample)) ? 0 : cost.container);
    this.#stacks.set(threadKey(sample), sample.stack);
    if (sample.time > 0) this.#samples.add(sample);
    this.#sample = undefined;
  }

  /** Numbers are each process's own. */
  #keyOf(key: string): string {
    return `${this.#current().pid} ${key}`;
  }

  /** The bytes of a number, which stand for it. @returns undefined where it is not whole */
  #key(): string | undefined {
    const from = this.#at;
    if (this.#integer() === undefined) return undefined;
    return String.fromCharCode(...this.#bytes.subarray(from, this.#at));
  }

  /** The first byte has 6 bits and the sign, others 7; those of more than 53 bits are not exact. @returns undefined where it is not whole */
  #integer(): number | undefined {
    let byte = this.#bytes[this.#at++];
    if (byte === undefined) return undefined;
    const isNegative = (byte & 0x40) !== 0;
    let value = byte & 0x3f;
    for (let scale = 64; (byte & 0x80) !== 0; scale *= 128) {
      if (scale >= 2 ** 64) this.#fail('there is too long a number');
      byte = this.#bytes[this.#at++];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * scale;
    }
    return isNegative ? -value : value;
  }

  /** Ended by a zero. @returns undefined where it is not whole */
  #text(): string | undefined {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) {
      this.#at = this.#bytes.length;
      return undefined;
    }
    const text = this.#decoder.decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }
}

function threadKey({ pid, interpreter, thread }: AustinSample): string {
  return `${pid} ${interpreter} ${thread}`;
}

export function beginsMojo(start: Uint8Array): boolean {
  return start[0] === 0x4d && start[1] === 0x4f && start[2] === 0x4a;
}
