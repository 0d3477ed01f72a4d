import { randomBytes } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PART_EXTENSION, readRecording, type RecordingFacts, RecordingFile, type RecordingListener } from '../../native/index.ts';
import type { ProfileSnapshot } from '../../profile/snapshot.ts';

/** A file that holds a recording, whole or still growing. */
export interface KeptFile {
  delete(): Promise<void>;
}

export interface RecordingsOptions {
  /** For the recordings of all editors that share it; need not be there. */
  readonly folder: string;
  /** When a process started, in any unit; null when it is gone. */
  readonly startTimeOf: (pid: number) => Promise<number | null>;
  readonly log: (message: string) => void;
}

/** A recording that another editor left, as it is read. */
export interface LeftRecording extends RecordingListener {
  /** All of it that is whole was heard. */
  readonly onRead: () => void;
}

const EXTENSION = '.recording';

/**
 * Keeps recordings on disk while they are made, and until they are saved or discarded: neither a reload nor a crash of the
 * editor takes them away. Each editor (extension host) writes into a folder whose name says who it is (`live-PID-START-RANDOM`). One that
 * finds a folder whose editor has ended makes it its own by renaming it, which only one of several can.
 */
export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #files = new Set<RecordingFile>();
  /** Names of folders that are ours. */
  readonly #owned = new Set<string>();
  #own: Promise<string> | undefined;
  #watcher: FSWatcher | undefined;
  /** Under way: after them folders get other names. */
  readonly #deletions = new Set<Promise<void>>();
  #restoring: Promise<void> = Promise.resolve();
  #count = 0;
  #isClosed = false;

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  /**
   * A file for what an engine says from now on.
   * @param onError it can't be kept any further
   * @param snapshot RecordingFileOptions.snapshot
   */
  keep(facts: RecordingFacts, onError: (error: Error) => void, snapshot?: () => ProfileSnapshot): RecordingFile {
    const name = `${++this.#count}${EXTENSION}`;
    const path = async (): Promise<string> => join(await (this.#own ??= this.#makeFolder()), name);
    const file = new RecordingFile({
      path,
      facts: () => facts,
      onError: (error) => {
        this.#options.log(`The recording of ${facts.name} can’t be kept on disk: ${error.message}`);
        onError(error);
      },
      ...(snapshot === undefined ? {} : { snapshot }),
    });
    this.#files.add(file);
    return file;
  }

  /**
   * Takes over what editors that have ended left, now and whenever one ends in order: on a reload of the window the last
   * one may still be busy with that. Resolves when what there is now has been read.
   */
  async restore(begin: (facts: RecordingFacts, file: KeptFile) => LeftRecording): Promise<void> {
    const takeAll = (): Promise<void> =>
      (this.#restoring = this.#restoring
        .then(() => this.#takeAll(begin))
        .catch((error: unknown) => this.#options.log(`Looking for recordings: ${String(error)}`)));
    if (this.#isClosed) return;
    try {
      // Before looking, so that nothing comes unseen in between.
      this.#watcher = watch(this.#options.folder, { persistent: false }, (_event, name) => {
        if (name?.startsWith('left-') === true) void takeAll();
      }).on('error', () => undefined); // the folder was deleted
    } catch {
      return; // there is no such folder: nothing was ever recorded
    }
    await takeAll();
  }

  /** Leaves what was not saved to the next editor. Resolves when all is written. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watcher?.close();
    await this.#restoring;
    await Promise.all([...this.#files].map((file) => file.close()));
    await Promise.all(this.#deletions);
    await this.#own?.catch(() => undefined);
    const { folder } = this.#options;
    for (const name of this.#owned) {
      // One with nothing in it need not be left.
      await rmdir(join(folder, name)).catch(() => rename(join(folder, name), join(folder, `left-${random()}`)).catch(() => undefined));
    }
  }

  async #takeAll(begin: (facts: RecordingFacts, file: KeptFile) => LeftRecording): Promise<void> {
    const { folder } = this.#options;
    for (const name of await readdir(folder)) {
      if (this.#isClosed) return;
      if (this.#owned.has(name) || !(await this.#isAbandoned(name))) continue;
      const claimed = await this.#name();
      this.#owned.add(claimed); // first: or the watcher might take it for another's
      try {
        await rename(join(folder, name), join(folder, claimed));
      } catch {
        this.#owned.delete(claimed);
        continue; // another editor was faster
      }
      for (const file of (await readdir(join(folder, claimed))).sort(byNumber)) {
        if (file.endsWith(EXTENSION)) await this.#take(join(folder, claimed, file), begin);
        else if (file.endsWith(PART_EXTENSION)) await this.#delete(join(folder, claimed, file)); // nobody will complete it
      }
    }
  }

  async #take(path: string, begin: (facts: RecordingFacts, file: KeptFile) => LeftRecording): Promise<void> {
    let left: LeftRecording | undefined;
    const wrong = await readRecording(path, (facts) => (left = begin(facts, { delete: () => this.#delete(path) })));
    if (wrong !== undefined) this.#options.log(`${path} can’t be read${left === undefined ? '' : ' any further'}: ${wrong.message}`);
    left?.onRead();
  }

  async #delete(path: string): Promise<void> {
    const deletion = rm(path, { force: true }).catch(() => undefined);
    this.#deletions.add(deletion);
    await deletion;
    this.#deletions.delete(deletion);
  }

  /** Whether it is the folder of an editor that has ended. */
  async #isAbandoned(name: string): Promise<boolean> {
    if (name.startsWith('left-')) return true;
    const [, pid, start] = /^live-(\d+)-(\d+)-\w+$/.exec(name) ?? [];
    return pid !== undefined && (await this.#options.startTimeOf(Number(pid))) !== Number(start);
  }

  async #makeFolder(): Promise<string> {
    const name = await this.#name();
    this.#owned.add(name);
    const path = join(this.#options.folder, name);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }

  async #name(): Promise<string> {
    return `live-${process.pid}-${(await this.#options.startTimeOf(process.pid)) ?? 0}-${random()}`;
  }
}

function random(): string {
  return randomBytes(6).toString('hex');
}

function byNumber(a: string, b: string): number {
  return Number.parseInt(a) - Number.parseInt(b);
}
