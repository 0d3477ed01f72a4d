/**
 * A process's memory as the readers of CPython's structures see it: live, a core file, or spans
 * recorded earlier. Addresses are Numbers: user space ends below 2^53 on every system we read.
 */
export interface Memory {
  /**
   * Copies `length` bytes at `address` to `target` from `offset` on.
   * @returns false when not all of them could be read; the target's bytes are then undefined.
   */
  read(address: number, target: Uint8Array, offset: number, length: number): boolean;

  /**
   * Copies all spans of the plan, one after the other without gaps, to the start of `target`.
   * Makes as few system calls as the system allows (Linux: one per 1024 spans).
   * @returns bytes copied; less than `plan.totalLength` when a span could not be read, and
   *   then everything before that span is valid.
   */
  readSpans(plan: SpanPlan, target: Uint8Array): number;

  /**
   * Copies the spans of the plan from number `first` on to where `readSpans` would, `offset` and on, and leaves what is before
   * as it is. Only where that costs less than all of them.
   * @returns bytes copied, `plan.totalLength - offset` when all of them could be read
   */
  readLaterSpans?(plan: SpanPlan, target: Uint8Array, first: number, offset: number): number;

  close(): void;
}

/** A list of spans to copy in one go. Reused from sample to sample; any change bumps `version`. */
export class SpanPlan {
  addresses = new Float64Array(64);
  lengths = new Uint32Array(64);
  count = 0;
  totalLength = 0;
  /** Changes with every change of the plan, so a Memory may keep its own form of it. */
  version = 0;

  clear(): void {
    this.count = 0;
    this.totalLength = 0;
    this.version++;
  }

  /** Adds a span and returns its offset in the copy. */
  add(address: number, length: number): number {
    if (this.count === this.addresses.length) this.grow();
    const offset = this.totalLength;
    this.addresses[this.count] = address;
    this.lengths[this.count] = length;
    this.count++;
    this.totalLength += length;
    this.version++;
    return offset;
  }

  private grow(): void {
    const addresses = new Float64Array(this.addresses.length * 2);
    const lengths = new Uint32Array(this.lengths.length * 2);
    addresses.set(this.addresses);
    lengths.set(this.lengths);
    this.addresses = addresses;
    this.lengths = lengths;
  }
}
