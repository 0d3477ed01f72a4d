import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { Format } from '../format.ts';

/** Says above files that were changed since they were profiled, in a way that nobody watched, that marks may be on other lines. */
export class StaleLensProvider implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #context: Context;
  readonly #onDidChange = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#onDidChange.event;
  readonly #subscription: vscode.Disposable;

  constructor(context: Context) {
    this.#context = context;
    this.#subscription = context.heat.onDidChange(() => this.#onDidChange.fire());
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const { t } = vscode.l10n;
    const changedAt = await this.#context.heat.staleSince(document);
    if (changedAt === undefined) return [];
    const format = new Format(vscode.env.language);
    return [
      new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), {
        command: 'heatline.clearHeat',
        title: t('$(warning) Changed {0}, after it was profiled: marks may be on other lines', format.ago(changedAt, Date.now())),
        tooltip: t('Profile it once more to see its times now. A click clears the marks.'),
      }),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(this.#subscription, this.#onDidChange).dispose();
  }
}
