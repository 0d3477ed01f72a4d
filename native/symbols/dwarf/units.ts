import { DwarfError } from '../../binary/dwarfReader.ts';
import { lastAtMost } from '../../memory/ranges.ts';
import { type Abbreviations, Entry, everything, readAbbreviations, Slot } from './entries.ts';
import { addressOf, type Bases, type Format, readOffset, textOf } from './forms.ts';
import { rangesOf } from './ranges.ts';
import type { DwarfSections } from './sections.ts';

/** DW_UT_…, DWARF 5, 7.5.1: those that have eight bytes more in their headers (an id of the split file), and those of types. */
const UnitType = { Type: 2, Skeleton: 4, Split: 5, SplitType: 6 } as const;
/** A length that says that the 64-bit format follows. */
const wideLength = 0xffffffff;
const headerSize = 48;
const usualRoot = 512;
const maxRoot = 64 * 1024;
/** libtorch has some thousand. */
const maxUnits = 65_536;
const maxTables = 256;

/** A compilation unit: what was made of one source file. */
export interface Unit extends Format {
  /** Where in .debug_info its entries begin, and it ends. */
  readonly first: number;
  readonly end: number;
  readonly abbreviations: number;
  /** Where in .debug_line its table is; −1: nowhere. */
  readonly lines: number;
  /** Folder that the compiler ran in; '' where that is not known. */
  readonly folder: string;
  /** What its ranges are relative to. */
  readonly low: number;
  readonly bases: Bases;
}

/** The units of a file, by their addresses and by their places. Only their headers and root entries are read. */
export class Units {
  private readonly sections: DwarfSections;
  private readonly units: Unit[] = [];
  private readonly places: Float64Array;
  /** Pairs of an address that a unit begins at, and its index; and the ends. */
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;
  private readonly owners: Int32Array;
  private readonly tables = new Map<string, Abbreviations>();

  /** Of a broken file those before what is broken. */
  constructor(sections: DwarfSections) {
    this.sections = sections;
    const found: { readonly start: number; readonly end: number; readonly unit: number }[] = [];
    const size = sections.size('info');
    for (let at = 0; at < size && this.units.length < maxUnits;) {
      const read = this.read(at);
      if (read === null) break;
      const { unit, ranges } = read;
      for (let i = 0; i < ranges.length; i += 2) found.push({ start: ranges[i]!, end: ranges[i + 1]!, unit: this.units.length });
      this.units.push(unit);
      at = unit.end;
    }
    found.sort((a, b) => a.start - b.start);
    this.places = Float64Array.from(this.units, ({ start }) => start);
    this.starts = Float64Array.from(found, ({ start }) => start);
    this.ends = Float64Array.from(found, ({ end }) => end);
    this.owners = Int32Array.from(found, ({ unit }) => unit);
  }

  /** The unit whose code is at an address. */
  at(address: number): Unit | null {
    const found = lastAtMost(this.starts, address);
    return found >= 0 && address < this.ends[found]! ? this.units[this.owners[found]!]! : null;
  }

  /** The unit that a place in .debug_info is in. */
  around(offset: number): Unit | null {
    const unit = this.units[lastAtMost(this.places, offset)];
    return unit !== undefined && offset < unit.end ? unit : null;
  }

  abbreviations(unit: Unit): Abbreviations {
    const key = `${unit.abbreviations} ${unit.version} ${unit.offsetSize}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      table = readAbbreviations(this.sections, unit.abbreviations, unit);
      if (this.tables.size >= maxTables) this.tables.clear();
      this.tables.set(key, table);
    }
    return table;
  }

  private read(start: number): ReturnType<Units['root']> | null {
    try {
      return this.root(this.header(start));
    } catch (error) {
      if (error instanceof DwarfError) return null;
      throw error;
    }
  }

  private header(start: number): Unit & { readonly type: number } {
    const reader = this.sections.reader('info', start, headerSize);
    let length = reader.u32();
    const offsetSize = length === wideLength ? 8 : 4;
    if (offsetSize === 8) length = reader.u64();
    const end = start + reader.at + length;
    const version = reader.u16();
    if (version < 2 || version > 5 || end > this.sections.size('info')) throw new DwarfError('a unit of no known version');
    const type = version >= 5 ? reader.u8() : 0;
    let addressSize = version >= 5 ? reader.u8() : 0;
    const abbreviations = readOffset(reader, offsetSize);
    if (version < 5) addressSize = reader.u8();
    if (addressSize !== 8) throw new DwarfError('addresses of another size');
    if (type === UnitType.Skeleton || type === UnitType.Split) reader.skip(8);
    if (type === UnitType.Type || type === UnitType.SplitType) reader.skip(8 + offsetSize);
    // Behind the headers of what they index, which are of one size (DWARF 5, 7.26 to 7.28).
    const bases = {
      stringOffsets: offsetSize === 8 ? 16 : 8,
      addresses: offsetSize === 8 ? 16 : 8,
      rangeLists: offsetSize === 8 ? 20 : 12,
    };
    return { start, end, version, offsetSize, type, abbreviations, first: start + reader.at, lines: -1, folder: '', low: 0, bases };
  }

  private root(header: Unit & { readonly type: number }): { readonly unit: Unit; readonly ranges: readonly number[] } {
    const { sections } = this;
    const nothing = { unit: header, ranges: [] };
    if (header.type === UnitType.Type || header.type === UnitType.SplitType) return nothing;
    const entry = new Entry();
    const isThere = sections.withReader('info', header.first, usualRoot, Math.min(maxRoot, header.end - header.first), (reader) => {
      const code = reader.uleb();
      reader.at = 0;
      return entry.read(reader, readAbbreviations(sections, header.abbreviations, header, code), header, everything);
    });
    if (!isThere) return nothing;
    const value = (slot: number, otherwise: number): number => (entry.has(slot) ? entry.values[slot]! : otherwise);
    const bases = {
      stringOffsets: value(Slot.StringOffsetsBase, header.bases.stringOffsets),
      addresses: value(Slot.AddressesBase, header.bases.addresses),
      rangeLists: value(Slot.RangeListsBase, header.bases.rangeLists),
    };
    const low = entry.has(Slot.Low) ? addressOf(sections, entry.forms[Slot.Low]!, entry.values[Slot.Low]!, bases) : 0;
    const unit: Unit = {
      ...header,
      ...{ bases, low: Number.isNaN(low) ? 0 : low, lines: value(Slot.Lines, -1) },
      folder: textOf(sections, 'info', entry.forms[Slot.Folder]!, entry.values[Slot.Folder]!, header, bases) ?? '',
    };
    try {
      return { unit, ranges: rangesOf(sections, entry, unit) };
    } catch (error) {
      if (error instanceof DwarfError) return { unit, ranges: [] };
      throw error;
    }
  }
}
