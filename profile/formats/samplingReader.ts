import { SampleFlag } from '../delta.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { ByteCursor, WholeFile } from './binaryFile.ts';
import type { ProfileReader, ReadOptions } from './format.ts';
import { cost, JsonBudget } from './jsonBudget.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';

/** "TACH", which shows in which order bytes are. */
const MAGIC = 0x5441_4348;
const HEADER_LENGTH = 64;
const FOOTER_LENGTH = 32;
const VERSION = 1;

const ZSTD = 1;
/** Bytes of samples at most, unpacked: CPython's own reader takes a GB. */
const MAX_SAMPLES = 256 * 1024 * 1024;

/** How a stack is told: as often as said again, whole, or by what is new on the outer frames of the thread's stack before. */
const Stack = { Again: 0, Whole: 1, OnShared: 2, OnLeft: 3 } as const;

/** Frames of a stack at most: CPython's sampler takes 1024. */
const MAX_DEPTH = 65_536;

/** Its frames are profiling.sampling's, which its own reports leave out (_INTERNAL_FRAME_SUFFIXES in the same file as Status). */
const OWN_FILE = '_sync_coordinator.py';
const NONE = -1;

/** THREAD_STATUS_… in Lib/profiling/sampling/constants.py. */
const Status = { HasGil: 1, OnCpu: 2, Unknown: 4, IsMain: 32 } as const;

interface SamplingThread {
  readonly id: number;
  /** µs, of the sample before. */
  time: number;
  /** The builder's numbers of its stack's outer parts, the shortest first, and the whole last. */
  readonly stacks: number[];
}

/**
 * Reads what Python 3.15's `python -m profiling.sampling … --binary` writes (InternalDocs/profiling_binary_format.md in CPython's sources):
 * a header, samples as differences to the thread's samples before, and after them the tables of strings and frames that they are of. Each
 * sample stands for the interval that was asked for, as in profiling.sampling's own reports. Columns and opcodes are left out: without an
 * instruction's offset they tell nothing of it.
 */
export class SamplingReader implements ProfileReader {
  readonly #file = new WholeFile();
  readonly #budget = new JsonBudget();
  readonly #builder = new ProfileBuilder();
  readonly #unzstd: ReadOptions['unzstd'];
  readonly #threads = new Map<string, SamplingThread>();
  #frames: readonly number[] = [];
  #process = 0;
  /** µs */
  #interval = 0;
  #start = 0;

  constructor({ unzstd }: ReadOptions = {}) {
    this.#unzstd = unzstd;
  }

  push(bytes: Uint8Array): void {
    this.#file.push(bytes);
  }

  end(): SavedProfile {
    const { bytes } = this.#file;
    if (bytes.length < HEADER_LENGTH + FOOTER_LENGTH)
      throw new ProfileFormatError(`This is not a whole profile: the file is cut off after ${bytes.length} bytes.`);
    const isLittle = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === MAGIC;
    const header = new ByteCursor(WHAT, bytes.subarray(0, HEADER_LENGTH), { isLittle });
    if (header.uint32() !== MAGIC) header.fail('it does not begin with TACH');
    const version = header.uint32();
    const [major, minor, micro] = header.take(4);
    if (version !== VERSION)
      throw new ProfileFormatError(
        `This file is of version ${version} of profiling.sampling’s format, and Heatline reads version ${VERSION}.`,
      );
    this.#process = this.#builder.process({ pythonVersion: `${major!}.${minor!}.${micro!}` });
    this.#start = Number(header.uint64());
    this.#interval = Number(header.uint64());
    header.take(12); // numbers of samples and threads
    const strings = Number(header.uint64());
    const frames = Number(header.uint64());
    const packing = header.uint32();
    const end = bytes.length - FOOTER_LENGTH;
    if (strings < HEADER_LENGTH || frames < strings || frames > end)
      throw new ProfileFormatError(`This is not a whole profile: its tables lie outside of its ${bytes.length} bytes.`);
    const footer = new ByteCursor(WHAT, bytes.subarray(end), { first: end, isLittle });
    const stringCount = footer.uint32();
    const texts = this.#texts(new ByteCursor(WHAT, bytes.subarray(strings, frames), { first: strings }), stringCount);
    this.#frames = this.#frameTable(new ByteCursor(WHAT, bytes.subarray(frames, end), { first: frames }), footer.uint32(), texts);
    const samples = bytes.subarray(HEADER_LENGTH, strings);
    if (packing > ZSTD) throw new ProfileFormatError(`This profile is packed in a way that Heatline doesn’t know (${packing}).`);
    const cursor =
      packing === ZSTD
        ? new ByteCursor(`${WHAT}, unpacked`, this.#unpacked(samples), { isLittle })
        : new ByteCursor(WHAT, samples, { first: HEADER_LENGTH, isLittle });
    while (!cursor.isAtEnd) this.#sample(cursor);
    if (this.#threads.size === 0) this.#builder.thread({ process: this.#process });
    return this.#builder.end();
  }

  #unpacked(samples: Uint8Array): Uint8Array {
    if (this.#unzstd === undefined)
      throw new ProfileFormatError('This profile is packed (zstd), which can’t be unpacked here. Record it with --compression none.');
    return this.#unzstd(samples, MAX_SAMPLES);
  }

  #texts(cursor: ByteCursor, count: number): readonly string[] {
    const texts: string[] = [];
    while (texts.length < count) {
      const length = cursor.varint();
      this.#budget.take(cost.value + cost.text + 2 * length);
      texts.push(cursor.text(length));
    }
    return texts;
  }

  #frameTable(cursor: ByteCursor, count: number, texts: readonly string[]): readonly number[] {
    const frames: number[] = [];
    while (frames.length < count) {
      const file = texts[cursor.varint()] ?? cursor.fail('a file is referred to that there is not');
      const name = texts[cursor.varint()] ?? cursor.fail('a name is referred to that there is not');
      const line = cursor.signedVarint();
      for (let i = 0; i < 3; i++) cursor.signedVarint(); // where it ends, columns
      cursor.uint8(); // opcode
      this.#budget.take(cost.value);
      if (file.endsWith(OWN_FILE)) frames.push(NONE);
      else frames.push(this.#builder.frame(name, file === '~' ? '' : file, line > 0 && line < 2 ** 31 ? line : 0));
    }
    return frames;
  }

  #sample(cursor: ByteCursor): void {
    const number = cursor.uint64();
    const interpreter = cursor.uint32();
    const kind = cursor.uint8();
    if (kind === Stack.Again) {
      const thread = this.#thread(number, interpreter, 0);
      for (let left = cursor.varint(); left > 0; left--) {
        thread.time += cursor.varint();
        this.#run(thread, cursor.uint8());
      }
      return;
    }
    const elapsed = cursor.varint();
    const status = cursor.uint8();
    const thread = this.#thread(number, interpreter, status);
    thread.time += elapsed;
    this.#change(cursor, kind, thread.stacks);
    this.#run(thread, status);
  }

  /** Takes frames off a stack and puts others on it. What stays is not looked at: a hostile file says much about deep stacks. */
  #change(cursor: ByteCursor, kind: number, stacks: number[]): void {
    let kept = 0;
    if (kind === Stack.OnShared) kept = cursor.varint();
    else if (kind === Stack.OnLeft) kept = Math.max(0, stacks.length - cursor.varint());
    else if (kind !== Stack.Whole) cursor.fail('there is a sample of an unknown kind');
    if (kept > stacks.length) cursor.fail('more frames are kept than there were');
    stacks.length = kept;
    const count = cursor.varint();
    if (kept + count > MAX_DEPTH) cursor.fail('there is a stack with more frames than any program has');
    const frames: number[] = []; // innermost first
    for (let i = 0; i < count; i++) frames.push(this.#frames[cursor.varint()] ?? cursor.fail('a frame is referred to that there is not'));
    for (const frame of frames.reverse()) {
      const below = stacks.at(-1) ?? 0;
      stacks.push(frame === NONE ? below : this.#builder.stack(below, frame));
    }
  }

  #run({ id, stacks, time }: SamplingThread, status: number): void {
    // Whether a thread has a CPU is asked for in some modes only.
    const isOnCpu = (status & (Status.OnCpu | Status.Unknown)) !== 0;
    const flags = (isOnCpu ? SampleFlag.OnCpu : 0) | ((status & Status.HasGil) === 0 ? 0 : SampleFlag.HoldsGil);
    this.#builder.run(id, stacks.at(-1) ?? 0, time, this.#interval, 1, flags);
  }

  #thread(number: bigint, interpreterId: number, status: number): SamplingThread {
    const key = `${number} ${interpreterId}`;
    let thread = this.#threads.get(key);
    if (thread === undefined) {
      this.#budget.take(cost.container);
      const isMain = (status & Status.IsMain) !== 0;
      const osThreadId = number < 2n ** 31n ? Number(number) : 0;
      const id = this.#builder.thread({ process: this.#process, osThreadId, interpreterId, isMain, name: isMain ? 'MainThread' : '' });
      this.#threads.set(key, (thread = { id, time: this.#start, stacks: [] }));
    }
    return thread;
  }
}

const WHAT = 'a file of profiling.sampling';

export function beginsSampling(start: Uint8Array): boolean {
  const text = String.fromCharCode(...start.subarray(0, 4));
  return text === 'HCAT' || text === 'TACH';
}
