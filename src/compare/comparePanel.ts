import * as vscode from 'vscode';
import type { CompareMessage, CompareQuery } from '../../webview/compareMessages.ts';
import { parseComparePageMessage } from '../../webview/parseComparePageMessage.ts';
import type { Context } from '../context.ts';
import { loadPage } from '../flameGraph/panelPage.ts';
import { translations } from '../flameGraph/translations.ts';
import type { ProfileSource } from '../profileSource.ts';
import { type ComparedSide, compareProfiles } from './compareMessage.ts';

/** A side whose files are known. */
export interface PanelSide extends ComparedSide {
  readonly source: ProfileSource;
}

/** Shows how two profiles, or parts of them, differ: in a tab beside the editor, and in the editor's lines while that is open. */
export function showComparison(context: Context, before: PanelSide, after: PanelSide): void {
  const { extension, diffHeat } = context;
  const panel = vscode.window.createWebviewPanel('heatline.comparison', '', { viewColumn: column() });
  panel.iconPath = vscode.Uri.joinPath(extension.extensionUri, 'media', 'icon.svg');
  const { webview } = panel;
  let sides = [before, after] as const;
  let query: CompareQuery = { by: 'share', lines: false, count: 'running' };
  const show = (): void => {
    const [one, other] = sides;
    panel.title = vscode.l10n.t('{0} → {1}', one.title, other.title);
    const message: CompareMessage = {
      type: 'compare',
      language: vscode.env.language,
      translations: translations(),
      ...compareProfiles(one, other, query),
    };
    void webview.postMessage(message);
    context.heat.clear();
    diffHeat.show({ id: panel, before: one, after: other, query });
  };
  webview.onDidReceiveMessage((data: unknown) => {
    const message = parseComparePageMessage(data);
    switch (message?.type) {
      case 'ready':
        show();
        break;
      case 'compareQuery':
        query = message.query;
        show();
        break;
      case 'swap':
        sides = [sides[1], sides[0]];
        show();
        break;
      case 'openPlace':
        void open(context, sides, message.file, message.line);
        break;
      case undefined:
        break;
    }
  });
  panel.onDidDispose(() => diffHeat.clear(panel));
  loadPage(webview, extension.extensionUri, {
    scripts: ['flameGraph.js'],
    style: 'flameGraph.css',
    title: vscode.l10n.t('Comparison'),
    language: vscode.env.language,
  });
}

/** Only files that one of the profiles names are opened: what there is no more is opened as it was before. */
async function open(context: Context, [before, after]: readonly [PanelSide, PanelSide], file: string, line: number): Promise<void> {
  const side = [after, before].find(({ profile }) => profile.functions.some((func) => func.file === file));
  if (side !== undefined) await context.openFrame(side.source, file, line);
}

/** Where flame graphs are, if one has the focus: beside it would be yet another column. */
function column(): vscode.ViewColumn {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputWebview || input instanceof vscode.TabInputCustom
    ? vscode.ViewColumn.Active
    : vscode.ViewColumn.Beside;
}
