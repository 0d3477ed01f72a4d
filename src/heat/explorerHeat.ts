import * as vscode from 'vscode';
import type { Config } from '../config.ts';
import type { SourceFiles } from '../files/sourceFiles.ts';
import type { ProfileSource } from '../profileSource.ts';
import type { Sources } from '../sessions/sources.ts';
import type { SourceTimes } from '../sourceTimes.ts';
import { LEVELS } from './fileHeat.ts';
import type { Heat } from './heat.ts';

export interface ExplorerHeatOptions {
  readonly heat: Heat;
  readonly sources: Sources;
  readonly config: Config;
  readonly filesOf: (source: ProfileSource) => SourceFiles;
  readonly timesOf: (source: ProfileSource) => SourceTimes;
  readonly log: Pick<vscode.LogOutputChannel, 'error'>;
}

/** ms between two looks at a profile that is recorded. */
const INTERVAL = 3000;
/** Share of the time below which a file has no badge. */
const SHOWN_SHARE = 0.005;
/** Files with badges at most. */
const MAX_FILES = 200;

/** Badges in the Explorer: how much of the profile's time goes in each file itself, while its heat shows. */
export class ExplorerHeat implements vscode.FileDecorationProvider, vscode.Disposable {
  readonly #options: ExplorerHeatOptions;
  readonly #onDidChange = new vscode.EventEmitter<undefined>();
  readonly onDidChangeFileDecorations = this.#onDidChange.event;
  readonly #subscriptions: vscode.Disposable;
  /** By path. */
  #shares: ReadonlyMap<string, number> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #round = 0;

  constructor(options: ExplorerHeatOptions) {
    this.#options = options;
    this.#subscriptions = vscode.Disposable.from(
      this.#onDidChange,
      options.heat.onDidChange(() => this.#refresh()),
      options.config.onDidChange(() => this.#refresh()),
      options.sources.onDidChange((source) => {
        if (source !== options.heat.source) return;
        if (source.state === 'ended') this.#refresh();
        else
          this.#timer ??= setTimeout(() => {
            this.#timer = undefined;
            this.#refresh();
          }, INTERVAL);
      }),
      vscode.window.registerFileDecorationProvider(this),
    );
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    const share = uri.scheme === 'file' ? this.#shares.get(uri.fsPath) : undefined;
    if (share === undefined) return undefined;
    const percent = Math.round(100 * share);
    const level = Math.max(1, Math.ceil(LEVELS * Math.sqrt(share)));
    return new vscode.FileDecoration(
      percent < 1 ? '<1' : percent > 99 ? '●' : String(percent),
      vscode.l10n.t('{0} % of the time was spent in this file itself', percent < 1 ? '<1' : percent),
      new vscode.ThemeColor(`heatline.heat${level}`),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscriptions.dispose();
  }

  #refresh(): void {
    const round = ++this.#round;
    void this.#measure()
      .then((shares) => {
        if (round !== this.#round || (shares.size === 0 && this.#shares.size === 0)) return;
        this.#shares = shares;
        this.#onDidChange.fire(undefined);
      })
      .catch((error: unknown) => this.#options.log.error('Marking files', error));
  }

  async #measure(): Promise<ReadonlyMap<string, number>> {
    const { heat, config, filesOf, timesOf } = this.#options;
    const { source } = heat;
    const shares = new Map<string, number>();
    if (source === undefined || !heat.isEnabled || !config.explorerHeat) return shares;
    const { lines, weights } = timesOf(source);
    const files = [...lines]
      .map(([file, times]) => ({
        file,
        share: weights.totalTime > 0 ? times.reduce((sum, { self }) => sum + self, 0) / weights.totalTime : 0,
      }))
      .filter(({ share }) => share >= SHOWN_SHARE)
      .sort((a, b) => b.share - a.share)
      .slice(0, MAX_FILES);
    for (const { file, share } of files) {
      const match = await filesOf(source).resolve(file);
      if (match.kind === 'found') shares.set(match.path, (shares.get(match.path) ?? 0) + share);
    }
    return shares;
  }
}
