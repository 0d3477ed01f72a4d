/** A range of times, µs from the left edge of the root. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Share of the whole that the narrowest view shows. */
const NARROWEST = 1e-7;
const DURATION = 180;

/**
 * What part of the tree's width the view shows, and how it gets there: moves are eased, and a new
 * move starts from wherever the last one is.
 */
export class Camera {
  /** Width of the tree, µs. */
  total = 0;
  current: Range = { start: 0, end: 0 };
  target: Range = { start: 0, end: 0 };
  /** Moves jump when false. */
  animated = true;
  #from: Range = { start: 0, end: 0 };
  /** ms; NaN while nothing moves. */
  #startedAt = NaN;
  #waiting = false;

  get moving(): boolean {
    return this.#waiting || !Number.isNaN(this.#startedAt);
  }

  get zoomed(): boolean {
    return this.target.end - this.target.start < this.total * (1 - 1e-9);
  }

  /** A tree of another width took the place of the last one; `mapped` says where a range of the last is now. */
  replace(total: number, mapped: (range: Range) => Range): void {
    this.total = total;
    this.current = this.#clamp(mapped(this.current));
    this.#from = this.#clamp(mapped(this.#from));
    this.target = this.#clamp(mapped(this.target));
  }

  /** Shows a range, or as much like it as can be. */
  show(range: Range, animate = this.animated): void {
    this.target = this.#clamp(range);
    this.#from = this.current;
    this.#startedAt = NaN;
    this.#waiting = animate;
    if (!animate) this.current = this.target;
  }

  reset(): void {
    this.show({ start: 0, end: this.total });
  }

  /** @param at the share of the view (0 left, 1 right) that stays where it is */
  zoom(factor: number, at: number, animate = this.animated): void {
    const { start, end } = this.target;
    const span = Math.min(this.total, Math.max(this.total * NARROWEST, (end - start) / factor));
    const fixed = start + (end - start) * at;
    this.show({ start: fixed - span * at, end: fixed + span * (1 - at) }, animate);
  }

  /** @param shares of the view's width */
  pan(shares: number, animate = this.animated): void {
    const { start, end } = this.target;
    const by = (end - start) * shares;
    this.show({ start: start + by, end: end + by }, animate);
  }

  /** Moves on to a moment (ms); returns whether the view changed. */
  step(now: number): boolean {
    if (this.#waiting) {
      this.#waiting = false;
      this.#startedAt = now;
    }
    if (Number.isNaN(this.#startedAt)) return false;
    const progress = Math.min(1, Math.max(0, (now - this.#startedAt) / DURATION));
    const eased = 1 - (1 - progress) ** 3;
    if (progress === 1) {
      this.current = this.target;
      this.#startedAt = NaN;
    } else {
      this.current = {
        start: this.#from.start + (this.target.start - this.#from.start) * eased,
        end: this.#from.end + (this.target.end - this.#from.end) * eased,
      };
    }
    return true;
  }

  #clamp({ start, end }: Range): Range {
    const span = Math.min(this.total, Math.max(end - start, this.total * NARROWEST));
    const from = Math.min(Math.max(0, start), this.total - span);
    return { start: from, end: from + span };
  }
}
