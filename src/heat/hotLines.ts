import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { nextLine } from './fileHeat.ts';

/** Puts the cursor of the editor in front on the next of its hottest lines, or the one before; round at the ends. */
export async function goToHotLine(context: Context, by: 1 | -1): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const lines = editor === undefined ? [] : await context.heat.hotLines(editor.document);
  if (editor === undefined || lines.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('There are no hot lines in this file. “Go to Hottest Line” opens one that has.'),
    );
    return;
  }
  const position = new vscode.Position(nextLine(lines, editor.selection.active.line, by), 0);
  editor.selection = new vscode.Selection(position, position);
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
