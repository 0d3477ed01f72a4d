import { HIDDEN, type TreeColumns } from '../messages.ts';
import type { Sort } from './functionRows.ts';

/** Calls and what they call, as a table shows them: the rows of those that are expanded. */
export interface CallRows {
  /** By position: the part that the row is of; its root row has the node 0. */
  readonly part: Uint8Array;
  /** By position: node of the part. */
  readonly node: Int32Array;
  /** By position: 1 for the outermost. */
  readonly level: Int32Array;
  /** By position: 1 if its callees are shown, 0 if they are not, 2 if there are none. */
  readonly state: Uint8Array;
}

/** What is expanded, by what calls are of, so that it stays while samples come in. */
export class Expansion {
  readonly #inner = new Map<string, Expansion>();

  /** What is expanded below a call; undefined if it is not. */
  below(key: string): Expansion | undefined {
    return this.#inner.get(key);
  }

  open(key: string): Expansion {
    const known = this.#inner.get(key) ?? new Expansion();
    this.#inner.set(key, known);
    return known;
  }

  close(key: string): void {
    this.#inner.delete(key);
  }

  clear(): void {
    this.#inner.clear();
  }
}

/** What rows below a call are known by. */
export function keyOf({ func, line }: TreeColumns, node: number): string {
  return `${func[node]!}:${line[node]!}`;
}

/** A tree by the callees of each node. */
export class CallTreePart {
  readonly columns: TreeColumns;
  /** Where the callees of a node begin; those of node n end before `#start[n + 1]`. */
  readonly #start: Int32Array;
  readonly #children: Int32Array;

  constructor(columns: TreeColumns) {
    this.columns = columns;
    const { parent } = columns;
    const { length } = parent;
    const start = (this.#start = new Int32Array(length + 1));
    for (let node = 1; node < length; node++) start[parent[node]! + 1]!++;
    for (let node = 0; node < length; node++) start[node + 1]! += start[node]!;
    const fill = start.slice();
    this.#children = new Int32Array(Math.max(0, length - 1));
    for (let node = 1; node < length; node++) this.#children[fill[parent[node]!]!++] = node;
  }

  /** What a node calls, by total, descending. */
  children(node: number): Int32Array {
    return this.#children.subarray(this.#start[node], this.#start[node + 1]);
  }

  /** The nodes from below the root to a node. */
  way(node: number): number[] {
    const way: number[] = [];
    for (let at = node; at > 0; at = this.columns.parent[at]!) way.push(at);
    return way.reverse();
  }

  /**
   * The way on from a node to where the time is: to the heaviest callee each time, up to the first call that spends as much itself as
   * in any that it calls.
   */
  hottestPath(node: number): number[] {
    const { self, total, func } = this.columns;
    const path: number[] = [];
    for (let at = node; ;) {
      const heaviest = this.children(at).find((child) => func[child]! !== HIDDEN);
      if (heaviest === undefined || self[at]! >= total[heaviest]!) return path;
      path.push((at = heaviest));
    }
  }

  /** By node: 1 if it or something below it is marked. */
  kept(marked: Uint8Array): Uint8Array {
    const { parent } = this.columns;
    const kept = marked.slice();
    for (let node = kept.length - 1; node > 0; node--) if (kept[node] === 1) kept[parent[node]!] = 1;
    return kept;
  }
}

export interface CallRowsQuestion {
  readonly parts: readonly CallTreePart[];
  /** By part: what is expanded in it. */
  readonly expanded: readonly Expansion[];
  /** Whether each part has a row of its own, above its calls. */
  readonly headed: boolean;
  readonly sort: Sort;
  readonly name: (part: CallTreePart, node: number) => string;
  /** By part and node: 1 on those to show, all of them expanded; undefined shows all that is expanded. */
  readonly kept: readonly Uint8Array[] | undefined;
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** The rows to show, in their order. */
export function callRows({ parts, expanded, headed, sort, name, kept }: CallRowsQuestion): CallRows {
  const rows: { part: number; node: number; level: number; state: number }[] = [];
  const direction = sort.descending ? -1 : 1;
  parts.forEach((part, at) => {
    const { columns } = part;
    const isKept = kept?.[at];
    const callees = (node: number): Int32Array => {
      const all = part.children(node);
      const shown = isKept === undefined ? all.slice() : all.filter((child) => isKept[child] === 1);
      if (sort.key === 'name') {
        const names = new Map(Array.from(shown, (child) => [child, name(part, child)]));
        return shown.sort((a, b) => direction * collator.compare(names.get(a)!, names.get(b)!) || a - b);
      }
      const values = columns[sort.key];
      return shown.sort((a, b) => direction * (values[a]! - values[b]!) || a - b);
    };
    const has = (node: number): boolean => part.children(node).some((child) => isKept === undefined || isKept[child] === 1);
    // Innermost first, as a stack takes them: stacks of calls may be tens of thousands deep.
    const waiting: { node: number; level: number; inner: Expansion | undefined }[] = [];
    const add = (node: number, level: number, inner: Expansion | undefined): void => {
      for (const child of callees(node).reverse()) waiting.push({ node: child, level, inner: inner?.below(keyOf(columns, child)) });
    };
    const root = expanded[at]!;
    if (headed) waiting.push({ node: 0, level: 1, inner: root.below(keyOf(columns, 0)) });
    else add(0, 1, root);
    for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
      const { node, level, inner } = row;
      const isOpen = isKept !== undefined || inner !== undefined;
      const state = has(node) ? (isOpen ? 1 : 0) : 2;
      rows.push({ part: at, node, level, state });
      if (state === 1) add(node, level + 1, inner);
    }
  });
  return {
    part: Uint8Array.from(rows, (row) => row.part),
    node: Int32Array.from(rows, (row) => row.node),
    level: Int32Array.from(rows, (row) => row.level),
    state: Uint8Array.from(rows, (row) => row.state),
  };
}
