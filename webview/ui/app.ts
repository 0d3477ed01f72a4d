import type { HostMessage, PageAction, SetupMessage } from '../messages.ts';
import { type Host, Store } from '../model/store.ts';
import type { RowId } from '../model/rowId.ts';
import type { StoredView } from '../model/storedView.ts';
import { toggledOnlyMine } from '../model/steps.ts';
import { t } from '../l10n.ts';
import { Breadcrumbs } from './breadcrumbs.ts';
import { element, setText } from './dom.ts';
import { Help } from './help.ts';
import { Menu } from './menu.ts';
import { Split } from './split.ts';
import { StatusBar } from './statusBar.ts';
import { onThemeChange, readTheme } from './theme.ts';
import { Tabs } from './tabs.ts';
import { Toolbar } from './toolbar.ts';
import type { Page, View } from './view.ts';
import { views } from './views.ts';

/** The page: makes the views of the registry over one store, puts them in their places, and carries keys and menus between them. */
export class App {
  readonly #store: Store;
  readonly #toolbar: Toolbar;
  readonly #split: Split;
  readonly #status: StatusBar;
  readonly #crumbs: Breadcrumbs;
  readonly #menu = new Menu();
  readonly #help: Help;
  readonly #live = element('div', { 'class': 'visually-hidden', 'role': 'status', 'aria-live': 'polite' });
  readonly #views = new Map<string, View>();

  constructor(root: HTMLElement, host: Host, setup: SetupMessage, stored: StoredView) {
    const store = (this.#store = new Store(host, setup, stored));
    this.#help = new Help(store.isEditor);
    this.#toolbar = new Toolbar(store, {
      nextMatch: (by) => this.#each((view) => view.nextMatch?.(by)),
      leaveSearch: () => this.#each((view) => view.focus?.()),
      reset: () => this.#each((view) => view.reset?.()),
      flip: () => this.#flip(),
      toggleTable: () => this.#toggleTable(),
      help: () => this.#showHelp(),
    });
    this.#status = new StatusBar(store.format);
    this.#crumbs = new Breadcrumbs(store);
    const page: Page = {
      store,
      showMenu: (items, x, y) => {
        this.#each((view) => view.cover?.()); // and tooltips stay away while the menu is open
        this.#menu.show(items, x, y);
      },
      isMenuOpen: () => this.#menu.isOpen,
      showMatches: (text, some) => this.#toolbar.showMatches(text, some),
      choose: (row, zoom = false) => {
        store.markFunction(row.func, row.line);
        this.#each((view) => view.point?.(row, zoom));
      },
      choosePath: (path) => this.#each((view) => view.pointPath?.(path)),
      openRow: (row) => this.#openRow(row),
      say: (text) => setText(this.#live, text),
      escape: () => this.#escape(),
      key: (event) => this.#onKey(event),
    };
    for (const { id, create } of views) this.#views.set(id, create(page));
    const place = (where: string): HTMLElement[] =>
      views.filter((kind) => kind.place === where).map(({ id }) => this.#views.get(id)!.element);
    const tabs = new Tabs(
      t('Tables'),
      views.filter((kind) => kind.place === 'side').map(({ id, label }) => ({ id, label: label(), element: this.#views.get(id)!.element })),
      stored.sideView,
      (sideView) => {
        store.keep({ sideView });
        this.#views.get(sideView)?.shown?.();
      },
    );
    const side = element('section', { 'class': 'table-section', 'aria-label': t('Tables') }, tabs.element);
    this.#split = new Split(element('div', { class: 'middle' }, ...place('middle')), side, stored.tableShare, (tableShare) =>
      store.keep({ tableShare }),
    );
    this.#split.shown = stored.tableShown;
    root.replaceChildren(
      element('h1', { class: 'visually-hidden' }, t('Flame graph')),
      this.#toolbar.element,
      this.#crumbs.element,
      ...place('band'),
      this.#split.element,
      this.#status.element,
      this.#menu.element,
      this.#help.element,
      this.#live,
    );
    this.#listen(root);
    store.send();
  }

  receive(message: HostMessage): void {
    if (message.type === 'act') this.#act(message.action);
    else if (message.type === 'view') this.#crumbs.paste(message.text);
    else this.#store.receive(message);
  }

  #act(action: PageAction): void {
    const store = this.#store;
    if (action === 'onlyMyCode') store.ask(toggledOnlyMine(store.query));
    else if (action === 'undoStep') store.ask({ transforms: store.query.transforms.slice(0, -1) });
    else if (action === 'copyView') this.#crumbs.copy();
    else this.#each((view) => view.act?.(action));
  }

  #listen(root: HTMLElement): void {
    const store = this.#store;
    store.listen('participants', () => this.#status.showPythons(store.participants.processes.map(({ pythonVersion }) => pythonVersion)));
    store.listen('status', () => this.#status.show(store.status!));
    store.listen('tree', () => this.#status.showHidden(store.tree!.hiddenNodes));
    document.addEventListener('keydown', (event) => {
      if (!event.defaultPrevented && !(event.target instanceof HTMLInputElement) && this.#onKey(event)) event.preventDefault();
    });
    // The editor's own menu has Cut, Copy and Paste, which mean something only where text is typed.
    root.addEventListener('contextmenu', (event) => {
      if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
    });
    onThemeChange(() => {
      const theme = readTheme();
      for (const view of this.#views.values()) view.setTheme?.(theme);
    });
  }

  #each(action: (view: View) => void): void {
    for (const view of this.#views.values()) if (view.isShown?.() !== false) action(view);
  }

  #openRow({ func, line }: RowId): void {
    if (this.#store.isEditor && this.#store.functions.hasSource(func)) this.#store.post({ type: 'open', func, line, path: null });
  }

  /** Marks go first, then what the views have of steps. */
  #escape(): void {
    if (this.#store.mark.kind === 'none') this.#each((view) => view.escape?.());
    else this.#store.clearMark();
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
        this.#each((view) => view.nextMatch?.(event.shiftKey ? -1 : 1));
        return true;
      case 'i':
      case 'I':
        this.#store.ask({ inverted: !this.#store.query.inverted });
        return true;
      case 'f':
      case 'F':
        this.#flip();
        return true;
      case 't':
      case 'T':
        this.#toggleTable();
        return true;
      case 'o':
      case 'O':
        this.#act('onlyMyCode');
        return true;
      case 'u':
      case 'U':
        this.#act('undoStep');
        return true;
      case '?':
        this.#showHelp();
        return true;
      case 'Escape':
      case 'Backspace':
        this.#escape();
        return true;
      default:
        return [...this.#views.values()].some((view) => view.isShown?.() !== false && view.key?.(event) === true);
    }
  }

  #showHelp(): void {
    this.#each((view) => view.cover?.());
    this.#help.show(readTheme());
  }

  #flip(): void {
    this.#store.keep({ rootBelow: !this.#store.kept.rootBelow });
  }

  #toggleTable(): void {
    this.#store.keep({ tableShown: !this.#store.kept.tableShown });
    this.#split.shown = this.#store.kept.tableShown;
  }
}
