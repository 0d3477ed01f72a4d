import { t } from '../l10n.ts';
import { paintRow } from '../model/scanline.ts';
import { element } from './dom.ts';
import type { FlameView } from './flameView.ts';

const HEIGHT = 26;

/** The whole width of the tree in miniature, with the part in view framed; drag to move it. */
export class Overview {
  readonly element: HTMLElement;
  readonly #view: FlameView;
  readonly #canvas = element('canvas', { 'class': 'overview-canvas', 'aria-hidden': 'true' });
  readonly #window = element('div', { class: 'overview-window' });
  #marked: Uint8Array | undefined;

  constructor(view: FlameView) {
    this.#view = view;
    this.element = element(
      'div',
      { class: 'overview', title: t('Whole profile. Drag to move the part in view.') },
      this.#canvas,
      this.#window,
    );
    new ResizeObserver(() => this.draw()).observe(this.element);
    this.element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.element.setPointerCapture(event.pointerId);
      this.#moveTo(event.clientX, true);
    });
    this.element.addEventListener('pointermove', (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) this.#moveTo(event.clientX, false);
    });
    this.element.addEventListener('dblclick', () => view.moveCamera(() => view.camera.reset()));
  }

  /** 1 by node; others fade. */
  set marked(nodes: Uint8Array | undefined) {
    this.#marked = nodes;
    this.draw();
  }

  /** The miniature: once per tree, theme, marks and size. */
  draw(): void {
    const { picture, theme } = this.#view;
    const width = Math.round(this.element.clientWidth * (window.devicePixelRatio || 1));
    if (picture === undefined || width === 0) return;
    const { tree, classes } = picture;
    const rows = Math.min(tree.rows, 2 * HEIGHT);
    const image = new ImageData(width, Math.max(rows, HEIGHT / 2));
    const pixels = new Uint32Array(image.data.buffer);
    const paint = { tree, classes, marked: this.#marked, palette: { ...theme.palette, gap: theme.palette.background } };
    const whole = { start: 0, end: tree.total[0]! };
    for (let row = 0; row < rows; row++) {
      const line = this.#view.rootBelow ? image.height - 1 - row : row;
      paintRow(paint, row, whole, pixels, line * width, width, 0, undefined);
    }
    this.#canvas.width = width;
    this.#canvas.height = image.height;
    this.#canvas.getContext('2d')!.putImageData(image, 0, 0);
    this.frame();
  }

  /** The frame around what is in view. */
  frame(): void {
    const { camera } = this.#view;
    const { start, end } = camera.current;
    const total = Math.max(camera.total, Number.MIN_VALUE);
    this.#window.style.left = `${(start / total) * 100}%`;
    this.#window.style.width = `${((end - start) / total) * 100}%`;
    this.element.classList.toggle('zoomed', camera.zoomed);
  }

  #moveTo(clientX: number, animate: boolean): void {
    const { camera } = this.#view;
    const frame = this.element.getBoundingClientRect();
    const middle = ((clientX - frame.left) / Math.max(1, frame.width)) * camera.total;
    const half = (camera.target.end - camera.target.start) / 2;
    this.#view.moveCamera(() => camera.show({ start: middle - half, end: middle + half }, animate && camera.animated));
  }
}
