import * as vscode from 'vscode';
import type { Quality } from '../../profile/delta.ts';
import type { Format } from '../format.ts';

/** For how many looks a program stood still, and how far shares may be off: what there is to say of it, a line each. */
export function stopsText({ stops, stoppedTime, elapsed, shareError, noStops }: Quality, format: Format): string[] {
  const { t } = vscode.l10n;
  const lines: string[] = [];
  if (stops > 0) lines.push(t('stood still for {0} looks, {1} of the time', format.count(stops), format.share(stoppedTime / Math.max(1, elapsed))));
  if (shareError !== null) lines.push(noStops === null && stops > 0 ? t('shares within {0}', format.share(shareError)) : t('shares may be off by {0}', format.share(shareError)));
  return lines;
}
