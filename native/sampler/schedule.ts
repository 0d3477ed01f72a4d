/**
 * When samples are due: absolute deadlines, so lateness does not add up, each shifted at random by
 * up to a quarter period either way, so sampling never marches in step with the target. Times in µs.
 */
export class Schedule {
  /** Deadlines that passed without a tick because the sampler was late or busy. */
  missed = 0;
  readonly lateness = new Histogram();
  private period: number;
  private base: number;
  private index = 0;
  private state: number;

  /** @param rate ticks per second @param seed any integer: the jitter follows from it */
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
  }

  /** The next deadline; those that are over are skipped and counted as missed. */
  next(now: number): number {
    const reached = Math.floor((now - this.base) / this.period + 0.75);
    if (reached > this.index) {
      this.missed += reached - this.index;
      this.index = reached;
    }
    // xorshift32, Marsaglia 2003
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    const deadline = this.base + (this.index + (x >>> 0) / 2 ** 33 - 0.25) * this.period;
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
