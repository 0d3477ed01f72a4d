import * as vscode from 'vscode';
import type { LineText } from '../config.ts';
import type { Format } from '../format.ts';
import type { LineTime } from '../../profile/lines.ts';

/** Below this share of its total a line's own time is not worth saying. */
const WORTH_SAYING = 0.001;

/** What stands after a hot line, for instance "43% self · 95% total". */
export function lineText({ self, total }: LineTime, totalTime: number, style: LineText, format: Format): string {
  const figure = (time: number): string => {
    const share = format.share(totalTime > 0 ? time / totalTime : 0);
    switch (style) {
      case 'share':
        return share;
      case 'time':
        return format.time(time);
      case 'shareAndTime':
        return `${share} (${format.time(time)})`;
    }
  };
  const { t } = vscode.l10n;
  if (total > 0 && self <= total * WORTH_SAYING) return t('{0} total', figure(total));
  if (figure(self) === figure(total)) return t('{0} self', figure(self));
  return t('{0} self · {1} total', figure(self), figure(total));
}
