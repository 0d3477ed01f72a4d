import { t } from '../l10n.ts';
import { type Anchor, anchorOf, rangeOf, WHOLE } from '../model/anchor.ts';
import { Camera, type Range } from '../model/camera.ts';
import { nodeAt, rightEdge, type FlameTree } from '../model/flameTree.ts';
import { HIDDEN } from '../messages.ts';
import type { Functions } from '../model/functions.ts';
import { frameFor } from '../model/navigation.ts';
import { pathOf } from '../model/nodeIndex.ts';
import type { NodePath } from '../query.ts';
import { element, reducedMotion } from './dom.ts';
import { FlamePainter } from './flamePainter.ts';
import { contentHeight, ROW_HEIGHT, rowAt, rowTop, type Geometry, type Labels, type Picture, type Scene } from './scene.ts';
import type { Theme } from './theme.ts';

export interface FlameViewEvents {
  /** After a frame was drawn in which the view was another than in the one before. */
  readonly viewChanged: () => void;
  /** The view has come to rest. */
  readonly viewSettled: () => void;
}

/** Columns narrower than this many CSS pixels are hard to make out: moves to them zoom in as well. */
const COMFORTABLE_WIDTH = 48;

/** The flame graph's canvas in its scroller: what is shown of which tree, drawn when something changed. */
export class FlameView {
  readonly element: HTMLElement;
  readonly scroller: HTMLElement;
  readonly camera = new Camera();
  readonly functions: Functions;
  picture: Picture | undefined;
  labels: Labels = { root: '', processes: [] };
  readonly #painter: FlamePainter;
  readonly #canvas: HTMLCanvasElement;
  readonly #space: HTMLElement;
  readonly #events: FlameViewEvents;
  #theme: Theme;
  #marked: Uint8Array | undefined;
  #selected = -1;
  #hovered = -1;
  #rootBelow = false;
  #width = 0;
  #height = 0;
  #requested = false;
  #lastView: Range = { start: 0, end: 0 };
  #settled = true;
  /** The box that the view was zoomed to, while nothing else moved it: callees that fill it for now may not take its place. */
  #zoomedTo: NodePath | undefined;

  /** @param hasEditor so that sources can be shown */
  constructor(functions: Functions, theme: Theme, hasEditor: boolean, events: FlameViewEvents) {
    this.functions = functions;
    this.#theme = theme;
    this.#events = events;
    this.#canvas = element('canvas', { 'class': 'flame-canvas', 'aria-hidden': 'true' });
    this.#space = element('div', { class: 'flame-space' }, this.#canvas);
    this.scroller = element(
      'div',
      {
        'class': 'flame-scroller',
        'tabindex': 0,
        'role': 'application',
        'aria-roledescription': t('Flame graph'),
        'aria-label': hasEditor
          ? t('Flame graph. Arrow keys move between calls, Enter shows the source line, Z zooms in, question mark lists all keys.')
          : t('Flame graph. Arrow keys move between calls, Z zooms in, question mark lists all keys.'),
      },
      this.#space,
    );
    this.element = this.scroller;
    this.#painter = new FlamePainter(this.#canvas);
    new ResizeObserver(() => this.#resize()).observe(this.scroller);
    this.scroller.addEventListener('scroll', () => this.invalidate());
    this.scroller.addEventListener('focus', () => this.invalidate());
    this.scroller.addEventListener('blur', () => this.invalidate());
  }

  get selected(): number {
    return this.#selected;
  }

  set selected(node: number) {
    this.#selected = node;
    this.invalidate();
  }

  get hovered(): number {
    return this.#hovered;
  }

  set hovered(node: number) {
    if (this.#hovered === node) return;
    this.#hovered = node;
    this.scroller.classList.toggle('over-box', node >= 0);
    this.invalidate();
  }

  /** 1 by node of the picture; others fade. */
  set marked(nodes: Uint8Array | undefined) {
    this.#marked = nodes;
    this.invalidate();
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    this.invalidate();
  }

  get rootBelow(): boolean {
    return this.#rootBelow;
  }

  set rootBelow(below: boolean) {
    this.#rootBelow = below;
    this.#layOutSpace();
    this.#scrollToRoot();
    this.invalidate();
  }

  get width(): number {
    return this.#width;
  }

  /** Takes another tree; the view stays on what it shows if that exists there. */
  setPicture(picture: Picture, keepView: boolean): void {
    const before = this.picture;
    const fromBottom = this.scroller.scrollHeight - this.scroller.scrollTop;
    const { anchor } = this;
    const { target } = this.camera;
    const { index } = picture;
    this.picture = picture;
    this.camera.replace(picture.tree.total[0]!, (range) => {
      if (before === undefined || !keepView) return { start: 0, end: picture.tree.total[0]! };
      const isTarget = range.start === target.start && range.end === target.end;
      return rangeOf(index, isTarget ? anchor : anchorOf(before.tree, range));
    });
    if (!keepView || !this.camera.zoomed || (this.#zoomedTo !== undefined && index.follow(this.#zoomedTo).rest > 0))
      this.#zoomedTo = undefined;
    this.#hovered = -1;
    this.#marked = undefined; // of nodes that are no more
    this.#layOutSpace();
    // Another kind of tree is read from its root; the rows of the last one mean nothing in it.
    if (before !== undefined && !keepView) this.#scrollToRoot();
    else if (this.#rootBelow) this.scroller.scrollTop = this.scroller.scrollHeight - fromBottom;
    this.invalidate();
  }

  get anchor(): Anchor {
    if (this.picture === undefined || !this.camera.zoomed) return WHOLE;
    return this.#zoomedTo === undefined ? anchorOf(this.picture.tree, this.camera.target) : { ...WHOLE, path: this.#zoomedTo };
  }

  /** Jumps to a view that was stored. */
  restore(anchor: Anchor): void {
    if (this.picture === undefined) return;
    this.camera.show(rangeOf(this.picture.index, anchor), false);
    const isBox = anchor.start === 0 && anchor.end === 1 && this.picture.index.follow(anchor.path).rest === 0;
    this.#zoomedTo = isBox && this.camera.zoomed ? anchor.path : undefined;
    this.invalidate();
  }

  /** The node under a point of the view (CSS pixels), or -1. */
  nodeAt(x: number, y: number): number {
    if (this.picture === undefined) return -1;
    const { start, end } = this.camera.current;
    return nodeAt(this.picture.tree, rowAt(this.#geometry(), y), start + ((end - start) * x) / Math.max(1, this.#width));
  }

  zoomTo(node: number): void {
    const tree = this.picture?.tree;
    if (tree === undefined || node < 0) return;
    this.#fillWith(tree, node);
    this.#scrollToRow(tree.depth[node]!);
  }

  #fillWith(tree: FlameTree, node: number): void {
    this.moveCamera(() => this.camera.show({ start: tree.left[node]!, end: tree.left[node]! + tree.total[node]! }));
    if (this.camera.zoomed && tree.func[node] !== HIDDEN) this.#zoomedTo = pathOf(tree, node);
  }

  /** Moves the view no more than needed to make a node visible, and wide enough to be seen. */
  reveal(node: number): void {
    const tree = this.picture?.tree;
    if (tree === undefined || node < 0) return;
    this.#scrollToRow(tree.depth[node]!);
    const { start, end } = this.camera.target;
    const [left, right] = [tree.left[node]!, tree.left[node]! + tree.total[node]!];
    const share = COMFORTABLE_WIDTH / Math.max(COMFORTABLE_WIDTH * 2, this.#width);
    const seen = Math.min(right, end) - Math.max(left, start);
    if (seen >= Math.min(end - start, right - left) * 0.5 && seen >= (end - start) * share) return;
    this.#fillWith(tree, frameFor(tree, node, share));
  }

  /** Scrolls to a node; shows everything if it lies beside the view. Never zooms in: it may be one of many. */
  pointAt(node: number): void {
    const tree = this.picture?.tree;
    if (tree === undefined || node < 0) return;
    this.#scrollToRow(tree.depth[node]!);
    const { start, end } = this.camera.target;
    if (tree.left[node]! >= end || rightEdge(tree, node) <= start) this.moveCamera(() => this.camera.reset());
  }

  moveCamera(move: () => void): void {
    this.camera.animated = !reducedMotion();
    this.#zoomedTo = undefined;
    move();
    this.#settled = false;
    this.invalidate();
  }

  scrollBy(pixels: number): void {
    this.scroller.scrollTop += pixels;
  }

  invalidate(): void {
    if (this.#requested) return;
    this.#requested = true;
    requestAnimationFrame((now) => this.#frame(now));
  }

  /** Where a node is in the view, CSS pixels; for menus and details beside it. */
  boxOf(node: number): DOMRect {
    const { tree } = this.picture!;
    const { start, end } = this.camera.current;
    const scale = this.#width / (end - start);
    return new DOMRect(
      (tree.left[node]! - start) * scale,
      rowTop(this.#geometry(), tree.depth[node]!),
      tree.total[node]! * scale,
      ROW_HEIGHT,
    );
  }

  #frame(now: number): void {
    this.#requested = false;
    if (this.picture === undefined) return;
    this.camera.step(now);
    if (this.#width > 0 && this.#height > 0) this.#painter.draw(this.#scene(this.picture));
    const { start, end } = this.camera.current;
    if (start !== this.#lastView.start || end !== this.#lastView.end) {
      this.#lastView = this.camera.current;
      this.#events.viewChanged();
    }
    if (this.camera.moving) this.invalidate();
    else if (!this.#settled) {
      this.#settled = true;
      this.#events.viewSettled();
    }
  }

  #scene(picture: Picture): Scene {
    return {
      picture,
      functions: this.functions,
      theme: this.#theme,
      marked: this.#marked,
      view: this.camera.current,
      selected: this.#selected,
      hovered: this.#hovered,
      focused: document.activeElement === this.scroller,
      labels: this.labels,
      geometry: this.#geometry(),
    };
  }

  #geometry(): Geometry {
    return {
      width: this.#width,
      height: this.#height,
      scrollTop: this.scroller.scrollTop,
      rows: this.picture?.tree.rows ?? 0,
      rootBelow: this.#rootBelow,
    };
  }

  #resize(): void {
    const stick = this.#rootBelow && this.scroller.scrollTop + this.scroller.clientHeight >= this.scroller.scrollHeight - 2;
    this.#width = this.scroller.clientWidth;
    this.#height = this.scroller.clientHeight;
    this.#canvas.style.width = `${this.#width}px`;
    this.#canvas.style.height = `${this.#height}px`;
    this.#layOutSpace();
    if (stick) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.invalidate();
  }

  #layOutSpace(): void {
    this.#space.style.height = `${contentHeight(this.#geometry())}px`;
  }

  #scrollToRoot(): void {
    this.scroller.scrollTop = this.#rootBelow ? this.scroller.scrollHeight : 0;
  }

  #scrollToRow(row: number): void {
    const top = rowTop(this.#geometry(), row);
    const margin = Math.min(2 * ROW_HEIGHT, this.#height / 4);
    if (top < margin) this.scroller.scrollTop += top - margin;
    else if (top + ROW_HEIGHT > this.#height - margin) this.scroller.scrollTop += top + ROW_HEIGHT - this.#height + margin;
  }
}
