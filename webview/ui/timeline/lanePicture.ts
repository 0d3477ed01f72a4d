import type { LaneBoxes } from '../../../profile/timeline/lane.ts';
import type { LaneItem } from '../../messages.ts';
import { pixel } from '../../model/color.ts';
import type { Functions } from '../../model/functions.ts';
import { functionClass } from '../../model/palette.ts';
import { blend, linesOf, paintBands, paintBoxes, rowsOf } from '../../model/timeline/laneImage.ts';
import type { KnownPart } from '../../model/timeline/questions.ts';
import type { TimeRange } from '../../query.ts';
import type { Theme } from '../theme.ts';

/** How far boxes fade that are not meant, or whose thread waited. */
const FADED = 0.62;

/** A part of a lane as it was answered, painted once: frames only stretch it. */
export class LanePicture implements KnownPart {
  readonly range: TimeRange;
  readonly columns: number;
  readonly version: number;
  /** Of boxes. */
  readonly rows: number;
  readonly item: LaneItem;
  readonly canvas = document.createElement('canvas');

  constructor(item: LaneItem, { range, columns, version }: Pick<KnownPart, 'range' | 'columns' | 'version'>) {
    this.item = item;
    this.range = range;
    this.columns = columns;
    this.version = version;
    this.rows = rowsOf(item.boxes);
  }

  get hasBoxes(): boolean {
    return this.item.boxes !== null;
  }

  /** @param marked 1 by function; others fade */
  paint(theme: Theme, functions: Functions, marked: Uint8Array | undefined): void {
    const { columns, canvas } = this;
    const { bands, boxes } = this.item;
    const lines = linesOf(boxes);
    const image = new ImageData(columns, lines);
    const pixels = new Uint32Array(image.data.buffer);
    paintBands(bands, columns, theme.lanes, pixels);
    if (boxes !== null) {
      const background = pixel(theme.palette.background);
      const colors = theme.palette.pixels;
      paintBoxes(
        boxes,
        bands,
        columns,
        pixel(theme.palette.gap),
        (func, asleep) => {
          const color = colors[functionClass(functions, func)]!;
          return asleep || (marked !== undefined && marked[func] !== 1) ? blend(color, background, FADED) : color;
        },
        pixels,
      );
    }
    canvas.width = columns;
    canvas.height = lines;
    canvas.getContext('2d')!.putImageData(image, 0, 0);
  }

  /** Draws lines of the picture where their times are. @param scale pixels per µs; @param start µs at the left edge */
  draw(context: CanvasRenderingContext2D, [first, count]: readonly [number, number], place: Place): void {
    const { range, columns, canvas } = this;
    const left = (range.start - place.start) * place.scale;
    const width = (range.end - range.start) * place.scale;
    // Only what is in sight: stretched far beyond it, images lose precision.
    const from = Math.max(0, Math.floor((-left / width) * columns));
    const to = Math.min(columns, Math.ceil(((place.width - left) / width) * columns));
    if (to <= from || count <= 0) return;
    const perColumn = width / columns;
    context.drawImage(canvas, from, first, to - from, count, left + from * perColumn, place.top, (to - from) * perColumn, place.height);
  }

  /** The boxes that are wide enough to be told apart at this scale: calls back with their ends in pixels. */
  forEachWide(
    place: Pick<Place, 'start' | 'scale' | 'width'>,
    least: number,
    visit: (box: number, left: number, right: number) => void,
  ): void {
    const { boxes } = this.item;
    if (boxes === null) return;
    const perColumn = ((this.range.end - this.range.start) * place.scale) / this.columns;
    const offset = (this.range.start - place.start) * place.scale;
    for (const box of this.#wide(boxes, Math.max(1, Math.floor(least / perColumn)))) {
      const left = Math.max(0, offset + boxes.from[box]! * perColumn);
      const right = Math.min(place.width, offset + boxes.to[box]! * perColumn);
      if (right - left >= least) visit(box, left, right);
    }
  }

  #widest: { readonly least: number; readonly boxes: readonly number[] } | undefined;

  /** Boxes of so many columns, remembered from frame to frame. */
  #wide(boxes: LaneBoxes, least: number): readonly number[] {
    if (this.#widest?.least !== least) {
      const wide: number[] = [];
      for (let box = 0; box < boxes.row.length; box++) if (boxes.to[box]! - boxes.from[box]! >= least) wide.push(box);
      this.#widest = { least, boxes: wide };
    }
    return this.#widest.boxes;
  }
}

export interface Place {
  /** µs at the left edge. */
  readonly start: number;
  /** Pixels per µs. */
  readonly scale: number;
  /** Pixels in sight. */
  readonly width: number;
  readonly top: number;
  readonly height: number;
}
