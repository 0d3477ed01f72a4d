import type { Range } from './camera.ts';
import { firstBeyond, type FlameTree } from './flameTree.ts';
import { pixel } from './color.ts';
import type { Palette } from './palette.ts';

/** What a row is painted with. */
export interface Paint {
  readonly tree: FlameTree;
  /** colorClasses of the tree. */
  readonly classes: Uint8Array;
  readonly palette: Palette;
  /** 1 by node; others fade. Undefined: none does. */
  readonly marked: Uint8Array | undefined;
}

/** Boxes wide enough for a label, as (node, left pixel, right pixel) triples. */
export class LabelList {
  data = new Int32Array(3 * 512);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  add(node: number, left: number, right: number): void {
    if (this.length + 3 > this.data.length) {
      const grown = new Int32Array(this.data.length * 2);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = node;
    this.data[this.length++] = left;
    this.data[this.length++] = right;
  }
}

/** Boxes from this many pixels on end in a gap. */
const GAP_FROM = 3;

/**
 * Paints one row as a single line of pixels, which the canvas then stretches to the row's height:
 * its cost is bound by the pixels and the nodes in view, and never by drawing calls. Boxes under a
 * pixel become one merged stretch, in which marked ones still show.
 * @param pixels the line, `width` long from `offset`; holds the background
 * @param labelFrom pixels a box needs for a label
 */
export function paintRow(
  paint: Paint,
  row: number,
  view: Range,
  pixels: Uint32Array,
  offset: number,
  width: number,
  labelFrom: number,
  labels: LabelList | undefined,
): void {
  const { tree, classes, palette, marked } = paint;
  const { left, total } = tree;
  const scale = width / (view.end - view.start);
  if (!Number.isFinite(scale)) return;
  const faded = pixel(palette.faded);
  const merged = marked === undefined ? pixel(palette.merged) : faded;
  const gap = pixel(palette.gap);
  const end = tree.rowStart[row + 1]!;
  let markedAt = -1; // the last pixel that a marked box under a pixel got
  for (let node = firstBeyond(tree, row, view.start); node < end; node++) {
    const from = (left[node]! - view.start) * scale;
    if (from >= width) break;
    const wide = total[node]! * scale;
    const shown = marked === undefined || marked[node] === 1;
    if (wide < 1) {
      const at = Math.max(0, Math.floor(from));
      if (marked !== undefined && shown) {
        pixels[offset + at] = palette.pixels[classes[node]!]!;
        markedAt = at;
      } else if (at !== markedAt) pixels[offset + at] = merged;
      continue;
    }
    const first = Math.max(0, Math.round(from));
    const last = Math.min(width, Math.round(from + wide));
    if (last <= first) continue;
    const color = shown ? palette.pixels[classes[node]!]! : faded;
    pixels.fill(color, offset + first, offset + last);
    if (wide >= GAP_FROM && from + wide <= width) pixels[offset + last - 1] = gap;
    if (labels !== undefined && last - first >= labelFrom) labels.add(node, first, last);
  }
}
