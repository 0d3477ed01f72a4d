import { type Memory, SpanPlan } from '../memory/memory.ts';

const pageSize = 4096;
/** Pages that are kept at most: 64 MiB. */
const maxPages = 1 << 14;

/** What becomes of a page that is asked for and not kept yet: it is read, or it is missing. */
export type Fetching = 'always' | 'never';

/**
 * Pages of a process's memory, copied together: what is read of them is of the moment of the last `refresh`. Which pages these are is
 * learned by reading.
 */
export class PageMemory implements Memory {
  /** Pages that were asked for and could not be read, or were not to be. */
  readonly missing = new Set<number>();
  fetching: Fetching = 'always';
  private readonly live: Memory;
  private readonly pages = new Map<number, Uint8Array | null>();

  constructor(live: Memory) {
    this.live = live;
  }

  /** Pages kept. */
  get count(): number {
    return this.pages.size;
  }

  /**
   * Copies all pages anew, in as few system calls as possible.
   * @param plan what `plan()` made
   * @param bytes room for it, that has been written to: new memory would have to be made by the system first
   * @returns what is to be called before anything is read, when there is time
   */
  refresh(plan: SpanPlan, bytes: Uint8Array): () => void {
    const copied = this.live.readSpans(plan, bytes);
    return () => this.keep(plan, bytes, copied);
  }

  private keep(plan: SpanPlan, bytes: Uint8Array, copied: number): void {
    for (let i = 0, at = 0; i < plan.count; at += plan.lengths[i]!, i++) {
      const first = plan.addresses[i]! / pageSize;
      for (let offset = 0; offset < plan.lengths[i]!; offset += pageSize) {
        const end = at + offset + pageSize;
        this.pages.set(first + offset / pageSize, end <= copied ? bytes.subarray(at + offset, end) : null);
      }
    }
    this.missing.clear();
  }

  /** What `refresh` is to copy: to be made when there is time. Pages that can't be read are left out. */
  plan(): SpanPlan {
    const plan = new SpanPlan();
    const readable = [...this.pages].filter(([, bytes]) => bytes !== null).map(([page]) => page);
    readable.sort((a, b) => a - b);
    for (let i = 0; i < readable.length;) {
      let end = i + 1;
      while (end < readable.length && readable[end] === readable[i]! + end - i) end++;
      plan.add(readable[i]! * pageSize, (end - i) * pageSize);
      i = end;
    }
    return plan;
  }

  /** Reads what was missing, for the next time. */
  learn(): void {
    for (const page of this.missing) this.pages.set(page, this.load(page));
  }

  /** Forgets everything. */
  clear(): void {
    this.pages.clear();
    this.missing.clear();
  }

  read(address: number, target: Uint8Array, offset: number, length: number): boolean {
    return offset + length <= target.byteLength && this.copy(address, target, offset, length) === length;
  }

  readSpans(plan: SpanPlan, target: Uint8Array): number {
    let copied = 0;
    for (let i = 0; i < plan.count; i++) {
      const got = this.copy(plan.addresses[i]!, target, copied, Math.min(plan.lengths[i]!, target.byteLength - copied));
      copied += got;
      if (got < plan.lengths[i]!) break;
    }
    return copied;
  }

  close(): void {
    this.clear();
  }

  /** Copies what can be had from an address on, without a gap; returns how many bytes that were. */
  private copy(address: number, target: Uint8Array, offset: number, length: number): number {
    if (!Number.isSafeInteger(address) || address < pageSize || address >= 2 ** 47) return 0;
    let done = 0;
    while (done < length) {
      const page = Math.floor((address + done) / pageSize);
      const bytes = this.page(page);
      if (bytes === null) break;
      const start = (address + done) % pageSize;
      const count = Math.min(length - done, pageSize - start);
      target.set(bytes.subarray(start, start + count), offset + done);
      done += count;
    }
    return done;
  }

  private page(page: number): Uint8Array | null {
    let bytes = this.pages.get(page);
    if (bytes !== undefined) return bytes;
    const { fetching } = this;
    bytes = fetching === 'never' || this.pages.size >= maxPages ? null : this.load(page);
    if (bytes === null) {
      this.missing.add(page);
      if (fetching === 'always') this.pages.set(page, null);
      return null;
    }
    this.pages.set(page, bytes);
    return bytes;
  }

  private load(page: number): Uint8Array | null {
    const bytes = new Uint8Array(pageSize);
    return this.live.read(page * pageSize, bytes, 0, pageSize) ? bytes : null;
  }
}
