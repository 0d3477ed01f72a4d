import { t } from '../l10n.ts';
import type { Description } from './describe.ts';
import { element, setText } from './dom.ts';
import { icon } from './icons.ts';

const SEPARATOR = ' · ';

/** The selected box in words and figures, below the graph, with the two things to do with it. */
export class Details {
  readonly element: HTMLElement;
  readonly #hint: HTMLElement;
  readonly #name = element('span', { class: 'details-name' });
  readonly #place: HTMLElement;
  readonly #figures = element('span', { class: 'details-figures' });
  readonly #zoom = element('button', { type: 'button', class: 'small-button', text: t('Zoom'), title: t('Zoom to this box (Z)') });
  readonly #source = element('button', { type: 'button', class: 'small-button go-to-source' }, icon('source'), t('Go to Source'));
  readonly #opensSource: boolean;

  /** @param openSource undefined where no editor is */
  constructor(zoom: () => void, openSource: (() => void) | undefined) {
    this.#opensSource = openSource !== undefined;
    this.#hint = element('span', {
      class: 'details-hint',
      text: this.#opensSource
        ? t('Click a box to see its source line, double-click to zoom. Press ? for all keys.')
        : t('Click a box to see its place and figures, double-click to zoom. Press ? for all keys.'),
    });
    if (openSource === undefined) this.#place = element('span', { class: 'details-place' });
    else {
      this.#place = element('button', { type: 'button', class: 'link details-place', title: t('Go to source (Enter)') });
      for (const part of [this.#place, this.#source]) part.addEventListener('click', openSource);
    }
    this.#zoom.addEventListener('click', zoom);
    this.element = element(
      'div',
      { class: 'details' },
      this.#hint,
      this.#name,
      this.#place,
      this.#figures,
      element('span', { class: 'stretch' }),
      this.#zoom,
      this.#source,
    );
    this.show(undefined);
  }

  show(description: Description | undefined): void {
    this.#hint.hidden = description !== undefined;
    for (const part of [this.#name, this.#figures, this.#zoom]) part.hidden = description === undefined;
    this.#place.hidden = description === undefined || description.shortPlace === '';
    this.#source.hidden = this.#place.hidden || !this.#opensSource;
    if (description === undefined) return;
    setText(this.#name, description.name);
    setText(this.#place, description.shortPlace);
    this.#place.title = this.#opensSource ? `${description.place}\n${t('Go to source (Enter)')}` : description.place;
    const { total, totalShare, self, selfShare, parentShare } = description;
    const figures = [t('Total {0} ({1})', total, totalShare)];
    if (self !== '') figures.push(t('Self {0} ({1})', self, selfShare));
    if (parentShare !== '') figures.push(t('{0} of the box above', parentShare));
    this.#showFigures(figures);
  }
  /** Lines break between figures, not in them. */
  #showFigures(figures: readonly string[]): void {
    if (this.#figures.textContent === figures.join(SEPARATOR)) return;
    this.#figures.replaceChildren(...figures.flatMap((text, at) => [...(at === 0 ? [] : [SEPARATOR]), element('span', { text })]));
  }
}
