import { sameTransforms } from '../../profile/transforms/transform.ts';
import { t } from '../l10n.ts';
import { HIDDEN, type PageAction, type ParticipantsMessage } from '../messages.ts';
import { layOut } from '../model/flameTree.ts';
import { share } from '../model/format.ts';
import { markedBySize, markTree, nextMarked } from '../model/marks.ts';
import { widerCaller } from '../model/navigation.ts';
import { NodeIndex, pathOf } from '../model/nodeIndex.ts';
import { colorClasses } from '../model/palette.ts';
import { NO_ROW } from '../model/rowId.ts';
import { type Step, stepsFrom } from '../model/steps.ts';
import type { Store } from '../model/store.ts';
import { ALL_SAMPLES, type NodePath, type Query, sameSamples, type Scope } from '../query.ts';
import { describe, spoken, type Description } from './describe.ts';
import { Details } from './details.ts';
import { debounced, element } from './dom.ts';
import { listenToInput } from './flameInput.ts';
import { FlameView } from './flameView.ts';
import { frameMenu, stepItems } from './frameMenu.ts';
import { Hover } from './hover.ts';
import type { MenuItem } from './menu.ts';
import { Overview } from './overview.ts';
import { Placeholder } from './placeholder.ts';
import type { Labels } from './scene.ts';
import type { Page, View } from './view.ts';
import { readTheme } from './theme.ts';
import type { Theme } from './theme.ts';

export function flameGraph(page: Page): View {
  return new FlameGraph(page);
}

/** The graph with its miniature above and the selected box in words below. */
class FlameGraph implements View {
  readonly element: HTMLElement;
  readonly #page: Page;
  readonly #store: Store;
  readonly #view: FlameView;
  readonly #overview: Overview;
  readonly #hover: Hover;
  readonly #details: Details;
  readonly #placeholder: Placeholder;
  /** The query that the picture answers. */
  #shownQuery: Query | undefined;
  /** 1 by node. */
  #marked: Uint8Array | undefined;
  /** The marked boxes by size; worked out when it is asked for. */
  #order: readonly number[] | undefined;
  #lastDetail = '';
  readonly #askDetail = debounced(200, () => this.#requestDetail());

  constructor(page: Page) {
    this.#page = page;
    this.#store = page.store;
    this.#view = new FlameView(page.store.functions, readTheme(), page.store.isEditor, {
      viewChanged: () => {
        this.#overview.frame();
        this.#hover.again();
        this.#store.zoomed = this.#view.camera.zoomed;
      },
      viewSettled: () => {
        this.#store.keep({ zoom: this.#view.anchor });
        this.#askDetail();
      },
    });
    this.#hover = new Hover(
      this.#view,
      (node) => this.#describe(node),
      () => page.isMenuOpen(),
    );
    this.#overview = new Overview(this.#view);
    this.#placeholder = new Placeholder(() => this.#store.showAll());
    this.#details = new Details(
      () => this.#view.zoomTo(this.#view.selected),
      page.store.isEditor ? () => this.#openSource(this.#view.selected) : undefined,
    );
    this.element = element(
      'section',
      { 'class': 'graph', 'aria-label': t('Flame graph') },
      this.#overview.element,
      this.#view.element,
      this.#placeholder.element,
      this.#details.element,
      this.#hover.tooltip.element,
    );
    this.#view.rootBelow = this.#store.kept.rootBelow;
    this.#listen();
  }

  isShown(): boolean {
    return this.#store.query.sandwich === null;
  }

  focus(): void {
    this.#view.scroller.focus();
  }

  setTheme(theme: Theme): void {
    this.#view.theme = theme;
    this.#overview.draw();
  }

  cover(): void {
    this.#hover.tooltip.hide();
  }

  reset(): void {
    this.#view.moveCamera(() => this.#view.camera.reset());
  }

  /** Its widest box is selected, and the view stays as wide as it is: one box of many is not what was asked for. */
  point(_row: unknown, zoom: boolean): void {
    const widest = this.#next(-1, 1);
    if (zoom) {
      this.#view.zoomTo(widest);
      return;
    }
    this.#select(widest);
    this.#view.pointAt(widest);
  }

  pointPath(path: NodePath): void {
    const found = this.#view.picture?.index.follow(path);
    if (found === undefined || found.rest > 0) return;
    this.#select(found.node);
    this.#view.pointAt(found.node);
  }

  nextMatch(by: 1 | -1): void {
    const node = this.#next(this.#view.selected, by);
    if (node === -1) return;
    this.#select(node);
    this.#view.reveal(node);
  }

  /** Zooms out a caller at a time. */
  escape(): void {
    const view = this.#view;
    if (!view.camera.zoomed) {
      this.#select(-1);
      return;
    }
    const { path, start, end } = view.anchor;
    const { tree, index } = view.picture!;
    const { node } = index.follow(path);
    const fills = start <= 1e-6 && end >= 1 - 1e-6;
    view.zoomTo(fills ? widerCaller(tree, node) : node);
  }

  act(action: PageAction): void {
    if (action === 'sandwich') this.#showSandwich();
    this.#step(({ id }) => id === action);
  }

  /** Steps from the selected box. */
  key(event: KeyboardEvent): boolean {
    if (event.key.toUpperCase() === 'W') return this.#showSandwich();
    const key = `${event.shiftKey ? 'Shift+' : ''}${event.key.toUpperCase()}`;
    return this.#step((step) => step.key === key);
  }

  /** Callers and callees of the selected box's function. */
  #showSandwich(): boolean {
    const func = this.#view.picture?.tree.func[this.#view.selected] ?? -1;
    if (!this.#store.functions.has(func)) return false;
    this.#store.ask({ sandwich: func });
    return true;
  }

  #step(isMeant: (step: Step) => boolean): boolean {
    const { selected, picture } = this.#view;
    if (picture === undefined || selected < 0) return false;
    const { tree } = picture;
    const step = stepsFrom(this.#store.query, this.#store.functions, tree.func[selected]!, pathOf(tree, selected)).find(isMeant);
    if (step === undefined) return false;
    this.#store.ask(step.change);
    return true;
  }

  #listen(): void {
    const store = this.#store;
    listenToInput(this.#view, {
      select: (node) => this.#select(node),
      openSource: (node) => this.#openSource(node),
      hover: (node, x, y) => this.#hover.over(node, x, y),
      endHover: () => this.#hover.end(),
      menu: (node, x, y) => this.#page.showMenu(this.#menuFor(node), x, y),
      escape: () => this.#page.escape(),
      key: (event) => this.#page.key(event),
    });
    document.addEventListener('copy', (event) => {
      const node = this.#view.selected;
      if (event.target instanceof HTMLInputElement || node < 0 || this.#view.picture === undefined || !getSelection()!.isCollapsed) return;
      event.clipboardData?.setData('text/plain', this.#describe(node).name);
      event.preventDefault();
    });
    store.listen('setup', () => (this.#shownQuery = undefined));
    store.listen('query', () => {
      this.element.hidden = !this.isShown();
      this.element.classList.add('busy');
      this.#lastDetail = '';
    });
    store.listen('participants', () => (this.#view.labels = this.#labels()));
    store.listen('status', () => this.#placeholder.tell(store.status!.state, store.status!.quality.samples > 0));
    store.listen('tree', () => this.#onTree());
    store.listen('mark', () => this.#showMarks());
    store.listen('kept', () => {
      if (this.#view.rootBelow === store.kept.rootBelow) return;
      this.#view.rootBelow = store.kept.rootBelow;
      this.#overview.draw();
    });
  }

  #onTree(): void {
    if (!this.isShown()) return;
    const { query, functions } = this.#store;
    const { nodes, totalSamples } = this.#store.tree!;
    this.element.classList.remove('busy');
    const before = this.#view.picture;
    const shown = this.#shownQuery;
    // Paths mean something else when the tree is built another way.
    const comparable =
      before === undefined ||
      (shown?.inverted === query.inverted && shown.by === query.by && sameTransforms(shown.transforms, query.transforms));
    const tree = layOut(nodes, comparable ? before?.index : undefined);
    const { inverted } = query;
    const picture = { tree, inverted, index: new NodeIndex(tree), classes: colorClasses(tree, functions, inverted) };
    this.#shownQuery = query;
    this.#view.labels = this.#labels();
    this.#view.setPicture(picture, comparable);
    if (before === undefined) this.#view.restore(this.#store.kept.zoom);
    this.#placeholder.show(totalSamples === 0, !sameSamples(query, ALL_SAMPLES), query.transforms.length > 0);
    if (!comparable) this.#store.select(null, NO_ROW);
    this.#restoreSelection();
    this.#hover.again();
    this.#showMarks();
    this.#store.zoomed = this.#view.camera.zoomed;
    if (before === undefined || !comparable) this.#askDetail();
  }

  #showMarks(): void {
    if (!this.isShown()) return;
    const { mark, format } = this.#store;
    const tree = this.#view.picture?.tree;
    const marks =
      mark.kind === 'none' || tree === undefined ? undefined : markTree(tree, mark.functions, mark.kind === 'function' ? mark.line : 0);
    this.#marked = this.#view.marked = this.#overview.marked = marks?.nodes;
    this.#order = undefined;
    if (marks === undefined || tree === undefined) {
      this.#page.showMatches('', false);
      return;
    }
    const { count, time } = marks;
    const boxes = count === 1 ? t('1 box') : t('{0} boxes', format.count(count));
    this.#page.showMatches(`${boxes} · ${format.percent(share(time, tree.total[0]!))}`, count > 0);
  }

  /** The next marked box after a node, by size; -1 if there is none. */
  #next(node: number, by: 1 | -1): number {
    const tree = this.#view.picture?.tree;
    if (tree === undefined || this.#marked === undefined) return -1;
    this.#order ??= markedBySize(tree, this.#marked);
    return nextMarked(this.#order, node, by);
  }

  /** Asks for what was too small to be sent, when the view has come close to it. */
  #requestDetail(): void {
    if ((this.#store.tree?.hiddenNodes ?? 0) === 0 && this.#lastDetail === '') return;
    const { path } = this.#view.anchor;
    const { start, end } = this.#view.camera.target;
    if (end <= start) return;
    // Asking again for every small move would only repeat the answer.
    const key = `${path.join()}|${Math.round(Math.log2(end - start) * 2)}`;
    if (key === this.#lastDetail) return;
    this.#lastDetail = key;
    this.#store.post({ type: 'detail', path, span: end - start });
  }

  #select(node: number): void {
    const picture = this.#view.picture;
    if (picture === undefined) return;
    this.#view.selected = node;
    const func = node < 0 ? -1 : picture.tree.func[node]!;
    this.#details.show(node < 0 ? undefined : this.#describe(node));
    if (node >= 0) {
      const { firstChild, depth } = picture.tree;
      this.#page.say(spoken(this.#describe(node), depth[node]!, firstChild[node + 1]! - firstChild[node]!));
    }
    this.#store.select(
      node < 0 || func === HIDDEN ? null : pathOf(picture.tree, node),
      func < 0 ? NO_ROW : { func, line: picture.tree.line[node]! },
    );
  }

  #restoreSelection(): void {
    const picture = this.#view.picture!;
    const { selection } = this.#store;
    const found = selection === null ? undefined : picture.index.follow(selection);
    // What is not there now may come back: only the box is gone, not the selection.
    this.#view.selected = found === undefined || found.rest > 0 ? -1 : found.node;
    this.#details.show(this.#view.selected < 0 ? undefined : this.#describe(this.#view.selected));
  }

  #openSource(node: number): void {
    const tree = this.#view.picture?.tree;
    if (
      !this.#store.isEditor ||
      tree === undefined ||
      node < 0 ||
      tree.func[node]! < 0 ||
      !this.#store.functions.hasSource(tree.func[node]!)
    )
      return;
    this.#store.post({ type: 'open', func: tree.func[node]!, line: tree.line[node]!, path: pathOf(tree, node) });
  }

  #menuFor(node: number): readonly MenuItem[] {
    const { tree } = this.#view.picture!;
    return frameMenu(tree.func[node]!, this.#store.functions, pathOf(tree, node), {
      ...(this.#store.isEditor ? { openSource: () => this.#openSource(node) } : {}),
      zoom: () => this.#view.zoomTo(node),
      reset: () => this.reset(),
      highlight: (func) => this.#store.markFunction(func, 0),
      steps: stepItems(this.#store, tree.func[node]!, pathOf(tree, node)),
      only: (process) => this.#store.ask({ scope: { kind: 'process', id: process } }),
    });
  }

  #describe(node: number): Description {
    const { functions, format } = this.#store;
    return describe(this.#view.picture!, functions, this.#view.labels, format, node);
  }

  #labels(): Labels {
    const { query, participants } = this.#store;
    const names = participants.processes.map(({ name, pid }) => `${name} (${pid})`);
    return { root: rootLabel(query.scope, participants, names), processes: names };
  }
}

function rootLabel(scope: Scope, { threads }: ParticipantsMessage, processes: readonly string[]): string {
  if (scope.kind === 'thread') return threads[scope.id]?.name ?? t('Thread');
  if (scope.kind === 'process') return processes[scope.id] ?? t('Process');
  if (scope.kind === 'threads') return t('{0} threads', scope.ids.length);
  return processes.length > 1 ? t('All processes') : t('All threads');
}
