import { t } from '../l10n.ts';
import type { RecordingState } from '../messages.ts';
import { element, setText } from './dom.ts';

/** Stands where the graph will be while there is nothing to draw, and says why. */
export class Placeholder {
  readonly element: HTMLElement;
  readonly #title = element('p', { class: 'placeholder-title' });
  readonly #text = element('p', { class: 'placeholder-text' });
  readonly #showAll = element('button', { type: 'button', class: 'small-button', text: t('Show All Samples') });
  /** Undefined until the host has told. */
  #state: RecordingState | undefined;
  #hasSamples = false;
  #empty = true;
  /** Whether a tree has come, so that `#empty` says something. */
  #known = false;
  #filtered = false;
  #hasSteps = false;

  /** @param showAll drops the filters */
  constructor(showAll: () => void) {
    this.#showAll.addEventListener('click', showAll);
    this.element = element(
      'div',
      { class: 'placeholder' },
      element('div', { 'class': 'placeholder-flame', 'aria-hidden': 'true' }, element('i'), element('i'), element('i'), element('i')),
      this.#title,
      this.#text,
      this.#showAll,
    );
    this.#update();
  }

  /** @param hasSamples whatever the filters leave of them */
  tell(state: RecordingState, hasSamples: boolean): void {
    this.#state = state;
    this.#hasSamples = hasSamples;
    this.#update();
  }

  /** @param hasSteps whether steps were taken that may leave none */
  show(empty: boolean, filtered: boolean, hasSteps: boolean): void {
    this.#hasSteps = hasSteps;
    this.#known = true;
    this.#empty = empty;
    this.#filtered = filtered;
    this.#update();
  }

  #update(): void {
    // The state comes before the tree: what has samples, or ended, is not empty until its tree says so.
    const awaitsTree = !this.#known && (this.#hasSamples || this.#state === 'ended' || this.#state === 'paused');
    this.element.hidden = !this.#empty || this.#state === undefined || awaitsTree;
    if (this.#state === undefined) return;
    this.#showAll.hidden = !this.#hidesSamples() || this.#state === 'starting';
    const [title, text] = this.#words(this.#state);
    setText(this.#title, title);
    setText(this.#text, text);
    this.element.dataset['state'] = this.#state;
  }

  /** Where there are none at all, other filters show none either. */
  #hidesSamples(): boolean {
    return this.#filtered && this.#hasSamples;
  }

  #words(state: RecordingState): readonly [title: string, text: string] {
    if (state === 'starting') return [t('Starting…'), t('Looking for the Python interpreter in the process.')];
    if (this.#hidesSamples() && this.#hasSteps)
      return [t('No samples match'), t('The steps that were taken leave none. U takes the last one back.')];
    if (this.#hidesSamples()) return [t('No samples match'), t('Threads that only wait are not shown while On CPU, Ready or GIL is on.')];
    if (state === 'running') return [t('Waiting for the first samples…'), t('The graph grows as they come.')];
    if (state === 'paused') return [t('Paused'), t('There are no samples yet; resume to get some.')];
    return [t('No samples'), t('The recording ended before anything was sampled.')];
  }
}
