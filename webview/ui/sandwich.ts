import { t } from '../l10n.ts';
import type { PageAction, TreeColumns } from '../messages.ts';
import { layOut } from '../model/flameTree.ts';
import { markTree } from '../model/marks.ts';
import { NodeIndex, pathOf } from '../model/nodeIndex.ts';
import { colorClasses } from '../model/palette.ts';
import { NO_ROW, type RowId } from '../model/rowId.ts';
import type { Store } from '../model/store.ts';
import { describe, spoken, type Description } from './describe.ts';
import { Details } from './details.ts';
import { element, setText } from './dom.ts';
import { listenToInput } from './flameInput.ts';
import { FlameView } from './flameView.ts';
import { frameMenu, stepItems } from './frameMenu.ts';
import { Hover } from './hover.ts';
import { readTheme, type Theme } from './theme.ts';
import { button } from './toolbar.ts';
import type { Page, View } from './view.ts';

export function sandwich(page: Page): View {
  return new Sandwich(page);
}

/** A function's callers, growing upwards, above its callees, growing downwards; with a way back through the functions that were looked at. */
class Sandwich implements View {
  readonly element: HTMLElement;
  /** In the page only while they can be seen. */
  readonly #parts: readonly HTMLElement[];
  readonly #store: Store;
  readonly #callers: Half;
  readonly #callees: Half;
  readonly #details: Details;
  readonly #title = element('span', { class: 'sandwich-title' });
  readonly #back: HTMLButtonElement;
  readonly #forward: HTMLButtonElement;
  /** Functions that were looked at, and which of them is shown. */
  #history: number[] = [];
  #at = -1;
  /** The half of which a box is selected. */
  #selected: Half;

  constructor(page: Page) {
    this.#store = page.store;
    const select = (half: Half): void => {
      const other = half === this.#callers ? this.#callees : this.#callers;
      other.view.selected = -1;
      this.#selected = half;
      this.#details.show(half.selected());
    };
    this.#callers = new Half(page, true, t('Callers'), select);
    this.#callees = new Half(page, false, t('Callees'), select);
    this.#selected = this.#callees;
    this.#details = new Details(
      () => this.#selected.view.zoomTo(this.#selected.view.selected),
      page.store.isEditor ? () => this.#selected.openSource(this.#selected.view.selected) : undefined,
    );
    this.#back = button('back', t('Back (Alt+←)'), () => this.#go(-1));
    this.#forward = button('forward', t('Forward (Alt+→)'), () => this.#go(1));
    this.element = element('section', { 'class': 'graph sandwich', 'aria-label': t('Callers and callees'), 'hidden': true });
    this.#parts = [
      element(
        'div',
        { class: 'sandwich-bar' },
        this.#back,
        this.#forward,
        this.#title,
        element('span', { class: 'stretch' }),
        button('close', t('Show all calls (Escape)'), () => this.#store.ask({ sandwich: null })),
      ),
      this.#callers.element,
      this.#callees.element,
      this.#details.element,
    ];
    this.element.addEventListener('keydown', (event) => {
      if (!event.altKey || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return;
      this.#go(event.key === 'ArrowLeft' ? -1 : 1);
      event.preventDefault();
      event.stopPropagation();
    });
    this.#store.listen('setup', () => (this.#history = []));
    this.#store.listen('query', () => this.#onQuery());
    this.#store.listen('tree', () => this.#onTree());
    this.#store.listen('mark', () => this.#showMarks());
  }

  isShown(): boolean {
    return this.#store.query.sandwich !== null;
  }

  focus(): void {
    this.#selected.view.scroller.focus();
  }

  setTheme(theme: Theme): void {
    for (const half of this.#halves) half.view.theme = theme;
  }

  cover(): void {
    for (const half of this.#halves) half.hover.tooltip.hide();
  }

  reset(): void {
    for (const { view } of this.#halves) view.moveCamera(() => view.camera.reset());
  }

  point({ func }: RowId): void {
    this.#store.ask({ sandwich: func });
  }

  escape(): void {
    if (this.#halves.some(({ view }) => view.camera.zoomed)) this.reset();
    else this.#store.ask({ sandwich: null });
  }

  act(action: PageAction): void {
    if (action === 'sandwich') this.#showSelected();
  }

  key(event: KeyboardEvent): boolean {
    return event.key.toUpperCase() === 'W' && this.#showSelected();
  }

  get #halves(): readonly Half[] {
    return [this.#callers, this.#callees];
  }

  #showSelected(): boolean {
    const func = this.#selected.func(this.#selected.view.selected);
    if (func === undefined || !this.#store.functions.has(func)) return false;
    this.#store.ask({ sandwich: func });
    return true;
  }

  #go(by: 1 | -1): void {
    const func = this.#history[this.#at + by];
    if (func === undefined) return;
    this.#at += by;
    this.#store.ask({ sandwich: func });
  }

  #onQuery(): void {
    const { sandwich: func } = this.#store.query;
    if (this.element.hidden !== (func === null)) {
      this.element.hidden = func === null;
      this.element.replaceChildren(...(func === null ? [] : this.#parts));
    }
    this.element.classList.add('busy');
    if (func === null) this.cover();
    else if (this.#history[this.#at] !== func) {
      this.#history = [...this.#history.slice(0, this.#at + 1), func].slice(-100);
      this.#at = this.#history.length - 1;
    }
    this.#back.disabled = this.#at <= 0;
    this.#forward.disabled = this.#at >= this.#history.length - 1;
  }

  #onTree(): void {
    const { tree, query, functions, format } = this.#store;
    if (query.sandwich === null || tree === undefined || tree.callers === null) return;
    this.element.classList.remove('busy');
    const name = functions.name(query.sandwich);
    const total = tree.nodes.total[0]!;
    setText(this.#title, t('{0}: {1} of {2}', name, format.time(total), format.time(tree.totalTime)));
    this.#callers.show(tree.callers, query.sandwich);
    this.#callees.show(tree.nodes, query.sandwich);
    this.#details.show(this.#selected.selected());
    this.#showMarks();
  }

  #showMarks(): void {
    if (!this.isShown()) return;
    const { mark } = this.#store;
    for (const { view } of this.#halves) {
      const tree = view.picture?.tree;
      // A function that was chosen is the one in the middle: all would fade but it.
      view.marked =
        (mark.kind !== 'search' && mark.kind !== 'module') || tree === undefined ? undefined : markTree(tree, mark.functions).nodes;
    }
  }
}

/** One of the two graphs. Its root is the function in the middle. */
class Half {
  readonly element: HTMLElement;
  readonly view: FlameView;
  readonly hover: Hover;
  readonly #page: Page;
  readonly #isCallers: boolean;
  #middle = -1;

  constructor(page: Page, isCallers: boolean, label: string, selected: (half: Half) => void) {
    this.#page = page;
    this.#isCallers = isCallers;
    this.view = new FlameView(page.store.functions, readTheme(), page.store.isEditor, {
      viewChanged: () => this.hover.again(),
      viewSettled: () => undefined,
    });
    this.view.rootBelow = isCallers;
    this.hover = new Hover(
      this.view,
      (node) => this.#describe(node),
      () => page.isMenuOpen(),
    );
    this.element = element(
      'div',
      { 'class': 'sandwich-half', 'role': 'group', 'aria-label': label },
      element('span', { 'class': 'sandwich-label', 'text': label, 'aria-hidden': 'true' }),
      this.view.element,
      this.hover.tooltip.element,
    );
    listenToInput(this.view, {
      select: (node) => {
        this.view.selected = node;
        selected(this);
        const picture = this.view.picture;
        if (node < 0 || picture === undefined) return;
        const { firstChild, depth } = picture.tree;
        page.say(spoken(this.#describe(node), depth[node]!, firstChild[node + 1]! - firstChild[node]!));
      },
      openSource: (node) => this.openSource(node),
      hover: (node, x, y) => this.hover.over(node, x, y),
      endHover: () => this.hover.end(),
      menu: (node, x, y) => page.showMenu(this.#menu(node), x, y),
      escape: () => page.escape(),
      key: (event) => page.key(event),
    });
  }

  /** @param middle the function that the root stands for */
  show(nodes: TreeColumns, middle: number): void {
    const { functions } = this.#page.store;
    const isSame = middle === this.#middle;
    this.#middle = middle;
    const path =
      isSame && this.view.picture !== undefined && this.view.selected >= 0 ? pathOf(this.view.picture.tree, this.view.selected) : [];
    const tree = layOut(nodes, isSame ? this.view.picture?.index : undefined);
    this.view.labels = { root: functions.name(middle), processes: [] };
    const index = new NodeIndex(tree);
    this.view.setPicture({ tree, inverted: this.#isCallers, index, classes: colorClasses(tree, functions, this.#isCallers) }, isSame);
    if (this.#isCallers && !isSame) this.view.scroller.scrollTop = this.view.scroller.scrollHeight;
    const found = index.follow(path);
    this.view.selected = path.length === 0 || found.rest > 0 ? -1 : found.node;
    this.hover.again();
  }

  func(node: number): number | undefined {
    const tree = this.view.picture?.tree;
    if (tree === undefined || node < 0) return undefined;
    return node === 0 ? this.#middle : tree.func[node];
  }

  selected(): Description | undefined {
    return this.view.selected < 0 || this.view.picture === undefined ? undefined : this.#describe(this.view.selected);
  }

  openSource(node: number): void {
    const func = this.func(node);
    if (func !== undefined && func >= 0) this.#page.openRow({ ...NO_ROW, func });
  }

  #menu(node: number): ReturnType<typeof frameMenu> {
    const { store } = this.#page;
    const func = this.func(node)!;
    return frameMenu(func, store.functions, pathOf(this.view.picture!.tree, node), {
      ...(store.isEditor ? { openSource: () => this.openSource(node) } : {}),
      zoom: () => this.view.zoomTo(node),
      reset: () => this.view.moveCamera(() => this.view.camera.reset()),
      highlight: (marked) => store.markFunction(marked, 0),
      only: (process) => store.ask({ scope: { kind: 'process', id: process } }),
      steps: stepItems(store, func, undefined),
    });
  }

  #describe(node: number): Description {
    const { functions, format, tree } = this.#page.store;
    return describe(this.view.picture!, functions, this.view.labels, format, node, tree?.totalTime);
  }
}
