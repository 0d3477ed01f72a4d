import * as vscode from 'vscode';
import type { Context } from './context.ts';

/** Long documents begin with their heading; more than that is not read for the list. */
const longestHeading = 200;

/** Lets the user choose one of the documents that come with the extension, and shows it. */
export async function openDocumentation({ extension }: Context): Promise<void> {
  const folder = vscode.Uri.joinPath(extension.extensionUri, 'docs');
  const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name).filter((name) => name.endsWith('.md'));
  const items = names.sort().map(async (name) => {
    const uri = vscode.Uri.joinPath(folder, name);
    const text = new TextDecoder().decode((await vscode.workspace.fs.readFile(uri)).subarray(0, longestHeading));
    return { label: /^# (.+)$/m.exec(text)?.[1] ?? name, description: name, uri };
  });
  const chosen = await vscode.window.showQuickPick(Promise.all(items), {
    title: vscode.l10n.t('Heatline’s documentation'),
    matchOnDescription: true,
  });
  if (chosen !== undefined) await vscode.commands.executeCommand('markdown.showPreview', chosen.uri);
}
