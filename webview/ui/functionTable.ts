import { t } from '../l10n.ts';
import type { FunctionColumns } from '../messages.ts';
import { share, type NumberFormat } from '../model/format.ts';
import { functionRows, sortAfterClick, type Sort, type SortKey } from '../model/functionRows.ts';
import type { Functions, FunctionSet } from '../model/functions.ts';
import { isLine } from '../model/marks.ts';
import { NO_ROW, type RowId } from '../model/rowId.ts';
import { type TableFormat, tableText } from '../model/tableText.ts';
import { element, setAttribute, setText } from './dom.ts';
import { icon } from './icons.ts';

export interface FunctionTableEvents {
  /** A row was chosen; `open` if its source should be shown too. */
  readonly choose: (row: RowId, open: boolean) => void;
  /** What can be done with a row is asked for, at a point of the window. */
  readonly menu: (row: RowId, x: number, y: number) => void;
  readonly sorted: (sort: Sort) => void;
  readonly escape: () => void;
  readonly key: (event: KeyboardEvent) => boolean;
}

const ROW_HEIGHT = 22;
/** Rows drawn beyond the edges, so that fast scrolling shows no holes. */
const OVERSCAN = 4;

interface RowElements {
  readonly row: HTMLElement;
  readonly self: HTMLElement;
  readonly total: HTMLElement;
  readonly name: HTMLElement;
  readonly place: HTMLElement;
}

/** All functions, or their lines, with their times: the flame graph's twin in text. Only the rows in view are elements. */
export class FunctionTable {
  readonly element: HTMLElement;
  readonly #functions: Functions;
  readonly #format: NumberFormat;
  readonly #events: FunctionTableEvents;
  readonly #body: HTMLElement;
  readonly #space: HTMLElement;
  readonly #headers = new Map<SortKey, HTMLElement>();
  readonly #empty = element('div', { class: 'table-empty' });
  readonly #pool: RowElements[] = [];
  #columns: FunctionColumns | undefined;
  #totalTime = 0;
  #rows: Int32Array = new Int32Array(0);
  #sort: Sort;
  #matching: FunctionSet | undefined;
  #chosen = NO_ROW;
  /** Characters of the longest time that was written of these rows. */
  #timeLength = 0;
  #requested = false;

  constructor(functions: Functions, format: NumberFormat, sort: Sort, events: FunctionTableEvents) {
    this.#functions = functions;
    this.#format = format;
    this.#sort = sort;
    this.#events = events;
    this.#space = element('div', { class: 'table-space', role: 'rowgroup' });
    this.#body = element('div', { class: 'table-body', role: 'presentation', tabindex: -1 }, this.#space, this.#empty);
    const header = element(
      'div',
      { class: 'table-row table-header', role: 'row' },
      this.#header('self', t('Self'), t('Time in the function itself')),
      this.#header('total', t('Total'), t('Time in the function and all it calls')),
      this.#header('name', t('Function'), t('Name, file and first line')),
    );
    this.element = element(
      'div',
      { 'class': 'table', 'role': 'grid', 'tabindex': 0, 'aria-label': t('Functions by time') },
      element('div', { role: 'rowgroup' }, header),
      this.#body,
    );
    this.#body.addEventListener('scroll', () => this.#invalidate());
    new ResizeObserver(() => this.#invalidate()).observe(this.#body);
    this.#body.addEventListener('click', (event) => {
      this.element.focus({ preventScroll: true });
      const position = this.#positionAt(event.clientY);
      if (position !== -1) this.#choose(position, !event.altKey);
    });
    this.element.addEventListener('contextmenu', (event) => this.#onMenu(event));
    this.element.addEventListener('keydown', (event) => {
      const onHeader = event.target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ');
      if (onHeader) return; // sorts
      if (this.#onKey(event) || events.key(event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    });
  }

  setData(columns: FunctionColumns, totalTime: number): void {
    this.#columns = columns;
    this.#timeLength = 0;
    this.#totalTime = totalTime;
    this.#arrange();
  }

  /** The rows as they are shown, all of them, as a text. */
  text(as: TableFormat): string {
    if (this.#columns === undefined) return '';
    return tableText(as, this.#rows, this.#columns, this.#functions, this.#format, this.#totalTime);
  }

  /** Those to show; undefined shows all. */
  filter(matching: FunctionSet | undefined): void {
    this.#matching = matching;
    this.#arrange();
  }

  /** Shows which row is the chosen one. */
  set chosen(row: RowId) {
    if (this.#chosen.func === row.func && this.#chosen.line === row.line) return;
    this.#chosen = row;
    const position = this.#position();
    if (position !== -1) this.#scrollTo(position);
    this.#invalidate();
  }

  #header(key: SortKey, label: string, title: string): HTMLElement {
    const button = element('button', { class: 'table-sort', type: 'button', title }, label, icon('down'));
    button.addEventListener('click', () => {
      this.#sort = sortAfterClick(this.#sort, key);
      this.#arrange();
      this.#events.sorted(this.#sort);
    });
    const cell = element('div', { class: `cell cell-${key}`, role: 'columnheader' }, button);
    this.#headers.set(key, cell);
    return cell;
  }

  #arrange(): void {
    if (this.#columns === undefined) return;
    this.#rows = functionRows(this.#columns, this.#functions, this.#sort, this.#matching);
    for (const [key, cell] of this.#headers) {
      setAttribute(cell, 'aria-sort', this.#sort.key === key ? (this.#sort.descending ? 'descending' : 'ascending') : 'none');
    }
    this.#space.style.height = `${this.#rows.length * ROW_HEIGHT}px`;
    setAttribute(this.element, 'aria-rowcount', String(this.#rows.length + 1));
    this.#empty.hidden = this.#rows.length > 0;
    setText(this.#empty, this.#matching === undefined ? t('No samples of Python functions') : t('No function matches'));
    this.#invalidate();
  }

  #invalidate(): void {
    if (this.#requested) return;
    this.#requested = true;
    requestAnimationFrame(() => {
      this.#requested = false;
      this.#draw();
    });
  }

  #draw(): void {
    const columns = this.#columns;
    if (columns === undefined) return;
    const first = Math.max(0, Math.floor(this.#body.scrollTop / ROW_HEIGHT) - OVERSCAN);
    const last = Math.min(this.#rows.length, Math.ceil((this.#body.scrollTop + this.#body.clientHeight) / ROW_HEIGHT) + OVERSCAN);
    const count = Math.max(0, last - first);
    while (this.#pool.length < count) this.#pool.push(this.#makeRow());
    let active = '';
    this.#pool.forEach((elements, at) => {
      elements.row.hidden = at >= count;
      if (at >= count) return;
      const position = first + at;
      const isChosen = this.#fill(elements, columns, position);
      if (isChosen) active = elements.row.id;
    });
    // The columns of times are as wide as the longest one needs, and never narrower again: live figures must not make names jump.
    this.element.style.setProperty('--time-length', String(this.#timeLength));
    if (active === '') this.element.removeAttribute('aria-activedescendant');
    else setAttribute(this.element, 'aria-activedescendant', active);
  }

  #fill({ row, self, total, name, place }: RowElements, columns: FunctionColumns, position: number): boolean {
    const at = this.#rows[position]!;
    const func = columns.func[at]!;
    const line = columns.line[at]! || this.#functions.firstLine(func);
    const isChosen = this.#isChosen(columns, at);
    row.style.top = `${position * ROW_HEIGHT}px`;
    setAttribute(row, 'aria-rowindex', String(position + 2));
    setAttribute(row, 'aria-selected', String(isChosen));
    this.#fillTime(self, columns.self[at]!);
    this.#fillTime(total, columns.total[at]!);
    setText(name, this.#functions.name(func));
    setText(place, this.#functions.shortPlace(func, line));
    const figures = `${t('Self {0} ({1})', ...this.#figures(columns.self[at]!))} · ${t('Total {0} ({1})', ...this.#figures(columns.total[at]!))}`;
    setAttribute(row, 'title', `${this.#functions.name(func)}\n${this.#functions.place(func, line)}\n${figures}`);
    return isChosen;
  }

  #isChosen({ func, line }: FunctionColumns, at: number): boolean {
    return func[at] === this.#chosen.func && isLine(line[at]!, this.#chosen.line);
  }

  #figures(time: number): [time: string, share: string] {
    return [this.#format.time(time), this.#format.percent(share(time, this.#totalTime))];
  }

  #fillTime(cell: HTMLElement, time: number): void {
    const [text, percent] = this.#figures(time);
    this.#timeLength = Math.max(this.#timeLength, text.length);
    cell.style.setProperty('--share', share(time, this.#totalTime).toFixed(4));
    setText(cell.children[0]!, text);
    setText(cell.children[1]!, percent);
  }

  #makeRow(): RowElements {
    const time = (key: string): HTMLElement =>
      element(
        'div',
        { class: `cell cell-${key} cell-time`, role: 'gridcell' },
        element('span', { class: 'time' }),
        element('span', { class: 'share' }),
      );
    const self = time('self');
    const total = time('total');
    const name = element('span', { class: 'name' });
    const place = element('span', { class: 'place' });
    const row = element(
      'div',
      { class: 'table-row', role: 'row', id: `function-row-${this.#pool.length}` },
      self,
      total,
      element('div', { class: 'cell cell-name', role: 'gridcell' }, name, place),
    );
    this.#space.append(row);
    return { row, self, total, name, place };
  }

  #position(): number {
    const columns = this.#columns;
    return columns === undefined ? -1 : this.#rows.findIndex((row) => this.#isChosen(columns, row));
  }

  /** The row at a height in the window, or -1. */
  #positionAt(clientY: number): number {
    const position = Math.floor((clientY - this.#space.getBoundingClientRect().top) / ROW_HEIGHT);
    return position >= 0 && position < this.#rows.length ? position : -1;
  }

  #choose(position: number, open: boolean): void {
    const { func, line } = this.#columns!;
    const at = this.#rows[position]!;
    this.#chosen = { func: func[at]!, line: line[at]! };
    this.#scrollTo(position);
    this.#invalidate();
    this.#events.choose(this.#chosen, open);
  }

  #onMenu(event: MouseEvent): void {
    const keyboard = event.button !== 2; // the menu key
    const inBody = event.target instanceof Node && this.#body.contains(event.target);
    const position = keyboard ? this.#position() : inBody ? this.#positionAt(event.clientY) : -1;
    if (position === -1) return;
    this.element.focus({ preventScroll: true });
    this.#choose(position, false);
    const { left, top } = this.#space.getBoundingClientRect();
    if (keyboard) this.#events.menu(this.#chosen, left + 12, top + (position + 1) * ROW_HEIGHT);
    else this.#events.menu(this.#chosen, event.clientX, event.clientY);
  }

  #scrollTo(position: number): void {
    const top = position * ROW_HEIGHT;
    if (top < this.#body.scrollTop) this.#body.scrollTop = top;
    else if (top + ROW_HEIGHT > this.#body.scrollTop + this.#body.clientHeight)
      this.#body.scrollTop = top + ROW_HEIGHT - this.#body.clientHeight;
  }

  #onKey(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const last = this.#rows.length - 1;
    const page = Math.max(1, Math.floor(this.#body.clientHeight / ROW_HEIGHT) - 1);
    const now = this.#position();
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: now + 1,
      ArrowUp: now === -1 ? 0 : now - 1,
      PageDown: now + page,
      PageUp: now - page,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      if (last >= 0) this.#choose(Math.min(last, Math.max(0, to)), false);
      return true;
    }
    if (event.key === 'Enter' || event.key === ' ') {
      if (now !== -1) this.#choose(now, true);
      return true;
    }
    if (event.key === 'Escape') {
      this.#events.escape();
      return true;
    }
    return false;
  }
}
