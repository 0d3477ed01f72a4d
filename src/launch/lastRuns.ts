import { parseRunOptions, type RunOptions } from './runOptions.ts';

/** Where something is kept between sessions: VS Code's workspace state. */
export interface Storage {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const KEY = 'runs';
/** Files remembered at most; the one longest not run is forgotten. */
const MAX_FILES = 200;

/** How each file was run the last time. */
export class LastRuns {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  of(file: string): RunOptions {
    return parseRunOptions(this.#all().find(([name]) => name === file)?.[1]);
  }

  async remember(file: string, options: RunOptions): Promise<void> {
    const others = this.#all().filter(([name]) => name !== file);
    await this.#storage.update(KEY, [...others.slice(-(MAX_FILES - 1)), [file, options]]);
  }

  #all(): readonly (readonly [string, unknown])[] {
    const stored = this.#storage.get(KEY);
    return Array.isArray(stored)
      ? stored.filter((entry): entry is [string, unknown] => Array.isArray(entry) && typeof entry[0] === 'string')
      : [];
  }
}
