import type { Binary } from '../../binary/binary.ts';
import type { ByteSource } from '../../binary/byteSource.ts';
import { DwarfError, DwarfReader } from '../../binary/dwarfReader.ts';

/** DWARF 5, 7.28 and its forerunners' names. */
const names = {
  info: 'debug_info',
  abbreviations: 'debug_abbrev',
  lines: 'debug_line',
  strings: 'debug_str',
  lineStrings: 'debug_line_str',
  stringOffsets: 'debug_str_offsets',
  addresses: 'debug_addr',
  ranges: 'debug_ranges',
  rangeLists: 'debug_rnglists',
} as const;

export type SectionName = keyof typeof names;

/** Names of C++ and Rust are long, those of more characters are cut. */
const maxString = 4096;
const usualString = 128;
/** Bytes that are read together, and those that the next ones have, too; how many blocks are kept: 5 MB. */
const blockSize = 32 * 1024;
const overlap = 8 * 1024;
const maxBlocks = 128;

/** Sections of debugging information, read in pieces. What is read may be broken: all methods throw a DwarfError then. */
export class DwarfSections {
  private readonly sources = new Map<SectionName, ByteSource | null>();
  private readonly blocks = new Map<string, Buffer | null>();
  private readonly binary: Binary;

  constructor(binary: Binary) {
    this.binary = binary;
  }

  /** Bytes; 0 where there is no such section. */
  size(section: SectionName): number {
    return this.source(section)?.size ?? 0;
  }

  /** A reader of so many bytes, or those that there are. Its `base` is the offset. */
  reader(section: SectionName, offset: number, length: number): DwarfReader {
    const source = this.source(section);
    const bytes = source === null ? null : this.bytes(section, source, offset, Math.min(length, source.size - offset));
    if (bytes === null) throw new DwarfError(`nothing at ${offset} of ${names[section]}`);
    return new DwarfReader(bytes, offset);
  }

  /**
   * Reads something whose size is not known before: with a reader of so many bytes, and of more where that ends too early.
   * @param most bytes
   */
  withReader<T>(section: SectionName, offset: number, usual: number, most: number, read: (reader: DwarfReader) => T): T {
    const available = Math.min(most, this.size(section) - offset);
    for (let length = usual; ; length *= 8) {
      try {
        return read(this.reader(section, offset, Math.min(length, available)));
      } catch (error) {
        if (!(error instanceof DwarfError) || length >= available) throw error;
      }
    }
  }

  string(section: SectionName, offset: number): string {
    return this.withReader(section, offset, usualString, maxString, ({ bytes }) => {
      const end = bytes.indexOf(0);
      if (end < 0 && bytes.length < maxString) throw new DwarfError('a text has no end');
      return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
    });
  }

  /** Names and ranges of one function lie near each other: a call to the system for each would take most of the time. */
  private bytes(section: SectionName, source: ByteSource, offset: number, length: number): Buffer | null {
    const start = Math.floor(offset / blockSize) * blockSize;
    if (!(offset >= 0 && length >= 0) || offset + length > start + blockSize + overlap) return source.read(offset, length);
    const key = `${section} ${start}`;
    let block = this.blocks.get(key);
    if (block === undefined) {
      block = source.read(start, Math.min(blockSize + overlap, source.size - start));
      if (this.blocks.size >= maxBlocks) this.blocks.clear();
      this.blocks.set(key, block);
    }
    return block?.subarray(offset - start, offset - start + length) ?? null;
  }

  private source(section: SectionName): ByteSource | null {
    let source = this.sources.get(section);
    if (source === undefined) {
      source = this.binary.content(names[section]);
      this.sources.set(section, source);
    }
    return source;
  }
}
