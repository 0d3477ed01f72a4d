import { t } from '../l10n.ts';
import { share, type NumberFormat } from '../model/format.ts';
import { sortAfterClick, type Sort, type SortKey } from '../model/functionRows.ts';
import { element, setAttribute, setText } from './dom.ts';
import { icon } from './icons.ts';

/** What stands in a row. */
export interface TimeRow {
  /** µs; undefined where it would mean something else. */
  readonly self: number | undefined;
  /** µs */
  readonly total: number;
  readonly name: string;
  /** Where it is, in few words; empty where there is nothing to say. */
  readonly place: string;
  /** The same in full. */
  readonly fullPlace: string;
  /** In trees: 1 for the outermost rows. */
  readonly level?: number;
  /** In trees: whether the rows below it are shown; undefined where there are none. */
  readonly expanded?: boolean | undefined;
}

/** The rows of a table, in their order. */
export interface TimeRows {
  readonly count: number;
  /** µs that shares are of. */
  readonly whole: number;
  readonly row: (position: number) => TimeRow;
  /** Position of the row that is chosen, or -1. */
  readonly chosen: () => number;
  /** What to say where there are no rows. */
  readonly empty: string;
}

export interface TimeTableEvents {
  /** A row was chosen; `open` if what it is about should be shown too. */
  readonly choose: (position: number, open: boolean) => void;
  /** What can be done with a row is asked for, at a point of the window. */
  readonly menu: (position: number, x: number, y: number) => void;
  /** In trees: the rows below a row are to be shown or not; returns where the focus goes. */
  readonly expand?: (position: number, expanded: boolean) => void;
  /** In trees: position of the row that a row is below, or -1. */
  readonly parent?: (position: number) => number;
  readonly sorted: (sort: Sort) => void;
  readonly escape: () => void;
  readonly key: (event: KeyboardEvent) => boolean;
}

export interface TimeTableLabels {
  readonly table: string;
  /** Of the column of names. */
  readonly name: string;
  readonly nameTitle: string;
  readonly selfTitle: string;
  readonly totalTitle: string;
}

const ROW_HEIGHT = 22;
/** Rows drawn beyond the edges, so that fast scrolling shows no holes. */
const OVERSCAN = 4;
/** Rows further in than this are not indented more: their names would be out of sight. */
const MAX_INDENT = 40;

const NO_ROWS: TimeRows = {
  count: 0,
  whole: 0,
  row: () => ({ self: 0, total: 0, name: '', place: '', fullPlace: '' }),
  chosen: () => -1,
  empty: '',
};

interface RowElements {
  readonly row: HTMLElement;
  readonly self: HTMLElement;
  readonly total: HTMLElement;
  readonly twisty: HTMLElement;
  readonly nameCell: HTMLElement;
  readonly name: HTMLElement;
  readonly place: HTMLElement;
}

let tables = 0;

/** A table, or a tree in a table, of names and their times. Only the rows in view are elements. */
export class TimeTable {
  readonly element: HTMLElement;
  readonly #format: NumberFormat;
  readonly #events: TimeTableEvents;
  readonly #isTree: boolean;
  readonly #id = `table-${tables++}`;
  readonly #body: HTMLElement;
  readonly #space: HTMLElement;
  readonly #headers = new Map<SortKey, HTMLElement>();
  readonly #emptyCell = element('div', { role: 'gridcell' });
  readonly #empty = element('div', { class: 'table-empty', role: 'row' }, this.#emptyCell);
  readonly #pool: RowElements[] = [];
  #rows = NO_ROWS;
  #sort: Sort;
  /** Characters of the longest time that was written of these rows. */
  #timeLength = 0;
  #requested = false;

  constructor(labels: TimeTableLabels, format: NumberFormat, sort: Sort, events: TimeTableEvents) {
    this.#format = format;
    this.#sort = sort;
    this.#events = events;
    this.#isTree = events.expand !== undefined;
    this.#space = element('div', { class: 'table-space', role: 'presentation' });
    this.#body = element('div', { class: 'table-body', role: 'rowgroup', tabindex: -1 }, this.#space, this.#empty);
    const header = element(
      'div',
      { class: 'table-row table-header', role: 'row' },
      this.#header('self', t('Self'), labels.selfTitle),
      this.#header('total', t('Total'), labels.totalTitle),
      this.#header('name', labels.name, labels.nameTitle),
    );
    this.element = element(
      'div',
      { 'class': 'table', 'role': this.#isTree ? 'treegrid' : 'grid', 'tabindex': 0, 'aria-label': labels.table },
      element('div', { role: 'rowgroup' }, header),
      this.#body,
    );
    this.#body.addEventListener('scroll', () => this.#invalidate());
    new ResizeObserver(() => this.#invalidate()).observe(this.#body);
    this.#body.addEventListener('click', (event) => this.#onClick(event));
    this.element.addEventListener('contextmenu', (event) => this.#onMenu(event));
    this.element.addEventListener('keydown', (event) => {
      const onHeader = event.target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ');
      if (onHeader) return; // sorts
      if (this.#onKey(event) || events.key(event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    });
    this.#showSort();
  }

  get sort(): Sort {
    return this.#sort;
  }

  /** @param anew they are of other samples, so that their times may be shorter */
  show(rows: TimeRows, anew = true): void {
    this.#rows = rows;
    if (anew) this.#timeLength = 0;
    this.#space.style.height = `${rows.count * ROW_HEIGHT}px`;
    setAttribute(this.element, 'aria-rowcount', String(rows.count + 1));
    this.#empty.hidden = rows.count > 0;
    setText(this.#emptyCell, rows.empty);
    this.#invalidate();
  }

  /** Shows which row is the chosen one, scrolled to if there is one. */
  revealChosen(): void {
    const position = this.#rows.chosen();
    if (position !== -1) this.#scrollTo(position);
    this.#invalidate();
  }

  #header(key: SortKey, label: string, title: string): HTMLElement {
    const button = element('button', { class: 'table-sort', type: 'button', title }, label, icon('down'));
    button.addEventListener('click', () => {
      this.#sort = sortAfterClick(this.#sort, key);
      this.#showSort();
      this.#events.sorted(this.#sort);
    });
    const cell = element('div', { class: `cell cell-${key}`, role: 'columnheader' }, button);
    this.#headers.set(key, cell);
    return cell;
  }

  #showSort(): void {
    for (const [key, cell] of this.#headers) {
      setAttribute(cell, 'aria-sort', this.#sort.key === key ? (this.#sort.descending ? 'descending' : 'ascending') : 'none');
    }
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
    const { count } = this.#rows;
    const first = Math.max(0, Math.floor(this.#body.scrollTop / ROW_HEIGHT) - OVERSCAN);
    const last = Math.min(count, Math.ceil((this.#body.scrollTop + this.#body.clientHeight) / ROW_HEIGHT) + OVERSCAN);
    const drawn = Math.max(0, last - first);
    while (this.#pool.length < drawn) this.#pool.push(this.#makeRow());
    const chosen = this.#rows.chosen();
    let active = '';
    this.#pool.forEach((elements, at) => {
      elements.row.hidden = at >= drawn;
      if (at >= drawn) return;
      const position = first + at;
      this.#fill(elements, position, position === chosen);
      if (position === chosen) active = elements.row.id;
    });
    // The columns of times are as wide as the longest one needs, and never narrower again: live figures must not make names jump.
    this.element.style.setProperty('--time-length', String(this.#timeLength));
    if (active === '') this.element.removeAttribute('aria-activedescendant');
    else setAttribute(this.element, 'aria-activedescendant', active);
  }

  #fill({ row, self, total, twisty, nameCell, name, place }: RowElements, position: number, isChosen: boolean): void {
    const content = this.#rows.row(position);
    row.style.top = `${position * ROW_HEIGHT}px`;
    setAttribute(row, 'aria-rowindex', String(position + 2));
    setAttribute(row, 'aria-selected', String(isChosen));
    this.#fillTime(self, content.self);
    this.#fillTime(total, content.total);
    setText(name, content.name);
    setText(place, content.place);
    if (this.#isTree) {
      const { level = 1, expanded } = content;
      setAttribute(row, 'aria-level', String(level));
      if (expanded === undefined) row.removeAttribute('aria-expanded');
      else setAttribute(row, 'aria-expanded', String(expanded));
      twisty.classList.toggle('has-rows', expanded !== undefined);
      nameCell.style.setProperty('--level', String(Math.min(MAX_INDENT, level - 1)));
    }
    const figures = [
      ...(content.self === undefined ? [] : [t('Self {0} ({1})', ...this.#figures(content.self))]),
      t('Total {0} ({1})', ...this.#figures(content.total)),
    ].join(' · ');
    setAttribute(row, 'title', [content.name, content.fullPlace, figures].filter((line) => line !== '').join('\n'));
  }

  #figures(time: number): [time: string, share: string] {
    return [this.#format.time(time), this.#format.percent(share(time, this.#rows.whole))];
  }

  #fillTime(cell: HTMLElement, time: number | undefined): void {
    const [text, percent] = time === undefined ? ['', ''] : this.#figures(time);
    this.#timeLength = Math.max(this.#timeLength, text.length);
    cell.style.setProperty('--share', share(time ?? 0, this.#rows.whole).toFixed(4));
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
    const twisty = element('span', { 'class': 'twisty', 'aria-hidden': 'true' }, icon('down'));
    const name = element('span', { class: 'name' });
    const place = element('span', { class: 'place' });
    const nameCell = element('div', { class: 'cell cell-name', role: 'gridcell' }, ...(this.#isTree ? [twisty] : []), name, place);
    const row = element('div', { class: 'table-row', role: 'row', id: `${this.#id}-row-${this.#pool.length}` }, self, total, nameCell);
    this.#space.append(row);
    return { row, self, total, twisty, nameCell, name, place };
  }

  /** The row at a height in the window, or -1. */
  #positionAt(clientY: number): number {
    const position = Math.floor((clientY - this.#space.getBoundingClientRect().top) / ROW_HEIGHT);
    return position >= 0 && position < this.#rows.count ? position : -1;
  }

  #choose(position: number, open: boolean): void {
    this.#events.choose(position, open);
    this.revealChosen();
  }

  #onClick(event: MouseEvent): void {
    this.element.focus({ preventScroll: true });
    const position = this.#positionAt(event.clientY);
    if (position === -1) return;
    const { expanded } = this.#rows.row(position);
    if (expanded !== undefined && event.target instanceof Element && event.target.closest('.twisty') !== null) {
      this.#events.expand?.(position, !expanded);
    } else this.#choose(position, !event.altKey);
  }

  #onMenu(event: MouseEvent): void {
    const keyboard = event.button !== 2; // the menu key
    const inBody = event.target instanceof Node && this.#body.contains(event.target);
    const position = keyboard ? this.#rows.chosen() : inBody ? this.#positionAt(event.clientY) : -1;
    if (position === -1) return;
    this.element.focus({ preventScroll: true });
    this.#choose(position, false);
    const { left, top } = this.#space.getBoundingClientRect();
    if (keyboard) this.#events.menu(position, left + 12, top + (position + 1) * ROW_HEIGHT);
    else this.#events.menu(position, event.clientX, event.clientY);
  }

  #scrollTo(position: number): void {
    const top = position * ROW_HEIGHT;
    if (top < this.#body.scrollTop) this.#body.scrollTop = top;
    else if (top + ROW_HEIGHT > this.#body.scrollTop + this.#body.clientHeight)
      this.#body.scrollTop = top + ROW_HEIGHT - this.#body.clientHeight;
  }

  #onKey(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const last = this.#rows.count - 1;
    const page = Math.max(1, Math.floor(this.#body.clientHeight / ROW_HEIGHT) - 1);
    const now = this.#rows.chosen();
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
    if (this.#isTree && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) {
      if (now !== -1) this.#fold(now, event.key === 'ArrowRight');
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

  /** As in all trees of the editor: opens and then goes in, or closes and then goes out. */
  #fold(position: number, open: boolean): void {
    const { expanded } = this.#rows.row(position);
    if (open && expanded === true) this.#choose(position + 1, false);
    else if (expanded === !open) this.#events.expand?.(position, open);
    else if (!open) {
      const parent = this.#events.parent?.(position) ?? -1;
      if (parent !== -1) this.#choose(parent, false);
    }
  }
}
