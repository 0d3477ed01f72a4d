import * as vscode from 'vscode';
import { heldRate } from '../../profile/heldRate.ts';
import type { Profile } from '../../profile/profile.ts';
import { coarsePart } from '../../profile/timeSteps.ts';
import type { Format } from '../format.ts';

/** For how many looks a program stood still, how far shares may be off and how exact times are: what there is to say of it, a line each. */
export function stopsText(
  { quality, coarseTimes, cutSamples }: Pick<Profile, 'quality' | 'coarseTimes' | 'cutSamples'>,
  format: Format,
): string[] {
  const { t } = vscode.l10n;
  const { stops, stoppedTime, elapsed, shareError, noStops } = quality;
  const lines: string[] = [];
  if (stops > 0)
    lines.push(t('stood still for {0} looks, {1} of the time', format.count(stops), format.share(stoppedTime / Math.max(1, elapsed))));
  const rate = heldRate(quality);
  if (rate !== null) lines.push(t('held to {0} looks a second by that', format.count(Math.round(rate))));
  if (shareError !== null)
    lines.push(
      noStops === null && stops > 0
        ? t('shares within {0}', format.share(shareError))
        : t('shares may be off by {0}', format.share(shareError)),
    );
  const coarse = coarsePart(coarseTimes);
  if (coarse !== null) {
    const { until, shortest, longest } = coarse;
    lines.push(
      longest > shortest
        ? t('times of the first {0} in steps of {1}, the oldest of {2}', format.time(until), format.time(shortest), format.time(longest))
        : t('times of the first {0} in steps of {1}', format.time(until), format.time(shortest)),
    );
  }
  if (cutSamples > 0)
    lines.push(t('{0} with their functions and lines only, as there are more kinds of stacks than are kept', format.count(cutSamples)));
  return lines;
}
