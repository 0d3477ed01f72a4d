import * as vscode from 'vscode';

/** Adds where the answer goes, which is the user's to decide. */
export function goesToModel(message: vscode.MarkdownString): vscode.MarkdownString {
  const { t } = vscode.l10n;
  return message.appendText(
    `\n${t('Names of functions, files and threads, and lines of source are given to the language model that asks.')}`,
  );
}
