import { t } from '../l10n.ts';
import { element } from './dom.ts';
import type { Description } from './describe.ts';

/** CSS pixels between pointer and tooltip. */
const DISTANCE = 14;

/** A label, and what it is and what share that is; either may be empty. */
export type TooltipRow = readonly [label: string, value: string, share: string];

/** Details of the box under the pointer. The keyboard's twin is the bar below the graph. */
export class Tooltip {
  readonly element = element('div', { 'class': 'tooltip', 'aria-hidden': 'true', 'hidden': true });

  hide(): void {
    this.element.hidden = true;
  }

  /** @param x of the pointer in the window, like `y` */
  show(description: Description, x: number, y: number): void {
    const { name, place, self, selfShare, total, totalShare, parentShare, samples } = description;
    const rows: TooltipRow[] = [[t('Total'), total, totalShare]];
    if (self !== '') rows.push([t('Self'), self, selfShare]);
    if (parentShare !== '') rows.push([t('Of the box above'), '', parentShare]);
    if (samples !== '') rows.push([t('Samples'), samples, '']);
    this.showRows(name, place, rows, x, y);
  }

  /** @param place below the name; empty where there is none */
  showRows(name: string, place: string, rows: readonly TooltipRow[], x: number, y: number): void {
    this.element.replaceChildren(
      element('div', { class: 'tooltip-name', text: name }),
      ...(place === '' ? [] : [element('div', { class: 'tooltip-place', text: place })]),
      element(
        'div',
        { class: 'tooltip-figures' },
        ...rows.flatMap((row) => row.map((text, column) => element('span', { class: ['label', 'value', 'share'][column], text }))),
      ),
    );
    this.element.hidden = false;
    this.move(x, y);
  }

  move(x: number, y: number): void {
    const { width, height } = this.element.getBoundingClientRect();
    const left = x + DISTANCE + width > window.innerWidth ? Math.max(4, x - DISTANCE - width) : x + DISTANCE;
    const top = y + DISTANCE + height > window.innerHeight ? Math.max(4, y - DISTANCE - height) : y + DISTANCE;
    this.element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}
