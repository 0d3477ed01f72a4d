import path from 'node:path';
import { DwarfError, type DwarfReader } from '../../binary/dwarfReader.ts';
import { lastAtMost } from '../../memory/ranges.ts';
import { type Bases, type Format, readForm, readOffset, textOf } from './forms.ts';
import type { DwarfSections } from './sections.ts';
import type { Unit } from './units.ts';

/** DW_LNS_… and DW_LNE_…, DWARF 5, 7.22. */
const Op = { Extended: 0, Copy: 1, AdvanceAddress: 2, AdvanceLine: 3, File: 4, AddConstant: 8, AdvanceFixed: 9 } as const;
const ExtendedOp = { EndSequence: 1, SetAddress: 2 } as const;
/** DW_LNCT_…: what a list of files says of each. */
const Content = { Path: 1, Folder: 2 } as const;

// Bounds on what a file may claim. Of CPython, ceval.c has 60 000 rows.
const maxTable = 32 * 1024 * 1024;
const maxRows = 1 << 22;
const maxFiles = 65_536;
const maxContents = 64;

/** Where code was written. */
export interface SourceLine {
  /** As the compiler had it, absolute where it says the folder. '': not known. */
  readonly file: string;
  /** 0: it is of no line. */
  readonly line: number;
}

const noLine: SourceLine = { file: '', line: 0 };

/** Lines of a unit's addresses (DWARF 5, 6.2). */
export class LineTable {
  /** Rows of all sequences, one after the other. */
  private readonly addresses: Float64Array;
  private readonly files: Int32Array;
  private readonly lines: Int32Array;
  /** Of each sequence, in the order of addresses: where it begins and ends, its first row and the one behind its last. */
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;
  private readonly firsts: Int32Array;
  private readonly lasts: Int32Array;
  private readonly names: readonly string[];

  private constructor(rows: Rows, names: readonly string[]) {
    const sequences = [...rows.sequences].sort((a, b) => a.start - b.start);
    this.addresses = Float64Array.from(rows.addresses);
    this.files = Int32Array.from(rows.files);
    this.lines = Int32Array.from(rows.lines);
    this.starts = Float64Array.from(sequences, ({ start }) => start);
    this.ends = Float64Array.from(sequences, ({ end }) => end);
    this.firsts = Int32Array.from(sequences, ({ first }) => first);
    this.lasts = Int32Array.from(sequences, ({ last }) => last);
    this.names = names;
  }

  /** @throws DwarfError */
  static read(sections: DwarfSections, unit: Unit): LineTable {
    const header = sections.reader('lines', unit.lines, 12);
    const narrow = header.u32();
    const offsetSize = narrow === 0xffffffff ? 8 : 4;
    const length = offsetSize === 8 ? header.u64() : narrow;
    if (length > maxTable) throw new DwarfError('a table of lines that is too large');
    const reader = sections.reader('lines', unit.lines, length + (offsetSize === 8 ? 12 : 4));
    reader.skip(offsetSize === 8 ? 12 : 4);
    const version = reader.u16();
    if (version < 2 || version > 5) throw new DwarfError(`a table of lines of version ${version}`);
    if (version >= 5 && reader.u8() !== 8) throw new DwarfError('addresses of another size');
    if (version >= 5) reader.skip(1);
    const headerLength = readOffset(reader, offsetSize);
    const program = reader.at + headerLength;
    const smallestStep = reader.u8();
    if (version >= 4) reader.skip(1);
    reader.skip(1);
    const [lineBase, lineRange, firstSpecial] = [reader.i8(), reader.u8(), reader.u8()];
    if (lineRange === 0) throw new DwarfError('a table of lines without lines');
    const operands = [0];
    for (let op = 1; op < firstSpecial; op++) operands.push(reader.u8());
    const names = version >= 5 ? namesOf5(reader, sections, { version, offsetSize, start: 0 }, unit.bases) : namesOf2(reader, unit.folder);
    reader.skip(program - reader.at);
    return new LineTable(run(reader, { smallestStep, lineBase, lineRange, firstSpecial, operands }), names);
  }

  /** Bytes, about. */
  get size(): number {
    return this.addresses.length * 16 + this.starts.length * 20 + this.names.length * 100;
  }

  at(address: number): SourceLine {
    const sequence = lastAtMost(this.starts, address);
    if (sequence < 0 || address >= this.ends[sequence]!) return noLine;
    const { addresses } = this;
    let low = this.firsts[sequence]!;
    let high = this.lasts[sequence]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (addresses[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    const row = low - 1;
    return row < this.firsts[sequence]! ? noLine : { file: this.file(this.files[row]!), line: this.lines[row]! };
  }

  /** Name of a file by its number; ''. */
  file(number: number): string {
    return this.names[number] ?? '';
  }
}

interface Header {
  readonly smallestStep: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly firstSpecial: number;
  /** How many numbers follow each instruction. */
  readonly operands: readonly number[];
}

/** What the program of a table makes. */
class Rows {
  readonly addresses: number[] = [];
  readonly files: number[] = [];
  readonly lines: number[] = [];
  readonly sequences: { readonly start: number; readonly end: number; readonly first: number; readonly last: number }[] = [];
  private first = 0;

  add(address: number, file: number, line: number): void {
    if (this.addresses.length === maxRows) throw new DwarfError('too many lines');
    // In a sequence they grow; one that does not is broken.
    if (this.addresses.length > this.first && address < this.addresses.at(-1)!) return;
    this.addresses.push(address);
    this.files.push(file);
    this.lines.push(line);
  }

  /** What the linker left out begins at 0. */
  end(address: number): void {
    const start = this.addresses[this.first] ?? 0;
    if (this.addresses.length > this.first && start > 0 && address > start)
      this.sequences.push({ start, end: address, first: this.first, last: this.addresses.length });
    else this.addresses.length = this.files.length = this.lines.length = this.first;
    this.first = this.addresses.length;
  }
}

function run(reader: DwarfReader, { smallestStep, lineBase, lineRange, firstSpecial, operands }: Header): Rows {
  const rows = new Rows();
  const constant = Math.floor((255 - firstSpecial) / lineRange) * smallestStep;
  let [address, file, line] = [0, 1, 1];
  while (reader.at < reader.end) {
    const op = reader.u8();
    if (op >= firstSpecial) {
      address += Math.floor((op - firstSpecial) / lineRange) * smallestStep;
      line += lineBase + ((op - firstSpecial) % lineRange);
      rows.add(address, file, line);
      continue;
    }
    switch (op) {
      case Op.Extended: {
        const { start, end } = reader.block();
        if (end === start) throw new DwarfError('an empty instruction');
        const kind = reader.bytes[start]!;
        if (kind === ExtendedOp.EndSequence) {
          rows.end(address);
          [address, file, line] = [0, 1, 1];
        } else if (kind === ExtendedOp.SetAddress && end - start === 9) {
          address = reader.bytes.readUInt32LE(start + 1) + reader.bytes.readUInt32LE(start + 5) * 2 ** 32;
        }
        break;
      }
      case Op.Copy:
        rows.add(address, file, line);
        break;
      case Op.AdvanceAddress:
        address += reader.uleb() * smallestStep;
        break;
      case Op.AdvanceLine:
        line += reader.sleb();
        break;
      case Op.File:
        file = reader.uleb();
        break;
      case Op.AddConstant:
        address += constant;
        break;
      case Op.AdvanceFixed:
        address += reader.u16();
        break;
      default:
        for (let i = 0; i < operands[op]!; i++) reader.uleb();
    }
  }
  return rows;
}

/** To version 4: folders and files from 1 on, 0 is the unit's own folder. */
function namesOf2(reader: DwarfReader, ownFolder: string): string[] {
  const folders = [ownFolder];
  for (let name = reader.text(); name !== ''; name = reader.text()) {
    if (folders.length === maxFiles) throw new DwarfError('too many folders');
    folders.push(joined(ownFolder, name));
  }
  const names = [''];
  for (let name = reader.text(); name !== ''; name = reader.text()) {
    if (names.length === maxFiles) throw new DwarfError('too many files');
    names.push(joined(folders[reader.uleb()] ?? '', name));
    reader.uleb();
    reader.uleb();
  }
  return names;
}

/** From version 5 on: lists that say themselves how they are written, folder 0 is the unit's own. */
function namesOf5(reader: DwarfReader, sections: DwarfSections, format: Format, bases: Bases): string[] {
  const folders: string[] = [];
  readList(reader, sections, format, bases, (name) => folders.push(joined(folders[0] ?? '', name)));
  const names: string[] = [];
  readList(reader, sections, format, bases, (name, folder) => names.push(joined(folders[folder] ?? '', name)));
  return names;
}

function readList(
  reader: DwarfReader,
  sections: DwarfSections,
  format: Format,
  bases: Bases,
  add: (name: string, folder: number) => void,
): void {
  const contents: (readonly [number, number])[] = [];
  const count = reader.u8();
  if (count > maxContents) throw new DwarfError('too many columns');
  for (let i = 0; i < count; i++) contents.push([reader.uleb(), reader.uleb()]);
  const length = reader.uleb();
  if (length > maxFiles) throw new DwarfError('too many files');
  for (let i = 0; i < length; i++) {
    let [name, folder] = ['', 0];
    for (const [content, form] of contents) {
      const value = readForm(reader, form, 0, format);
      if (content === Content.Path) name = textOf(sections, 'lines', form, value, format, bases) ?? '';
      else if (content === Content.Folder) folder = value;
    }
    add(name, folder);
  }
}

function joined(folder: string, name: string): string {
  return name === '' ? '' : path.posix.normalize(name.startsWith('/') || folder === '' ? name : `${folder}/${name}`);
}
