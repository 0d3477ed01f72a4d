import * as vscode from 'vscode';
import { formatOf } from '../../profile/formats/registry.ts';
import type { SourceTimes } from '../sourceTimes.ts';
import { programOf } from '../languageModel/sameProgram.ts';
import type { ProfileSource } from '../profileSource.ts';
import { OpenedProfile } from '../sessions/openedProfile.ts';
import { encodeProfile } from '../sessions/profileFile.ts';
import { ProfileSession } from '../sessions/profileSession.ts';
import type { Sources } from '../sessions/sources.ts';
import { type HistoryEntry, HistoryStore, type HistoryStoreOptions } from './historyStore.ts';

export interface HistoryOptions extends HistoryStoreOptions {
  readonly sources: Sources;
  readonly timesOf: (source: ProfileSource) => SourceTimes;
  readonly displayName: (source: ProfileSource, func: number) => string;
}

/** Keeps each recording that has ended, so that all windows have it, today and later. */
export class History implements vscode.Disposable {
  readonly #options: HistoryOptions;
  readonly #store: HistoryStore;
  readonly #onDidChange = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#onDidChange.event;
  readonly #subscriptions: { dispose(): unknown }[];
  /** Being kept, or kept. */
  readonly #kept = new WeakSet<ProfileSource>();
  #entries: readonly HistoryEntry[] = [];
  /** Changes of the store, one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: HistoryOptions) {
    const { sources } = options;
    this.#options = options;
    this.#store = new HistoryStore(options);
    this.#subscriptions = [
      this.#onDidChange,
      sources.onDidAdd((source) => this.#keep(source)),
      sources.onDidChange((source) => this.#keep(source)),
      sources.onDidRemove((source) => this.#discarded(source)),
    ];
    void this.#store.watch(() => this.#refresh()).then(() => this.#refresh());
  }

  /** All there are, those whose sessions are in this window, too; pinned ones first, then the latest first. */
  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  /** Those that are nothing else in this window. */
  get others(): readonly HistoryEntry[] {
    const shown = new Set(this.#options.sources.all.map(idOf));
    return this.#entries.filter(({ id }) => !shown.has(id));
  }

  /** The entry of a session, or what is one. */
  entryOf(node: unknown): HistoryEntry | undefined {
    const id = node instanceof ProfileSession ? idOf(node) : isEntry(node) ? node.id : undefined;
    return this.#entries.find((entry) => entry.id === id);
  }

  uriOf(entry: HistoryEntry): vscode.Uri {
    return vscode.Uri.file(this.#store.pathOf(entry));
  }

  /** Reads an entry's profile, which is no profile of the window by that. */
  async read(entry: HistoryEntry): Promise<OpenedProfile> {
    const uri = this.uriOf(entry);
    const { size } = await vscode.workspace.fs.stat(uri);
    const options = { onProgress: () => undefined, signal: new AbortController().signal };
    return OpenedProfile.read(`history-${entry.id}`, uri, size, options);
  }

  change(entry: HistoryEntry, change: Partial<Pick<HistoryEntry, 'name' | 'isPinned'>>): Promise<void> {
    return this.#do(() => this.#store.change(entry, change));
  }

  delete(entries: readonly HistoryEntry[]): Promise<void> {
    return this.#do(async () => {
      for (const entry of entries) await this.#store.delete(entry);
    });
  }

  /** Resolves when all that ended so far is kept. */
  settled(): Promise<void> {
    return this.#work;
  }

  dispose(): void {
    this.#store.dispose();
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #keep(source: ProfileSource): void {
    if (!(source instanceof ProfileSession) || source.state !== 'ended' || !source.hasSamples || this.#kept.has(source)) return;
    this.#kept.add(source);
    void this.#do(async () => {
      const entry = this.#entryFor(source);
      if (this.#options.maxBytes() === 0 || this.#entries.some(({ id }) => id === entry.id)) return;
      const bytes = await encodeProfile(source.profile, formatOf('firefox'), entry.file, { language: 'en', translations: {} });
      // It may have been discarded meanwhile.
      if (this.#kept.has(source)) await this.#store.add(entry, bytes);
    });
  }

  #discarded(source: ProfileSource): void {
    this.#kept.delete(source);
    void this.#do(async () => {
      const entry = this.entryOf(source);
      if (entry !== undefined && !entry.isPinned) await this.#store.delete(entry);
    });
  }

  #entryFor(source: ProfileSession): HistoryEntry {
    const { profile, target } = source;
    const times = this.#options.timesOf(source);
    const hottest = times.functions.reduce<{ func: number; self: number } | null>(
      (most, one) => (one.self > (most?.self ?? 0) ? one : most),
      null,
    );
    const id = idOf(source);
    const slug = target.name
      .replace(/\.py$/, '')
      .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
      .replace(/^[.-]+/, '')
      .slice(0, 80);
    return {
      id,
      name: target.name.slice(0, 200),
      isRenamed: false,
      isPinned: false,
      program: programOf(profile)?.slice(0, 1000) ?? null,
      startedAt: profile.startedAtEpoch,
      elapsed: profile.quality.elapsed,
      samples: profile.quality.samples,
      hottest:
        hottest === null
          ? null
          : {
              name: this.#options.displayName(source, hottest.func).slice(0, 200),
              share: Math.min(1, hottest.self / times.weights.totalTime),
            },
      file: `${slug === '' ? 'profile' : slug}-${id}.heatline.json.gz`,
    };
  }

  #do(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work
      .then(work)
      .catch((error: unknown) => this.#options.log(`The history of profiles: ${String(error)}`))
      .then(() => this.#refreshed());
    return this.#work;
  }

  #refresh(): void {
    void this.#do(() => Promise.resolve());
  }

  async #refreshed(): Promise<void> {
    const entries = await this.#store.list();
    if (JSON.stringify(entries) === JSON.stringify(this.#entries)) return;
    this.#entries = entries;
    this.#onDidChange.fire();
  }
}

/** The same in each window that has the recording. */
function idOf(source: ProfileSource): string {
  return source instanceof ProfileSession ? `${Math.round(source.profile.startedAtEpoch)}-${source.target.pid}` : '';
}

export function isEntry(node: unknown): node is HistoryEntry {
  return typeof node === 'object' && node !== null && 'isPinned' in node && 'id' in node && typeof node.id === 'string';
}
