import type { ByteSource } from '../binary/byteSource.ts';
import { lastAtMost } from '../memory/ranges.ts';

/** Bytes of the file that are read: of Node's largest, some MB. */
const maxFile = 32 * 1024 * 1024;
const maxName = 1024;
const maxEntries = 1 << 19;
/** Start and size, hexadecimal, and the rest of the line (tools/perf/Documentation/jit-interface.txt of Linux). */
const line = /^([0-9a-f]{1,16}) ([0-9a-f]{1,8}) (\S[^\n]*)$/i;

/** Opens the file that a process says in what it generated; null: there is none. */
export interface GeneratedCodeFiles {
  openGeneratedCode(): ByteSource | null;
}

/** What a process says of the code that it generated (/tmp/perf-PID.map, which compilers that run in programs write for perf). Read again when it has grown. */
export class GeneratedCode {
  private readonly files: GeneratedCodeFiles;
  private size = -1;
  private starts = new Float64Array();
  private ends = new Float64Array();
  private names: readonly string[] = [];

  constructor(files: GeneratedCodeFiles) {
    this.files = files;
  }

  /** What has an address in it; null: nothing that is known. */
  name(address: number): string | null {
    this.read();
    const found = lastAtMost(this.starts, address);
    return found >= 0 && address < this.ends[found]! ? this.names[found]! : null;
  }

  private read(): void {
    const source = this.files.openGeneratedCode();
    if (source === null) return;
    try {
      const size = Math.min(source.size, maxFile);
      if (size === this.size) return;
      this.size = size;
      this.parse(source.read(0, size)?.toString('utf8') ?? '');
    } finally {
      source.close();
    }
  }

  private parse(text: string): void {
    // Of what was generated at the same place, the last is there now.
    const entries = new Map<number, { readonly end: number; readonly name: string }>();
    for (const one of text.split('\n')) {
      const [, start, size, name] = line.exec(one) ?? [];
      if (name === undefined || entries.size === maxEntries) continue;
      const address = Number.parseInt(start!, 16);
      entries.delete(address);
      entries.set(address, { end: address + Number.parseInt(size!, 16), name: name.slice(0, maxName) });
    }
    const sorted = [...entries].sort(([a], [b]) => a - b);
    this.starts = Float64Array.from(sorted, ([start]) => start);
    this.ends = Float64Array.from(sorted, ([, { end }]) => end);
    this.names = sorted.map(([, { name }]) => name);
  }
}
