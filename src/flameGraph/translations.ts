import * as vscode from 'vscode';

/** The page asks for texts by their English ones, as `l10n.t` does; those with comments have no plain key. */
export function translations(): Record<string, string> {
  const entries = Object.entries(vscode.l10n.bundle ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
