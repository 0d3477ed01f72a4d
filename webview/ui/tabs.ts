import { element } from './dom.ts';

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly element: HTMLElement;
}

/** One of several views at a time, chosen by tabs. The others are not in the page. */
export class Tabs {
  readonly element: HTMLElement;
  readonly #tabs: readonly Tab[];
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #panel = element('div', { class: 'tab-panel', role: 'tabpanel', id: 'side-panel' });
  readonly #changed: (id: string) => void;
  #shown = '';

  /** @param chosen id of the tab to show first; the first one if there is none */
  constructor(label: string, tabs: readonly Tab[], chosen: string, changed: (id: string) => void) {
    this.#tabs = tabs;
    this.#changed = changed;
    this.#buttons = tabs.map(({ id, label: text }) => {
      const button = element('button', {
        'type': 'button',
        'class': 'tab',
        'role': 'tab',
        'id': `tab-${id}`,
        'aria-controls': 'side-panel',
        text,
      });
      button.addEventListener('click', () => this.show(id));
      return button;
    });
    const list = element('div', { 'class': 'tab-list', 'role': 'tablist', 'aria-label': label }, ...this.#buttons);
    list.addEventListener('keydown', (event) => this.#onKey(event));
    this.element = element('div', { class: 'tabs' }, list, this.#panel);
    this.#set((tabs.find(({ id }) => id === chosen) ?? tabs[0]!).id);
  }

  show(id: string): void {
    if (id === this.#shown) return;
    this.#set(id);
    this.#changed(id);
  }

  #set(id: string): void {
    this.#shown = id;
    this.#tabs.forEach((tab, at) => {
      const isShown = tab.id === id;
      const button = this.#buttons[at]!;
      button.setAttribute('aria-selected', String(isShown));
      button.tabIndex = isShown ? 0 : -1;
      if (!isShown) return;
      this.#panel.setAttribute('aria-labelledby', button.id);
      this.#panel.replaceChildren(tab.element);
    });
  }

  #onKey(event: KeyboardEvent): void {
    const now = this.#tabs.findIndex(({ id }) => id === this.#shown);
    const { length } = this.#tabs;
    const moves: Readonly<Record<string, number>> = { ArrowRight: now + 1, ArrowLeft: now - 1 + length, Home: 0, End: length - 1 };
    const to = moves[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = to % length;
    this.show(this.#tabs[at]!.id);
    this.#buttons[at]!.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
