import { t } from '../l10n.ts';
import { element } from './dom.ts';
import { Sash } from './sash.ts';

/** Width of the page, CSS pixels, from which the table stands beside the graph, and not below it. */
const BESIDE_FROM = 760;
const [LEAST, MOST] = [0.15, 0.75];

/** Graph and table, with a sash between them to drag or to move with the arrow keys. */
export class Split {
  readonly element: HTMLElement;
  readonly #sash: Sash;
  readonly #second: HTMLElement;
  #shown = true;

  /** @param share of the space that `second` has */
  constructor(first: HTMLElement, second: HTMLElement, share: number, changed: (share: number) => void) {
    this.#second = second;
    this.#sash = new Sash({
      label: t('Width of the table'),
      least: LEAST,
      most: MOST,
      keys: { ArrowLeft: 0.03, ArrowUp: 0.03, ArrowRight: -0.03, ArrowDown: -0.03 },
      shareAt: (event) => {
        const frame = this.element.getBoundingClientRect();
        return this.#beside ? (frame.right - event.clientX) / frame.width : (frame.bottom - event.clientY) / frame.height;
      },
      show: (part) => this.element.style.setProperty('--second', `${(part * 100).toFixed(2)}%`),
      changed,
    });
    this.element = element('div', { class: 'split' }, first, this.#sash.element, second);
    this.#sash.set(share);
    new ResizeObserver(() => this.#orient()).observe(this.element);
  }

  set shown(shown: boolean) {
    this.#shown = shown;
    this.#second.hidden = this.#sash.element.hidden = !shown;
    this.#orient();
  }

  get #beside(): boolean {
    return this.element.classList.contains('beside');
  }

  #orient(): void {
    const beside = this.element.clientWidth >= BESIDE_FROM;
    this.element.classList.toggle('beside', beside);
    this.element.classList.toggle('single', !this.#shown);
    this.#sash.element.setAttribute('aria-orientation', beside ? 'vertical' : 'horizontal');
  }
}
