import { t } from '../l10n.ts';
import { share, type NumberFormat } from '../model/format.ts';
import { markedBySize, markTree, nextMarked } from '../model/marks.ts';
import type { FlameView } from './flameView.ts';
import { NO_ROW, type FunctionTable } from './functionTable.ts';
import type { Overview } from './overview.ts';
import type { Toolbar } from './toolbar.ts';

/** What stands out: what was searched for, or one function. */
type Mark =
  { readonly kind: 'none' } | { readonly kind: 'search' } | { readonly kind: 'function'; readonly func: number; readonly line: number };

interface MarkedParts {
  readonly view: FlameView;
  readonly overview: Overview;
  readonly toolbar: Toolbar;
  readonly table: FunctionTable;
  readonly format: NumberFormat;
}

/** Lets boxes and rows stand out, in every part of the page, and counts them. */
export class Marking {
  readonly #parts: MarkedParts;
  #mark: Mark;
  /** 1 by node. */
  #nodes: Uint8Array | undefined;
  /** The marked boxes by size; worked out when it is asked for. */
  #order: readonly number[] | undefined;

  constructor(parts: MarkedParts) {
    this.#parts = parts;
    this.#mark = { kind: parts.toolbar.search.value.trim() === '' ? 'none' : 'search' };
  }

  get active(): boolean {
    return this.#mark.kind !== 'none';
  }

  /** What the search box holds, from now on. */
  search(): void {
    this.#mark = { kind: this.#parts.toolbar.search.value.trim() === '' ? 'none' : 'search' };
    if (this.#mark.kind === 'search') this.#parts.table.chosen = NO_ROW;
    this.update();
  }

  /** All calls of one function; in trees by line those at a line, unless that is 0. */
  markFunction(func: number, line: number): void {
    this.#mark = { kind: 'function', func, line };
    this.#parts.table.chosen = { func, line };
    this.update();
  }

  /** Function ids mean something else from now on. */
  forgetFunction(): void {
    if (this.#mark.kind !== 'function') return;
    this.#mark = { kind: 'none' };
    this.#parts.table.chosen = NO_ROW;
  }

  clear(): void {
    this.#mark = { kind: 'none' };
    this.#parts.toolbar.search.value = '';
    this.#parts.table.chosen = NO_ROW;
    this.update();
  }

  /** Works it out anew: the tree or the functions are others now. */
  update(): void {
    const { view, overview, table, toolbar, format } = this.#parts;
    const mark = this.#mark;
    const functions = this.#find();
    // A function chosen in a filtered table leaves the filter as it is.
    if (mark.kind !== 'function') table.filter(functions);
    const tree = view.picture?.tree;
    const marks =
      functions === undefined || tree === undefined ? undefined : markTree(tree, functions, mark.kind === 'function' ? mark.line : 0);
    this.#nodes = view.marked = overview.marked = marks?.nodes;
    this.#order = undefined;
    if (marks === undefined || tree === undefined) {
      toolbar.showMatches('', false);
      return;
    }
    const { count, time } = marks;
    const boxes = count === 1 ? t('1 box') : t('{0} boxes', format.count(count));
    toolbar.showMatches(`${boxes} · ${format.percent(share(time, tree.total[0]!))}`, count > 0);
  }

  /** The widest marked box; -1 if there is none. */
  get widest(): number {
    return this.next(-1, 1);
  }

  /** The next marked box after a node, by size; -1 if there is none. */
  next(node: number, by: 1 | -1): number {
    const tree = this.#parts.view.picture?.tree;
    if (tree === undefined || this.#nodes === undefined) return -1;
    this.#order ??= markedBySize(tree, this.#nodes);
    return nextMarked(this.#order, node, by);
  }

  #find(): Uint8Array | undefined {
    const { functions } = this.#parts.view;
    const mark = this.#mark;
    switch (mark.kind) {
      case 'none':
        return undefined;
      case 'search':
        return functions.search(this.#parts.toolbar.search.value);
      case 'function': {
        const marked = new Uint8Array(functions.count);
        if (mark.func < marked.length) marked[mark.func] = 1;
        return marked;
      }
    }
  }
}
