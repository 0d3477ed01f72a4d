import { t } from '../l10n.ts';
import { element } from './dom.ts';

/** Width of the page, CSS pixels, from which the table stands beside the graph, and not below it. */
const BESIDE_FROM = 760;
const [LEAST, MOST] = [0.15, 0.75];

/** Graph and table, with a sash between them to drag or to move with the arrow keys. */
export class Split {
  readonly element: HTMLElement;
  readonly #sash: HTMLElement;
  readonly #second: HTMLElement;
  readonly #changed: (share: number) => void;
  #share: number;
  #shown = true;

  /** @param share of the space that `second` has */
  constructor(first: HTMLElement, second: HTMLElement, share: number, changed: (share: number) => void) {
    this.#second = second;
    this.#changed = changed;
    this.#sash = element('div', {
      'class': 'sash',
      'role': 'separator',
      'tabindex': 0,
      'aria-label': t('Width of the table'),
      'aria-valuemin': LEAST * 100,
      'aria-valuemax': MOST * 100,
    });
    this.element = element('main', { class: 'split' }, first, this.#sash, second);
    this.#share = share;
    this.#set(share);
    new ResizeObserver(() => this.#orient()).observe(this.element);
    this.#sash.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.#sash.setPointerCapture(event.pointerId);
    });
    this.#sash.addEventListener('pointermove', (event) => {
      if (!this.#sash.hasPointerCapture(event.pointerId)) return;
      const frame = this.element.getBoundingClientRect();
      this.#set(this.#beside ? (frame.right - event.clientX) / frame.width : (frame.bottom - event.clientY) / frame.height);
    });
    this.#sash.addEventListener('lostpointercapture', () => changed(this.#share));
    this.#sash.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: 0.03, ArrowUp: 0.03, ArrowRight: -0.03, ArrowDown: -0.03 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      this.#set(this.#share + by);
      this.#changed(this.#share);
    });
  }

  set shown(shown: boolean) {
    this.#shown = shown;
    this.#second.hidden = this.#sash.hidden = !shown;
    this.#orient();
  }

  get #beside(): boolean {
    return this.element.classList.contains('beside');
  }

  #orient(): void {
    const beside = this.element.clientWidth >= BESIDE_FROM;
    this.element.classList.toggle('beside', beside);
    this.element.classList.toggle('single', !this.#shown);
    this.#sash.setAttribute('aria-orientation', beside ? 'vertical' : 'horizontal');
  }

  #set(share: number): void {
    this.#share = Math.min(MOST, Math.max(LEAST, share));
    this.element.style.setProperty('--second', `${(this.#share * 100).toFixed(2)}%`);
    this.#sash.setAttribute('aria-valuenow', String(Math.round(this.#share * 100)));
  }
}
