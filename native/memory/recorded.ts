import type { Memory, SpanPlan } from './memory.ts';

const pageSize = 4096;

/** Bytes of a page that are known. */
interface Page {
  readonly bytes: Uint8Array;
  /** 1 for each byte that is known. */
  readonly known: Uint8Array;
}

/**
 * Spans of a process's memory, kept: what a test reads instead of a live process. Written by a
 * MemoryRecorder or by hand with `put`.
 */
export class RecordedMemory implements Memory {
  private readonly pages = new Map<number, Page>();

  /** Adds bytes at an address; they replace those that were there. */
  put(address: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const { page, start } = this.pageAt(address + done);
      const count = Math.min(bytes.length - done, pageSize - start);
      page.bytes.set(bytes.subarray(done, done + count), start);
      page.known.fill(1, start, start + count);
      done += count;
    }
  }

  read(address: number, target: Uint8Array, offset: number, length: number): boolean {
    return offset + length <= target.byteLength && this.copy(address, target, offset, length) === length;
  }

  readSpans(plan: SpanPlan, target: Uint8Array): number {
    let copied = 0;
    for (let i = 0; i < plan.count; i++) {
      const wanted = Math.min(plan.lengths[i]!, target.byteLength - copied);
      const got = this.copy(plan.addresses[i]!, target, copied, wanted);
      copied += got;
      if (got < plan.lengths[i]!) break;
    }
    return copied;
  }

  close(): void {
    // Nothing to release.
  }

  /** Runs of known bytes in order of their addresses. */
  *spans(): Generator<{ readonly address: number; readonly bytes: Uint8Array }> {
    let address = 0;
    let parts: Uint8Array[] = [];
    let end = -1;
    const finish = (): { address: number; bytes: Uint8Array } => ({ address, bytes: Buffer.concat(parts) });
    for (const number of [...this.pages.keys()].sort((a, b) => a - b)) {
      const { bytes, known } = this.pages.get(number)!;
      for (let start = known.indexOf(1); start >= 0 && start < pageSize;) {
        const gap = known.indexOf(0, start);
        const stop = gap < 0 ? pageSize : gap;
        if (number * pageSize + start !== end) {
          if (parts.length > 0) yield finish();
          address = number * pageSize + start;
          parts = [];
        }
        parts.push(bytes.subarray(start, stop));
        end = number * pageSize + stop;
        start = stop < pageSize ? known.indexOf(1, stop) : -1;
      }
    }
    if (parts.length > 0) yield finish();
  }

  /** For fixtures: one line a span, "address base64", the address hexadecimal. */
  toText(): string {
    let text = '';
    for (const { address, bytes } of this.spans()) text += `${address.toString(16)} ${Buffer.from(bytes).toString('base64')}\n`;
    return text;
  }

  /** @throws Error when the text isn't a recording */
  static fromText(text: string): RecordedMemory {
    const memory = new RecordedMemory();
    for (const [index, line] of text.split('\n').entries()) {
      if (line === '') continue;
      const match = /^([0-9a-f]{1,14}) ([A-Za-z0-9+/]+=*)$/.exec(line);
      const address = parseInt(match?.[1] ?? '', 16);
      if (!match || !Number.isSafeInteger(address)) throw new Error(`Line ${index + 1} of the recording is not "address base64"`);
      memory.put(address, Buffer.from(match[2]!, 'base64'));
    }
    return memory;
  }

  /** Copies what is known from `address` on, without a gap; returns how many bytes that were. */
  private copy(address: number, target: Uint8Array, offset: number, length: number): number {
    if (!Number.isSafeInteger(address) || address < 0) return 0;
    let done = 0;
    while (done < length) {
      const page = this.pages.get(Math.floor((address + done) / pageSize));
      if (!page) break;
      const start = (address + done) % pageSize;
      const unknown = page.known.indexOf(0, start);
      const count = Math.min(length - done, (unknown < 0 ? pageSize : unknown) - start);
      if (count === 0) break;
      target.set(page.bytes.subarray(start, start + count), offset + done);
      done += count;
    }
    return done;
  }

  private pageAt(address: number): { page: Page; start: number } {
    const number = Math.floor(address / pageSize);
    let page = this.pages.get(number);
    if (!page) {
      page = { bytes: new Uint8Array(pageSize), known: new Uint8Array(pageSize) };
      this.pages.set(number, page);
    }
    return { page, start: address % pageSize };
  }
}

/** A Memory that notes everything read through it, the last bytes seen at each address. */
export class MemoryRecorder implements Memory {
  readonly recording = new RecordedMemory();
  private readonly memory: Memory;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  read(address: number, target: Uint8Array, offset: number, length: number): boolean {
    const complete = this.memory.read(address, target, offset, length);
    if (complete) this.recording.put(address, target.subarray(offset, offset + length));
    return complete;
  }

  readSpans(plan: SpanPlan, target: Uint8Array): number {
    const copied = this.memory.readSpans(plan, target);
    for (let i = 0, start = 0; i < plan.count && start < copied; i++) {
      const end = Math.min(start + plan.lengths[i]!, copied);
      this.recording.put(plan.addresses[i]!, target.subarray(start, end));
      start = end;
    }
    return copied;
  }

  close(): void {
    this.memory.close();
  }
}
