import * as vscode from 'vscode';
import { ProfileFormatError } from '../../profile/profileFormatError.ts';
import type { Context } from '../context.ts';
import { OpenedProfile } from './openedProfile.ts';

/** The editor that savedProfileEditor.ts provides (`customEditors` in package.json). */
export const SAVED_PROFILE_EDITOR = 'heatline.savedProfile';

/** Opens a saved profile, one that the user picks unless it is given, in the editor for them. */
export async function openProfile(given?: vscode.Uri): Promise<void> {
  const { t } = vscode.l10n;
  const filters = { [t('Profiles')]: ['gz', 'json'], [t('All files')]: ['*'] };
  const uri = given ?? (await vscode.window.showOpenDialog({ title: t('Open Profile'), filters }))?.[0];
  if (uri !== undefined) await vscode.commands.executeCommand('vscode.openWith', uri, SAVED_PROFILE_EDITOR);
}

/** Reads a profile, or finds it where it is open already. @returns what is wrong with it, where that fails, which the user is told, too */
export async function readProfile(context: Context, uri: vscode.Uri): Promise<OpenedProfile | string> {
  const { t } = vscode.l10n;
  try {
    const open = context.sources.all.find((source) => source instanceof OpenedProfile && source.uri.toString() === uri.toString());
    if (open instanceof OpenedProfile) context.sources.remove(open); // the file may be another by now
    const source = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: t('Opening {0}', uri.path) }, () =>
      OpenedProfile.read(context.sources.nextId(), uri),
    );
    context.sources.add(source);
    return source;
  } catch (error) {
    context.log.error(uri.toString(), error);
    const reason = error instanceof Error ? error.message : String(error);
    const text = error instanceof ProfileFormatError ? t('{0} is no profile that Heatline can read: {1}', uri.fsPath, reason) : t('{0} can’t be read: {1}', uri.fsPath, reason);
    void vscode.window.showErrorMessage(text);
    return text;
  }
}
