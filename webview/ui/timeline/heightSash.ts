import { DEFAULT_VIEW } from '../../model/storedView.ts';
import { element } from '../dom.ts';

/** Shares of the page's height. */
const [LEAST, MOST] = [0.08, 0.8];

/** The lower edge of a band, to drag or to move with the arrow keys. */
export class HeightSash {
  readonly element: HTMLElement;
  readonly #changed: (share: number) => void;
  #share: number;
  #band: HTMLElement | undefined;

  /** @param share of the page's height that the band has at most */
  constructor(label: string, share: number, changed: (share: number) => void) {
    this.#share = share;
    this.#changed = changed;
    this.element = element('div', {
      'class': 'sash',
      'role': 'separator',
      'tabindex': 0,
      'aria-label': label,
      'aria-orientation': 'horizontal',
      'aria-valuemin': LEAST * 100,
      'aria-valuemax': MOST * 100,
    });
    this.element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.element.setPointerCapture(event.pointerId);
    });
    this.element.addEventListener('pointermove', (event) => {
      if (!this.element.hasPointerCapture(event.pointerId)) return;
      this.#choose((event.clientY - this.#band!.getBoundingClientRect().top) / window.innerHeight);
    });
    this.element.addEventListener('lostpointercapture', () => changed(this.#share));
    this.element.addEventListener('keydown', (event) => {
      const by = { ArrowUp: -0.03, ArrowDown: 0.03 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      this.#choose(this.#share + by);
      this.#changed(this.#share);
    });
  }

  of(band: HTMLElement): void {
    this.#band = band;
    this.#set(this.#share);
    band.classList.toggle('chosen', this.#share !== DEFAULT_VIEW.timelineShare);
  }

  /** Where nobody did, the band is lower in a low page. */
  #choose(share: number): void {
    this.#set(share);
    this.#band!.classList.add('chosen');
  }

  #set(share: number): void {
    this.#share = Math.min(MOST, Math.max(LEAST, share));
    this.#band!.style.setProperty('--most', `${(this.#share * 100).toFixed(2)}vh`);
    this.element.setAttribute('aria-valuenow', String(Math.round(this.#share * 100)));
  }
}
