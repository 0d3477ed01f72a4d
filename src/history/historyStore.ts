import { randomBytes } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A recording of some window, today or earlier. */
export interface HistoryEntry {
  /** Of the recording: the same in each window that has it. */
  readonly id: string;
  readonly name: string;
  /** Whether the user gave the name. */
  readonly isRenamed: boolean;
  /** The user's: it is not deleted to make room. */
  readonly isPinned: boolean;
  /** What tells runs of the same program (programOf); null: not known. */
  readonly program: string | null;
  /** ms since 1970. */
  readonly startedAt: number;
  /** µs */
  readonly elapsed: number;
  readonly samples: number;
  /** The function with the most self time, and its share of 0 to 1. */
  readonly hottest: { readonly name: string; readonly share: number } | null;
  /** The profile's, in the store's folder. */
  readonly file: string;
}

export interface HistoryStoreOptions {
  /** Of all windows; need not be there. */
  readonly folder: string;
  /** All profiles together, without those that are pinned. */
  readonly maxBytes: () => number;
  readonly log: (message: string) => void;
}

const FACTS = '.facts.json';
/** Of a file of facts: longer ones are not ours. */
const MAX_FACTS = 64 * 1024;
const MAX_TEXT = 1000;

/**
 * Profiles on disk, which all windows share: each is a file in Heatline's own format, and one with its facts beside it, so that a list
 * needs to read none of the profiles. Files are whole or not there: they are written under other names.
 */
export class HistoryStore {
  readonly #options: HistoryStoreOptions;
  #watcher: FSWatcher | undefined;

  constructor(options: HistoryStoreOptions) {
    this.#options = options;
  }

  /** Calls whenever the store changes, by this window or another. */
  async watch(listener: () => void): Promise<void> {
    try {
      await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
      this.#watcher = watch(this.#options.folder, { persistent: false }, (_event, name) => {
        if (name?.endsWith(FACTS) === true) listener();
      }).on('error', () => undefined); // the folder was deleted
    } catch (error) {
      this.#options.log(`The history of profiles can’t be kept: ${String(error)}`);
    }
  }

  dispose(): void {
    this.#watcher?.close();
  }

  /** Pinned ones first, then the latest first. */
  async list(): Promise<HistoryEntry[]> {
    const names = await readdir(this.#options.folder).catch(() => []);
    const entries = await Promise.all(names.filter((name) => name.endsWith(FACTS)).map((name) => this.#read(name)));
    return entries
      .filter((entry) => entry !== undefined)
      .sort((a, b) => Number(b.isPinned) - Number(a.isPinned) || b.startedAt - a.startedAt);
  }

  /** Where an entry's profile is. */
  pathOf({ file }: HistoryEntry): string {
    return join(this.#options.folder, file);
  }

  /** Adds a profile, and deletes the oldest ones that have no room any more; nothing is kept that has no room by itself. */
  async add(entry: HistoryEntry, profile: Uint8Array): Promise<void> {
    if (profile.length > this.#options.maxBytes()) return;
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    await this.#write(entry.file, profile);
    await this.#write(`${entry.id}${FACTS}`, JSON.stringify(entry));
    await this.makeRoom();
  }

  async change(entry: HistoryEntry, change: Partial<Pick<HistoryEntry, 'name' | 'isPinned'>>): Promise<void> {
    const changed = { ...entry, ...change, isRenamed: entry.isRenamed || change.name !== undefined };
    await this.#write(`${entry.id}${FACTS}`, JSON.stringify(changed));
  }

  async delete(entry: HistoryEntry): Promise<void> {
    await rm(this.pathOf(entry), { force: true });
    await rm(join(this.#options.folder, `${entry.id}${FACTS}`), { force: true });
  }

  /** Deletes the oldest profiles until the others have room; pinned ones stay, and don't count. */
  async makeRoom(): Promise<void> {
    let room = this.#options.maxBytes();
    for (const entry of await this.list()) {
      if (entry.isPinned) continue;
      room -= await stat(this.pathOf(entry)).then(
        ({ size }) => size,
        () => Infinity, // facts of nothing
      );
      if (room < 0) await this.delete(entry);
      if (room === -Infinity) room = this.#options.maxBytes();
    }
  }

  async #read(name: string): Promise<HistoryEntry | undefined> {
    const path = join(this.#options.folder, name);
    try {
      if ((await stat(path)).size > MAX_FACTS) return undefined;
      const entry = parseEntry(JSON.parse(await readFile(path, 'utf8')));
      return entry !== undefined && `${entry.id}${FACTS}` === name ? entry : undefined;
    } catch {
      return undefined; // deleted by another window, or damaged
    }
  }

  async #write(name: string, content: Uint8Array | string): Promise<void> {
    const path = join(this.#options.folder, name);
    const part = `${path}.${randomBytes(6).toString('hex')}.part`;
    await writeFile(part, content, { mode: 0o600 });
    await rename(part, path);
  }
}

function parseEntry(data: unknown): HistoryEntry | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { id, name, isRenamed, isPinned, program, startedAt, elapsed, samples, hottest, file } = data as Record<
    keyof HistoryEntry,
    unknown
  >;
  const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT;
  const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && Number.isFinite(value);
  if (!isText(id) || !isText(name) || !isText(file) || typeof isRenamed !== 'boolean' || typeof isPinned !== 'boolean') return undefined;
  if (!isCount(startedAt) || !isCount(elapsed) || !isCount(samples) || !(program === null || isText(program))) return undefined;
  if (basename(file) !== file || !file.endsWith('.gz')) return undefined; // no file of others
  const hot = hottest === null ? null : parseHottest(hottest);
  return hot === undefined ? undefined : { id, name, isRenamed, isPinned, program, startedAt, elapsed, samples, hottest: hot, file };
}

function parseHottest(data: unknown): HistoryEntry['hottest'] | undefined {
  const { name, share } = (typeof data === 'object' && data !== null ? data : {}) as { name?: unknown; share?: unknown };
  return typeof name === 'string' && name.length <= MAX_TEXT && typeof share === 'number' && share >= 0 && share <= 1
    ? { name, share }
    : undefined;
}
