import type { TreeColumns } from '../messages.ts';
import type { NodeIndex } from './nodeIndex.ts';

/**
 * A call tree laid out for drawing: nodes are numbered row by row (row = depth), from left to
 * right. So a row is a range of nodes sorted by position, and the children of a node are a range
 * in the row below: everything else is a binary search. Laid out once per tree; zooming and
 * scrolling only read it.
 */
export interface FlameTree {
  /** Number of nodes, at least 1: node 0 is the root. */
  readonly length: number;
  readonly rows: number;
  /** First node of every row, and at the end `length`. */
  readonly rowStart: Int32Array;
  /** Left edge, µs from the left edge of the root. */
  readonly left: Float64Array;
  /** Width: total time, µs. */
  readonly total: Float64Array;
  /** µs */
  readonly self: Float64Array;
  readonly samples: Float64Array;
  /** Function id, or what stands for something else (TreeColumns in messages.ts). */
  readonly func: Int32Array;
  readonly line: Int32Array;
  /** -1 at the root. */
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  /** First child; those of node n end before `firstChild[n + 1]`. */
  readonly firstChild: Int32Array;
}

/** By how much a sibling must outgrow its left neighbour before they change places. */
const OVERTAKE = 1.3;
/** Families larger than this are simply sorted by total. */
const MAX_KEPT_ORDER = 500;

/**
 * @param previous the tree that was shown before: siblings keep their order from there, unless one
 * clearly outgrew its neighbour, so that a live picture stays calm.
 */
export function layOut(columns: TreeColumns, previous?: NodeIndex): FlameTree {
  const length = columns.parent.length;
  const { start, children } = childLists(columns.parent);
  const source = new Int32Array(length); // by node: its number in `columns`
  const parent = new Int32Array(length).fill(-1);
  const depth = new Int32Array(length);
  const left = new Float64Array(length);
  const firstChild = new Int32Array(length + 1);
  const known = previous === undefined ? undefined : new Int32Array(length).fill(-1); // by node: its number in the previous tree
  if (known !== undefined) known[0] = 0;
  const places = new Int32Array(previous === undefined ? 0 : length);
  let next = 1;
  const rowStart: number[] = [];
  for (let node = 0; node < length; node++) {
    if (depth[node] === rowStart.length) rowStart.push(node);
    const from = source[node]!;
    const before = known === undefined ? -1 : known[node]!;
    const [first, end] = [start[from]!, start[from + 1]!];
    if (previous !== undefined && before !== -1 && end - first > 1) keepOrder(children, first, end, columns, previous, before, places);
    firstChild[node] = next;
    let edge = left[node]!;
    for (let at = first; at < end; at++) {
      const child = children[at]!;
      source[next] = child;
      parent[next] = node;
      depth[next] = depth[node]! + 1;
      left[next] = edge;
      edge += columns.total[child]!;
      if (previous !== undefined && before !== -1) known![next] = previous.find(before, columns.func[child]!, columns.line[child]!);
      next++;
    }
  }
  firstChild[length] = length;
  rowStart.push(length);
  return {
    length,
    rows: rowStart.length - 1,
    rowStart: Int32Array.from(rowStart),
    left,
    parent,
    depth,
    firstChild,
    total: gather(columns.total, source),
    self: gather(columns.self, source),
    samples: gather(columns.samples, source),
    func: gatherInts(columns.func, source),
    line: gatherInts(columns.line, source),
  };
}

/** The children of every node side by side, in the order they came. */
function childLists(parent: Int32Array): { start: Int32Array; children: Int32Array } {
  const length = parent.length;
  const start = new Int32Array(length + 1);
  for (let node = 1; node < length; node++) start[parent[node]! + 1]!++;
  for (let node = 0; node < length; node++) start[node + 1]! += start[node]!;
  const fill = start.slice();
  const children = new Int32Array(Math.max(0, length - 1));
  for (let node = 1; node < length; node++) children[fill[parent[node]!]!++] = node;
  return { start, children };
}

/**
 * Sorts the children of a node, a part of `children` that is sorted by total.
 * @param places room for a number by node of `columns`
 */
function keepOrder(
  children: Int32Array,
  first: number,
  end: number,
  { func, line, total }: TreeColumns,
  previous: NodeIndex,
  parentBefore: number,
  places: Int32Array,
): void {
  if (end - first > MAX_KEPT_ORDER) return;
  for (let at = first; at < end; at++) {
    const child = children[at]!;
    const before = previous.find(parentBefore, func[child]!, line[child]!);
    places[child] = before === -1 ? 0x7fff_ffff : before; // new ones go last, by total
  }
  sortByPlace(children, first, end, places);
  for (let at = first + 1; at < end; at++) {
    const child = children[at]!;
    let to = at;
    while (to > first && total[child]! > total[children[to - 1]!]! * OVERTAKE) {
      children[to] = children[to - 1]!;
      to--;
    }
    children[to] = child;
  }
}

/** By insertion: in a live tree siblings are nearly in order. Equal ones stay as they are. */
function sortByPlace(children: Int32Array, first: number, end: number, places: Int32Array): void {
  for (let at = first + 1; at < end; at++) {
    const child = children[at]!;
    let to = at;
    while (to > first && places[children[to - 1]!]! > places[child]!) {
      children[to] = children[to - 1]!;
      to--;
    }
    children[to] = child;
  }
}

function gather(values: Float64Array, source: Int32Array): Float64Array {
  const result = new Float64Array(source.length);
  for (let node = 0; node < source.length; node++) result[node] = values[source[node]!]!;
  return result;
}

function gatherInts(values: Int32Array, source: Int32Array): Int32Array {
  const result = new Int32Array(source.length);
  for (let node = 0; node < source.length; node++) result[node] = values[source[node]!]!;
  return result;
}

/** Right edge, µs from the left edge of the root. */
export function rightEdge(tree: FlameTree, node: number): number {
  return tree.left[node]! + tree.total[node]!;
}

/** The first node of a row whose right edge lies beyond a time; the row's end if there is none. */
export function firstBeyond(tree: FlameTree, row: number, time: number): number {
  let low = tree.rowStart[row]!;
  let high = tree.rowStart[row + 1]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tree.left[middle]! + tree.total[middle]! > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The node of a row that covers a time, or -1. */
export function nodeAt(tree: FlameTree, row: number, time: number): number {
  if (row < 0 || row >= tree.rows) return -1;
  const node = firstBeyond(tree, row, time);
  return node < tree.rowStart[row + 1]! && tree.left[node]! <= time ? node : -1;
}

/** The deepest node that covers a whole range of times. */
export function deepestAround(tree: FlameTree, start: number, end: number): number {
  let found = 0;
  const middle = (start + end) / 2;
  const slack = (end - start) * 1e-6; // a view zoomed to a node equals it but for rounding
  for (let row = 1; row < tree.rows; row++) {
    const node = nodeAt(tree, row, middle);
    if (node === -1 || tree.left[node]! > start + slack || rightEdge(tree, node) < end - slack) break;
    found = node;
  }
  return found;
}
