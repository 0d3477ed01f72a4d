import type { CompareTree } from '../compareMessages.ts';
import type { TreeColumns } from '../messages.ts';
import { fromOklch, luminance, mix, type Oklch, pixel, type Rgb } from './color.ts';
import { type FlameTree, layOut } from './flameTree.ts';
import type { Palette } from './palette.ts';

/**
 * How wide boxes are: as AFTER has them, as BEFORE has them, or (`gone`) what BEFORE had of calls that AFTER has not, which are
 * nowhere in the first picture.
 */
export type DiffWidth = 'after' | 'before' | 'gone';

/** A tree of one width, with the nodes that have any. */
export interface DiffPicture {
  readonly tree: FlameTree;
  /** Index into the palette's boxes. */
  readonly classes: Uint8Array;
  /** By node: its number in the comparison's tree. */
  readonly source: Int32Array;
}

/** Steps of colour on either side of "as before". */
const LEVELS = 5;

export function diffPicture(compared: CompareTree, width: DiffWidth): DiffPicture {
  const { self, total } = widths(compared, width);
  const order = bySize(compared.parent, total);
  const place = new Int32Array(total.length);
  order.forEach((node, at) => (place[node] = at));
  const columns: TreeColumns = {
    parent: order.map((node) => (node === 0 ? -1 : place[compared.parent[node]!]!)),
    func: order.map((node) => compared.func[node]!),
    // What tells a node again when it is laid out: lines are not in this tree.
    line: order,
    self: Float64Array.from(order, (node) => self[node]!),
    total: Float64Array.from(order, (node) => total[node]!),
    samples: new Float64Array(order.length),
  };
  const laidOut = layOut(columns);
  const source = laidOut.line;
  return {
    tree: { ...laidOut, line: new Int32Array(laidOut.length) },
    source,
    classes: Uint8Array.from(source, (node) => classOf(compared, node)),
  };
}

function widths(compared: CompareTree, width: DiffWidth): { readonly self: Float64Array; readonly total: Float64Array } {
  if (width === 'after') return { self: compared.selfAfter, total: compared.totalAfter };
  if (width === 'before') return { self: compared.selfBefore, total: compared.totalBefore };
  const self = compared.selfBefore.map((time, node) => (compared.totalAfter[node] === 0 ? time : 0));
  const total = self.slice();
  for (let node = total.length - 1; node > 0; node--) total[compared.parent[node]!]! += total[node]!;
  return { self, total };
}

/** The nodes that have any time, and the root: parents before children, siblings by size. */
function bySize(parent: Int32Array, total: Float64Array): Int32Array {
  const depth = new Int32Array(parent.length);
  for (let node = 1; node < parent.length; node++) depth[node] = depth[parent[node]!]! + 1;
  return Int32Array.from(parent, (_, node) => node)
    .filter((node) => node === 0 || total[node]! > 0)
    .sort((a, b) => depth[a]! - depth[b]! || total[b]! - total[a]! || a - b);
}

/** From 0, much faster, by LEVELS, as before or maybe chance, to twice LEVELS, much slower. */
function classOf({ totalBefore, totalAfter, isSignificant }: CompareTree, node: number): number {
  const [before, after] = [totalBefore[node]!, totalAfter[node]!];
  if (node === 0 || isSignificant[node] === 0) return LEVELS;
  const change = (after - before) / Math.max(after, before);
  return LEVELS + Math.sign(change) * Math.ceil(Math.abs(change) * LEVELS);
}

interface Recipe {
  readonly same: Oklch;
  readonly faster: Oklch;
  readonly slower: Oklch;
}

const RECIPES: Readonly<Record<'light' | 'dark' | 'highContrastLight' | 'highContrastDark', Recipe>> = {
  light: { same: [0.92, 0, 0], faster: [0.7, 0.13, 250], slower: [0.7, 0.17, 25] },
  dark: { same: [0.62, 0, 0], faster: [0.68, 0.14, 250], slower: [0.67, 0.18, 25] },
  highContrastLight: { same: [0.96, 0, 0], faster: [0.78, 0.1, 250], slower: [0.78, 0.12, 25] },
  highContrastDark: { same: [0.27, 0, 0], faster: [0.42, 0.14, 258], slower: [0.42, 0.15, 27] },
};

/** The palette of a theme, with boxes from blue (faster) over grey (as before) to red (slower). */
export function diffPalette(palette: Palette, highContrast: boolean): Palette {
  const light = luminance(palette.background) > 0.4;
  const { same, faster, slower } = RECIPES[highContrast ? (light ? 'highContrastLight' : 'highContrastDark') : light ? 'light' : 'dark'];
  const between = (end: Oklch, level: number): Rgb => {
    // The first step is to be told from none.
    const part = level === 0 ? 0 : 0.2 + (0.8 * level) / LEVELS;
    const [one, other] = [fromOklch([same[0], 0, end[2]]), fromOklch(end)];
    return mix(one, other, part);
  };
  const boxes = Array.from({ length: 2 * LEVELS + 1 }, (_, at) => between(at < LEVELS ? faster : slower, Math.abs(at - LEVELS)));
  const merged = mix(palette.background, boxes[LEVELS]!, 0.75);
  return { ...palette, boxes, pixels: Uint32Array.from(boxes, pixel), merged };
}
