import { step, type Step } from '../model/navigation.ts';
import type { FlameView } from './flameView.ts';
import { ROW_HEIGHT } from './scene.ts';
import { moveByWheel } from './wheel.ts';

/** What a user can do to the flame graph. */
export interface FlameActions {
  /** -1 clears the selection. */
  readonly select: (node: number) => void;
  readonly openSource: (node: number) => void;
  /** The pointer is at a point of the window, over a node or -1. */
  readonly hover: (node: number, x: number, y: number) => void;
  /** The pointer points at nothing any more. */
  readonly endHover: () => void;
  /** At a point of the window. */
  readonly menu: (node: number, x: number, y: number) => void;
  /** Zoom out, step by step. */
  readonly escape: () => void;
  /** Keys that mean something to the whole page; returns whether this one does. */
  readonly key: (event: KeyboardEvent) => boolean;
}

/** CSS pixels a pressed pointer may move and still click. */
const CLICK_SLACK = 4;
const STEPS: Readonly<Record<string, Step>> = { ArrowLeft: 'previous', ArrowRight: 'next' };

/** Mouse, touch pad, pen and keyboard on the flame graph. */
export function listenToInput(view: FlameView, actions: FlameActions): void {
  const { scroller } = view;
  listenToPointer(view, actions);
  scroller.addEventListener('wheel', (event) => moveByWheel(view, event, ROW_HEIGHT, pointIn(scroller, event)[0]), { passive: false });
  scroller.addEventListener('contextmenu', (event) => {
    event.preventDefault();
    const keyboard = event.button !== 2; // the menu key
    const node = keyboard ? view.selected : view.nodeAt(...pointIn(scroller, event));
    if (node < 0) return;
    actions.select(node);
    if (!keyboard) {
      actions.menu(node, event.clientX, event.clientY);
      return;
    }
    const box = view.boxOf(node);
    const frame = scroller.getBoundingClientRect();
    actions.menu(node, frame.left + Math.max(0, box.left) + 12, frame.top + box.bottom);
  });
  scroller.addEventListener('keydown', (event) => {
    actions.endHover();
    if (onKey(view, actions, event) || actions.key(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
}

function listenToPointer(view: FlameView, actions: FlameActions): void {
  const { scroller } = view;
  let pressed: { x: number; y: number; lastX: number; lastY: number; dragging: boolean } | undefined;
  scroller.addEventListener('pointerdown', (event) => {
    const [x, y] = pointIn(scroller, event);
    if (event.button !== 0 || x >= scroller.clientWidth) return; // the scroll bar
    pressed = { x, y, lastX: x, lastY: y, dragging: false };
  });
  scroller.addEventListener('pointermove', (event) => {
    const [x, y] = pointIn(scroller, event);
    if (pressed === undefined || (event.buttons & 1) === 0) {
      pressed = undefined;
      actions.hover(x < scroller.clientWidth ? view.nodeAt(x, y) : -1, event.clientX, event.clientY);
      return;
    }
    if (!pressed.dragging && Math.hypot(x - pressed.x, y - pressed.y) < CLICK_SLACK) return;
    if (!pressed.dragging) {
      pressed.dragging = true;
      scroller.setPointerCapture(event.pointerId);
      scroller.classList.add('dragging');
      actions.endHover();
    }
    const by = x - pressed.lastX;
    if (by !== 0) view.moveCamera(() => view.camera.pan(-by / Math.max(1, view.width), false));
    view.scrollBy(pressed.lastY - y);
    [pressed.lastX, pressed.lastY] = [x, y];
  });
  const release = (): void => {
    pressed = undefined;
    scroller.classList.remove('dragging');
  };
  scroller.addEventListener('pointercancel', release);
  scroller.addEventListener('pointerleave', () => actions.endHover());
  scroller.addEventListener('scroll', () => actions.endHover());
  let dragged = false;
  scroller.addEventListener('pointerup', () => {
    dragged = pressed?.dragging ?? false;
    release();
  });
  scroller.addEventListener('click', (event) => {
    if (dragged || event.detail > 1) return;
    const [x, y] = pointIn(scroller, event);
    if (x >= scroller.clientWidth) return;
    const node = view.nodeAt(x, y);
    actions.select(node);
    if (node > 0 && !event.altKey) actions.openSource(node);
  });
  scroller.addEventListener('dblclick', (event) => {
    const [x, y] = pointIn(scroller, event);
    if (x < scroller.clientWidth) view.zoomTo(Math.max(0, view.nodeAt(x, y)));
  });
}

function onKey(view: FlameView, actions: FlameActions, event: KeyboardEvent): boolean {
  const tree = view.picture?.tree;
  if (tree === undefined || event.ctrlKey || event.metaKey) return false;
  const { selected, camera } = view;
  const go = (node: number): true => {
    actions.select(node);
    view.reveal(node);
    return true;
  };
  if (event.altKey) return false;
  if (event.shiftKey && event.key in STEPS) {
    view.moveCamera(() => camera.pan(event.key === 'ArrowLeft' ? -0.2 : 0.2));
    return true;
  }
  switch (event.key) {
    case 'ArrowUp':
    case 'ArrowDown': {
      if (event.shiftKey) {
        view.scrollBy(event.key === 'ArrowUp' ? -3 * ROW_HEIGHT : 3 * ROW_HEIGHT);
        return true;
      }
      const inwards = (event.key === 'ArrowDown') !== view.rootBelow;
      return go(selected < 0 ? 0 : step(tree, selected, inwards ? 'callee' : 'caller'));
    }
    case 'ArrowLeft':
    case 'ArrowRight':
      return go(selected < 0 ? 0 : step(tree, selected, STEPS[event.key]!));
    case 'Home':
      return go(0);
    case 'End': {
      // Down the widest calls to the end of the stack.
      let node = Math.max(0, selected);
      for (let next = step(tree, node, 'callee'); next !== node; next = step(tree, node, 'callee')) node = next;
      return go(node);
    }
    case 'PageUp':
    case 'PageDown':
      view.scrollBy((event.key === 'PageUp' ? -1 : 1) * view.scroller.clientHeight * 0.8);
      return true;
    case 'Enter':
      if (selected > 0 && tree.func[selected]! >= 0) actions.openSource(selected);
      return true;
    case 'z':
    case 'Z':
    case ' ':
      view.zoomTo(Math.max(0, selected));
      return true;
    case '+':
    case '=':
      view.moveCamera(() => camera.zoom(1.6, centre(view)));
      return true;
    case '-':
    case '_':
      view.moveCamera(() => camera.zoom(1 / 1.6, centre(view)));
      return true;
    case '0':
    case 'r':
    case 'R':
      view.moveCamera(() => camera.reset());
      return true;
    case 'Escape':
      actions.escape();
      return true;
    default:
      return false;
  }
}

/** What stays in place when a key zooms: the middle of the selected box if it is in view. */
function centre(view: FlameView): number {
  if (view.selected < 0) return 0.5;
  const box = view.boxOf(view.selected);
  const left = Math.max(0, box.left);
  const right = Math.min(view.width, box.right);
  return right > left ? (left + right) / 2 / Math.max(1, view.width) : 0.5;
}

function pointIn(target: HTMLElement, event: MouseEvent): [x: number, y: number] {
  const frame = target.getBoundingClientRect();
  return [event.clientX - frame.left, event.clientY - frame.top];
}
