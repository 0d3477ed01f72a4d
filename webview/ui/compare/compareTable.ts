import type { CompareChange, CompareMessage, CompareRow } from '../../compareMessages.ts';
import { t } from '../../l10n.ts';
import { baseName } from '../../model/functions.ts';
import { element } from '../dom.ts';
import type { DiffFormat } from './diffFormat.ts';

export interface CompareTableEvents {
  readonly open: (file: string, line: number) => void;
  /** A row was chosen: lets its function stand out. */
  readonly point: (row: CompareRow) => void;
}

/** Rows shown at most: more are searched for, not scrolled through. */
const MAX_ROWS = 500;

type Column = 'selfBefore' | 'selfAfter' | 'self' | 'totalBefore' | 'totalAfter' | 'total' | 'name';

/** What columns sort by. */
const VALUES: Readonly<Record<Exclude<Column, 'name'>, (row: CompareRow) => number>> = {
  selfBefore: ({ self }) => self.before,
  selfAfter: ({ self }) => self.after,
  self: ({ self }) => self.after - self.before,
  totalBefore: ({ total }) => total.before,
  totalAfter: ({ total }) => total.after,
  total: ({ total }) => total.after - total.before,
};

/** What changed, by function or line, with what may be chance apart. */
export class CompareTable {
  readonly element: HTMLElement;
  readonly #events: CompareTableEvents;
  readonly #body = element('tbody');
  readonly #note = element('p', { class: 'compare-note' });
  readonly #headers = new Map<Column, HTMLElement>();
  #rows: readonly CompareRow[] = [];
  #moreRows = 0;
  #format: DiffFormat | undefined;
  #words: readonly string[] = [];
  #all = false;
  #column: Column = 'self';
  /** Changes are sorted by their size, whatever their direction, until the header is pressed again. */
  #order: 'size' | 'descending' | 'ascending' = 'size';

  constructor(events: CompareTableEvents) {
    this.#events = events;
    const header = (column: Column, text: string, title: string): HTMLElement => {
      const button = element('button', { type: 'button', class: 'compare-sort', text, title });
      button.addEventListener('click', () => this.#sortBy(column));
      const cell = element('th', { scope: 'col', class: column === 'name' ? 'compare-name' : 'compare-number' }, button);
      this.#headers.set(column, cell);
      return cell;
    };
    const heads = element(
      'tr',
      {},
      header('selfBefore', t('Self before'), t('Time in the code itself, before')),
      header('selfAfter', t('after'), t('Time in the code itself, after')),
      header('self', t('change'), t('By how much that changed')),
      header('totalBefore', t('Total before'), t('Time with all that it calls, before')),
      header('totalAfter', t('after'), t('Time with all that it calls, after')),
      header('total', t('change'), t('By how much that changed')),
      header('name', t('Function'), t('Name and place')),
    );
    this.element = element(
      'section',
      { 'class': 'compare-table', 'aria-label': t('What changed'), 'tabindex': 0 },
      element('table', {}, element('thead', {}, heads), this.#body),
      this.#note,
    );
    this.#body.addEventListener('click', (event) => this.#choose(this.#rowOf(event.target)));
    this.#body.addEventListener('dblclick', (event) => this.#open(this.#rowOf(event.target)));
    this.#body.addEventListener('keydown', (event) => this.#onKey(event));
  }

  show({ rows, moreRows }: CompareMessage, format: DiffFormat): void {
    this.#rows = rows;
    this.#moreRows = moreRows;
    this.#format = format;
    this.#draw();
  }

  search(text: string): void {
    this.#words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.#draw();
  }

  /** @param all also what may be chance */
  showAll(all: boolean): void {
    this.#all = all;
    this.#draw();
  }

  /** The rows as they are shown. */
  #shown: readonly CompareRow[] = [];

  #sortBy(column: Column): void {
    const isChange = column === 'self' || column === 'total';
    const orders = isChange ? (['size', 'descending', 'ascending'] as const) : (['descending', 'ascending'] as const);
    const at = this.#column === column ? orders.findIndex((order) => order === this.#order) : -1;
    this.#column = column;
    this.#order = orders[(at + 1) % orders.length]!;
    this.#draw();
  }

  #draw(): void {
    const format = this.#format;
    if (format === undefined) return;
    const found = this.#rows.filter(({ name, file }) => {
      const text = `${name}\n${file}`.toLowerCase();
      return this.#words.every((word) => text.includes(word));
    });
    const sure = found.filter(isSure);
    const rows = [...(this.#all ? found : sure)].sort(this.#comparison());
    this.#shown = rows.slice(0, MAX_ROWS);
    this.#body.replaceChildren(...this.#shown.map((row, at) => rowElement(row, at, format)));
    for (const [column, cell] of this.#headers)
      cell.setAttribute('aria-sort', column !== this.#column ? 'none' : this.#order === 'ascending' ? 'ascending' : 'descending');
    const notes = [];
    if (rows.length === 0) notes.push(t('No difference that is more than chance: there may be none, or too few samples to show it.'));
    const more = rows.length - this.#shown.length;
    if (more > 0) notes.push(t('{0} more', format.numbers.count(more)));
    const unsure = found.length - sure.length + this.#moreRows;
    if (!this.#all && unsure > 0) notes.push(t('Of {0} more the difference may be chance.', format.numbers.count(unsure)));
    this.#note.textContent = notes.join(' ');
  }

  #comparison(): (a: CompareRow, b: CompareRow) => number {
    const column = this.#column;
    const sign = this.#order === 'ascending' ? 1 : -1;
    if (column === 'name') return (a, b) => -sign * a.name.localeCompare(b.name);
    const value = VALUES[column];
    return this.#order === 'size' ? (a, b) => Math.abs(value(b)) - Math.abs(value(a)) : (a, b) => sign * (value(a) - value(b));
  }

  #rowOf(target: EventTarget | null): number {
    const row = target instanceof Element ? target.closest<HTMLElement>('tr') : null;
    return row === null ? -1 : Number(row.dataset['row']);
  }

  #choose(at: number): void {
    const row = this.#shown[at];
    if (row === undefined) return;
    for (const one of this.#body.rows) one.setAttribute('aria-selected', String(Number(one.dataset['row']) === at));
    this.#events.point(row);
  }

  #open(at: number): void {
    const row = this.#shown[at];
    if (row !== undefined && row.file !== '') this.#events.open(row.file, row.line);
  }

  #onKey(event: KeyboardEvent): void {
    const at = this.#rowOf(event.target);
    if (event.key === 'Enter') this.#open(at);
    else if (event.key === ' ') this.#choose(at);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const next = this.#body.rows[at + (event.key === 'ArrowDown' ? 1 : -1)];
      next?.focus();
    } else return;
    event.preventDefault();
  }
}

function isSure({ self, total }: CompareRow): boolean {
  return self.isSignificant || total.isSignificant;
}

function rowElement(row: CompareRow, at: number, format: DiffFormat): HTMLElement {
  const number = (value: number): HTMLElement => element('td', { class: 'compare-number', text: format.value(value) });
  const change = (of: CompareChange): HTMLElement => {
    const direction = !of.isSignificant || of.after === of.before ? '' : of.after > of.before ? 'slower' : 'faster';
    const text = `${format.change(of)}${of.isSignificant || of.after === of.before ? '' : ' ?'}`;
    return element(
      'td',
      { class: `compare-number ${direction}`, title: of.isSignificant ? undefined : t('may be chance') },
      element('span', { text }),
      element('small', { text: format.ratio(of) }),
    );
  };
  const place = row.file === '' ? '' : `${baseName(row.file)}${row.line === 0 ? '' : `:${row.line}`}`;
  return element(
    'tr',
    { 'tabindex': at === 0 ? 0 : -1, 'data-row': at, 'title': `${row.name}\n${row.file}${row.line === 0 ? '' : `:${row.line}`}` },
    number(row.self.before),
    number(row.self.after),
    change(row.self),
    number(row.total.before),
    number(row.total.after),
    change(row.total),
    element('td', { class: 'compare-name' }, element('span', { text: row.name }), ' ', element('small', { text: place })),
  );
}
