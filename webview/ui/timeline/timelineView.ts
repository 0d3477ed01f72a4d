import { t } from '../../l10n.ts';
import { Camera, type Range } from '../../model/camera.ts';
import type { FunctionSet } from '../../model/functions.ts';
import { isChosen } from '../../model/scopes.ts';
import type { Store } from '../../model/store.ts';
import { boxAt } from '../../model/timeline/laneImage.ts';
import {
  BAND_HEIGHT,
  BOX_HEIGHT,
  contentHeight,
  GIL_HEIGHT,
  type LaneRow,
  laneRows,
  RULER_HEIGHT,
  rowsBetween,
} from '../../model/timeline/laneRows.ts';
import type { KnownLane } from '../../model/timeline/questions.ts';
import type { TimeRange } from '../../query.ts';
import { element, reducedMotion } from '../dom.ts';
import { readTheme, type Theme } from '../theme.ts';
import { type LaneHeadEvents, LaneHeads } from './laneHeads.ts';
import { LanePicture } from './lanePicture.ts';
import { TimelinePainter } from './timelinePainter.ts';

export interface TimelineEvents extends LaneHeadEvents {
  /** Something else may have to be asked for. */
  readonly needs: () => void;
  /** Another part of the time shows, and has come to rest. */
  readonly settled: () => void;
}

/** What is at a point of the lanes. */
export interface LanePoint {
  readonly thread: number;
  /** µs */
  readonly time: number;
  /** The finest picture that covers it, and its column. */
  readonly picture: LanePicture | undefined;
  readonly column: number;
  /** Of the picture; -1: none. */
  readonly box: number;
}

interface LaneParts {
  whole?: LanePicture;
  detail?: LanePicture;
}

/** The lanes' canvas in its scroller, with their names beside it. */
export class TimelineView {
  readonly scroller: HTMLElement;
  readonly camera = new Camera();
  readonly #store: Store;
  readonly #events: TimelineEvents;
  readonly #canvas = element('canvas', { 'class': 'timeline-canvas', 'aria-hidden': 'true' });
  readonly #painter = new TimelinePainter(this.#canvas);
  readonly #space: HTMLElement;
  readonly #heads: LaneHeads;
  readonly #parts = new Map<number, LaneParts>();
  #rows: readonly LaneRow[] = [];
  #open: ReadonlySet<number> = new Set();
  #theme: Theme = readTheme();
  #activeThread = -1;
  #cursor: number | null = null;
  #width = 0;
  #height = 0;
  #requested = false;
  #settled = true;
  #selection: TimeRange | null = null;

  constructor(store: Store, events: TimelineEvents) {
    this.#store = store;
    this.#events = events;
    this.#heads = new LaneHeads(events);
    this.#space = element('div', { class: 'timeline-space' }, this.#heads.element, this.#canvas);
    this.scroller = element(
      'div',
      {
        'class': 'timeline-scroller',
        'tabindex': 0,
        'role': 'application',
        'aria-roledescription': t('Timeline'),
        'aria-label': t(
          'Timeline of threads. Left and right move in time, with Shift they select, up and down choose a thread, Enter shows its calls, plus and minus zoom, Escape removes the selection.',
        ),
      },
      this.#space,
    );
    new ResizeObserver(() => this.#resize()).observe(this.scroller);
    this.scroller.addEventListener('scroll', () => {
      this.invalidate();
      events.needs();
    });
    for (const kind of ['focus', 'blur']) this.scroller.addEventListener(kind, () => this.invalidate());
  }

  get width(): number {
    return this.#width;
  }

  get open(): ReadonlySet<number> {
    return this.#open;
  }

  /** µs; null: none. */
  get cursor(): number | null {
    return this.#cursor;
  }

  set cursor(time: number | null) {
    this.#cursor = time;
    this.invalidate();
  }

  get activeThread(): number {
    return this.#activeThread;
  }

  set activeThread(thread: number) {
    this.#activeThread = thread;
    this.invalidate();
  }

  /** The times that count; null: all. */
  get selection(): TimeRange | null {
    return this.#selection;
  }

  set selection(range: TimeRange | null) {
    this.#selection = range;
    this.invalidate();
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    this.repaint();
  }

  /** The threads with lanes, from the top. */
  get threads(): readonly number[] {
    return this.#rows.filter(({ kind }) => kind === 'thread').map(({ id }) => id);
  }

  get threadsInSight(): readonly number[] {
    return this.#inSight()
      .filter(({ kind }) => kind === 'thread')
      .map(({ id }) => id);
  }

  known(thread: number): KnownLane {
    const { whole, detail } = this.#parts.get(thread) ?? {};
    return { whole, detail };
  }

  /** Forgets all that was answered. */
  clear(): void {
    this.#parts.clear();
    this.invalidate();
  }

  add(picture: LanePicture, isWhole: boolean): void {
    const { thread } = picture.item;
    const parts = this.#parts.get(thread) ?? {};
    parts[isWhole ? 'whole' : 'detail'] = picture;
    this.#parts.set(thread, parts);
    picture.paint(this.#theme, this.#store.functions, this.#marked);
  }

  /** Of those that are open, the calls show. */
  layOut(open: ReadonlySet<number>): void {
    this.#open = open;
    this.#rows = laneRows(this.#store.participants, (thread) => (open.has(thread) ? Math.max(1, this.#boxRows(thread)) : 0));
    this.#space.style.height = `${contentHeight(this.#rows)}px`;
    this.#heads.show(this.#rows, this.#store.participants, (thread) => ({ open: open.has(thread), counts: this.#counts(thread) }));
    this.invalidate();
  }

  /** Colours are others now. */
  repaint(): void {
    for (const { whole, detail } of this.#parts.values())
      for (const picture of [whole, detail]) picture?.paint(this.#theme, this.#store.functions, this.#marked);
    this.invalidate();
  }

  /** Moves what is shown; the camera's own methods say how. */
  moveCamera(move: () => void): void {
    this.camera.animated = !reducedMotion();
    move();
    this.#settled = false;
    this.invalidate();
  }

  invalidate(): void {
    if (this.#requested) return;
    this.#requested = true;
    requestAnimationFrame((now) => this.#frame(now));
  }

  /** µs at a place of the canvas, CSS pixels. */
  timeAt(x: number): number {
    const { start, end } = this.camera.current;
    return Math.min(this.camera.total, Math.max(0, start + ((end - start) * x) / Math.max(1, this.#width)));
  }

  /** CSS pixels from the canvas's left edge. */
  placeOf(time: number): number {
    const { start, end } = this.camera.current;
    return ((time - start) / (end - start)) * this.#width;
  }

  /** A point of the window on the canvas, CSS pixels. */
  pointIn(event: { readonly clientX: number; readonly clientY: number }): readonly [x: number, y: number] {
    const frame = this.#canvas.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  }

  /** @param y CSS pixels below the upper edge of what is in sight */
  at(time: number, y: number): LanePoint | undefined {
    if (y < RULER_HEIGHT) return undefined;
    const height = y + this.scroller.scrollTop;
    const row = rowsBetween(this.#rows, height, height + 1)[0];
    if (row?.kind !== 'thread') return undefined;
    return this.pointOf(row.id, time, Math.floor((height - row.top - BAND_HEIGHT - GIL_HEIGHT) / BOX_HEIGHT));
  }

  /** @param boxRow negative: none is meant */
  pointOf(thread: number, time: number, boxRow = -1): LanePoint {
    const pictures = this.#pictures(thread);
    const picture = pictures.findLast(({ range }) => range.start <= time && time < range.end) ?? pictures[0];
    if (picture === undefined) return { thread, time, picture, column: 0, box: -1 };
    const { range, columns, item } = picture;
    const column = Math.min(columns - 1, Math.floor(((time - range.start) / (range.end - range.start)) * columns));
    return { thread, time, picture, column, box: boxRow < 0 || item.boxes === null ? -1 : boxAt(item.boxes, boxRow, column) };
  }

  /** Scrolls no more than needed to a thread's lane. */
  reveal(thread: number): void {
    const row = this.#rows.find(({ kind, id }) => kind === 'thread' && id === thread);
    if (row === undefined) return;
    const { scrollTop } = this.scroller;
    if (row.top < scrollTop + RULER_HEIGHT) this.scroller.scrollTop = row.top - RULER_HEIGHT;
    else if (row.top + row.height > scrollTop + this.#height)
      this.scroller.scrollTop = Math.min(row.top - RULER_HEIGHT, row.top + row.height - this.#height);
  }

  get #marked(): FunctionSet | undefined {
    const { mark } = this.#store;
    return mark.kind === 'none' ? undefined : mark.functions;
  }

  #counts(thread: number): boolean {
    const { scope } = this.#store.query;
    if (scope.kind === 'process') return this.#store.participants.threads[thread]?.process === scope.id;
    return scope.kind === 'all' || isChosen(scope, thread);
  }

  /** From coarse to fine. */
  #pictures(thread: number): readonly LanePicture[] {
    const { whole, detail } = this.#parts.get(thread) ?? {};
    return [whole, detail].filter((picture) => picture !== undefined);
  }

  #boxRows(thread: number): number {
    return Math.max(0, ...this.#pictures(thread).map(({ rows }) => rows));
  }

  #inSight(): readonly LaneRow[] {
    const { scrollTop } = this.scroller;
    return rowsBetween(this.#rows, scrollTop + RULER_HEIGHT, scrollTop + this.#height);
  }

  #frame(now: number): void {
    this.#requested = false;
    this.camera.step(now);
    if (this.#width > 0 && this.#height > 0 && this.camera.total > 0) {
      const view: Range = this.camera.current;
      this.#painter.draw({
        theme: this.#theme,
        functions: this.#store.functions,
        participants: this.#store.participants,
        language: this.#store.language,
        width: this.#width,
        height: this.#height,
        scrollTop: this.scroller.scrollTop,
        view,
        rows: this.#inSight(),
        pictures: (thread) => this.#pictures(thread),
        counts: (thread) => this.#counts(thread),
        marked: this.#marked,
        selection: this.#selection,
        cursor: this.#cursor,
        activeThread: this.#activeThread,
        focused: document.activeElement === this.scroller,
      });
    }
    if (this.camera.moving) this.invalidate();
    else if (!this.#settled) {
      this.#settled = true;
      this.#events.settled();
    }
  }

  #resize(): void {
    this.#width = Math.max(0, this.scroller.clientWidth - this.#heads.element.offsetWidth);
    this.#height = this.scroller.clientHeight;
    this.#canvas.style.width = `${this.#width}px`;
    this.#canvas.style.height = `${this.#height}px`;
    this.invalidate();
    this.#events.needs();
  }
}
