import * as vscode from 'vscode';
import { formats } from '../../profile/formats/registry.ts';
import { ProfileFormatError } from '../../profile/profileFormatError.ts';
import type { Context } from '../context.ts';
import { OpenedProfile } from './openedProfile.ts';

/** The editor that savedProfileEditor.ts provides (`customEditors` in package.json). */
export const SAVED_PROFILE_EDITOR = 'heatline.savedProfile';

/** Bytes of a file, packed or not, that takes more than a moment to read. */
const LARGE = 4_000_000;

/** Opens a saved profile, one that the user picks unless it is given, in the editor for them. */
export async function openProfile(given?: vscode.Uri): Promise<void> {
  const { t } = vscode.l10n;
  const filters = { [t('Profiles')]: profileExtensions(), [t('All files')]: ['*'] };
  const uri = given ?? (await vscode.window.showOpenDialog({ title: t('Open Profile'), filters }))?.[0];
  if (uri !== undefined) await vscode.commands.executeCommand('vscode.openWith', uri, SAVED_PROFILE_EDITOR);
}

/** The last parts of the endings of all files that can be read. */
function profileExtensions(): string[] {
  const endings = formats.filter(({ read }) => read !== undefined).flatMap((format) => format.endings);
  return [...new Set([...endings.map((ending) => ending.replace(/^.*\./, '')), 'gz'])];
}

/**
 * Reads a profile, or finds it where it is open already.
 * @param closed ends the reading, when nobody waits for it any more
 * @returns what is wrong with it, where that fails, which the user is told, too
 */
export async function readProfile(context: Context, uri: vscode.Uri, closed: AbortSignal): Promise<OpenedProfile | string> {
  const { t } = vscode.l10n;
  const ended = new AbortController();
  const signal = AbortSignal.any([closed, ended.signal]);
  try {
    const open = context.sources.all.find((source) => source instanceof OpenedProfile && source.uri.toString() === uri.toString());
    if (open instanceof OpenedProfile) context.sources.remove(open); // the file may be another by now
    const { size } = await vscode.workspace.fs.stat(uri);
    const title = t('Opening {0}', uri.path);
    // What is there in a moment needs no button.
    const place =
      size < LARGE
        ? { location: vscode.ProgressLocation.Window, title }
        : { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    const source = await vscode.window.withProgress(place, (progress, token) => {
      token.onCancellationRequested(() => ended.abort());
      let told = 0;
      const onProgress = (share: number): void => {
        progress.report({ increment: (share - told) * 100, message: `${Math.floor(share * 100)} %` });
        told = share;
      };
      return OpenedProfile.read(context.sources.nextId(), uri, size, { onProgress, signal });
    });
    context.sources.add(source);
    const { unknown } = source.profile;
    if (unknown !== undefined) void vscode.window.showInformationMessage(t('{0}: {1}', source.title, t(unknown)));
    return source;
  } catch (error) {
    if (signal.aborted) return t('{0} was not opened, as you cancelled that.', uri.fsPath);
    context.log.error(uri.toString(), error);
    const reason = error instanceof Error ? error.message : String(error);
    const text =
      error instanceof ProfileFormatError
        ? t('{0} is no profile that Heatline can read: {1}', uri.fsPath, reason)
        : t('{0} can’t be read: {1}', uri.fsPath, reason);
    void vscode.window.showErrorMessage(text);
    return text;
  }
}
