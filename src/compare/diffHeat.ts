import * as vscode from 'vscode';
import type { CompareQuery, CompareRow } from '../../webview/compareMessages.ts';
import type { SourceFiles } from '../files/sourceFiles.ts';
import { Format } from '../format.ts';
import type { Heat } from '../heat/heat.ts';
import type { ProfileSource } from '../profileSource.ts';
import { changedLines } from './compareMessage.ts';
import type { PanelSide } from './comparePanel.ts';

/** What is compared. */
interface Shown {
  /** Whoever shows it, and may take it away. */
  readonly id: unknown;
  readonly before: PanelSide;
  readonly after: PanelSide;
  readonly query: CompareQuery;
}

export interface DiffHeatOptions {
  readonly heat: Pick<Heat, 'currentLine'>;
  readonly filesOf: (source: ProfileSource) => SourceFiles;
  readonly log: Pick<vscode.LogOutputChannel, 'error'>;
}

/** Marks the lines of visible editors that take more time than before, or less, if that is no chance. */
export class DiffHeat implements vscode.Disposable {
  readonly #options: DiffHeatOptions;
  readonly #format = new Format(vscode.env.language);
  readonly #subscription: vscode.Disposable;
  #types: Readonly<Record<'slower' | 'faster', vscode.TextEditorDecorationType>> | undefined;
  #shown: Shown | undefined;
  #rows: readonly CompareRow[] = [];
  #round = 0;

  constructor(options: DiffHeatOptions) {
    this.#options = options;
    this.#subscription = vscode.Disposable.from(
      vscode.window.onDidChangeVisibleTextEditors(() => this.#refresh()),
      vscode.workspace.onDidSaveTextDocument(() => this.#refresh()),
    );
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.#rows = changedLines(shown.before, shown.after, shown.query);
    this.#refresh();
  }

  /** @param id who showed it; what someone else showed since stays. Undefined: whoever it was */
  clear(id?: unknown): void {
    if (this.#shown === undefined || (id !== undefined && this.#shown.id !== id)) return;
    this.#shown = undefined;
    this.#refresh();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#shown = undefined;
    if (this.#types !== undefined) vscode.Disposable.from(...Object.values(this.#types)).dispose();
  }

  #refresh(): void {
    if (this.#shown === undefined && this.#types === undefined) return; // nothing to take off
    const round = ++this.#round;
    void Promise.all(vscode.window.visibleTextEditors.map((editor) => this.#mark(editor, round))).catch((error: unknown) =>
      this.#options.log.error('Marking what changed', error),
    );
  }

  async #mark(editor: vscode.TextEditor, round: number): Promise<void> {
    const shown = this.#shown;
    const marks: Record<'slower' | 'faster', vscode.DecorationOptions[]> = { slower: [], faster: [] };
    if (shown !== undefined && editor.document.uri.scheme === 'file') {
      const { source } = shown.after;
      const files = this.#options.filesOf(source);
      const names = new Set(await files.namesOf(editor.document.uri.fsPath));
      for (const row of this.#rows) {
        if (!names.has(row.file)) continue;
        const line = await this.#options.heat.currentLine({ source, files }, editor.document, row.line);
        if (line < 0 || line >= editor.document.lineCount) continue;
        const change = row.self.isSignificant ? row.self : row.total;
        const { range } = editor.document.lineAt(line);
        const text = row.self.isSignificant
          ? this.#text(change, shown.query.by)
          : vscode.l10n.t('{0} with its calls', this.#text(change, shown.query.by));
        marks[change.after > change.before ? 'slower' : 'faster'].push({ range, renderOptions: { after: { contentText: text } } });
      }
    }
    if (round !== this.#round) return; // another one is on its way
    this.#types ??= { slower: decoration('charts.red'), faster: decoration('charts.blue') };
    for (const kind of ['slower', 'faster'] as const) editor.setDecorations(this.#types[kind], marks[kind]);
  }

  #text({ before, after }: { readonly before: number; readonly after: number }, by: CompareQuery['by']): string {
    const value = (one: number): string => (by === 'share' ? this.#format.share(one) : this.#format.time(one * 1e6));
    return `${after > before ? '▲ +' : '▼ −'}${value(Math.abs(after - before))} (${value(before)} → ${value(after)})`;
  }
}

function decoration(color: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    borderWidth: '0 0 0 3px',
    borderStyle: 'solid',
    borderColor: new vscode.ThemeColor(color),
    overviewRulerColor: new vscode.ThemeColor(color),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    after: { margin: '0 0 0 3em', color: new vscode.ThemeColor(color) },
  });
}
