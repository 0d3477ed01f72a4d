import type { Memory, SpanPlan } from './memory.ts';

/**
 * Memory of a system that has no call for many scattered places: spans that follow each other closely are read in one call, gaps
 * included. Of implementations it takes how to read one place.
 */
export abstract class UnvectoredMemory implements Memory {
  /** Bytes between two spans that are cheaper to copy along than another call. */
  private readonly widestGap: number;

  // The plan `plan` in its `version`, as groups of spans that are read in one call.
  private plan: SpanPlan | null = null;
  private version = -1;
  private groups = 0;
  /** Per group: its first span; one more than there are groups. */
  private firsts = new Uint32Array(65);
  /** Per group: bytes from the start of its first span to the end of its last. */
  private lengths = new Float64Array(64);
  /** Per span: where it goes in the copy. */
  private offsets = new Float64Array(64);

  constructor(widestGap: number) {
    this.widestGap = widestGap;
  }

  abstract read(address: number, target: Uint8Array, offset: number, length: number): boolean;

  /**
   * Copies what is at an address to `target` from `offset` on, where there is room for it.
   * @returns bytes copied, 0 for an address that can't be one
   */
  protected abstract copyTo(target: Uint8Array, offset: number, length: number, address: number): number;

  readSpans(plan: SpanPlan, target: Uint8Array): number {
    const room = target.byteLength;
    if (plan.count === 0 || room === 0) return 0;
    if (plan !== this.plan || plan.version !== this.version) this.build(plan);
    for (let group = 0; group < this.groups; group++) {
      const first = this.firsts[group]!;
      const end = this.firsts[group + 1]!;
      const offset = this.offsets[first]!;
      const length = this.lengths[group]!;
      if (offset + length <= room && this.copyTo(target, offset, length, plan.addresses[first]!) === length) {
        if (end - first > 1) this.closeGaps(plan, target, first, end);
        continue;
      }
      // What lies between two spans may not be there, or have no room: span by span.
      for (let i = first; i < end; i++) {
        const at = this.offsets[i]!;
        if (at >= room) return room;
        const wanted = Math.min(plan.lengths[i]!, room - at);
        const got = this.copyTo(target, at, wanted, plan.addresses[i]!);
        if (got < wanted) return at + got;
      }
    }
    return plan.totalLength < room ? plan.totalLength : room;
  }

  /** Lets the plan go that was read last. */
  close(): void {
    this.plan = null;
  }

  private closeGaps(plan: SpanPlan, target: Uint8Array, first: number, end: number): void {
    const start = this.offsets[first]! - plan.addresses[first]!;
    for (let i = first + 1; i < end; i++) {
      const from = start + plan.addresses[i]!;
      const to = this.offsets[i]!;
      if (from !== to) target.copyWithin(to, from, from + plan.lengths[i]!);
    }
  }

  private build(plan: SpanPlan): void {
    const { addresses, lengths, count } = plan;
    if (this.offsets.length < count) {
      const size = Math.max(count, 2 * this.offsets.length);
      this.offsets = new Float64Array(size);
      this.lengths = new Float64Array(size);
      this.firsts = new Uint32Array(size + 1);
    }
    let offset = 0;
    let groups = 0;
    for (let i = 0; i < count; i++) {
      const gap = i === 0 ? -1 : addresses[i]! - (addresses[i - 1]! + lengths[i - 1]!);
      // Of larger addresses, which are nobody's, sums are not exact.
      if (gap >= 0 && gap <= this.widestGap && addresses[i]! <= Number.MAX_SAFE_INTEGER) {
        this.lengths[groups - 1] = addresses[i]! + lengths[i]! - addresses[this.firsts[groups - 1]!]!;
      } else {
        this.firsts[groups] = i;
        this.lengths[groups] = lengths[i]!;
        groups++;
      }
      this.offsets[i] = offset;
      offset += lengths[i]!;
    }
    this.firsts[groups] = count;
    this.groups = groups;
    this.plan = plan;
    this.version = plan.version;
  }
}
