import * as vscode from 'vscode';
import { weighedSvg } from '../../profile/formats/svg/flameGraph.ts';
import type { Context } from '../context.ts';
import { isFlameGraphVisible, pictureOfPage } from '../flameGraph/panel.ts';
import type { ProfileSource } from '../profileSource.ts';
import { samplesText } from '../samples/samplesText.ts';

/** Saves what the flame graph shows now: as SVG all its calls, which zooms and is searched, or as PNG the very picture, if it is in sight. */
export async function savePicture(context: Context, source: ProfileSource): Promise<void> {
  const { t } = vscode.l10n;
  const kind = await chooseKind(source);
  if (kind === undefined) return;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const program = (source.profile.processes[0]?.name ?? 'profile').replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replace(/\.py$/, '');
  const uri = await vscode.window.showSaveDialog({
    title: t('Save Picture of {0}', source.title),
    filters: { [kind === 'svg' ? t('SVG picture') : t('PNG picture')]: [kind] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, `${program}.${kind}`) }),
  });
  if (uri === undefined) return;
  try {
    await vscode.workspace.fs.writeFile(uri, kind === 'png' ? await png(context, source) : svg(context, source));
  } catch (error) {
    void vscode.window.showErrorMessage(t('{0} can’t be saved: {1}', uri.fsPath, error instanceof Error ? error.message : String(error)));
  }
}

/** Asks only where there is a choice; undefined if the user thought better of it. */
async function chooseKind(source: ProfileSource): Promise<'svg' | 'png' | undefined> {
  const { t } = vscode.l10n;
  if (!isFlameGraphVisible(source)) return 'svg';
  const items = [
    { label: 'SVG', description: t('All calls, to zoom and to search in a browser'), format: 'svg' },
    { label: 'PNG', description: t('What is in sight now'), format: 'png' },
  ] as const;
  return (await vscode.window.showQuickPick(items, { title: t('Save Picture of {0}', source.title) }))?.format;
}

/** With the samples that count, and the steps that were taken. */
function svg(context: Context, source: ProfileSource): Uint8Array {
  return Buffer.from([...weighedSvg(context.timesOf(source).weights, { by: 'function' })].join(''));
}

/** @throws Error if there is no picture of it in sight */
async function png(context: Context, source: ProfileSource): Promise<Uint8Array> {
  const caption = [source.title, samplesText(context.samples.of(source), source.profile)].filter((text) => text !== '').join(' · ');
  const picture = await pictureOfPage(source, caption);
  if (picture === undefined) throw new Error(vscode.l10n.t('Its flame graph is not in sight.'));
  return picture;
}
