import * as vscode from 'vscode';
import type { Context } from './context.ts';
import type { ProfileSource } from './profileSource.ts';

/** Opens the line of a frame, where it is now; says so if there is none. */
export async function openFrame(context: Context, source: ProfileSource, file: string, line: number, processId?: number): Promise<void> {
  const { t } = vscode.l10n;
  const match = await context.filesOf(source).resolve(file, processId);
  switch (match.kind) {
    case 'generated':
      void vscode.window.showInformationMessage(t('“{0}” is code without a file: the interpreter or the program made it while running.', file));
      return;
    case 'missing':
      void vscode.window.showWarningMessage(t('{0} is neither on this machine nor like any file of the workspace. If you have it, add its folder to the workspace.', file));
      return;
    case 'found':
      break;
  }
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(vscode.Uri.file(match.path));
  } catch (error) {
    void vscode.window.showWarningMessage(t('{0} can’t be opened: {1}', match.path, error instanceof Error ? error.message : String(error)));
    return;
  }
  const current = context.heat.currentLine(source, document, Math.max(1, line));
  const position = document.validatePosition(new vscode.Position(Math.max(0, current), 0));
  const editor = await vscode.window.showTextDocument(document, { viewColumn: columnFor(document), selection: new vscode.Range(position, position) });
  editor.revealRange(new vscode.Range(position, position), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  if (current < 0) vscode.window.setStatusBarMessage(t('Line {0} was changed since it was profiled', line), 5000);
}

/** Where it shows already, else any group but the one of the picture that was clicked. */
function columnFor(document: vscode.TextDocument): vscode.ViewColumn {
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document && editor.viewColumn !== undefined);
  if (shown?.viewColumn !== undefined) return shown.viewColumn;
  const { activeTabGroup, all } = vscode.window.tabGroups;
  const input = activeTabGroup.activeTab?.input;
  if (!(input instanceof vscode.TabInputWebview || input instanceof vscode.TabInputCustom)) return vscode.ViewColumn.Active;
  return all.find((group) => group !== activeTabGroup)?.viewColumn ?? vscode.ViewColumn.Beside;
}
