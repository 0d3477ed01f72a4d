/** By so much of its distance from its place the next deadline comes closer to its own, so that there are as many as were asked for. */
const correction = 0.1;

/**
 * When samples are due. Times in µs.
 *
 * What follows a deadline is drawn evenly from the whole of a period, half a period away at least: where a program does the same
 * thing every period, or a few times in it, each part of that is met as often as it takes time, and with gaps that do not depend
 * on it. (Places in step with the program, each shifted by less than a period, would meet some parts only; shifted by a whole
 * one, the later parts after longer gaps.) Deadlines do not run away, and lateness does not add up.
 */
export class Schedule {
  /** Deadlines that passed without a look because the sampler was late or busy. */
  missed = 0;
  readonly lateness = new Histogram();
  private period: number;
  private base: number;
  private index = 0;
  /** From the place of the last deadline, one a period, to the deadline. */
  private shift = 0;
  private state: number;

  /** @param rate ticks per second @param seed any integer: what is drawn follows from it */
  constructor(rate: number, now: number, seed: number) {
    this.period = 1e6 / rate;
    this.base = now + this.period / 2;
    this.state = seed | 1;
  }

  /** From now on deadlines are `period` µs apart. */
  setPeriod(period: number, now: number): void {
    if (period === this.period) return;
    this.period = period;
    this.base = now + period / 2;
    this.index = 0;
    this.shift = 0;
  }

  /** The next deadline; those that are over by more than half a period are skipped and counted as missed. */
  next(now: number): number {
    const { period } = this;
    // xorshift32, Marsaglia 2003
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    this.shift = (1 - correction) * this.shift + ((x >>> 0) / 2 ** 32 - 0.5) * period;
    let deadline = this.base + this.index * period + this.shift;
    const late = Math.floor((now - deadline) / period + 0.5);
    if (late > 0) {
      this.missed += late;
      this.index += late;
      deadline += late * period;
    }
    this.index++;
    return deadline;
  }
}

/** Counts durations (µs) in buckets that grow by a quarter octave: quantiles to within 19 %. */
export class Histogram {
  private readonly buckets = new Uint32Array(128);
  private total = 0;
  maximum = 0;

  add(value: number): void {
    if (value > this.maximum) this.maximum = value;
    const bucket = value < 1 ? 0 : Math.min(127, 1 + Math.floor(4 * Math.log2(value)));
    this.buckets[bucket]!++;
    this.total++;
  }

  /** Upper bound of the bucket that holds the quantile; 0 when empty. */
  quantile(fraction: number): number {
    let left = Math.ceil(this.total * fraction);
    if (left === 0) return 0;
    for (let bucket = 0; bucket < this.buckets.length; bucket++) {
      left -= this.buckets[bucket]!;
      if (left <= 0) return Math.min(2 ** (bucket / 4), this.maximum);
    }
    return this.maximum;
  }
}
