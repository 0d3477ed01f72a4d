import type { Memory, SpanPlan } from '../../memory/memory.ts';
import { grown } from '../tables/grown.ts';

const two32 = 2 ** 32;
const pageSize = 4096;
/** Frames farther apart than this are copied as two spans: a span costs as much as 3–4 KiB. */
const mergeGap = 2048;
/** Frame objects known at once; what is met beyond that is read by itself each time. */
const maxFrames = 1 << 17;
/** Pages read by themselves in one walk. */
const maxReads = 64;

/** Frame objects that recent samples met, by address. All arrays are indexed by frame. */
export class HeapFrames {
  count = 0;
  low = new Int32Array(256);
  high = new Int32Array(256);
  addresses = new Float64Array(256);
  /** Tick in which it was last part of a stack, or was met first; −1: it could not be read any more. */
  used = new Int32Array(256);
  /** Number of the thread in whose stack that was. */
  owner = new Int32Array(256);
  /** The frame its `f_back` led to last, plus 1; a guess. */
  caller = new Int32Array(256);
  /** Number of the discovery that met it last. */
  discovery = new Int32Array(256);
  /** Frames in the order of their addresses, but for those behind the first `sorted`, which were added since. */
  order = new Int32Array(256);
  private sorted = 0;

  private slots = new Int32Array(1024);
  private shift = 32 - 10;
  /** Per thread: whether its frames are to be copied. */
  private wanted = new Uint8Array(64);
  /** Only frames of this discovery are to be copied; 0: all. */
  private onlyDiscovery = 0;

  wantNone(): void {
    this.wanted.fill(0);
    this.onlyDiscovery = 0;
  }

  /** Of the frames of threads that are wanted, only those that a discovery met. */
  wantOnly(discovery: number): void {
    this.onlyDiscovery = discovery;
  }

  want(thread: number): void {
    if (thread >= this.wanted.length) {
      const wanted = new Uint8Array(2 ** Math.ceil(Math.log2(thread + 1)));
      wanted.set(this.wanted);
      this.wanted = wanted;
    }
    this.wanted[thread] = 1;
  }

  /** Whether a frame is to be copied: its thread is read, and it could be read the last time. */
  isWanted(frame: number): boolean {
    if (this.onlyDiscovery !== 0 && this.discovery[frame] !== this.onlyDiscovery) return false;
    return this.used[frame]! >= 0 && this.wanted[this.owner[frame]!] === 1;
  }

  /** No more frames can be known. */
  get isFull(): boolean {
    return this.count === maxFrames;
  }

  /** @returns −1 when it is not known */
  find(low: number, high: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = Math.imul((low >>> 3) ^ high, 0x9e3779b1) >>> this.shift;
    for (;;) {
      const frame = slots[slot]! - 1;
      if (frame < 0 || (this.low[frame] === low && this.high[frame] === high)) return frame;
      slot = (slot + 1) & mask;
    }
  }

  /** Adds a frame that is not known. @returns −1 when there are too many */
  add(low: number, high: number, owner: number, tick: number): number {
    const frame = this.count;
    if (frame === maxFrames) return -1;
    if (frame === this.low.length) this.grow();
    this.count++;
    const address = (low >>> 0) + (high >>> 0) * two32;
    this.low[frame] = low;
    this.high[frame] = high;
    this.addresses[frame] = address;
    this.used[frame] = tick;
    this.owner[frame] = owner;
    this.caller[frame] = 0;
    this.discovery[frame] = 0;
    this.insert(frame);
    this.order[frame] = frame;
    return frame;
  }

  /** Puts frames that were added into the order of addresses. */
  sort(): void {
    const { addresses, order, count, sorted } = this;
    if (sorted === count) return;
    const added = order.slice(sorted, count).sort((a, b) => addresses[a]! - addresses[b]!);
    let from = sorted - 1;
    let next = added.length - 1;
    for (let to = count - 1; next >= 0; to--) {
      order[to] = from >= 0 && addresses[order[from]!]! > addresses[added[next]!]! ? order[from--]! : added[next--]!;
    }
    this.sorted = count;
  }

  /** Forgets the frames that `keep` says no to. @returns whether there were any */
  retain(keep: (frame: number) => boolean): boolean {
    this.sort();
    const kept = new Int32Array(this.count).fill(-1);
    let count = 0;
    for (let frame = 0; frame < this.count; frame++) {
      if (!keep(frame)) continue;
      kept[frame] = count;
      this.low[count] = this.low[frame]!;
      this.high[count] = this.high[frame]!;
      this.addresses[count] = this.addresses[frame]!;
      this.used[count] = this.used[frame]!;
      this.owner[count] = this.owner[frame]!;
      this.caller[count] = this.caller[frame]!;
      this.discovery[count] = this.discovery[frame]!;
      count++;
    }
    if (count === this.count) return false;
    let placed = 0;
    for (let i = 0; i < this.count; i++) {
      const frame = kept[this.order[i]!]!;
      if (frame >= 0) this.order[placed++] = frame;
    }
    this.count = count;
    this.sorted = count;
    this.slots.fill(0);
    for (let frame = 0; frame < count; frame++) {
      const caller = this.caller[frame]!;
      this.caller[frame] = caller === 0 ? 0 : kept[caller - 1]! + 1;
      this.insert(frame);
    }
    return true;
  }

  private insert(frame: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = Math.imul((this.low[frame]! >>> 3) ^ this.high[frame]!, 0x9e3779b1) >>> this.shift;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = frame + 1;
  }

  private grow(): void {
    const length = this.low.length * 2;
    this.low = grown(this.low, new Int32Array(length));
    this.high = grown(this.high, new Int32Array(length));
    this.addresses = grown(this.addresses, new Float64Array(length));
    this.used = grown(this.used, new Int32Array(length));
    this.owner = grown(this.owner, new Int32Array(length));
    this.caller = grown(this.caller, new Int32Array(length));
    this.discovery = grown(this.discovery, new Int32Array(length));
    this.order = grown(this.order, new Int32Array(length));
    this.slots = new Int32Array(length * 4);
    this.shift--;
    for (let frame = 0; frame < this.count; frame++) this.insert(frame);
  }
}

/**
 * Where one copy of the target's memory has the frames: planned ones, others that happen to lie between
 * them, and those in pages that were read by themselves.
 */
export class FramePlaces {
  /** Per frame: its offset in the copy, or −1. */
  offsets = new Int32Array(256).fill(-1);
  /** A frame was met that the plan did not cover. */
  missed = false;

  private spanCount = 0;
  private spanAddresses = new Float64Array(64);
  private spanEnds = new Float64Array(64);
  private spanOffsets = new Int32Array(64);

  private bytes!: Uint8Array;
  /** Where pages read by themselves go: behind the copy. */
  private spare = 0;
  private reads = 0;
  private pageCount = 0;
  private readonly pageAddresses = new Float64Array(maxReads);
  private readonly pageEnds = new Float64Array(maxReads);
  private readonly pageOffsets = new Int32Array(maxReads);

  private readonly memory: Memory;
  private readonly frames: HeapFrames;
  private readonly frameLength: number;

  /** Bytes behind a copy that pages may need. */
  static readonly spareLength = maxReads * 2 * pageSize;
  static readonly maxReads = maxReads;

  /** @param frameLength bytes to copy of a frame */
  constructor(memory: Memory, frames: HeapFrames, frameLength: number) {
    this.memory = memory;
    this.frames = frames;
    this.frameLength = frameLength;
  }

  /** Adds all frames to the plan, neighbours in one span. */
  plan(plan: SpanPlan): void {
    const { frames, frameLength } = this;
    frames.sort();
    const { order, addresses, count } = frames;
    this.spanCount = 0;
    this.missed = false;
    this.offsets.fill(-1);
    this.makeRoom();
    let start = 0;
    let end = -Infinity;
    let first = 0; // index in `order` of the span's first frame
    for (let i = 0; i <= count; i++) {
      const frame = order[i]!;
      if (i < count && (!frames.isWanted(frame) || addresses[frame]! <= end + mergeGap)) {
        if (frames.isWanted(frame)) end = addresses[frame]! + frameLength;
        continue;
      }
      if (end > start) {
        const offset = plan.add(start, end - start);
        this.addSpan(start, end, offset);
        for (; first < i; first++) {
          const placed = order[first]!;
          if (frames.isWanted(placed)) this.offsets[placed] = offset + addresses[placed]! - start;
        }
      }
      first = i;
      start = addresses[frame]!;
      end = start + frameLength;
    }
  }

  /** Frames that were added meanwhile are not in the copy. */
  private makeRoom(): void {
    const known = this.offsets.length;
    if (known >= this.frames.addresses.length) return;
    const offsets = new Int32Array(this.frames.addresses.length).fill(-1, known);
    offsets.set(this.offsets);
    this.offsets = offsets;
  }

  /** Forgets the frames of the first span that a copy of so many bytes does not hold. */
  dropUnreadable(copied: number): void {
    for (let span = 0; span < this.spanCount; span++) {
      const start = this.spanAddresses[span]!;
      const end = this.spanEnds[span]!;
      if (this.spanOffsets[span]! + end - start <= copied) continue;
      for (let frame = 0; frame < this.frames.count; frame++) {
        if (this.frames.addresses[frame]! >= start && this.frames.addresses[frame]! < end) this.frames.used[frame] = -1;
      }
      return;
    }
  }

  /** The copy that was made of the plan, and where it ends. */
  use(bytes: Uint8Array, length: number): void {
    this.bytes = bytes;
    this.spare = (length + 7) & ~7;
    this.pageCount = 0;
    this.makeRoom();
  }

  /** A walk begins: it may make its share of reads. */
  begin(): void {
    this.reads = 0;
  }

  /** Looks for frames by nothing but reads, from now on, into memory that holds no copy. */
  useNothing(bytes: Uint8Array): void {
    this.spanCount = 0;
    this.use(bytes, 0);
    this.begin();
  }

  /** True when the walk needed more reads than it may make. */
  get exhausted(): boolean {
    return this.reads > maxReads;
  }

  /**
   * A frame that is not known yet, or known and not planned: looks for it in what was copied, else reads its page.
   * @returns its number, with its offset in `offsets`; −1 when it can't be read
   */
  meet(low: number, high: number, owner: number, tick: number): number {
    if ((low & 7) !== 0 || high < 0 || high > 0x7fff) return -1;
    const address = (low >>> 0) + (high >>> 0) * two32;
    if (address < pageSize) return -1;
    let offset = this.copiedAt(address);
    if (offset < 0) {
      offset = this.readPage(address);
      if (offset < 0) return -1;
      this.missed = true;
    }
    let frame = this.frames.find(low, high);
    if (frame < 0) {
      frame = this.frames.add(low, high, owner, tick);
      if (frame < 0) return -1;
    }
    this.makeRoom();
    this.frames.used[frame] = tick;
    this.offsets[frame] = offset;
    return frame;
  }

  private copiedAt(address: number): number {
    let from = 0;
    let to = this.spanCount;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.spanEnds[middle]! <= address) from = middle + 1;
      else to = middle;
    }
    if (from < this.spanCount && address >= this.spanAddresses[from]! && address + this.frameLength <= this.spanEnds[from]!) {
      return this.spanOffsets[from]! + address - this.spanAddresses[from]!;
    }
    for (let page = 0; page < this.pageCount; page++) {
      if (address >= this.pageAddresses[page]! && address + this.frameLength <= this.pageEnds[page]!) {
        return this.pageOffsets[page]! + address - this.pageAddresses[page]!;
      }
    }
    return -1;
  }

  /** Reads the page a frame begins in, and the next one if it reaches there: frames made one after the other lie together. */
  private readPage(address: number): number {
    this.reads++;
    if (this.reads > maxReads || this.pageCount === maxReads) return -1;
    const start = address - (address % pageSize);
    const length = address + this.frameLength <= start + pageSize ? pageSize : 2 * pageSize;
    const at = this.spare;
    if (at + length > this.bytes.length || !this.memory.read(start, this.bytes, at, length)) return -1;
    this.spare += length;
    const page = this.pageCount++;
    this.pageAddresses[page] = start;
    this.pageEnds[page] = start + length;
    this.pageOffsets[page] = at;
    return at + address - start;
  }

  private addSpan(start: number, end: number, offset: number): void {
    const span = this.spanCount++;
    if (span === this.spanAddresses.length) {
      this.spanAddresses = grown(this.spanAddresses, new Float64Array(span * 2));
      this.spanEnds = grown(this.spanEnds, new Float64Array(span * 2));
      this.spanOffsets = grown(this.spanOffsets, new Int32Array(span * 2));
    }
    this.spanAddresses[span] = start;
    this.spanEnds[span] = end;
    this.spanOffsets[span] = offset;
  }
}
