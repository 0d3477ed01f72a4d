import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { SAVED_PROFILE_EDITOR } from '../sessions/openProfile.ts';
import { exportProfile } from '../sessions/saveProfile.ts';
import { isEntry } from './history.ts';
import { entryFacts } from './historyEntries.ts';
import type { HistoryEntry } from './historyStore.ts';

/** Opens a profile of the history as a saved one. */
export async function openEntry(context: Context, given: unknown): Promise<void> {
  const entry = await choose(context, given, context.history.others);
  if (entry !== undefined) await vscode.commands.executeCommand('vscode.openWith', context.history.uriOf(entry), SAVED_PROFILE_EDITOR);
}

/** Gives a recording, in the history or in this window, a name of the user's. */
export async function renameEntry(context: Context, given: unknown): Promise<void> {
  const { t } = vscode.l10n;
  const entry = await choose(context, given, context.history.entries);
  if (entry === undefined) return;
  const name = await vscode.window.showInputBox({
    title: t('Rename {0}', entry.name),
    value: entry.name,
    validateInput: (text) => (text.trim() === '' || text.length > 200 ? t('A name has 1 to 200 characters.') : undefined),
  });
  if (name !== undefined) await context.history.change(entry, { name: name.trim() });
}

/** A recording that is pinned is never deleted to make room. */
export async function pinEntry(context: Context, given: unknown, isPinned: boolean): Promise<void> {
  const entries = context.history.entries.filter((entry) => entry.isPinned !== isPinned);
  const entry = await choose(context, given, entries);
  if (entry !== undefined) await context.history.change(entry, { isPinned });
}

/** Deletes recordings of the history after a question. @param all what is selected in the view */
export async function deleteEntries(context: Context, given: unknown, all: unknown): Promise<void> {
  const { t } = vscode.l10n;
  const selected = Array.isArray(all) ? all.filter(isEntry) : [];
  const first = await choose(context, given, context.history.others);
  if (first === undefined) return;
  const entries = selected.some(({ id }) => id === first.id) ? selected : [first];
  const question =
    entries.length === 1 ? t('Delete {0} from the history?', first.name) : t('Delete {0} profiles from the history?', entries.length);
  const confirm = t('Delete');
  const detail = t('What was recorded is lost, unless you saved it elsewhere.');
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, confirm)) === confirm)
    await context.history.delete(entries);
}

/** Exports a profile of the history in a format that the user chooses. */
export async function exportEntry(context: Context, given: unknown): Promise<void> {
  const entry = await choose(context, given, context.history.others);
  if (entry !== undefined) await exportProfile(await context.history.read(entry));
}

async function choose(context: Context, given: unknown, entries: readonly HistoryEntry[]): Promise<HistoryEntry | undefined> {
  const { t } = vscode.l10n;
  const { history } = context;
  const wanted = history.entryOf(given);
  if (wanted !== undefined) return wanted;
  if (entries.length === 0) {
    void vscode.window.showInformationMessage(t('There is no such profile in the history.'));
    return undefined;
  }
  const items = entries.map((entry) => ({ label: entry.name, description: entryFacts(entry).join(' · '), entry }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t('Which profile?'), matchOnDescription: true }))?.entry;
}
