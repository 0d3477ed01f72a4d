import * as vscode from 'vscode';
import type { Profile } from '../../profile/profile.ts';
import type { SampleChoice, TimeRange } from '../../webview/query.ts';
import { Format } from '../format.ts';

/** Which samples count, in few words: "worker-1 · On CPU". */
export function samplesText(choice: SampleChoice, profile: Profile): string {
  const { t } = vscode.l10n;
  const { scope, onCpuOnly, readyOnly, waitingOnly, gilOnly, gcOnly, range, transforms } = choice;
  const anyState = !onCpuOnly && !readyOnly && !waitingOnly && !gilOnly && !gcOnly;
  const parts = [
    scopeText(scope, profile),
    onCpuOnly ? t('On CPU') : '',
    readyOnly ? t('Ready') : '',
    waitingOnly ? t('Waiting') : '',
    gilOnly ? t('GIL') : '',
    gcOnly ? t('Garbage collection') : '',
    anyState ? t('waiting included') : '',
    range === null ? '' : rangeText(range),
    transforms.length === 0 ? '' : transforms.length === 1 ? t('1 step') : t('{0} steps', transforms.length),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** What shares are of, in a sentence. @param time µs of the samples that count */
export function wholeText(choice: SampleChoice, profile: Profile, time: number, format: Format): string {
  const { t } = vscode.l10n;
  const { scope, onCpuOnly, readyOnly, waitingOnly, gilOnly, gcOnly, range, transforms } = choice;
  const whole = format.time(time);
  const isUsual = !readyOnly && !waitingOnly && !gcOnly && range === null && transforms.length === 0 && !(onCpuOnly && gilOnly);
  if (scope.kind === 'all' && isUsual) {
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
    case 'threads':
      return t('{0} threads', scope.ids.length);
    case 'process': {
      const process = processes[scope.id];
      return process === undefined ? t('Process') : `${process.name} (${process.pid})`;
    }
  }
}

function rangeText({ start, end }: TimeRange): string {
  const format = new Format(vscode.env.language);
  return `${format.time(start)} – ${format.time(end)}`;
}
