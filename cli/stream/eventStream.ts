import type { ProfileDelta } from '../../profile/delta.ts';
import type { Profile } from '../../profile/profile.ts';
import type { RecordedHooks } from '../recorded.ts';
import { version } from '../version.ts';
import { writeAll } from '../writeAll.ts';
import { type StreamEvent, streamVersion } from './streamEvents.ts';
import { StreamSource } from './streamSource.ts';

/** What a stream ends with. */
export type StreamEnd = Omit<Extract<StreamEvent, { readonly event: 'ended' }>, 'event'>;

/**
 * Writes events of a recording as lines of JSON, for programs. Who reads slowly gets longer times at once, as samples are added up until
 * the lines before are written; the program that is recorded never waits.
 */
export class EventStream {
  readonly #fd: number;
  readonly #source: StreamSource;
  readonly #onClosed: () => void;
  /** Few and short ones, which come before what is recorded. */
  readonly #first: StreamEvent[] = [];
  #last: StreamEvent | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #isClosed = false;
  #problem: string | null = null;

  /** @param onClosed called once, when nothing more can be written */
  constructor(fd: number, profile: () => Profile, onClosed: () => void) {
    this.#fd = fd;
    this.#source = new StreamSource(profile);
    this.#onClosed = onClosed;
  }

  waiting(pid: number): void {
    this.#first.push({ event: 'waiting', pid });
    this.#write();
  }

  /** @param epoch ms since 1970 at time 0 */
  started({ pid, pythonVersion, epoch }: { pid: number; pythonVersion: string; epoch: number }, rate: number | 'max'): void {
    const startedAt = new Date(epoch).toISOString();
    this.#first.push({ event: 'started', version: streamVersion, heatline: version(), pid, python: pythonVersion, rate, startedAt });
    this.#write();
  }

  /** To be told when the profile has it. */
  add(delta: ProfileDelta): void {
    if (this.#isClosed) return;
    this.#source.add(delta);
    this.#write();
  }

  /**
   * Resolves when everything is written, however long nobody reads.
   * @returns what went wrong, as a sentence; null also where the reader ended first, as head does
   */
  async end(end: StreamEnd): Promise<string | null> {
    this.#last = { event: 'ended', ...end };
    this.#write();
    await this.#writing;
    return this.#problem;
  }

  #write(): void {
    if (this.#isClosed || this.#isWriting) return;
    this.#isWriting = true;
    this.#writing = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      for (let events = this.#take(); events.length > 0; events = this.#take())
        for (const lines of events) for (const event of lines) await writeAll(this.#fd, `${JSON.stringify(event)}\n`);
    } catch (error) {
      this.#isClosed = true;
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'EPIPE')
        this.#problem = `can't write events to standard output: ${error instanceof Error ? error.message : String(error)}.`;
      this.#onClosed();
    }
    this.#isWriting = false; // at once when nothing was left: what comes next begins anew
  }

  /** What there is to be written now. */
  #take(): Iterable<StreamEvent>[] {
    const all: Iterable<StreamEvent>[] = [];
    if (this.#first.length > 0) all.push(this.#first.splice(0));
    if (this.#source.hasMore) all.push(this.#source.take());
    if (this.#last !== undefined) all.push([this.#last]);
    this.#last = undefined;
    return all;
  }
}

/** Makes a recording's events go to a stream. */
export function streamHooks(stream: EventStream, { rate }: { readonly rate: number | 'max' }): Pick<RecordedHooks, 'started' | 'appended'> {
  return { started: (event) => stream.started(event, rate), appended: (delta) => stream.add(delta) };
}
