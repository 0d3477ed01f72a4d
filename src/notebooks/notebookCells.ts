import * as vscode from 'vscode';
import { baseName } from '../files/pathMatch.ts';
import type { Cell, CellIndex } from './cellFiles.ts';
import { type CellName, type CompiledCell, compiledCell } from './cellNames.ts';
import { isPythonCell, isPythonNotebook } from './pythonNotebook.ts';

/** Versions of one cell that are remembered. */
const MAX_VERSIONS = 20;
/** Characters of a cell that is still looked at. */
const MAX_LENGTH = 1_000_000;

/** A cell's source, as it was when it was run or is now. */
interface Version {
  readonly cell: vscode.NotebookCell;
  readonly compiled: CompiledCell;
  readonly sequence: number;
}

/**
 * Finds the cells of open notebooks by what their code is called in Python, which comes from the source that was run. So sources are
 * remembered when a cell is run, and cells that ran before that are found by what is in them now.
 */
export class NotebookCells implements CellIndex, vscode.Disposable {
  readonly #subscriptions: vscode.Disposable;
  /** By the URI of the cell's document, the last run in front. */
  readonly #run = new Map<string, Version[]>();
  readonly #current = new WeakMap<vscode.TextDocument, Version & { readonly version: number }>();
  /** Notebooks (by URI) whose kernel is known to be a process. */
  readonly #notebooks = new Map<number, string>();
  #sequence = 0;

  constructor() {
    this.#subscriptions = vscode.Disposable.from(
      vscode.workspace.onDidChangeNotebookDocument(({ cellChanges }) => {
        for (const { cell, executionSummary } of cellChanges) if (executionSummary !== undefined) this.#remember(cell);
      }),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => {
        for (const cell of notebook.getCells()) this.#run.delete(cell.document.uri.toString());
      }),
    );
  }

  /** A process is the kernel of a notebook: its cells' code is no other notebook's. */
  bind(pid: number, notebook: vscode.NotebookDocument): void {
    this.#notebooks.set(pid, notebook.uri.toString());
  }

  get stamp(): string {
    return `${this.#sequence}/${this.#versions().length}`;
  }

  find(name: CellName): readonly Cell[] {
    const all = this.#versions().filter(({ cell, compiled }) => {
      if (name.kind === 'hash') return compiled.hash === name.hash;
      // What magics and shell lines become is not known here; but the count is on the cell.
      return (
        compiled.digests.includes(name.digest) || (cell.executionSummary?.executionOrder === name.count && /^\s*[%!?]/m.test(compiled.text))
      );
    });
    const notebook = name.kind === 'hash' ? this.#notebooks.get(name.pid) : undefined;
    const own = all.filter(({ cell }) => cell.notebook.uri.toString() === notebook);
    return (own.length > 0 ? own : all).sort((a, b) => b.sequence - a.sequence).map(cellOf);
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #remember(cell: vscode.NotebookCell): void {
    if (!isPythonCell(cell) || !isPythonNotebook(cell.notebook) || cell.document.getText().length > MAX_LENGTH) return;
    const uri = cell.document.uri.toString();
    const compiled = compiledCell(cell.document.getText());
    const versions = this.#run.get(uri) ?? [];
    if (versions[0]?.compiled.hash === compiled.hash && cell.executionSummary?.success !== undefined) return; // it has ended
    const others = versions.filter((version) => version.compiled.hash !== compiled.hash);
    this.#run.set(uri, [{ cell, compiled, sequence: ++this.#sequence }, ...others.slice(0, MAX_VERSIONS - 1)]);
  }

  /** All that is known: what was run, and what is in the cells now. */
  #versions(): Version[] {
    const versions: Version[] = [];
    for (const notebook of vscode.workspace.notebookDocuments) {
      if (!isPythonNotebook(notebook)) continue;
      for (const cell of notebook.getCells()) {
        if (!isPythonCell(cell)) continue;
        const run = this.#run.get(cell.document.uri.toString()) ?? [];
        const current = this.#currentOf(cell);
        versions.push(...run);
        if (current !== undefined && !run.some(({ compiled }) => compiled.hash === current.compiled.hash)) versions.push(current);
      }
    }
    return versions;
  }

  #currentOf(cell: vscode.NotebookCell): Version | undefined {
    const { document } = cell;
    const known = this.#current.get(document);
    if (known?.version === document.version) return known;
    const text = document.getText();
    if (text.length > MAX_LENGTH) return undefined;
    // It comes before whatever is run from now on.
    const current = { cell, compiled: compiledCell(text), sequence: known === undefined ? 0 : ++this.#sequence, version: document.version };
    this.#current.set(document, current);
    return current;
  }
}

function cellOf({ cell, compiled, sequence }: Version): Cell {
  const { notebook } = cell;
  const { text, magicLines } = compiled;
  return {
    uri: cell.document.uri.toString(),
    name: vscode.l10n.t('Cell {0}', cell.index + 1),
    notebook: baseName(notebook.uri.path),
    text,
    magicLines,
    sequence,
  };
}
