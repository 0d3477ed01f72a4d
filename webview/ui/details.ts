import { t } from '../l10n.ts';
import type { Description } from './describe.ts';
import { element, setText } from './dom.ts';
import { icon } from './icons.ts';

const SEPARATOR = ' · ';

/** The selected box in words and figures, below the graph, with the two things to do with it. */
export class Details {
  readonly element: HTMLElement;
  readonly #hint = element('span', {
    class: 'details-hint',
    text: t('Click a box to see its source line, double-click to zoom. Press ? for all keys.'),
  });
  readonly #name = element('span', { class: 'details-name' });
  readonly #place = element('button', { type: 'button', class: 'link details-place', title: t('Go to source (Enter)') });
  readonly #figures = element('span', { class: 'details-figures' });
  readonly #zoom = element('button', { type: 'button', class: 'small-button', text: t('Zoom'), title: t('Zoom to this box (Z)') });
  readonly #source = element('button', { type: 'button', class: 'small-button go-to-source' }, icon('source'), t('Go to Source'));

  constructor(openSource: () => void, zoom: () => void) {
    this.#place.addEventListener('click', openSource);
    this.#source.addEventListener('click', openSource);
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
    this.#place.hidden = this.#source.hidden = description === undefined || description.shortPlace === '';
    if (description === undefined) return;
    setText(this.#name, description.name);
    setText(this.#place, description.shortPlace);
    this.#place.title = `${description.place}\n${t('Go to source (Enter)')}`;
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
