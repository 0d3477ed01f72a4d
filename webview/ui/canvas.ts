import { LabelFitter } from '../model/labels.ts';

/** A canvas's pixels: how many there are, and how many lie along a CSS pixel. */
export interface CanvasSize {
  readonly ratio: number;
  readonly width: number;
  readonly height: number;
}

/** Begins to draw on a canvas whose background is drawn as well. Not to be seen before it was fitted: it is black until then. */
export function opaqueContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  canvas.style.visibility = 'hidden';
  return canvas.getContext('2d', { alpha: false })!;
}

/** Gives a canvas as many pixels as the screen has where it is shown, for what is drawn next. @param width, height CSS pixels */
export function fitCanvas(canvas: HTMLCanvasElement, size: { readonly width: number; readonly height: number }): CanvasSize {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(size.width * ratio));
  const height = Math.max(1, Math.round(size.height * ratio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  canvas.style.visibility = '';
  return { ratio, width, height };
}

/** Writes labels on a canvas: what fits of a text in a font. */
export class Lettering {
  readonly #context: CanvasRenderingContext2D;
  #fitter: LabelFitter | undefined;
  #font = '';

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  /** Sets the context's font, and the middle of texts as their height. */
  use(font: string): LabelFitter {
    const context = this.#context;
    context.font = font;
    context.textBaseline = 'middle';
    if (this.#fitter === undefined || this.#font !== font) {
      this.#font = font;
      this.#fitter = new LabelFitter((text) => context.measureText(text).width);
    }
    return this.#fitter;
  }
}
