import type { CompareMessage, ComparePageMessage, CompareQuery } from '../../compareMessages.ts';
import { t } from '../../l10n.ts';
import { NumberFormat } from '../../model/format.ts';
import { element } from '../dom.ts';
import { onThemeChange } from '../theme.ts';
import { CompareBar } from './compareBar.ts';
import { CompareGraph } from './compareGraph.ts';
import { CompareTable } from './compareTable.ts';
import { DiffFormat } from './diffFormat.ts';

/** The page that compares two profiles: a differential flame graph above the table of what changed. */
export class Comparison {
  readonly #bar: CompareBar;
  readonly #graph: CompareGraph;
  readonly #table: CompareTable;
  readonly #language: string;

  constructor(root: HTMLElement, first: CompareMessage, post: (message: ComparePageMessage) => void) {
    this.#language = first.language;
    const open = (file: string, line: number): void => post({ type: 'openPlace', file, line });
    const live = element('div', { 'class': 'visually-hidden', 'aria-live': 'polite' });
    this.#bar = new CompareBar({
      ask: (change: Partial<CompareQuery>) => post({ type: 'compareQuery', query: { ...this.#bar.query, ...change } }),
      swap: () => post({ type: 'swap' }),
      width: (width) => this.#graph.setWidth(width),
      search: (text) => {
        this.#graph.search(text);
        this.#table.search(text);
      },
      all: (all) => this.#table.showAll(all),
    });
    this.#graph = new CompareGraph({ open, say: (text) => (live.textContent = text) });
    this.#table = new CompareTable({ open, point: (row) => this.#graph.mark(row) });
    const heading = element('h1', { class: 'visually-hidden' }, t('Comparison'));
    root.classList.add('compare');
    root.replaceChildren(heading, this.#bar.element, this.#graph.element, this.#table.element, live);
    onThemeChange(() => {
      this.#graph.readTheme();
      this.#bar.readTheme();
    });
    document.addEventListener('keydown', (event) => {
      if (event.target instanceof HTMLInputElement || event.altKey) return;
      if (event.key !== '/' && !((event.ctrlKey || event.metaKey) && event.key === 'f')) return;
      this.#bar.focusSearch();
      event.preventDefault();
    });
    this.show(first);
  }

  show(message: CompareMessage): void {
    document.title = t('{0} → {1}', message.before.title, message.after.title);
    const format = new DiffFormat(new NumberFormat(this.#language), message.query.by);
    this.#bar.show(message, format);
    this.#graph.show(message, format);
    this.#table.show(message, format);
  }
}
