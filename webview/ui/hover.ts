import type { Description } from './describe.ts';
import type { FlameView } from './flameView.ts';
import { Tooltip } from './tooltip.ts';

/** What the pointer rests on: the box's outline, and the tooltip beside it. */
export class Hover {
  readonly tooltip = new Tooltip();
  readonly #view: FlameView;
  readonly #describe: (node: number) => Description;
  readonly #isCovered: () => boolean;
  /** Where the pointer rests over the graph, in the window. */
  #pointer: { readonly x: number; readonly y: number } | undefined;

  /** @param isCovered whether something is open that a tooltip would cover */
  constructor(view: FlameView, describe: (node: number) => Description, isCovered: () => boolean) {
    this.#view = view;
    this.#describe = describe;
    this.#isCovered = isCovered;
  }

  /** The pointer is over a node (or -1), at a point of the window. */
  over(node: number, x: number, y: number): void {
    const changed = this.#view.hovered !== node;
    this.#pointer = { x, y };
    this.#view.hovered = node;
    if (node < 0 || this.#isCovered()) this.tooltip.hide();
    else if (changed || this.tooltip.element.hidden) this.tooltip.show(this.#describe(node), x, y);
    else this.tooltip.move(x, y);
  }

  end(): void {
    this.#pointer = undefined;
    this.#view.hovered = -1;
    this.tooltip.hide();
  }

  /** Another box, or the same with other figures, may be under the resting pointer now. */
  again(): void {
    if (this.#pointer === undefined) return;
    const { x, y } = this.#pointer;
    this.#view.hovered = -1;
    const frame = this.#view.scroller.getBoundingClientRect();
    this.over(this.#view.nodeAt(x - frame.left, y - frame.top), x, y);
  }
}
