import * as vscode from 'vscode';
import { formatOf, formatOfFile, type WrittenFormat, writtenFormats } from '../../profile/formats/registry.ts';
import { Format } from '../format.ts';
import { translations } from '../flameGraph/translations.ts';
import type { ProfileSource } from '../profileSource.ts';
import { ProfileSession } from './profileSession.ts';
import { encodeProfile } from './profileFile.ts';

/** Asks where to and saves a profile in Heatline's own format, or in another that the file's name asks for. */
export async function saveProfile(source: ProfileSource): Promise<void> {
  await write(source, formatOf('firefox'), vscode.l10n.t('Heatline profile'));
}

/** Asks which format, and where to. */
export async function exportProfile(source: ProfileSource): Promise<void> {
  const { t } = vscode.l10n;
  const items = writtenFormats.map((format) => ({
    format,
    label: t(format.name),
    description: exportEnding(format),
    detail: format.lacks === null ? t(format.purpose) : t('{0}. {1}', t(format.purpose), t(format.lacks)),
  }));
  const choice = await vscode.window.showQuickPick(items, { title: t('Export {0}', source.title), placeHolder: t('Format') });
  if (choice !== undefined) await write(source, choice.format, choice.label, exportEnding(choice.format));
}

/** Of what is for other programs than Heatline: not packed, unless they expect it. */
function exportEnding({ endings }: WrittenFormat): string {
  return endings.find((ending) => !(ending.endsWith('.gz') && endings.includes(ending.slice(0, -3)))) ?? endings[0]!;
}

async function write(source: ProfileSource, format: WrittenFormat, formatName: string, ending = format.endings[0]!): Promise<void> {
  const { t } = vscode.l10n;
  const name = `${fileName(source)}${ending}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    title: t('Save {0}', source.title),
    // Only the last part: VS Code looks no further and would add the whole once more.
    filters: { [formatName]: [ending.replace(/^.*\./, '')] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
  });
  if (uri === undefined) return;
  const named = formatOfFile(uri.path);
  const chosen = named === undefined ? format : (writtenFormats.find(({ id }) => id === named.id) ?? format);
  try {
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: t('Saving {0}', source.title) }, async () => {
      const { version } = source.profile;
      const bytes = await encodeProfile(source.profile, chosen, uri.path, { language: vscode.env.language, translations: translations() });
      await vscode.workspace.fs.writeFile(uri, bytes);
      // The other formats leave out much of what is known.
      if (chosen.lacks === null && source instanceof ProfileSession) source.markSaved(version);
      vscode.window.setStatusBarMessage(
        t('Saved {0} ({1} kB)', uri.fsPath, new Format(vscode.env.language).count(bytes.length / 1000)),
        5000,
      );
    });
  } catch (error) {
    void vscode.window.showErrorMessage(t('{0} can’t be saved: {1}', source.title, error instanceof Error ? error.message : String(error)));
  }
}

/** A name for a file from a profile's: "app-2026-01-31-1205". */
function fileName({ title, profile }: ProfileSource): string {
  const program = profile.processes[0]?.name ?? title;
  const safe = program
    .replace(/\.py$/, '')
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 80);
  const moment = new Date(profile.startedAtEpoch);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${safe === '' ? 'profile' : safe}-${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}-${two(moment.getHours())}${two(moment.getMinutes())}`;
}
