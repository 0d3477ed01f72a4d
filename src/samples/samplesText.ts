import * as vscode from 'vscode';
import type { Profile } from '../../profile/profile.ts';
import type { SampleChoice } from '../../webview/query.ts';
import type { Format } from '../format.ts';

/** Which samples count, in few words: "worker-1 · On CPU". */
export function samplesText(choice: SampleChoice, profile: Profile): string {
  const { t } = vscode.l10n;
  const { scope, onCpuOnly, readyOnly, gilOnly, transforms } = choice;
  const parts = [
    scopeText(scope, profile),
    onCpuOnly ? t('On CPU') : '',
    readyOnly ? t('Ready') : '',
    gilOnly ? t('GIL') : '',
    onCpuOnly || readyOnly || gilOnly ? '' : t('waiting included'),
    transforms.length === 0 ? '' : transforms.length === 1 ? t('1 step') : t('{0} steps', transforms.length),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** What shares are of, in a sentence. @param time µs of the samples that count */
export function wholeText(choice: SampleChoice, profile: Profile, time: number, format: Format): string {
  const { t } = vscode.l10n;
  const { scope, onCpuOnly, readyOnly, gilOnly, transforms } = choice;
  const whole = format.time(time);
  if (transforms.length === 0 && scope.kind === 'all' && !readyOnly && !(onCpuOnly && gilOnly)) {
    if (gilOnly) return t('Shares of {0} that threads held the GIL', whole);
    return onCpuOnly ? t('Shares of {0} that threads ran on a core', whole) : t('Shares of {0} of all threads, waiting included', whole);
  }
  return t('Shares of {0} of the samples that are chosen in the flame graph: {1}', whole, samplesText(choice, profile));
}

function scopeText(scope: SampleChoice['scope'], { threads, processes }: Profile): string {
  const { t } = vscode.l10n;
  switch (scope.kind) {
    case 'all':
      return processes.length > 1 ? t('All processes') : t('All threads');
    case 'thread':
      return threads[scope.id]?.name ?? t('Thread');
    case 'process': {
      const process = processes[scope.id];
      return process === undefined ? t('Process') : `${process.name} (${process.pid})`;
    }
  }
}
