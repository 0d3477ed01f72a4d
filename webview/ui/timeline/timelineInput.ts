import type { TimeRange } from '../../query.ts';
import { BOX_HEIGHT } from '../../model/timeline/laneRows.ts';
import { moveByWheel } from '../wheel.ts';
import type { LanePoint, TimelineView } from './timelineView.ts';

export interface TimelineActions {
  readonly selection: () => TimeRange | null;
  /** null: all of the time counts. */
  readonly select: (range: TimeRange | null) => void;
  readonly choose: (point: LanePoint) => void;
  readonly zoomTo: (range: TimeRange) => void;
  /** undefined: the pointer is gone. */
  readonly hover: (point: LanePoint | undefined, x: number, y: number) => void;
  readonly toggle: (thread: number) => void;
  /** At a point of the window. */
  readonly menu: (thread: number, x: number, y: number) => void;
  /** The cursor or the lane that keys go to is another. */
  readonly moved: () => void;
  readonly escape: () => void;
  readonly key: (event: KeyboardEvent) => boolean;
}

/** CSS pixels that the pointer moves before it drags. */
const DRAG_FROM = 3;
/** CSS pixels from an edge of the selection within which it is that edge that is dragged. */
const EDGE = 5;
/** Of the view, what an arrow key moves. */
const STEP = 0.02;

export function listenToTimeline(view: TimelineView, actions: TimelineActions): void {
  listenToPointer(view, actions);
  view.scroller.addEventListener('wheel', (event) => moveByWheel(view, event, BOX_HEIGHT, view.pointIn(event)[0]), { passive: false });
  view.scroller.addEventListener('keydown', (event) => {
    if (onKey(view, actions, event) || actions.key(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
}

/** A drag selects, with Shift or the middle button it moves the view; at an edge of the selection it moves that. */
function listenToPointer(view: TimelineView, actions: TimelineActions): void {
  const { scroller } = view;
  let drag: { readonly from: number; readonly x: number; readonly pans: boolean; began: boolean; lastX: number } | undefined;
  const isOnLanes = (event: MouseEvent): boolean => view.pointIn(event)[0] >= 0 && !(event.target as Element).closest('.lane-head');
  const nearEdge = (x: number): number | undefined => {
    const selection = actions.selection();
    if (selection === null) return undefined;
    const { start, end } = selection;
    if (Math.abs(view.placeOf(start) - x) <= EDGE) return end; // what stays
    return Math.abs(view.placeOf(end) - x) <= EDGE ? start : undefined;
  };
  scroller.addEventListener('pointerdown', (event) => {
    if (!isOnLanes(event) || event.button > 1) return;
    const [x] = view.pointIn(event);
    const pans = event.button === 1 || event.shiftKey;
    drag = { from: nearEdge(x) ?? view.timeAt(x), x, pans, began: false, lastX: x };
    scroller.setPointerCapture(event.pointerId);
    if (event.button === 1) event.preventDefault();
  });
  scroller.addEventListener('pointermove', (event) => {
    const [x, y] = view.pointIn(event);
    if (drag === undefined) {
      scroller.classList.toggle('at-edge', x >= 0 && nearEdge(x) !== undefined);
      actions.hover(x < 0 ? undefined : view.at(view.timeAt(x), y), event.clientX, event.clientY);
      return;
    }
    if (!drag.began && Math.abs(x - drag.x) < DRAG_FROM) return;
    drag.began = true;
    actions.hover(undefined, 0, 0);
    if (drag.pans) {
      const by = (drag.lastX - x) / Math.max(1, view.width);
      view.moveCamera(() => view.camera.pan(by, false));
    } else {
      const range = between(drag.from, view.timeAt(x));
      if (range !== null) actions.select(range);
    }
    drag.lastX = x;
  });
  scroller.addEventListener('pointerup', (event) => {
    if (drag === undefined) return;
    const { began } = drag;
    drag = undefined;
    if (began) return;
    const [x, y] = view.pointIn(event);
    const time = view.timeAt(x);
    const point = view.at(time, y);
    view.cursor = time;
    if (point === undefined) return;
    view.activeThread = point.thread;
    actions.choose(point);
  });
  scroller.addEventListener('lostpointercapture', () => (drag = undefined));
  scroller.addEventListener('pointerleave', () => actions.hover(undefined, 0, 0));
  scroller.addEventListener('contextmenu', (event) => {
    const [x, y] = view.pointIn(event);
    const point = isOnLanes(event) ? view.at(view.timeAt(x), y) : undefined;
    if (point !== undefined) actions.menu(point.thread, event.clientX, event.clientY);
  });
  scroller.addEventListener('dblclick', (event) => {
    if (!isOnLanes(event)) return;
    const [x, y] = view.pointIn(event);
    const time = view.timeAt(x);
    const point = view.at(time, y);
    const selection = actions.selection();
    if (point !== undefined && point.box >= 0) actions.zoomTo(boxRange(point));
    else if (selection !== null && selection.start <= time && time < selection.end) actions.zoomTo(selection);
  });
}

function between(a: number, b: number): TimeRange | null {
  return a === b ? null : { start: Math.min(a, b), end: Math.max(a, b) };
}

/** The times of the box at a point. */
function boxRange({ picture, box }: LanePoint): TimeRange {
  const { range, columns, item } = picture!;
  const perColumn = (range.end - range.start) / columns;
  return { start: range.start + item.boxes!.from[box]! * perColumn, end: range.start + item.boxes!.to[box]! * perColumn };
}

function onKey(view: TimelineView, actions: TimelineActions, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { camera, threads } = view;
  if (camera.total === 0 || threads.length === 0) return false;
  const { start, end } = camera.target;
  const cursor = view.cursor ?? start;
  const middle = cursor >= start && cursor <= end ? (cursor - start) / (end - start) : 0.5;
  const lane = Math.max(0, threads.indexOf(view.activeThread));
  switch (event.key) {
    case 'ArrowLeft':
      return moveCursor(view, actions, cursor - (end - start) * STEP, event.shiftKey);
    case 'ArrowRight':
      return moveCursor(view, actions, cursor + (end - start) * STEP, event.shiftKey);
    case 'Home':
      return moveCursor(view, actions, 0, event.shiftKey);
    case 'End':
      return moveCursor(view, actions, camera.total, event.shiftKey);
    case 'ArrowUp':
    case 'ArrowDown': {
      const next = view.activeThread < 0 ? lane : Math.min(threads.length - 1, Math.max(0, lane + (event.key === 'ArrowUp' ? -1 : 1)));
      view.activeThread = threads[next]!;
      view.reveal(view.activeThread);
      actions.moved();
      return true;
    }
    case 'Enter':
    case ' ':
      view.activeThread = threads[lane]!;
      actions.toggle(view.activeThread);
      return true;
    case 'ContextMenu': {
      const { left, top } = view.scroller.getBoundingClientRect();
      actions.menu(threads[lane]!, left + 20, top + 40);
      return true;
    }
    case '+':
    case '=':
      view.moveCamera(() => camera.zoom(1.6, middle));
      return true;
    case '-':
    case '_':
      view.moveCamera(() => camera.zoom(1 / 1.6, middle));
      return true;
    case '0':
      view.moveCamera(() => camera.reset());
      return true;
    case 'z':
    case 'Z': {
      const selection = actions.selection();
      if (selection !== null) actions.zoomTo(selection);
      return true;
    }
    case 'Escape':
      if (actions.selection() === null) actions.escape();
      else actions.select(null);
      return true;
    default:
      return false;
  }
}

/** Moves the cursor, and with Shift the end of the selection that is at it. */
function moveCursor(view: TimelineView, actions: TimelineActions, to: number, selects: boolean): true {
  const { camera } = view;
  const before = view.cursor ?? camera.target.start;
  const time = Math.min(camera.total, Math.max(0, to));
  if (selects) {
    const selection = actions.selection();
    const stays = selection?.start === before ? selection.end : selection?.end === before ? selection.start : before;
    actions.select(between(stays, time));
  }
  view.cursor = time;
  const { start, end } = camera.target;
  if (time < start || time > end) view.moveCamera(() => camera.pan((time - (time < start ? start : end)) / (end - start)));
  actions.moved();
  return true;
}
