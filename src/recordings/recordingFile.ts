import { type FileHandle, open, rm } from 'node:fs/promises';
import { decodeMessage, encodeMessage, type EngineEvent, type HelperMessage, maxMessage, protocolVersion } from '../../native/index.ts';

/** What a file of a recording begins with: all that its events don't tell. */
export interface RecordingFacts {
  readonly pid: number;
  /** What to call it, for instance "app.py". */
  readonly name: string;
  /** The process was profiled in its window so many times, this one included. */
  readonly ordinal: number;
  /** Samples per second asked for. */
  readonly rate: number;
}

/** How a program ended, where that is known. */
export type Exit = Pick<Extract<HelperMessage, { type: 'left' }>, 'code' | 'signal'>;

/**
 * Writes what an engine says to a file as it says it, so that hardly anything is lost when the editor breaks down. The file is
 * there from the first sample's engine on (`started`): an engine that fails before that leaves none. It holds the facts, then the
 * messages, in the bytes in which processes of Heatline say them to each other.
 */
export class RecordingFile {
  readonly #path: () => Promise<string>;
  readonly #onError: (error: Error) => void;
  readonly #facts: RecordingFacts;
  #file: FileHandle | undefined;
  /** All that was asked for so far, one after the other. */
  #tail: Promise<void> = Promise.resolve();
  #isOpen = false;
  #isOver = false;
  #hasFailed = false;

  /**
   * @param path asked for when there is something to write
   * @param onError called once; nothing more is written then, what was written stays
   */
  constructor(path: () => Promise<string>, facts: RecordingFacts, onError: (error: Error) => void) {
    this.#path = path;
    this.#facts = facts;
    this.#onError = onError;
  }

  /** @param exit how the program ended, with `ended` where that is known */
  write(event: EngineEvent, exit?: Exit): void {
    if (this.#isOver) return;
    if (!this.#isOpen) {
      if (event.type !== 'started') return;
      this.#isOpen = true;
      this.#append(async () => {
        // Command lines and file names are nobody else's business.
        this.#file = await open(await this.#path(), 'wx', 0o600);
        await this.#file.appendFile(header(this.#facts));
      });
    }
    try {
      // Now, not when its turn comes: the columns may be reused by then.
      const bytes =
        exit === undefined ? encodeMessage(event) : Buffer.concat([encodeMessage({ type: 'left', ...exit }), encodeMessage(event)]);
      this.#append(async () => this.#file?.appendFile(bytes));
    } catch (error) {
      this.#fail(error);
    }
    if (event.type === 'ended' || event.type === 'failed') void this.close();
  }

  /** Nothing more is written. Resolves when all is in the file. */
  async close(): Promise<void> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#tail = this.#tail.then(() => this.#closeFile());
    }
    await this.#tail;
  }

  /** Whoever closes it waits for that, too. */
  async delete(): Promise<void> {
    void this.close();
    if (this.#isOpen) this.#tail = this.#tail.then(async () => rm(await this.#path(), { force: true })).catch(() => undefined);
    await this.#tail;
  }

  #append(action: () => Promise<void>): void {
    // What waits behind something that failed would leave a gap.
    this.#tail = this.#tail.then(() => (this.#hasFailed ? undefined : action())).catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    void this.close();
    this.#onError(error instanceof Error ? error : new Error(String(error)));
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }
}

/** What listens to a recording that is read. */
export interface RecordingListener {
  readonly onEvent: (event: EngineEvent) => void;
  readonly onExit: (exit: Exit) => void;
}

/**
 * Reads a recording as far as it is whole: an editor that breaks down leaves the last message cut off.
 * @param begin told the facts; gets what follows
 * @returns what is wrong with the file from some place on; undefined where all was read but perhaps a cut-off end
 */
export async function readRecording(path: string, begin: (facts: RecordingFacts) => RecordingListener): Promise<Error | undefined> {
  let listener: RecordingListener | undefined;
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    for (;;) {
      const bytes = await nextMessage(file);
      if (bytes === undefined) return undefined;
      if (listener === undefined) listener = begin(parseFacts(bytes));
      else take(decodeMessage(bytes), listener);
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await file?.close();
  }
}

/** One at a time, so that all before one that is broken are heard. Undefined at the end, and where the file is cut off. */
async function nextMessage(file: FileHandle): Promise<Buffer | undefined> {
  const prefix = await read(file, 4);
  if (prefix === undefined) return undefined;
  const length = prefix.readUInt32LE(0);
  if (length === 0 || length > maxMessage) throw new Error(`no message has ${length} bytes`);
  return read(file, length);
}

/** Undefined where there is less. */
async function read(file: FileHandle, length: number): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafe(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(buffer, at, length - at);
    if (bytesRead === 0) return undefined;
    at += bytesRead;
  }
  return buffer;
}

function take(message: HelperMessage, listener: RecordingListener): void {
  switch (message.type) {
    case 'left':
      listener.onExit({ code: message.code, signal: message.signal });
      break;
    case 'asking':
    case 'ready':
    case 'looked': // nobody writes that
      break;
    default:
      listener.onEvent(message);
  }
}

function header(facts: RecordingFacts): Buffer {
  const json = Buffer.from(JSON.stringify({ protocol: protocolVersion, ...facts }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json]);
}

function parseFacts(bytes: Buffer): RecordingFacts {
  const fields = JSON.parse(bytes.toString('utf8')) as unknown;
  const { protocol, pid, name, ordinal, rate } = (typeof fields === 'object' && fields !== null ? fields : {}) as Readonly<
    Record<string, unknown>
  >;
  if (protocol !== protocolVersion)
    throw new Error(`it was recorded by another version of Heatline (${String(protocol)}, not ${protocolVersion})`);
  if (!isCount(pid) || typeof name !== 'string' || !isCount(ordinal) || typeof rate !== 'number')
    throw new Error('its first message makes no sense');
  return { pid, name, ordinal, rate };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
