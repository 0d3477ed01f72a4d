import * as vscode from 'vscode';
import type { ProfileSource } from '../profileSource.ts';
import { chooserFacts, latestFirst } from './sourceFacts.ts';

/**
 * @param given a profile or its id, from a menu or link; else it is the one whose flame graph is in front, the only one that fits, or
 * one that the user chooses
 * @param inFront id of the one in front, if any
 */
export async function chooseSource<T extends ProfileSource>(
  all: readonly ProfileSource[],
  given: unknown,
  fits: (source: ProfileSource) => source is T,
  inFront: string | undefined,
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
  const front = fitting.find(({ id }) => id === inFront);
  if (front !== undefined) return front;
  const items = latestFirst(fitting).map((source) => ({ label: source.title, ...chooserFacts(source), source }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t('Which profile?'), matchOnDescription: true, matchOnDetail: true }))
    ?.source;
}
