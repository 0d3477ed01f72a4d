import type { NativeQuality } from '../../../profile/delta.ts';

/** How native stacks of a session were read: NativeQuality in profile/delta.ts. */
export class NativeTally {
  /** Whose native stacks are read. */
  processes = 0;
  stacks = 0;
  whole = 0;
  merged = 0;
  stops = 0;
  /** µs that threads stood still for a stop. */
  readonly pauses: { add(microseconds: number): void; quantile(fraction: number): number };

  constructor(pauses: NativeTally['pauses']) {
    this.pauses = pauses;
  }

  quality(): NativeQuality {
    const { stacks, whole, merged, stops, pauses } = this;
    return { stacks, whole, merged, stops, stopMedian: pauses.quantile(0.5), stopP99: pauses.quantile(0.99) };
  }
}
