import {
  type Binary,
  BinaryError,
  type BinaryFormat,
  type BinaryPart,
  type BinaryPlacement,
  type BinarySymbol,
  type FunctionTable,
  type Processor,
} from './binary.ts';
import { BufferSource, type ByteSource } from './byteSource.ts';
import { sectionContent } from './elfContent.ts';
import { ElfFunctions } from './elfFunctions.ts';
import { class32, type ElfHeader, elfMagic, readElfHeader, readSegments, readWord } from './elfHeaders.ts';
import { elfNotes } from './elfNotes.ts';
import { ElfPlacement, type ElfSegment, isConstant, SegmentType } from './elfPlacement.ts';

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly fileOffset: number;
  readonly size: number;
  readonly link: number;
}

/** Section types, dynamic tags: System V gABI and its GNU extensions. */
const SectionType = { SymbolTable: 2, NoBits: 8, DynamicSymbols: 11 } as const;
const DynamicTag = { Null: 0, Hash: 4, Strings: 5, Symbols: 6, StringsSize: 10, GnuHash: 0x6ffffef5 } as const;
const symbolSize = 24;
/** e_machine, elf.h */
const processors: ReadonlyMap<number, Processor> = new Map([
  [62, 'x64'],
  [183, 'arm64'],
]);
/** Smallest page of the processors above: segments begin at multiples of it in the image of a file. */
const smallestPage = 4096;
/** Sections with string constants, and those with any text. */
const textSections = { constants: ['.rodata'], everything: ['.dynstr', '.rodata', '.data'] } as const;
const undefinedSection = 0;
const NT_GNU_BUILD_ID = 3;

// Bounds on what a file may claim. The largest real ones are 10 to 100 times smaller.
const maxSegments = 256;
const maxSections = 65_536;
const maxDynamicEntries = 4096;
const maxChain = 10_000;
const maxTableSize = 64 * 1024 * 1024;
const maxNameLength = 256;
const maxNameMatches = 10_000;
const maxNotesSize = 64 * 1024;

/**
 * A 64-bit little-endian ELF binary, read in pieces: headers and the tables asked for, never the
 * whole. Either a file, or the image of one that a process has loaded: then segments are found at
 * their addresses, and sections and the static symbol table don't exist.
 */
export class ElfFile implements Binary {
  readonly processor: Processor;
  readonly placement: BinaryPlacement;
  readonly segments: readonly ElfSegment[];
  private readonly source: ByteSource;
  private readonly loadBias: number | null;
  private readonly header: ElfHeader;
  private sectionList: readonly ElfSection[] | null = null;
  /** Lowest address of a loaded segment, page-aligned: what offset 0 of an image stands for. */
  private readonly imageBase: number;

  /**
   * @param loadBias for an image in memory: its real addresses minus the file's own
   * @throws BinaryError
   */
  constructor(source: ByteSource, loadBias: number | null = null) {
    this.source = source;
    this.loadBias = loadBias;
    this.header = readElfHeader(source);
    this.processor = processors.get(this.header.machine) ?? 'other';
    this.segments = readSegments(source, this.header, maxSegments);
    this.placement = new ElfPlacement(this.segments);
    let lowest = Infinity;
    for (const segment of this.segments) {
      if (segment.type === SegmentType.Load) lowest = Math.min(lowest, segment.address);
    }
    this.imageBase = lowest === Infinity ? 0 : lowest - (lowest % smallestPage);
  }

  /** Sections by the section header table; none in a loaded image, or when the table is broken or stripped. */
  get sections(): readonly ElfSection[] {
    this.sectionList ??= this.loadBias !== null ? [] : this.readSections();
    return this.sectionList;
  }

  /** CPython's sections have names with a dot (Py_BUILD_SECTION, Include/pyport.h): ".PyRuntime" for "PyRuntime". */
  section(name: string): ElfSection | null {
    return this.sections.find((section) => section.name === `.${name}`) ?? null;
  }

  /** By the sections' names; in an image in memory, which has none, all that isn't written to. */
  texts(of: 'constants' | 'everything'): readonly BinaryPart[] {
    const names: readonly string[] = textSections[of];
    if (this.sections.length > 0) return this.sections.filter(({ name }) => names.includes(name));
    return this.segments.filter(isConstant).map(({ address, fileSize }) => ({ address, size: fileSize }));
  }

  /** Defined symbols of these names by the dynamic symbol table's hash table: a few reads a name. */
  findExports(names: Iterable<string>): Map<string, BinarySymbol> {
    const found = new Map<string, BinarySymbol>();
    const tables = this.dynamicTables();
    if (!tables) return found;
    for (const name of names) {
      const symbol = this.lookUp(tables, name);
      if (symbol) found.set(name, symbol);
    }
    return found;
  }

  /** Defined symbols of these names in the dynamic symbol table, then in one pass over the static one. */
  findSymbols(names: Iterable<string>): Map<string, BinarySymbol> {
    const wanted = [...names];
    const found = this.findExports(wanted);
    for (const type of [SectionType.DynamicSymbols, SectionType.SymbolTable]) {
      const missing = wanted.filter((name) => !found.has(name));
      if (missing.length === 0) break;
      // The gABI allows one of each. The dynamic one is scanned too: it may have lost its hash table.
      const section = this.sections.find((candidate) => candidate.type === type);
      if (section) this.scanSymbols(section, missing, found);
    }
    return found;
  }

  functions(which: 'all' | 'exported'): FunctionTable | null {
    const type = which === 'all' ? SectionType.SymbolTable : SectionType.DynamicSymbols;
    const symbols = this.sections.find((section) => section.type === type);
    const strings = symbols && this.sections[symbols.link];
    return symbols && strings ? ElfFunctions.read(this.source, symbols, strings) : null;
  }

  content(name: string): ByteSource | null {
    const section = this.section(name);
    return section === null || section.type === SectionType.NoBits ? null : sectionContent(this.source, section);
  }

  unwindIndex(): BinaryPart | null {
    const segment = this.segments.find(({ type }) => type === SegmentType.UnwindIndex);
    return segment === undefined ? null : { address: segment.address, size: segment.fileSize };
  }

  /** .gnu_debuglink: the name, padded to 4 bytes, and the CRC-32. */
  debugLink(): { readonly name: string; readonly checksum: number } | null {
    const section = this.section('gnu_debuglink');
    const bytes = section && section.size <= maxNotesSize ? this.source.read(section.fileOffset, section.size) : null;
    const end = bytes?.indexOf(0) ?? -1;
    const checksumAt = Math.ceil((end + 1) / 4) * 4;
    if (bytes === null || end <= 0 || checksumAt + 4 > bytes.length) return null;
    return { name: bytes.toString('utf8', 0, end), checksum: bytes.readUInt32LE(checksumAt) };
  }

  /** The GNU build id, hexadecimal; null when there is none. */
  buildId(): string | null {
    for (const segment of this.segments) {
      if (segment.type !== SegmentType.Note) continue;
      const size = Math.min(segment.fileSize, maxNotesSize);
      const notes = this.readAt(segment.address, size) ?? (this.loadBias !== null ? null : this.source.read(segment.fileOffset, size));
      const id = notes && findBuildId(notes);
      if (id) return id;
    }
    return null;
  }

  /**
   * Bytes at an address as the program sees them before relocation, from the file or the image;
   * null when they are not in a loaded segment's file part.
   */
  readAt(address: number, length: number): Buffer | null {
    for (const segment of this.segments) {
      if (segment.type !== SegmentType.Load) continue;
      const offset = address - segment.address;
      if (offset < 0 || offset + length > segment.fileSize) continue;
      return this.source.read(this.loadBias !== null ? address - this.imageBase : segment.fileOffset + offset, length);
    }
    return null;
  }

  private readSections(): ElfSection[] {
    const { sectionsOffset, sectionSize, sectionCount, sectionNames } = this.header;
    if (sectionCount === 0 || sectionSize < 64 || sectionCount > maxSections) return [];
    const bytes = this.source.read(sectionsOffset, sectionSize * sectionCount);
    if (!bytes || sectionNames >= sectionCount) return [];
    const namesAt = sectionNames * sectionSize;
    const names = this.readTable(readWord(bytes, namesAt + 24), readWord(bytes, namesAt + 32));
    if (!names) return [];
    const sections: ElfSection[] = [];
    for (let i = 0; i < sectionCount; i++) {
      const at = i * sectionSize;
      sections.push({
        name: readName(names, bytes.readUInt32LE(at)),
        type: bytes.readUInt32LE(at + 4),
        flags: bytes.readUInt32LE(at + 8),
        address: readWord(bytes, at + 16),
        fileOffset: readWord(bytes, at + 24),
        size: readWord(bytes, at + 32),
        link: bytes.readUInt32LE(at + 40),
      });
    }
    return sections;
  }

  /** Addresses of the dynamic symbol table's parts, null when there is no complete one. */
  private dynamicTables(): DynamicTables | null {
    const segment = this.segments.find((candidate) => candidate.type === SegmentType.Dynamic);
    if (!segment) return null;
    const count = Math.min(Math.floor(segment.fileSize / 16), maxDynamicEntries);
    const bytes = this.readAt(segment.address, count * 16);
    if (!bytes) return null;
    const values = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const tag = readWord(bytes, i * 16);
      if (tag === DynamicTag.Null) break;
      values.set(tag, readWord(bytes, i * 16 + 8));
    }
    const symbols = values.get(DynamicTag.Symbols);
    const strings = values.get(DynamicTag.Strings);
    const stringsSize = values.get(DynamicTag.StringsSize);
    const gnuHash = values.get(DynamicTag.GnuHash) ?? null;
    const hash = values.get(DynamicTag.Hash) ?? null;
    if (symbols === undefined || strings === undefined || stringsSize === undefined || (gnuHash ?? hash) === null) return null;
    // glibc relocates these pointers in place (elf_get_dynamic_info, elf/get-dynamic-info.h), musl doesn't.
    const own = (address: number): number =>
      this.loadBias !== null && this.readAt(address, 1) === null ? address - this.loadBias : address;
    return {
      symbols: own(symbols),
      strings: own(strings),
      stringsSize,
      gnuHash: gnuHash === null ? null : own(gnuHash),
      hash: hash === null ? null : own(hash),
    };
  }

  private lookUp(tables: DynamicTables, name: string): BinarySymbol | null {
    return tables.gnuHash !== null ? this.lookUpGnu(tables, tables.gnuHash, name) : this.lookUpSysV(tables, tables.hash!, name);
  }

  /** DT_GNU_HASH: header, Bloom filter (64-bit words), buckets, chains ending in an odd hash. */
  private lookUpGnu(tables: DynamicTables, table: number, name: string): BinarySymbol | null {
    const header = this.readAt(table, 16);
    if (!header) return null;
    const bucketCount = header.readUInt32LE(0);
    const firstSymbol = header.readUInt32LE(4);
    const bloomSize = header.readUInt32LE(8);
    if (bucketCount === 0) return null;
    const hash = gnuHashOf(name);
    const buckets = table + 16 + bloomSize * 8;
    const bucket = this.readAt(buckets + (hash % bucketCount) * 4, 4);
    if (!bucket) return null;
    let index = bucket.readUInt32LE(0);
    if (index < firstSymbol) return null;
    const chains = buckets + bucketCount * 4;
    for (let steps = 0; steps < maxChain; steps++, index++) {
      const link = this.readAt(chains + (index - firstSymbol) * 4, 4);
      if (!link) return null;
      const value = link.readUInt32LE(0);
      if ((value | 1) >>> 0 === (hash | 1) >>> 0) {
        const symbol = this.symbolNamed(tables, index, name);
        if (symbol) return symbol;
      }
      if ((value & 1) === 1) return null;
    }
    return null;
  }

  /** DT_HASH: bucket and chain counts, buckets, chains; chains of a broken file may be cyclic. */
  private lookUpSysV(tables: DynamicTables, table: number, name: string): BinarySymbol | null {
    const header = this.readAt(table, 8);
    if (!header) return null;
    const bucketCount = header.readUInt32LE(0);
    const chainCount = Math.min(header.readUInt32LE(4), maxChain);
    if (bucketCount === 0) return null;
    const bucket = this.readAt(table + 8 + (sysVHashOf(name) % bucketCount) * 4, 4);
    let index = bucket?.readUInt32LE(0) ?? 0;
    for (let steps = 0; steps < chainCount && index !== 0; steps++) {
      const symbol = this.symbolNamed(tables, index, name);
      if (symbol) return symbol;
      const next = this.readAt(table + 8 + (bucketCount + index) * 4, 4);
      if (!next) return null;
      index = next.readUInt32LE(0);
    }
    return null;
  }

  private symbolNamed(tables: DynamicTables, index: number, name: string): BinarySymbol | null {
    const bytes = this.readAt(tables.symbols + index * symbolSize, symbolSize);
    if (!bytes || bytes.readUInt16LE(6) === undefinedSection) return null;
    const nameOffset = bytes.readUInt32LE(0);
    if (nameOffset + name.length >= tables.stringsSize) return null;
    const stored = this.readAt(tables.strings + nameOffset, name.length + 1);
    if (!stored?.equals(Buffer.from(`${name}\0`, 'latin1'))) return null;
    return { address: readWord(bytes, 8), size: readWord(bytes, 16) };
  }

  /** One pass over a symbol table: where in the strings the names are, then which symbols point there. */
  private scanSymbols(section: ElfSection, names: readonly string[], found: Map<string, BinarySymbol>): void {
    const strings = this.sections[section.link];
    const text = strings && this.readTable(strings.fileOffset, strings.size);
    const table = this.readTable(section.fileOffset, section.size);
    if (!text || !table) return;
    const nameAt = new Map<number, string>();
    for (const name of names) {
      // Not only whole strings: linkers merge a name with the tail of a longer one.
      const bytes = Buffer.from(`${name}\0`, 'latin1');
      for (let at = text.indexOf(bytes); at >= 0 && nameAt.size < maxNameMatches; at = text.indexOf(bytes, at + 1)) nameAt.set(at, name);
    }
    if (nameAt.size === 0) return;
    for (let at = 0; at + symbolSize <= table.length; at += symbolSize) {
      const name = nameAt.get(table.readUInt32LE(at));
      if (name === undefined || found.has(name) || table.readUInt16LE(at + 6) === undefinedSection) continue;
      found.set(name, { address: readWord(table, at + 8), size: readWord(table, at + 16) });
    }
  }

  private readTable(offset: number, size: number): Buffer | null {
    return size <= maxTableSize ? this.source.read(offset, size) : null;
  }
}

interface DynamicTables {
  readonly symbols: number;
  readonly strings: number;
  readonly stringsSize: number;
  readonly gnuHash: number | null;
  readonly hash: number | null;
}

/** Of Linux and other Unixes, macOS excepted: 64-bit, little-endian. */
export const elfFormat: BinaryFormat = {
  recognizes: (source) => source.read(0, 4)?.readUInt32BE(0) === elfMagic,
  is32Bit: (source) => source.read(0, 5)?.[4] === class32,
  open: (source) => new ElfFile(source),
  openImage(source, mappings, pageSize) {
    // The bias is needed to read the image, and known only from its headers.
    const bias = new ElfFile(source, 0).placement.loadBiases(mappings, pageSize)[0];
    if (bias === undefined) throw new BinaryError('Not a loaded binary');
    return new ElfFile(source, bias);
  },
};

function readName(strings: Buffer, at: number): string {
  if (at >= strings.length) return '';
  const end = strings.indexOf(0, at);
  return strings.toString('latin1', at, Math.min(end < 0 ? strings.length : end, at + maxNameLength));
}

function gnuHashOf(name: string): number {
  let hash = 5381;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 33) + name.charCodeAt(i)) >>> 0;
  return hash;
}

function sysVHashOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) {
    hash = ((hash << 4) + name.charCodeAt(i)) >>> 0;
    const high = hash & 0xf0000000;
    hash = (hash ^ (high >>> 24)) & ~high;
  }
  return hash >>> 0;
}

function findBuildId(notes: Buffer): string | null {
  for (const { type, name, offset, size } of elfNotes(new BufferSource(notes), 0, notes.length)) {
    if (type !== NT_GNU_BUILD_ID || name !== 'GNU') continue;
    return size > 0 && size <= 64 ? notes.toString('hex', offset, offset + size) : null;
  }
  return null;
}
