import * as vscode from 'vscode';
import { Format } from '../format.ts';
import { joinArguments } from '../launch/commandLine.ts';
import type { ProfileSource } from '../profileSource.ts';
import { ProfileSession } from './profileSession.ts';

/** As lists show them. */
export function latestFirst<T extends ProfileSource>(sources: readonly T[]): T[] {
  return [...sources].reverse().sort((a, b) => b.profile.startedAtEpoch - a.profile.startedAtEpoch);
}

/** The state in a word. */
export function stateText(source: ProfileSource): string {
  const { t } = vscode.l10n;
  if (!(source instanceof ProfileSession)) return t('opened');
  switch (source.state) {
    case 'starting':
      return t('starting');
    case 'running':
      return t('running');
    case 'paused':
      return t('paused');
    case 'ended':
      return source.failure === undefined ? t('ended') : t('failed');
  }
}

/** Whether it is saved, where that could be expected. */
export function savedText(source: ProfileSource): string {
  const { t } = vscode.l10n;
  if (!(source instanceof ProfileSession) || source.state !== 'ended') return '';
  return source.isSaved ? t('saved') : t('● not saved');
}

/** "Python 3.12.1"; empty where it is not known. */
export function whichPython({ profile }: ProfileSource): string {
  const version = profile.processes[0]?.pythonVersion ?? '';
  return version === '' ? '' : `Python ${version}`;
}

/** What Python was told to run: its command line without its own name. Empty where it is not known. */
export function whatRan({ profile }: ProfileSource): string {
  // A whole program may be in there (`-c`).
  return joinArguments(profile.processes[0]?.commandLine.slice(1) ?? []).slice(0, 200);
}

/** What ran, where, and by which Python: a sentence each. */
export function detailsOf({ profile }: ProfileSource): string[] {
  const { t } = vscode.l10n;
  const [process] = profile.processes;
  if (process === undefined) return [];
  const { commandLine, workingDirectory, executable, pythonVersion } = process;
  return [
    ...(commandLine.length === 0 ? [] : [t('Command: {0}', joinArguments(commandLine))]),
    ...(workingDirectory === null ? [] : [t('Folder: {0}', workingDirectory)]),
    ...(pythonVersion === '' ? [] : [executable === '' ? `Python ${pythonVersion}` : t('Python {0}: {1}', pythonVersion, executable)]),
  ];
}

/** What tells profiles of equal names apart where one is to be chosen. */
export function chooserFacts(source: ProfileSource): { readonly description: string; readonly detail: string } {
  const { t } = vscode.l10n;
  const format = new Format(vscode.env.language);
  const { samples, elapsed } = source.profile.quality;
  const description = [
    format.moment(source.profile.startedAtEpoch, Date.now()),
    stateText(source),
    format.time(elapsed),
    t('{0} samples', format.shortCount(samples)),
    savedText(source),
  ];
  return {
    description: description.filter((fact) => fact !== '').join(' · '),
    detail: [whichPython(source), whatRan(source)].filter((fact) => fact !== '').join(' · '),
  };
}
