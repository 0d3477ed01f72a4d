import { t } from '../../l10n.ts';
import type { Store } from '../../model/store.ts';
import { share } from '../../model/format.ts';
import { moment } from '../../model/timeline/moments.ts';
import { nextQuestion } from '../../model/timeline/questions.ts';
import type { Query } from '../../query.ts';
import { debounced, element } from '../dom.ts';
import type { Theme } from '../theme.ts';
import { Tooltip, type TooltipRow } from '../tooltip.ts';
import type { Page, View } from '../view.ts';
import { HeightSash } from './heightSash.ts';
import { threadName } from './laneHeads.ts';
import { LanePicture } from './lanePicture.ts';
import { listenToTimeline } from './timelineInput.ts';
import { type LanePoint, TimelineView } from './timelineView.ts';

/** Up to so many threads, their calls show at first. */
const OPEN_UP_TO = 1;

export function timeline(page: Page): View {
  return new Timeline(page);
}

/** What each thread did, in the order of time. What is selected in it is the time that everything else is about. */
class Timeline implements View {
  readonly element: HTMLElement;
  readonly #page: Page;
  readonly #store: Store;
  readonly #view: TimelineView;
  readonly #tooltip = new Tooltip();
  /** Grows whenever what was answered is no longer all there is. */
  #version = 0;
  #number = 0;
  /** Of the last tree: the query, and what of it and the samples the lanes depend on. */
  #query: Query | undefined;
  #known = '';
  /** What was asked and not answered yet. */
  #asked: { readonly threads: readonly number[]; readonly isWhole: boolean; readonly version: number } | undefined;
  readonly #ask = debounced(30, () => this.#askNext());
  readonly #select = debounced(60, () => this.#askRange());

  constructor(page: Page) {
    this.#page = page;
    const store = (this.#store = page.store);
    this.#view = new TimelineView(store, {
      needs: () => this.#ask(),
      settled: () => {
        const { camera } = this.#view;
        store.keep({ timelineView: camera.zoomed ? camera.target : null });
        this.#ask();
      },
      toggle: (thread) => this.#toggle(thread),
    });
    const sash = new HeightSash(t('Height of the timeline'), store.kept.timelineShare, (timelineShare) => store.keep({ timelineShare }));
    this.element = element(
      'section',
      { 'class': 'timeline', 'aria-label': t('Timeline') },
      this.#view.scroller,
      sash.element,
      this.#tooltip.element,
    );
    sash.of(this.element);
    this.#listen();
    this.#showKept();
  }

  setTheme(theme: Theme): void {
    this.#view.theme = theme;
  }

  cover(): void {
    this.#tooltip.element.hidden = true;
  }

  key(event: KeyboardEvent): boolean {
    if (event.key.toLowerCase() !== 'l') return false;
    this.#store.keep({ timelineShown: !this.#store.kept.timelineShown });
    return true;
  }

  #listen(): void {
    const store = this.#store;
    store.listen('setup', () => {
      this.#asked = undefined;
      this.#view.clear();
      this.#changed();
    });
    store.listen('participants', () => this.#layOut());
    store.listen('query', () => {
      this.#view.selection = store.query.range;
      this.#layOut();
    });
    store.listen('tree', () => this.#onTree());
    store.listen('mark', () => this.#view.repaint());
    store.listen('functions', () => this.#view.repaint());
    store.listen('kept', () => this.#showKept());
    store.listen('timeline', () => this.#onAnswer());
    listenToTimeline(this.#view, {
      selection: () => this.#view.selection,
      select: (range) => {
        this.#view.selection = range;
        this.#select();
      },
      choose: (point) => this.#choose(point),
      zoomTo: (range) => this.#view.moveCamera(() => this.#view.camera.show(range)),
      hover: (point, x, y) => this.#hover(point, x, y),
      toggle: (thread) => this.#toggle(thread),
      moved: () => this.#sayPoint(),
      escape: () => this.#page.escape(),
      key: (event) => this.#page.key(event),
    });
  }

  /** Another range, or another kind of tree, is none of the lanes' business. */
  #onTree(): void {
    const { query, status } = this.#store;
    const known = JSON.stringify([{ ...query, range: null, by: '', inverted: false }, status?.quality.samples]);
    const isOtherQuery = query !== this.#query;
    this.#query = query;
    if (known === this.#known && isOtherQuery) return;
    this.#known = known;
    this.#changed();
  }

  /** Samples came, or others count. */
  #changed(): void {
    this.#version++;
    this.#ask();
  }

  #askRange(): void {
    this.#store.ask({ range: this.#view.selection });
  }

  #showKept(): void {
    const { timelineShown } = this.#store.kept;
    if (this.element.hidden === !timelineShown) return;
    this.element.hidden = !timelineShown;
    if (timelineShown) this.#ask();
  }

  #layOut(): void {
    const { threads } = this.#store.participants;
    const { openLanes } = this.#store.kept;
    const open = openLanes ?? (threads.length <= OPEN_UP_TO ? threads.keys() : []);
    this.#view.layOut(new Set(open));
    this.#ask();
  }

  #toggle(thread: number): void {
    const open = new Set(this.#view.open);
    if (!open.delete(thread)) open.add(thread);
    this.#store.keep({ openLanes: [...open] });
    this.#layOut();
    this.#page.say(
      open.has(thread) ? t('The calls of {0} show', this.#nameOf(thread)) : t('The calls of {0} are hidden', this.#nameOf(thread)),
    );
  }

  /** One question at a time: what is in view when it is answered decides on the next. */
  #askNext(): void {
    const { camera, width } = this.#view;
    if (this.#asked !== undefined || this.element.hidden || width === 0) return;
    const question = nextQuestion(
      {
        view: camera.target,
        until: camera.total,
        pixels: width * (window.devicePixelRatio || 1),
        threads: this.#view.threadsInSight,
        open: this.#view.open,
        version: this.#version,
      },
      (thread) => this.#view.known(thread),
    );
    if (question === undefined) return;
    this.#asked = { threads: question.threads, isWhole: question.range === null, version: this.#version };
    this.#store.post({ type: 'timeline', number: ++this.#number, ...question });
  }

  #onAnswer(): void {
    const asked = this.#asked;
    const { number, until, range, columns, lanes } = this.#store.timeline!;
    if (asked === undefined || number !== this.#number) return;
    this.#asked = undefined;
    const { version, isWhole } = asked;
    for (const item of lanes) this.#view.add(new LanePicture(item, { range, columns, version }), isWhole);
    this.#cover(until);
    this.#layOut();
  }

  /** Time is covered until then: a view of everything goes on showing everything. */
  #cover(until: number): void {
    const { camera } = this.#view;
    if (until === camera.total) return;
    const isFirst = camera.total === 0;
    const wasZoomed = camera.zoomed;
    camera.replace(until, (shown) => (wasZoomed ? shown : { start: 0, end: until }));
    const { timelineView } = this.#store.kept;
    if (isFirst && timelineView !== null) camera.show(timelineView, false);
  }

  #choose({ picture, box }: LanePoint): void {
    if (picture === undefined || box < 0) return;
    this.#page.choose({ func: picture.item.boxes!.func[box]!, line: 0 });
  }

  #nameOf(thread: number): string {
    return threadName(this.#store.participants, thread);
  }

  #hover(point: LanePoint | undefined, x: number, y: number): void {
    if (point?.picture === undefined || this.#page.isMenuOpen()) {
      this.#tooltip.hide();
      return;
    }
    const { functions } = this.#store;
    const func = point.box < 0 ? -1 : point.picture.item.boxes!.func[point.box]!;
    const name = func < 0 ? this.#nameOf(point.thread) : (functions.names[func] ?? '');
    const place = func < 0 ? '' : functions.place(func, functions.firstLines[func] ?? 0);
    const rows: TooltipRow[] = [
      [t('Time'), this.#momentOf(point), ''],
      ...this.#sharesOf(point).map(([label, part]) => [label, '', part] as const),
    ];
    if (func >= 0) rows.push([t('Thread'), this.#nameOf(point.thread), '']);
    this.#tooltip.showRows(name, place, rows, x, y);
  }

  #sayPoint(): void {
    const { cursor, activeThread, threads } = this.#view;
    const thread = activeThread < 0 ? threads[0] : activeThread;
    if (thread === undefined) return;
    const point = this.#view.pointOf(thread, cursor ?? this.#view.camera.target.start);
    const shares = this.#sharesOf(point).map(([label, part]) => `${label} ${part}`);
    this.#page.say([this.#nameOf(thread), this.#momentOf(point), ...shares].join(', '));
  }

  #momentOf({ time }: LanePoint): string {
    const { start, end } = this.#view.camera.current;
    return moment(time, (end - start) / 1000, this.#store.language);
  }

  /** What the thread did at a point, as shares of the column's time. */
  #sharesOf({ picture, column }: LanePoint): (readonly [label: string, part: string])[] {
    if (picture === undefined) return [];
    const { onCpu, ready, waiting, holdsGil, collectsGarbage } = picture.item.bands;
    const parts = [
      [t('On CPU'), onCpu],
      [t('Ready'), ready],
      [t('Waiting'), waiting],
      [t('Holds the GIL'), holdsGil],
      [t('Garbage collection'), collectsGarbage],
    ] as const;
    return (
      parts
        .filter(([, band]) => band[column]! > 0)
        // A column knows shares to 1 of 255.
        .map(([label, band]) => [label, this.#store.format.wholePercent(share(band[column]!, 255))] as const)
    );
  }
}
