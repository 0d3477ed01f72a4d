import * as vscode from 'vscode';

/** ms after which a cell that was told to run and shows no sign of it won't: perhaps no kernel was chosen. */
const PATIENCE = 5000;

/** A cell that was told to run. */
export interface CellRun {
  /** Resolves when it runs, or is over. */
  readonly begun: Promise<void>;
  /** Resolves when it has run or will not. */
  readonly over: Promise<void>;
}

/** Runs a cell. VS Code tells extensions only by the cell's execution summary what becomes of it. */
export function runCell(cell: vscode.NotebookCell): CellRun {
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  return { begun, over: run(cell, begin).finally(begin) };
}

async function run(cell: vscode.NotebookCell, begin: () => void): Promise<void> {
  const { index, notebook } = cell;
  const subscriptions: vscode.Disposable[] = [];
  let hasBegun = false;
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  subscriptions.push(
    vscode.workspace.onDidChangeNotebookDocument(({ notebook: changed, cellChanges, contentChanges }) => {
      if (changed !== notebook) return;
      for (const { cell: one, executionSummary } of cellChanges) {
        if (one !== cell || executionSummary === undefined) continue;
        hasBegun = true;
        begin();
        // Without success while it runs; that it is over, and how, comes last.
        if (executionSummary.success !== undefined) end();
      }
      if (contentChanges.some(({ removedCells }) => removedCells.includes(cell))) end();
    }),
    vscode.workspace.onDidCloseNotebookDocument((closed) => {
      if (closed === notebook) end();
    }),
  );
  let timer: NodeJS.Timeout | undefined;
  try {
    // Resolves when the kernel's extension is through with it, or at once, as that pleases.
    await vscode.commands.executeCommand('notebook.cell.execute', { ranges: [{ start: index, end: index + 1 }], document: notebook.uri });
    timer = setTimeout(() => {
      if (!hasBegun) end();
    }, PATIENCE);
    await ended;
  } finally {
    clearTimeout(timer);
    vscode.Disposable.from(...subscriptions).dispose();
  }
}
