import type { LaneBands, LaneBoxes } from '../../../profile/timeline/lane.ts';

/** What lanes are painted with, as ImageData stores colours. */
export interface LaneColors {
  readonly onCpu: number;
  readonly collectsGarbage: number;
  readonly ready: number;
  readonly waiting: number;
  readonly holdsGil: number;
  /** Behind bands. */
  readonly background: number;
}

/** Pixels of a band's height before it is stretched to that of the screen. */
export const BAND_PIXELS = 16;

/** The line of the GIL follows the band, the boxes' rows follow that. */
export const FIRST_BOX_LINE = BAND_PIXELS + 1;

/** Boxes from this many columns on end in a gap. */
const GAP_FROM = 4;

export function linesOf(boxes: LaneBoxes | null): number {
  return FIRST_BOX_LINE + rowsOf(boxes);
}

export function rowsOf(boxes: LaneBoxes | null): number {
  let rows = 0;
  for (const row of boxes?.row ?? []) rows = Math.max(rows, row + 1);
  return rows;
}

/**
 * Paints what a thread did, a column a pixel. From the bottom: on the CPU, of that first what went to garbage collection, then ready,
 * then waiting. What there was any of has a pixel at least.
 * @param pixels `columns` wide, at least FIRST_BOX_LINE lines
 */
export function paintBands(bands: LaneBands, columns: number, colors: LaneColors, pixels: Uint32Array): void {
  const { onCpu, ready, waiting, holdsGil, collectsGarbage } = bands;
  for (let column = 0; column < columns; column++) {
    const collecting = Math.min(onCpu[column]!, collectsGarbage[column]!);
    let line = BAND_PIXELS - 1;
    const stack = (share: number, color: number): void => {
      const height = share === 0 ? 0 : Math.max(1, Math.round((share / 255) * BAND_PIXELS));
      for (let end = Math.max(-1, line - height); line > end; line--) pixels[line * columns + column] = color;
    };
    stack(collecting, colors.collectsGarbage);
    stack(onCpu[column]! - collecting, colors.onCpu);
    stack(ready[column]!, colors.ready);
    stack(waiting[column]!, colors.waiting);
    for (; line >= 0; line--) pixels[line * columns + column] = colors.background;
    pixels[BAND_PIXELS * columns + column] = blend(colors.background, colors.holdsGil, holdsGil[column]! / 255);
  }
}

/**
 * Paints boxes, a line of pixels a row.
 * @param colorOf a function's colour; `faded` where its thread mostly waited
 */
export function paintBoxes(
  boxes: LaneBoxes,
  bands: LaneBands,
  columns: number,
  gap: number,
  colorOf: (func: number, faded: boolean) => number,
  pixels: Uint32Array,
): void {
  const { row, from, to, func } = boxes;
  for (let box = 0; box < row.length; box++) {
    const line = (FIRST_BOX_LINE + row[box]!) * columns;
    const awake = colorOf(func[box]!, false);
    const asleep = colorOf(func[box]!, true);
    for (let column = from[box]!; column < to[box]!; column++)
      pixels[line + column] = bands.waiting[column]! > bands.onCpu[column]! + bands.ready[column]! ? asleep : awake;
    if (to[box]! - from[box]! >= GAP_FROM) pixels[line + to[box]! - 1] = gap;
  }
}

/** Colours as ImageData stores them. */
export function blend(from: number, to: number, share: number): number {
  let mixed = 0;
  for (const shift of [0, 8, 16, 24]) {
    const [a, b] = [(from >>> shift) & 255, (to >>> shift) & 255];
    mixed |= Math.round(a + (b - a) * share) << shift;
  }
  return mixed >>> 0;
}

/** The box in a row that covers a column; -1 for none. */
export function boxAt({ row, from, to }: LaneBoxes, wanted: number, column: number): number {
  for (let box = 0; box < row.length; box++) if (row[box] === wanted && from[box]! <= column && column < to[box]!) return box;
  return -1;
}
