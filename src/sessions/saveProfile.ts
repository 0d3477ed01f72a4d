import * as vscode from 'vscode';
import { Format } from '../format.ts';
import type { ProfileSource } from '../profileSource.ts';
import { ProfileSession } from './profileSession.ts';
import { encodeProfile, type FileFormat, fileFormats, formatOfName } from './profileFile.ts';

/** Asks where to and saves a profile in Heatline's own format, or in another that the file's name asks for. */
export async function saveProfile(source: ProfileSource): Promise<void> {
  await write(source, 'heatline');
}

/** Asks which format, and where to. */
export async function exportProfile(source: ProfileSource): Promise<void> {
  const { t } = vscode.l10n;
  const items: (vscode.QuickPickItem & { format: FileFormat })[] = [
    { format: 'speedscope', label: 'Speedscope', description: '.speedscope.json', detail: t('For speedscope.app') },
    { format: 'collapsed', label: t('Collapsed stacks'), description: '.collapsed.txt', detail: t('One line per stack with its samples, for flamegraph.pl and many others') },
    { format: 'firefox', label: 'Firefox Profiler', description: '.heatline.json', detail: t('For profiler.firefox.com; the same as a saved profile, not compressed') },
  ];
  const choice = await vscode.window.showQuickPick(items, { title: t('Export {0}', source.title), placeHolder: t('Format') });
  if (choice !== undefined) await write(source, choice.format);
}

async function write(source: ProfileSource, format: FileFormat): Promise<void> {
  const { t } = vscode.l10n;
  const names: Record<FileFormat, string> = { heatline: t('Heatline profile'), firefox: 'Firefox Profiler', speedscope: 'Speedscope', collapsed: t('Collapsed stacks') };
  const name = `${fileName(source)}.${fileFormats[format].extension}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    title: t('Save {0}', source.title),
    // Only the last part: VS Code looks no further and would add the whole once more.
    filters: { [names[format]]: [fileFormats[format].extension.replace(/^.*\./, '')] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
  });
  if (uri === undefined) return;
  const chosen = formatOfName(uri.path) ?? format;
  try {
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: t('Saving {0}', source.title) }, async () => {
      const { version } = source.profile;
      const bytes = await encodeProfile(source.profile, chosen);
      await vscode.workspace.fs.writeFile(uri, bytes);
      // The other formats leave out much of what is known.
      if ((chosen === 'heatline' || chosen === 'firefox') && source instanceof ProfileSession) source.markSaved(version);
      vscode.window.setStatusBarMessage(t('Saved {0} ({1} kB)', uri.fsPath, new Format(vscode.env.language).count(bytes.length / 1000)), 5000);
    });
  } catch (error) {
    void vscode.window.showErrorMessage(t('{0} can’t be saved: {1}', source.title, error instanceof Error ? error.message : String(error)));
  }
}

/** A name for a file from a profile's: "app-2026-01-31-1205". */
function fileName({ title, profile }: ProfileSource): string {
  const program = profile.processes[0]?.name ?? title;
  const safe = program.replace(/\.py$/, '').replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '').slice(0, 80);
  const moment = new Date(profile.startedAtEpoch);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${safe === '' ? 'profile' : safe}-${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}-${two(moment.getHours())}${two(moment.getMinutes())}`;
}
