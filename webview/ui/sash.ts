import { element } from './dom.ts';

export interface SashOptions {
  readonly label: string;
  /** Shares that can be chosen. */
  readonly least: number;
  readonly most: number;
  /** By key: how much the share changes. */
  readonly keys: Readonly<Record<string, number>>;
  /** The share at which a pointer holds it. */
  readonly shareAt: (event: PointerEvent) => number;
  /** Shows a share, while it changes. */
  readonly show: (share: number) => void;
  /** It has changed. */
  readonly changed: (share: number) => void;
}

/** What lies between two parts of the page, to drag or to move with the arrow keys. */
export class Sash {
  readonly element: HTMLElement;
  readonly #options: SashOptions;
  #share = 0;

  constructor(options: SashOptions) {
    this.#options = options;
    const { label, least, most, keys, shareAt, changed } = options;
    const sash = (this.element = element('div', {
      'class': 'sash',
      'role': 'separator',
      'tabindex': 0,
      'aria-label': label,
      'aria-valuemin': least * 100,
      'aria-valuemax': most * 100,
    }));
    sash.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      sash.setPointerCapture(event.pointerId);
    });
    sash.addEventListener('pointermove', (event) => {
      if (sash.hasPointerCapture(event.pointerId)) this.set(shareAt(event));
    });
    sash.addEventListener('lostpointercapture', () => changed(this.#share));
    sash.addEventListener('keydown', (event) => {
      const by = keys[event.key];
      if (by === undefined) return;
      event.preventDefault();
      this.set(this.#share + by);
      changed(this.#share);
    });
  }

  set(share: number): void {
    const { least, most, show } = this.#options;
    this.#share = Math.min(most, Math.max(least, share));
    show(this.#share);
    this.element.setAttribute('aria-valuenow', String(Math.round(this.#share * 100)));
  }
}
