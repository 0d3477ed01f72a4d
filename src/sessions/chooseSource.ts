import * as vscode from 'vscode';
import type { ProfileSource } from '../profileSource.ts';
import { chooserFacts, latestFirst } from './sourceFacts.ts';

/** @param given a profile or its id, from a menu or link; anything else asks the user where more than one profile fits */
export async function chooseSource<T extends ProfileSource>(
  all: readonly ProfileSource[],
  given: unknown,
  fits: (source: ProfileSource) => source is T,
): Promise<T | undefined> {
  const { t } = vscode.l10n;
  const wanted = all.find((source) => source === given || source.id === given);
  if (wanted !== undefined) return fits(wanted) ? wanted : undefined;
  const fitting = all.filter(fits);
  if (fitting.length === 0) {
    void vscode.window.showInformationMessage(t('There is no profile that this works on.'));
    return undefined;
  }
  if (fitting.length === 1) return fitting[0];
  const items = latestFirst(fitting).map((source) => ({ label: source.title, ...chooserFacts(source), source }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t('Which profile?'), matchOnDescription: true, matchOnDetail: true }))?.source;
}
