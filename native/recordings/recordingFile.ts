import { type FileHandle, open, rename, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { ProfileSnapshot } from '../../profile/snapshot.ts';
import type { TimeSteps } from '../../profile/timeSteps.ts';
import type { EngineEvent } from '../engine.ts';
import { encodeMessage, type HelperMessage, protocolVersion } from '../helper/messages.ts';

/** What a file of a recording begins with: all that its events don't tell. */
export interface RecordingFacts {
  readonly pid: number;
  /** What to call it, for instance "app.py". */
  readonly name: string;
  /** The process was profiled in its window so many times, this one included. */
  readonly ordinal: number;
  /** Samples per second asked for. */
  readonly rate: number;
  /** The file that its profile is to be written to, where that is known. */
  readonly output?: string;
  /** Profile.coarseTimes of what is in it when it was written anew. */
  readonly coarseTimes?: TimeSteps;
}

/** How a program ended, where that is known. */
export type Exit = Pick<Extract<HelperMessage, { type: 'left' }>, 'code' | 'signal'>;

export interface RecordingFileOptions {
  /** Asked for when there is something to write; its folder is private. */
  readonly path: () => Promise<string>;
  /** Asked for when the file is made. */
  readonly facts: () => RecordingFacts;
  /** Called once; nothing more is written then, what was written stays. */
  readonly onError: (error: Error) => void;
  /**
   * What was written so far, as a profile has it: asked for before an event is written, when it does not have that one yet. Profiles
   * are bounded, where what was ever said is not. Absent: there is none, and the file ends where it has MAX_BYTES.
   */
  readonly snapshot?: () => ProfileSnapshot;
  /** ms for which what is said is kept in memory, so that short recordings leave no trace on the disk; 0 unless told. */
  readonly patience?: number;
}

const MIB = 1 << 20;

/** Bounds, in bytes; tests have smaller ones. */
export interface RecordingLimits {
  /** A file is written anew when it has more, and twice as much as after the last time. */
  readonly rewrite: number;
  /** A file never has more. */
  readonly file: number;
  /** That wait for the disk, or are kept in memory at first. */
  readonly queue: number;
  /** Left to others on the disk. */
  readonly free: number;
}

const usualLimits: RecordingLimits = { rewrite: 64 * MIB, file: 1024 * MIB, queue: 64 * MIB, free: 64 * MIB };

/** Bytes after which it is looked again whether the disk has room for others. */
const ROOM_STEP = 8 * MIB;

/** Name of what a file is written anew to, until that is whole. */
export const PART_EXTENSION = '.part';

/**
 * Writes what an engine says to a file as it says it, so that hardly anything is lost when who listens to it breaks down. The file is
 * there from the first sample's engine on (`started`): an engine that fails before that leaves none. It holds the facts, then the
 * messages, in the bytes in which processes of Heatline say them to each other. Their sequence means nothing: a file that was written
 * anew begins with messages of another count.
 */
export class RecordingFile {
  readonly #options: RecordingFileOptions;
  readonly #limits: RecordingLimits;
  #file: FileHandle | undefined;
  /** All that was asked for so far, one after the other. */
  #tail: Promise<void> = Promise.resolve();
  /** What is kept in memory; null: from now on everything is written at once. */
  #held: Uint8Array[] | null = [];
  #timer: NodeJS.Timeout | undefined;
  #started: Uint8Array | undefined;
  /** Bytes that were said and are not in the file yet. */
  #queued = 0;
  /** Bytes of the file, those that wait included. */
  #length = 0;
  /** Of the file when it was written anew. */
  #rewritten = 0;
  #isRewriting = false;
  #sinceRoom = ROOM_STEP;
  #isOver = false;
  #hasFailed = false;
  /** Something could not be written: what waits behind it would leave a gap. */
  #isBroken = false;

  constructor(options: RecordingFileOptions, limits: RecordingLimits = usualLimits) {
    this.#options = options;
    this.#limits = limits;
  }

  /** Whether there is a file with something in it, or will be when what was asked for is done. */
  get isThere(): boolean {
    return this.#held === null && this.#length > 0;
  }

  /** Whether something went wrong, so that what came then is not in it. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** @param exit how the program ended, with `ended` where that is known */
  write(event: EngineEvent, exit?: Exit): void {
    if (this.#isOver) return;
    try {
      if (this.#started === undefined) {
        if (event.type !== 'started') return;
        this.#started = encodeMessage(event);
        this.#append(this.#started);
        const { patience = 0 } = this.#options;
        if (patience > 0) this.#timer = setTimeout(() => this.#release(), patience).unref();
        else this.#release();
        return;
      }
      if (event.type === 'delta') this.#rewriteIfLong();
      // Now, not when its turn comes: the columns may be reused by then.
      if (exit !== undefined) this.#append(encodeMessage({ type: 'left', ...exit }));
      this.#append(encodeMessage(event));
    } catch (error) {
      this.#fail(error);
    }
    if (event.type === 'ended' || event.type === 'failed') void this.close();
  }

  /** Resolves when what was said so far is in the file, unless it waits in memory. */
  written(): Promise<void> {
    return this.#tail;
  }

  /** Nothing more is written. Resolves when all is in the file; what was only in memory is forgotten. */
  async close(): Promise<void> {
    if (!this.#isOver) {
      this.#isOver = true;
      clearTimeout(this.#timer);
      this.#tail = this.#tail.then(() => this.#closeFile());
    }
    await this.written();
  }

  /** Nothing more is written, and what is in memory is, too. Resolves when all is in the file. */
  async keep(): Promise<void> {
    if (!this.#isOver) this.#release();
    await this.close();
  }

  /** Whoever closes it waits for that, too. */
  async delete(): Promise<void> {
    void this.close();
    if (this.#held === null)
      this.#tail = this.#tail.then(async () => rm(await this.#options.path(), { force: true })).catch(() => undefined);
    await this.#tail;
  }

  #append(bytes: Uint8Array): void {
    this.#queued += bytes.length;
    if (this.#held !== null) {
      this.#held.push(bytes);
      if (this.#queued > this.#limits.queue / 4) this.#release();
      return;
    }
    if (this.#queued > this.#limits.queue) throw new Error('the disk does not take it as fast as it comes');
    if (this.#length + bytes.length > this.#limits.file) throw new Error(`it has more than ${this.#limits.file / MIB} MiB`);
    this.#length += bytes.length;
    this.#do(async () => {
      await this.#checkRoom(bytes.length);
      await this.#file?.appendFile(bytes);
      this.#queued -= bytes.length;
    });
  }

  /** Makes the file, and writes to it from then on. */
  #release(): void {
    if (this.#held === null) return;
    clearTimeout(this.#timer);
    const held = this.#held;
    this.#held = null;
    this.#do(async () => {
      // Command lines and file names are nobody else's business.
      this.#file = await open(await this.#options.path(), 'wx', 0o600);
      await this.#file.appendFile(headerOf(this.#options.facts()));
    });
    this.#queued = 0;
    try {
      for (const bytes of held) this.#append(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  #rewriteIfLong(): void {
    const { snapshot } = this.#options;
    if (snapshot === undefined || this.#isRewriting || this.#length < Math.max(this.#limits.rewrite, 2 * this.#rewritten)) return;
    this.#isRewriting = true;
    const made = snapshot();
    this.#do(() => this.#rewrite(made));
    // Also where it was not done, as something before it went wrong.
    this.#tail = this.#tail.then(() => {
      made.release();
      this.#isRewriting = false;
    });
  }

  /** Later messages wait, and go to the file that is there then. */
  async #rewrite({ coarseTimes, deltas }: ProfileSnapshot): Promise<void> {
    const file = await this.#options.path();
    const part = `${file}${PART_EXTENSION}`;
    const handle = await open(part, 'wx', 0o600);
    const before = this.#length - this.#queued;
    let length = 0;
    const append = async (bytes: Uint8Array): Promise<void> => {
      await this.#checkRoom(bytes.length);
      await handle.appendFile(bytes);
      length += bytes.length;
    };
    let isWhole = false;
    try {
      await append(headerOf({ ...this.#options.facts(), ...(coarseTimes.length > 0 ? { coarseTimes } : {}) }));
      await append(this.#started!);
      for (const delta of deltas) await append(encodeMessage({ type: 'delta', delta }));
      await rename(part, file);
      isWhole = true;
    } finally {
      if (!isWhole) {
        await handle.close();
        await rm(part, { force: true });
      }
    }
    await this.#closeFile();
    this.#file = handle;
    this.#rewritten = length;
    this.#length += length - before;
  }

  /** @throws Error where the disk has hardly room for others */
  async #checkRoom(length: number): Promise<void> {
    this.#sinceRoom += length;
    if (this.#sinceRoom < ROOM_STEP) return;
    this.#sinceRoom = 0;
    const { bavail, bsize } = await statfs(path.dirname(await this.#options.path()));
    if (bavail * bsize < this.#limits.free) throw new Error(`less than ${this.#limits.free / MIB} MiB are free on the disk`);
  }

  #do(action: () => Promise<void>): void {
    this.#tail = this.#tail
      .then(() => (this.#isBroken ? undefined : action()))
      .catch((error: unknown) => {
        this.#isBroken = true;
        this.#fail(error);
      });
  }

  /** What was asked for before is still done. */
  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    void this.close();
    this.#options.onError(error instanceof Error ? error : new Error(String(error)));
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }
}

function headerOf(facts: RecordingFacts): Buffer {
  const json = Buffer.from(JSON.stringify({ protocol: protocolVersion, ...facts }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json]);
}
