import { basename } from 'node:path';
import * as vscode from 'vscode';
import { LensProvider } from '../launch/lensProvider.ts';
import { runnableTests } from './testPlaces.ts';

/** Lenses in one file at most: one that a program made would be covered with them. */
const MAX_LENSES = 1000;

/** "Profile test" above each test, and above each class of them. */
export class TestLensProvider extends LensProvider {
  override provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!this.config.testLens || !vscode.workspace.isTrusted) return [];
    const { t } = vscode.l10n;
    return runnableTests(basename(document.fileName), document.getText())
      .slice(0, MAX_LENSES)
      .map(({ names, isClass, startLine }) => {
        const title = isClass ? t('$(flame) Profile tests') : t('$(flame) Profile test');
        const tooltip = t('Runs {0} in the terminal and shows where its time goes', names.join('.'));
        return new vscode.CodeLens(new vscode.Range(startLine, 0, startLine, 0), {
          command: 'heatline.profileTest',
          title,
          tooltip,
          arguments: [document.uri, names],
        });
      });
  }
}
