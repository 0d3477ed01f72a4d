import * as vscode from 'vscode';
import { exactCount } from '../../profile/exactCounts.ts';
import type { Context } from '../context.ts';
import { Format } from '../format.ts';

/** Lenses in one file at most. */
const MAX_LENSES = 1000;

/** "1,234 calls · 2.1 µs each" above functions whose calls were counted, while the heat of that profile shows. */
export class ExactLensProvider implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #context: Context;
  readonly #format = new Format(vscode.env.language);
  readonly #onDidChange = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#onDidChange.event;
  readonly #subscription: vscode.Disposable;

  constructor(context: Context) {
    this.#context = context;
    this.#subscription = context.heat.onDidChange(() => this.#onDidChange.fire());
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const { t } = vscode.l10n;
    const { heat } = this.#context;
    const { source } = heat;
    if (source?.profile.exactCounts?.of !== 'calls' || !heat.isEnabled) return [];
    const { functions } = source.profile;
    const files = this.#context.filesOf(source);
    const names = new Set(await files.namesOf(document.uri.fsPath));
    const lenses: vscode.CodeLens[] = [];
    for (const { func, self, total } of this.#context.timesOf(source).functions) {
      const record = functions[func]!;
      const count = names.has(record.file) ? exactCount(source.profile, record.file, record.firstLine) : undefined;
      if (count === undefined || count === 0 || lenses.length === MAX_LENSES) continue;
      const line = await heat.currentLine({ source, files }, document, record.firstLine);
      if (line < 0) continue;
      lenses.push(
        new vscode.CodeLens(new vscode.Range(line, 0, line, 0), {
          command: 'heatline.showFlameGraph',
          title: t(
            '{0} calls · {1} each, {2} of it itself',
            this.#format.count(count),
            this.#format.time(total / count),
            this.#format.time(self / count),
          ),
          tooltip: t('Counted exactly, with a profiler that is called at each call: times are longer than without it'),
          arguments: [source.id],
        }),
      );
    }
    return lenses;
  }

  dispose(): void {
    vscode.Disposable.from(this.#subscription, this.#onDidChange).dispose();
  }
}
