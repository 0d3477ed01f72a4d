import * as vscode from 'vscode';
import type { Context } from './context.ts';
import type { ProfileSource } from './profileSource.ts';

/** Opens the line of a frame, where it is now; says so if there is none. */
export async function openFrame(context: Context, source: ProfileSource, file: string, line: number, processId?: number): Promise<void> {
  if (file === '') return; // stands for what could not be read
  const { t } = vscode.l10n;
  const match = await context.filesOf(source).resolve(file, processId);
  switch (match.kind) {
    case 'generated':
      void vscode.window.showInformationMessage(
        t('“{0}” is code without a file: the interpreter or the program made it while running.', file),
      );
      return;
    case 'missing':
      void vscode.window.showWarningMessage(
        t('{0} is neither on this machine nor like any file of the workspace. If you have it, add its folder to the workspace.', file),
      );
      return;
    case 'unknownCell':
      void vscode.window.showWarningMessage(
        t('The cell that this code comes from was changed since it was run, or its notebook is not open.'),
      );
      return;
    case 'cell':
      await openCell(context, source, match.uri, line + match.shift);
      return;
    case 'found':
      break;
  }
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(vscode.Uri.file(match.path));
  } catch (error) {
    void vscode.window.showWarningMessage(
      t('{0} can’t be opened: {1}', match.path, error instanceof Error ? error.message : String(error)),
    );
    return;
  }
  const { position, isGone } = await placeOf(context, source, document, line);
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: columnFor(document),
    selection: new vscode.Range(position, position),
  });
  editor.revealRange(new vscode.Range(position, position), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  if (isGone) sayGone(line);
}

async function openCell(context: Context, source: ProfileSource, uri: string, line: number): Promise<void> {
  const cell = vscode.workspace.notebookDocuments
    .flatMap((notebook) => notebook.getCells())
    .find(({ document }) => document.uri.toString() === uri);
  if (cell === undefined) return; // closed in this moment
  const { notebook, document, index } = cell;
  const range = new vscode.NotebookRange(index, index + 1);
  const shown = vscode.window.visibleNotebookEditors.find((editor) => editor.notebook === notebook);
  const editor = await vscode.window.showNotebookDocument(notebook, { viewColumn: shown?.viewColumn ?? freeColumn(), selections: [range] });
  editor.revealRange(range, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
  const { position, isGone } = await placeOf(context, source, document, line);
  const selection = new vscode.Range(position, position);
  // A cell has an editor of its own only while it is in sight.
  await vscode.commands.executeCommand('vscode.open', document.uri, { viewColumn: editor.viewColumn, selection });
  if (isGone) sayGone(line);
}

/** Where a profiled line (1-based) is in a document now. */
async function placeOf(
  context: Context,
  source: ProfileSource,
  document: vscode.TextDocument,
  line: number,
): Promise<{ readonly position: vscode.Position; readonly isGone: boolean }> {
  const current = await context.heat.currentLine({ source, files: context.filesOf(source) }, document, Math.max(1, line));
  return { position: document.validatePosition(new vscode.Position(Math.max(0, current), 0)), isGone: current < 0 };
}

function sayGone(line: number): void {
  vscode.window.setStatusBarMessage(vscode.l10n.t('Line {0} was changed since it was profiled', line), 5000);
}

/** Where it shows already, else any group but the one of the picture that was clicked. */
function columnFor(document: vscode.TextDocument): vscode.ViewColumn {
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document && editor.viewColumn !== undefined);
  return shown?.viewColumn ?? freeColumn();
}

function freeColumn(): vscode.ViewColumn {
  const { activeTabGroup, all } = vscode.window.tabGroups;
  const input = activeTabGroup.activeTab?.input;
  if (!(input instanceof vscode.TabInputWebview || input instanceof vscode.TabInputCustom)) return vscode.ViewColumn.Active;
  return all.find((group) => group !== activeTabGroup)?.viewColumn ?? vscode.ViewColumn.Beside;
}
