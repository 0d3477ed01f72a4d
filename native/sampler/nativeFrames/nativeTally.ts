/** How native stacks of a session were read: NativeQuality in profile/delta.ts. */
export class NativeTally {
  /** Whose native stacks are read. */
  processes = 0;
  stacks = 0;
  whole = 0;
  merged = 0;
  stops = 0;
  /** µs that threads stood still for a stop. */
  readonly pauses: { add(microseconds: number): void };

  constructor(pauses: NativeTally['pauses']) {
    this.pauses = pauses;
  }
}
