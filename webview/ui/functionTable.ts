import { t } from '../l10n.ts';
import type { FunctionColumns } from '../messages.ts';
import { share, type NumberFormat } from '../model/format.ts';
import { functionRows, sortAfterClick, type Sort, type SortKey } from '../model/functionRows.ts';
import type { Functions } from '../model/functions.ts';
import { element, setAttribute, setText } from './dom.ts';
import { icon } from './icons.ts';

export interface FunctionTableEvents {
  /** A row was chosen; `open` if its source should be shown too. */
  readonly choose: (func: number, open: boolean) => void;
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

/** All functions with their times: the flame graph's twin in text. Only the rows in view are elements. */
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
  #matching: Uint8Array | undefined;
  #chosen = -1; // function id
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
    this.element = element('div', { class: 'table', role: 'grid', tabindex: 0, 'aria-label': t('Functions by time') }, element('div', { role: 'rowgroup' }, header), this.#body);
    this.#body.addEventListener('scroll', () => this.#invalidate());
    new ResizeObserver(() => this.#invalidate()).observe(this.#body);
    this.#body.addEventListener('click', (event) => {
      const position = Math.floor((event.clientY - this.#space.getBoundingClientRect().top) / ROW_HEIGHT);
      this.element.focus({ preventScroll: true });
      if (position >= 0 && position < this.#rows.length) this.#choose(position, !event.altKey);
    });
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
    this.#totalTime = totalTime;
    this.#arrange();
  }

  /** 1 by function id of those to show; undefined shows all. */
  filter(matching: Uint8Array | undefined): void {
    this.#matching = matching;
    this.#arrange();
  }

  /** Shows which function is the chosen one (-1: none). */
  set chosen(func: number) {
    if (this.#chosen === func) return;
    this.#chosen = func;
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
    if (active === '') this.element.removeAttribute('aria-activedescendant');
    else setAttribute(this.element, 'aria-activedescendant', active);
  }

  #fill({ row, self, total, name, place }: RowElements, columns: FunctionColumns, position: number): boolean {
    const at = this.#rows[position]!;
    const func = columns.func[at]!;
    row.style.top = `${position * ROW_HEIGHT}px`;
    setAttribute(row, 'aria-rowindex', String(position + 2));
    setAttribute(row, 'aria-selected', String(func === this.#chosen));
    this.#fillTime(self, columns.self[at]!);
    this.#fillTime(total, columns.total[at]!);
    setText(name, this.#functions.names[func]!);
    setText(place, this.#functions.shortPlace(func, this.#functions.firstLines[func]!));
    setAttribute(row, 'title', `${this.#functions.names[func]!}\n${this.#functions.place(func, this.#functions.firstLines[func]!)}`);
    return func === this.#chosen;
  }

  #fillTime(cell: HTMLElement, time: number): void {
    const part = share(time, this.#totalTime);
    cell.style.setProperty('--share', part.toFixed(4));
    setText(cell.children[0]!, this.#format.time(time));
    setText(cell.children[1]!, this.#format.percent(part));
  }

  #makeRow(): RowElements {
    const time = (key: string): HTMLElement =>
      element('div', { class: `cell cell-${key} cell-time`, role: 'gridcell' }, element('span', { class: 'time' }), element('span', { class: 'share' }));
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
    const func = this.#columns?.func;
    return func === undefined ? -1 : this.#rows.findIndex((row) => func[row] === this.#chosen);
  }

  #choose(position: number, open: boolean): void {
    const func = this.#columns!.func[this.#rows[position]!]!;
    this.#chosen = func;
    this.#scrollTo(position);
    this.#invalidate();
    this.#events.choose(func, open);
  }

  #scrollTo(position: number): void {
    const top = position * ROW_HEIGHT;
    if (top < this.#body.scrollTop) this.#body.scrollTop = top;
    else if (top + ROW_HEIGHT > this.#body.scrollTop + this.#body.clientHeight) this.#body.scrollTop = top + ROW_HEIGHT - this.#body.clientHeight;
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
