import { processOfNode } from '../../profile/callTree.ts';
import { t } from '../l10n.ts';
import { HIDDEN } from '../messages.ts';
import { callRows, type CallRows, CallTreePart, Expansion, keyOf } from '../model/callRows.ts';
import { isIn } from '../model/functions.ts';
import { tableText, type TableFormat } from '../model/tableText.ts';
import type { NodePath } from '../query.ts';
import { copyItems, sourceItem, stepItems } from './frameMenu.ts';
import type { MenuItem } from './menu.ts';
import { TimeTable } from './timeTable.ts';
import type { Page, View } from './view.ts';

export function callTree(page: Page): View {
  return new CallTree(page);
}

/** A row by its part and what leads to it there; so it is found again in a newer tree. */
interface Chosen {
  readonly part: number;
  readonly path: NodePath;
}

const NOBODY: CallRows = { part: new Uint8Array(0), node: new Int32Array(0), level: new Int32Array(0), state: new Uint8Array(0) };

/** The calls of the flame graph as a tree in text; of a sandwich the callers and the callees of its function. */
class CallTree implements View {
  readonly element: HTMLElement;
  readonly #page: Page;
  readonly #table: TimeTable;
  #parts: readonly CallTreePart[] = [];
  /** What is expanded, by part; anew for another kind of tree. */
  #expanded: readonly Expansion[] = [];
  #kind = '';
  #rows = NOBODY;
  #chosen: Chosen | undefined;

  constructor(page: Page) {
    this.#page = page;
    const { store } = page;
    this.#table = new TimeTable(
      {
        table: t('Call tree'),
        name: t('Call'),
        nameTitle: t('Calls, and below each what it calls'),
        selfTitle: t('Time in the call itself'),
        totalTitle: t('Time in the call and all it calls'),
      },
      store.format,
      store.kept.callSort,
      {
        choose: (position, open) => this.#choose(position, open),
        menu: (position, x, y) => page.showMenu(this.#menu(position), x, y),
        expand: (position, expanded) => this.#expand(position, expanded),
        parent: (position) => this.#parent(position),
        sorted: (sort) => {
          store.keep({ callSort: sort });
          this.#arrange();
        },
        escape: () => page.escape(),
        key: (event) => this.#onKey(event),
      },
    );
    this.element = this.#table.element;
    store.listen('tree', () => this.#take());
    store.listen('mark', () => this.#arrange());
    store.listen('selection', () => this.#follow());
  }

  shown(): void {
    this.#take();
    this.#follow();
  }

  #take(): void {
    const { tree, query } = this.#page.store;
    if (tree === undefined || !this.element.isConnected) return;
    this.#parts = (tree.callers === null ? [tree.nodes] : [tree.callers, tree.nodes]).map((columns) => new CallTreePart(columns));
    const kind = JSON.stringify([query.sandwich, query.inverted, query.by]);
    if (kind !== this.#kind) {
      this.#kind = kind;
      this.#chosen = undefined;
      this.#expanded = this.#parts.map((part) => {
        const expansion = new Expansion();
        if (this.#isHeaded) expansion.open(keyOf(part.columns, 0));
        return expansion;
      });
    }
    this.#arrange();
  }

  /** Callers and callees have a row above each. */
  get #isHeaded(): boolean {
    return this.#parts.length > 1;
  }

  #arrange(): void {
    const { tree, mark, kept, functions } = this.#page.store;
    if (tree === undefined || !this.element.isConnected) return;
    const filtered = mark.kind === 'none' || mark.kind === 'function' ? undefined : mark.functions;
    this.#rows = callRows({
      parts: this.#parts,
      expanded: this.#expanded,
      headed: this.#isHeaded,
      sort: kept.callSort,
      name: (part, node) => this.#name(part, node),
      kept:
        filtered &&
        this.#parts.map((part) =>
          part.kept(Uint8Array.from(part.columns.func, (func) => (func >= 0 && functions.has(func) && isIn(filtered, func) ? 1 : 0))),
        ),
    });
    const { inverted } = this.#page.store.query;
    this.#table.show({
      count: this.#rows.node.length,
      whole: tree.totalTime,
      row: (position) => {
        const { part, node } = this.#at(position);
        const { func, line, self, total } = part.columns;
        const id = func[node]!;
        const at = id < 0 ? 0 : line[node]! || functions.firstLine(id);
        const state = this.#rows.state[position]!;
        return {
          self: inverted || (this.#isHeaded && part === this.#parts[0]) ? undefined : self[node]!,
          total: total[node]!,
          name: this.#name(part, node),
          place: id < 0 ? '' : functions.shortPlace(id, at),
          fullPlace: id < 0 ? '' : functions.place(id, at),
          level: this.#rows.level[position]!,
          expanded: state === 2 ? undefined : state === 1,
        };
      },
      chosen: () => this.#chosenPosition(),
      empty: filtered === undefined ? t('No samples of Python functions') : t('No call matches'),
    });
  }

  #at(position: number): { part: CallTreePart; node: number } {
    return { part: this.#parts[this.#rows.part[position]!]!, node: this.#rows.node[position]! };
  }

  #name(part: CallTreePart, node: number): string {
    const { functions, participants } = this.#page.store;
    if (node === 0) return part === this.#parts[0] ? t('Callers') : t('Callees');
    const func = part.columns.func[node]!;
    if (func === HIDDEN) return t('{0} more, too small to be sent with all others', part.columns.samples[node]!);
    const process = processOfNode(func);
    if (process === undefined) return functions.name(func);
    const named = participants.processes[process];
    return named === undefined ? '' : `${named.name} (${named.pid})`;
  }

  #path(part: CallTreePart, node: number): number[] {
    return part.way(node).flatMap((step) => [part.columns.func[step]!, part.columns.line[step]!]);
  }

  #chosenPosition(): number {
    const chosen = this.#chosen;
    if (chosen === undefined) return -1;
    const part = this.#parts[chosen.part];
    const node = part === undefined ? undefined : nodeOf(part, chosen.path);
    if (node === undefined) return -1;
    return this.#rows.node.findIndex((other, position) => other === node && this.#rows.part[position] === chosen.part);
  }

  #choose(position: number, open: boolean): void {
    const { store } = this.#page;
    const { part, node } = this.#at(position);
    const path = this.#path(part, node);
    this.#chosen = { part: this.#rows.part[position]!, path };
    const func = part.columns.func[node]!;
    if (func === HIDDEN) {
      const parent = part.columns.parent[node]!;
      if (open) store.post({ type: 'detail', path: this.#path(part, parent), span: part.columns.total[parent]! });
      return;
    }
    if (!this.#isHeaded) this.#page.choosePath(path);
    if (open && func >= 0) this.#open(part, node);
  }

  #open(part: CallTreePart, node: number): void {
    const { store } = this.#page;
    const [func, line] = [part.columns.func[node]!, part.columns.line[node]!];
    if (!store.isEditor || !store.functions.hasSource(func)) return;
    store.post({ type: 'open', func, line, path: this.#isHeaded ? null : this.#path(part, node) });
  }

  /** The call that was selected elsewhere: opens what leads to it. */
  #follow(): void {
    const { selection } = this.#page.store;
    const part = this.#parts[0];
    if (!this.element.isConnected || this.#isHeaded || part === undefined || selection === null) return;
    if (this.#chosen?.path.join() === selection.join()) return;
    const node = nodeOf(part, selection);
    if (node === undefined) return;
    this.#chosen = { part: 0, path: selection };
    this.#openAbove(0, node);
    this.#arrange();
    this.#table.revealChosen();
  }

  /** Expands all that a node is below. */
  #openAbove(at: number, node: number): Expansion {
    const part = this.#parts[at]!;
    const way = part.way(node).slice(0, -1);
    return (this.#isHeaded && node !== 0 ? [0, ...way] : way).reduce(
      (expansion, step) => expansion.open(keyOf(part.columns, step)),
      this.#expanded[at]!,
    );
  }

  #expand(position: number, expanded: boolean): void {
    const { part, node } = this.#at(position);
    const above = this.#openAbove(this.#rows.part[position]!, node);
    if (expanded) above.open(keyOf(part.columns, node));
    else above.close(keyOf(part.columns, node));
    this.#arrange();
    this.#table.revealChosen();
  }

  #parent(position: number): number {
    const level = this.#rows.level[position]!;
    let above = position - 1;
    while (above >= 0 && this.#rows.level[above]! >= level) above--;
    return above;
  }

  /** From the chosen call, or from the first one. */
  #expandHottest(): void {
    const position = Math.max(0, this.#chosenPosition());
    if (position >= this.#rows.node.length) return;
    const { part, node } = this.#at(position);
    const at = this.#rows.part[position]!;
    const path = part.hottestPath(node);
    let expansion = this.#openAbove(at, node).open(keyOf(part.columns, node));
    for (const step of path.slice(0, -1)) expansion = expansion.open(keyOf(part.columns, step));
    this.#chosen = { part: at, path: this.#path(part, path.at(-1) ?? node) };
    this.#arrange();
    this.#table.revealChosen();
    if (!this.#isHeaded) this.#page.choosePath(this.#chosen.path);
  }

  #onKey(event: KeyboardEvent): boolean {
    if (event.key.toUpperCase() !== 'E' || event.ctrlKey || event.metaKey || event.altKey) return this.#page.key(event);
    this.#expandHottest();
    return true;
  }

  #menu(position: number): readonly MenuItem[] {
    const { store } = this.#page;
    const { part, node } = this.#at(position);
    const func = part.columns.func[node]!;
    const path = this.#isHeaded ? undefined : this.#path(part, node);
    return [
      ...(func < 0 || !store.isEditor ? [] : sourceItem(func, store.functions, () => this.#open(part, node))),
      { label: t('Expand Hottest Path'), key: 'E', action: () => this.#expandHottest() },
      ...(func < 0 ? [] : stepItems(store, func, path)),
      ...copyItems(this.#name(part, node), (as) => this.#text(as)),
    ];
  }

  #text(as: TableFormat): string {
    const { functions, format, tree, query } = this.#page.store;
    const rows = Array.from(this.#rows.node, (node, position) => {
      const { part } = this.#at(position);
      const { func, line, self, total, samples } = part.columns;
      const id = func[node]!;
      return {
        self: query.inverted || (this.#isHeaded && part === this.#parts[0]) ? undefined : self[node]!,
        total: total[node]!,
        samples: samples[node]!,
        name: this.#name(part, node),
        file: id < 0 ? '' : functions.file(id),
        line: id < 0 ? 0 : line[node]! || functions.firstLine(id),
        indent: this.#rows.level[position]! - 1,
      };
    });
    return tableText(as, t('Call'), rows, format, tree!.totalTime);
  }
}

/** The node that calls lead to; undefined if it is not there. */
function nodeOf(part: CallTreePart, path: NodePath): number | undefined {
  const { func, line } = part.columns;
  let node = 0;
  for (let step = 0; step + 1 < path.length; step += 2) {
    const next = part.children(node).find((child) => func[child] === path[step] && line[child] === path[step + 1]);
    if (next === undefined) return undefined;
    node = next;
  }
  return node;
}
