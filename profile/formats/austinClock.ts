/**
 * When Austin's samples were taken: it looks at all threads one after the other and says of each how long that was after the round before,
 * so a thread that comes again begins a new round.
 */
export class AustinClock {
  readonly #inRound = new Set<number>();
  /** µs */
  #roundStart = 0;
  #roundLength = 0;

  /** @param time µs. @returns when the sample begins, µs from the first on */
  startOf(thread: number, time: number): number {
    if (this.#inRound.has(thread)) {
      this.#inRound.clear();
      this.#roundStart += this.#roundLength;
      this.#roundLength = 0;
    }
    this.#inRound.add(thread);
    this.#roundLength = Math.max(this.#roundLength, time);
    return this.#roundStart;
  }
}
