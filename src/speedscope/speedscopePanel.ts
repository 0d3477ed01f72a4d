import * as vscode from 'vscode';
import { formatOf } from '../../profile/formats/registry.ts';
import type { Context } from '../context.ts';
import { loadPage } from '../flameGraph/panelPage.ts';
import type { ProfileSource } from '../profileSource.ts';
import { encodeProfile } from '../sessions/profileFile.ts';

/** Bytes of a profile for speedscope, which has it all in memory several times over: more of them end it without a word. */
const MAX_BYTES = 300e6;

/** Shows a profile, as it is now, in the speedscope that comes with the extension: nothing is loaded from elsewhere. */
export async function openInSpeedscope({ extension }: Context, source: ProfileSource): Promise<void> {
  const { t } = vscode.l10n;
  const format = formatOf('speedscope');
  const name = `${source.title}.speedscope.json`;
  let content: Uint8Array;
  try {
    const written = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: t('Writing {0} for speedscope', source.title) },
      () => encodeProfile(source.profile, format, name, { language: 'en', translations: {} }),
    );
    content = new Uint8Array(written); // a Buffer would be sent as JSON, by its toJSON
  } catch (error) {
    void vscode.window.showErrorMessage(
      t('{0} can’t be shown in speedscope: {1}', source.title, error instanceof Error ? error.message : String(error)),
    );
    return;
  }
  if (content.length > MAX_BYTES) {
    void vscode.window.showErrorMessage(
      t(
        '{0} is too large for speedscope: it would be {1} MB, and more than {2} MB make it crash. Heatline’s own flame graph shows it.',
        source.title,
        Math.round(content.length / 1e6),
        MAX_BYTES / 1e6,
      ),
    );
    return;
  }
  const panel = vscode.window.createWebviewPanel('heatline.speedscope', t('speedscope: {0}', source.title), vscode.ViewColumn.Active, {
    // It can't be told to show what it showed.
    retainContextWhenHidden: true,
  });
  panel.iconPath = vscode.Uri.joinPath(extension.extensionUri, 'media', 'icon.svg');
  const { webview } = panel;
  webview.onDidReceiveMessage(() => void webview.postMessage({ name, content })); // it says nothing but that it is ready
  loadPage(webview, extension.extensionUri, {
    scripts: ['speedscopePage.js', 'speedscope.js'],
    style: 'speedscope.css',
    makesStyles: true,
    title: 'speedscope',
    language: 'en',
  });
}
