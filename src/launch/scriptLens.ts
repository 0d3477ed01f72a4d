import { basename } from 'node:path';
import * as vscode from 'vscode';
import { LensProvider } from './lensProvider.ts';
import { runnableTests } from '../tests/testPlaces.ts';
import { entryPoint } from './entryPoint.ts';

/** "Profile this script" where a Python file begins to run: one lens or none, so that code does not jump about. */
export class ScriptLensProvider extends LensProvider {
  override provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const { scriptLens } = this.config;
    if (scriptLens === 'never' || !vscode.workspace.isTrusted) return [];
    const entry = entryPoint(document.getText());
    if (entry === undefined || (scriptLens === 'mainGuard' && !entry.isMainGuard)) return [];
    // Run as a script, a file of tests does nothing; they have lenses of their own.
    if (!entry.isMainGuard && runnableTests(basename(document.fileName), document.getText()).length > 0) return [];
    const { t } = vscode.l10n;
    const command = {
      command: 'heatline.profileScript',
      title: t('$(flame) Profile this script'),
      tooltip: t('Runs it in the terminal and shows where its time goes'),
      arguments: [document.uri],
    };
    return [new vscode.CodeLens(new vscode.Range(entry.line, 0, entry.line, 0), command)];
  }
}
