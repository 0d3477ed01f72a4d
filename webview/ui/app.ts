import { t } from '../l10n.ts';
import {
  HIDDEN,
  type FunctionsMessage,
  type HostMessage,
  type PageMessage,
  type ParticipantsMessage,
  type SetupMessage,
  type StatusMessage,
  type TreeMessage,
} from '../messages.ts';
import { layOut } from '../model/flameTree.ts';
import { NumberFormat } from '../model/format.ts';
import { Functions } from '../model/functions.ts';
import { widerCaller } from '../model/navigation.ts';
import { NodeIndex, pathOf } from '../model/nodeIndex.ts';
import { colorClasses } from '../model/palette.ts';
import type { StoredView } from '../model/storedView.ts';
import { sameQuery, type NodePath, type Query, type Scope } from '../query.ts';
import { describe, spoken, type Description } from './describe.ts';
import { Details } from './details.ts';
import { debounced, element, setText } from './dom.ts';
import { listenToInput } from './flameInput.ts';
import { FlameView } from './flameView.ts';
import { FunctionTable, NO_ROW, type RowId } from './functionTable.ts';
import { Help } from './help.ts';
import { Hover } from './hover.ts';
import { Marking } from './marking.ts';
import { Menu, type MenuItem } from './menu.ts';
import { frameMenu, rowMenu } from './frameMenu.ts';
import { Overview } from './overview.ts';
import { Placeholder } from './placeholder.ts';
import type { Labels } from './scene.ts';
import { Split } from './split.ts';
import { StatusBar } from './statusBar.ts';
import { onThemeChange, readTheme } from './theme.ts';
import { Toolbar } from './toolbar.ts';

/** The way to the host and to what VS Code keeps for the page. */
export interface Host {
  /** Whether there is one that opens sources, and stops, saves and exports recordings. */
  readonly isEditor: boolean;
  readonly post: (message: PageMessage) => void;
  readonly store: (view: StoredView) => void;
}

/** The page: holds what is shown, and carries news between the host, the user and the parts. */
export class App {
  readonly #host: Host;
  readonly #functions = new Functions();
  readonly #format: NumberFormat;
  readonly #view: FlameView;
  readonly #overview: Overview;
  readonly #toolbar: Toolbar;
  readonly #table: FunctionTable;
  readonly #split: Split;
  readonly #status: StatusBar;
  readonly #marking: Marking;
  readonly #details: Details;
  readonly #hover: Hover;
  readonly #menu = new Menu();
  readonly #help: Help;
  readonly #placeholder = new Placeholder(() => this.#toolbar.showAll());
  readonly #live = element('div', { 'class': 'visually-hidden', 'role': 'status', 'aria-live': 'polite' });
  readonly #graph: HTMLElement;
  #stored: StoredView;
  #query: Query;
  #queryNumber = 0;
  /** The query that the picture answers. */
  #shownQuery: Query | undefined;
  #selection: NodePath | null;
  #participants: ParticipantsMessage = { type: 'participants', processes: [], threads: [] };
  #hiddenNodes = 0;
  #lastDetail = '';
  readonly #store = debounced(250, () => this.#host.store((this.#stored = { ...this.#stored, ...this.#state() })));
  readonly #askDetail = debounced(200, () => this.#requestDetail());

  constructor(root: HTMLElement, host: Host, setup: SetupMessage, stored: StoredView) {
    this.#host = host;
    this.#stored = stored;
    this.#query = stored.query;
    this.#selection = stored.selection;
    this.#format = new NumberFormat(setup.language);
    this.#help = new Help(host.isEditor);
    this.#view = new FlameView(this.#functions, readTheme(), host.isEditor, {
      viewChanged: () => {
        this.#overview.frame();
        this.#hover.again();
        this.#showViewState();
      },
      viewSettled: () => {
        this.#store();
        this.#askDetail();
      },
    });
    this.#hover = new Hover(
      this.#view,
      (node) => this.#describe(node),
      () => this.#menu.isOpen,
    );
    this.#overview = new Overview(this.#view);
    this.#toolbar = new Toolbar(this.#query, stored.search, {
      query: (query) => this.#ask(query),
      search: () => {
        this.#marking.search();
        this.#store();
      },
      nextMatch: (by) => this.#nextMatch(by),
      clearMarks: () => this.#clearMarks(),
      leaveSearch: () => this.#view.scroller.focus(),
      reset: () => this.#view.moveCamera(() => this.#view.camera.reset()),
      flip: () => this.#flip(),
      toggleTable: () => this.#toggleTable(),
      help: () => this.#showHelp(),
      ...(host.isEditor ? { command: (command) => this.#host.post({ type: 'command', command }) } : {}),
    });
    this.#table = new FunctionTable(this.#functions, this.#format, stored.sort, {
      choose: (row, open) => this.#chooseRow(row, open),
      menu: (row, x, y) => this.#showMenu(this.#menuForRow(row), x, y),
      sorted: (sort) => this.#keep({ sort }),
      escape: () => this.#clearMarks(),
      key: (event) => this.#onKey(event),
    });
    this.#marking = new Marking({
      view: this.#view,
      overview: this.#overview,
      toolbar: this.#toolbar,
      table: this.#table,
      format: this.#format,
    });
    this.#status = new StatusBar(this.#format);
    this.#details = new Details(
      () => this.#view.zoomTo(this.#view.selected),
      host.isEditor ? () => this.#openSource(this.#view.selected) : undefined,
    );
    this.#graph = element(
      'section',
      { 'class': 'graph', 'aria-label': t('Flame graph') },
      this.#overview.element,
      this.#view.element,
      this.#placeholder.element,
      this.#details.element,
    );
    const tableSection = element('section', { 'class': 'table-section', 'aria-label': t('Functions') }, this.#table.element);
    this.#split = new Split(this.#graph, tableSection, stored.tableShare, (tableShare) => this.#keep({ tableShare }));
    this.#split.shown = stored.tableShown;
    this.#view.rootBelow = stored.rootBelow;
    root.replaceChildren(
      this.#toolbar.element,
      this.#split.element,
      this.#status.element,
      this.#hover.tooltip.element,
      this.#menu.element,
      this.#help.element,
      this.#live,
    );
    this.#listen(root);
    this.#showViewState();
    this.#send();
  }

  receive(message: HostMessage): void {
    switch (message.type) {
      case 'setup': // the profile is another one now
        this.#functions.clear();
        this.#marking.forgetFunction();
        this.#shownQuery = undefined;
        this.#send();
        break;
      case 'samples':
        this.#toolbar.choose(message.samples);
        break;
      case 'functions':
        this.#onFunctions(message);
        break;
      case 'participants':
        this.#participants = message;
        this.#toolbar.participants = message;
        this.#status.showPythons(message.processes.map(({ pythonVersion }) => pythonVersion));
        this.#view.labels = this.#labels();
        break;
      case 'status':
        this.#onStatus(message);
        break;
      case 'tree':
        this.#onTree(message);
        break;
    }
  }

  #listen(root: HTMLElement): void {
    listenToInput(this.#view, {
      select: (node) => this.#select(node),
      openSource: (node) => this.#openSource(node),
      hover: (node, x, y) => this.#hover.over(node, x, y),
      endHover: () => this.#hover.end(),
      menu: (node, x, y) => this.#showMenu(this.#menuFor(node), x, y),
      escape: () => this.#escape(),
      key: (event) => this.#onKey(event),
    });
    document.addEventListener('keydown', (event) => {
      if (!event.defaultPrevented && !(event.target instanceof HTMLInputElement) && this.#onKey(event)) event.preventDefault();
    });
    // The editor's own menu has Cut, Copy and Paste, which mean something only where text is typed.
    root.addEventListener('contextmenu', (event) => {
      if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
    });
    onThemeChange(() => {
      this.#view.theme = readTheme();
      this.#overview.draw();
    });
    document.addEventListener('copy', (event) => {
      const node = this.#view.selected;
      if (event.target instanceof HTMLInputElement || node < 0 || this.#view.picture === undefined || !getSelection()!.isCollapsed) return;
      event.clipboardData?.setData('text/plain', this.#describe(node).name);
      event.preventDefault();
    });
  }

  #onFunctions(message: FunctionsMessage): void {
    // Out of step: start anew.
    if (!this.#functions.add(message)) this.#host.post({ type: 'ready' });
  }

  #onStatus(message: StatusMessage): void {
    this.#status.show(message);
    this.#toolbar.state = message.state;
    this.#placeholder.tell(message.state, message.quality.samples > 0);
  }

  #onTree(message: TreeMessage): void {
    if (message.query !== this.#queryNumber) return;
    this.#graph.classList.remove('busy');
    const before = this.#view.picture;
    const shown = this.#shownQuery;
    // Paths mean something else when the tree is built another way.
    const comparable = before === undefined || (shown?.inverted === this.#query.inverted && shown.by === this.#query.by);
    const tree = layOut(message.nodes, comparable ? before?.index : undefined);
    const { inverted } = this.#query;
    const picture = { tree, inverted, index: new NodeIndex(tree), classes: colorClasses(tree, this.#functions, inverted) };
    if (!comparable) this.#selection = null;
    this.#shownQuery = this.#query;
    this.#hiddenNodes = message.hiddenNodes;
    this.#view.labels = this.#labels();
    this.#view.setPicture(picture, comparable);
    if (before === undefined) this.#view.restore(this.#stored.zoom);
    this.#placeholder.show(message.totalSamples === 0, this.#filtered());
    this.#table.setData(message.functions, tree.total[0]!);
    this.#status.showHidden(message.hiddenNodes);
    this.#restoreSelection();
    this.#hover.again();
    this.#marking.update();
    this.#showViewState();
    if (before === undefined || !comparable) this.#askDetail();
  }

  #ask(query: Query): void {
    if (sameQuery(query, this.#query)) return;
    this.#query = query;
    this.#lastDetail = '';
    this.#send();
    this.#store();
  }

  #send(): void {
    this.#queryNumber++;
    this.#graph.classList.add('busy');
    this.#host.post({ type: 'query', number: this.#queryNumber, query: this.#query });
  }

  /** Asks for what was too small to be sent, when the view has come close to it. */
  #requestDetail(): void {
    if (this.#hiddenNodes === 0 && this.#lastDetail === '') return;
    const { path } = this.#view.anchor;
    const { start, end } = this.#view.camera.target;
    if (end <= start) return;
    // Asking again for every small move would only repeat the answer.
    const key = `${path.join()}|${Math.round(Math.log2(end - start) * 2)}`;
    if (key === this.#lastDetail) return;
    this.#lastDetail = key;
    this.#host.post({ type: 'detail', path, span: end - start });
  }

  #select(node: number): void {
    const picture = this.#view.picture;
    if (picture === undefined) return;
    this.#view.selected = node;
    const func = node < 0 ? -1 : picture.tree.func[node]!;
    this.#selection = node < 0 || func === HIDDEN ? null : pathOf(picture.tree, node);
    if (!this.#marking.active) this.#table.chosen = func < 0 ? NO_ROW : { func, line: picture.tree.line[node]! };
    this.#details.show(node < 0 ? undefined : this.#describe(node));
    if (node >= 0) {
      const { firstChild, depth } = picture.tree;
      setText(this.#live, spoken(this.#describe(node), depth[node]!, firstChild[node + 1]! - firstChild[node]!));
    }
    this.#store();
  }

  #restoreSelection(): void {
    const picture = this.#view.picture!;
    const found = this.#selection === null ? undefined : picture.index.follow(this.#selection);
    // What is not there now may come back: only the box is gone, not the selection.
    this.#view.selected = found === undefined || found.rest > 0 ? -1 : found.node;
    this.#details.show(this.#view.selected < 0 ? undefined : this.#describe(this.#view.selected));
  }

  #openSource(node: number): void {
    const tree = this.#view.picture?.tree;
    if (!this.#host.isEditor || tree === undefined || node < 0 || tree.func[node]! < 0 || !this.#functions.hasSource(tree.func[node]!))
      return;
    this.#host.post({ type: 'open', func: tree.func[node]!, line: tree.line[node]!, path: pathOf(tree, node) });
  }

  /** All its boxes stand out, the widest is selected, and the view stays as wide as it is: one box of many is not what was asked for. */
  #chooseRow({ func, line }: RowId, open: boolean): void {
    this.#marking.markFunction(func, line);
    if (open) this.#openRow({ func, line });
    const widest = this.#marking.widest;
    this.#select(widest);
    this.#view.pointAt(widest);
  }

  #openRow({ func, line }: RowId): void {
    if (this.#host.isEditor && this.#functions.hasSource(func)) this.#host.post({ type: 'open', func, line, path: null });
  }

  #nextMatch(by: 1 | -1): void {
    const node = this.#marking.next(this.#view.selected, by);
    if (node === -1) return;
    this.#select(node);
    this.#view.reveal(node);
  }

  #clearMarks(): void {
    this.#marking.clear();
    this.#store();
  }

  /** Marks go first, then the zoom, a caller at a time. */
  #escape(): void {
    if (this.#marking.active) {
      this.#clearMarks();
      return;
    }
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

  #onKey(event: KeyboardEvent): boolean {
    const command = event.ctrlKey || event.metaKey;
    if (event.altKey) return false;
    if ((command && !event.shiftKey && event.key.toLowerCase() === 'f') || (!command && event.key === '/')) {
      this.#toolbar.search.focus();
      this.#toolbar.search.select();
      return true;
    }
    if (command) return false;
    switch (event.key) {
      case 'n':
      case 'N':
      case 'F3':
        this.#nextMatch(event.shiftKey ? -1 : 1);
        return true;
      case 'i':
      case 'I':
        this.#toolbar.invert();
        return true;
      case 'f':
      case 'F':
        this.#flip();
        return true;
      case 't':
      case 'T':
        this.#toggleTable();
        return true;
      case '?':
        this.#showHelp();
        return true;
      case 'Escape':
      case 'Backspace':
        this.#escape();
        return true;
      default:
        return false;
    }
  }

  #showMenu(items: readonly MenuItem[], x: number, y: number): void {
    this.#hover.tooltip.hide(); // and stays away while the menu is open
    this.#menu.show(items, x, y);
  }

  #showHelp(): void {
    this.#hover.end();
    this.#help.show(this.#view.theme.palette);
  }

  #menuForRow(row: RowId): readonly MenuItem[] {
    const { widest } = this.#marking;
    return rowMenu(row.func, this.#functions, {
      ...(this.#host.isEditor ? { openSource: () => this.#openRow(row) } : {}),
      ...(widest === -1 ? {} : { zoom: () => this.#view.zoomTo(widest) }),
    });
  }

  #menuFor(node: number): readonly MenuItem[] {
    const { tree } = this.#view.picture!;
    return frameMenu(tree.func[node]!, this.#functions, pathOf(tree, node), {
      ...(this.#host.isEditor ? { openSource: () => this.#openSource(node) } : {}),
      zoom: () => this.#view.zoomTo(node),
      reset: () => this.#view.moveCamera(() => this.#view.camera.reset()),
      highlight: (func) => this.#marking.markFunction(func, 0),
      only: (process) => this.#toolbar.showOnly({ kind: 'process', id: process }),
    });
  }

  #flip(): void {
    this.#view.rootBelow = !this.#view.rootBelow;
    this.#overview.draw();
    this.#keep({ rootBelow: this.#view.rootBelow });
  }

  #toggleTable(): void {
    this.#split.shown = !this.#stored.tableShown;
    this.#keep({ tableShown: !this.#stored.tableShown });
  }

  #keep(change: Partial<StoredView>): void {
    this.#stored = { ...this.#stored, ...change };
    this.#showViewState();
    this.#store();
  }

  #showViewState(): void {
    this.#toolbar.showView({ zoomed: this.#view.camera.zoomed, rootBelow: this.#view.rootBelow, tableShown: this.#stored.tableShown });
  }

  #state(): Pick<StoredView, 'query' | 'search' | 'selection'> & Partial<StoredView> {
    const state = { query: this.#query, search: this.#toolbar.search.value, selection: this.#selection };
    return this.#view.picture === undefined ? state : { ...state, zoom: this.#view.anchor };
  }

  #filtered(): boolean {
    return this.#query.scope.kind !== 'all' || this.#query.onCpuOnly || this.#query.readyOnly || this.#query.gilOnly;
  }

  #describe(node: number): Description {
    return describe(this.#view.picture!, this.#functions, this.#view.labels, this.#format, node);
  }

  #labels(): Labels {
    const { scope } = this.#query;
    const names = this.#participants.processes.map(({ name, pid }) => `${name} (${pid})`);
    return { root: rootLabel(scope, this.#participants, names), processes: names };
  }
}

function rootLabel(scope: Scope, { threads }: ParticipantsMessage, processes: readonly string[]): string {
  if (scope.kind === 'thread') return threads[scope.id]?.name ?? t('Thread');
  if (scope.kind === 'process') return processes[scope.id] ?? t('Process');
  return processes.length > 1 ? t('All processes') : t('All threads');
}
