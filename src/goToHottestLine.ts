import * as vscode from 'vscode';
import type { Context } from './context.ts';
import type { ProfileSource } from './profileSource.ts';

/** Lines tried at most, should the hottest ones have no file. */
const MAX_TRIES = 200;

/** Opens the line with the most self time, one in the workspace or a notebook if there is any. */
export async function goToHottestLine(context: Context, source: ProfileSource): Promise<void> {
  const files = context.filesOf(source);
  const lines = [...context.timesOf(source).lines]
    .flatMap(([file, times]) => times.map(({ line, self }) => ({ file, line, self })))
    .filter(({ self }) => self > 0)
    .sort((a, b) => b.self - a.self)
    .slice(0, MAX_TRIES);
  let first: (typeof lines)[number] | undefined;
  for (const hot of lines) {
    const match = await files.resolve(hot.file);
    if (match.kind !== 'found' && match.kind !== 'cell') continue;
    first ??= hot;
    if (match.kind === 'cell' || vscode.workspace.getWorkspaceFolder(vscode.Uri.file(match.path)) !== undefined) {
      await context.openFrame(source, hot.file, hot.line);
      return;
    }
  }
  if (first !== undefined) await context.openFrame(source, first.file, first.line);
  else void vscode.window.showInformationMessage(vscode.l10n.t('There are no samples yet in any file that can be opened.'));
}
