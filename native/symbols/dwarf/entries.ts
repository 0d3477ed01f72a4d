import { DwarfError, type DwarfReader } from '../../binary/dwarfReader.ts';
import { Form, type Format, readForm, sizeOfForm } from './forms.ts';
import type { DwarfSections } from './sections.ts';

/** DW_TAG_…, DWARF 5, 7.5.3. */
export const Tag = { InlinedFunction: 0x1d, Function: 0x2e } as const;

/** Attributes that are read, and where an entry has them. */
export const Slot = {
  Sibling: 0,
  Name: 1,
  LinkageName: 2,
  Low: 3,
  High: 4,
  Ranges: 5,
  Origin: 6,
  Specification: 7,
  CallFile: 8,
  CallLine: 9,
  Lines: 10,
  Folder: 11,
  StringOffsetsBase: 12,
  AddressesBase: 13,
  RangeListsBase: 14,
  Declared: 15,
} as const;
const slotCount = 16;

/** DW_AT_…, DWARF 5, 7.5.4; the old name of linkage names, and GNU's of bases. */
const slots = new Map<number, number>([
  [0x01, Slot.Sibling],
  [0x03, Slot.Name],
  [0x6e, Slot.LinkageName],
  [0x2007, Slot.LinkageName],
  [0x11, Slot.Low],
  [0x12, Slot.High],
  [0x55, Slot.Ranges],
  [0x31, Slot.Origin],
  [0x47, Slot.Specification],
  [0x58, Slot.CallFile],
  [0x59, Slot.CallLine],
  [0x10, Slot.Lines],
  [0x1b, Slot.Folder],
  [0x72, Slot.StringOffsetsBase],
  [0x73, Slot.AddressesBase],
  [0x74, Slot.RangeListsBase],
  [0x3b, Slot.Declared],
]);
const noSlot = -1;

// Bounds on what a file may claim. Real tables have hundreds of abbreviations.
const maxAbbreviations = 65_536;
const maxAttributes = 512;
const usualTable = 16 * 1024;
const shortTable = 128;
const maxTable = 4 * 1024 * 1024;

/** What an entry has: its tag, and of each attribute its slot, form and own value. */
interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: Float64Array;
  /** Bytes of all attributes; −1 where that is not the same for all. */
  readonly size: number;
}

/** Entries of a unit have their shapes from here. */
export type Abbreviations = ReadonlyMap<number, Abbreviation>;

/** @param last the only one that is needed; those behind it are not read */
export function readAbbreviations(
  sections: DwarfSections,
  offset: number,
  format: Pick<Format, 'version' | 'offsetSize'>,
  last?: number,
): Abbreviations {
  return sections.withReader('abbreviations', offset, last === undefined ? usualTable : shortTable, maxTable, (reader) => {
    const table = new Map<number, Abbreviation>();
    for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
      if (table.size === maxAbbreviations) throw new DwarfError('too many abbreviations');
      table.set(code, readAbbreviation(reader, format));
      if (code === last) break;
    }
    return table;
  });
}

function readAbbreviation(reader: DwarfReader, format: Pick<Format, 'version' | 'offsetSize'>): Abbreviation {
  const tag = reader.uleb();
  const hasChildren = reader.u8() === 1;
  const attributes: number[] = [];
  let size = 0;
  for (;;) {
    const name = reader.uleb();
    const form = reader.uleb();
    if (name === 0 && form === 0) return { tag, hasChildren, attributes: Float64Array.from(attributes), size };
    if (attributes.length === 3 * maxAttributes) throw new DwarfError('too many attributes');
    attributes.push(slots.get(name) ?? noSlot, form, form === Form.ImplicitConstant ? reader.sleb() : 0);
    const own = sizeOfForm(form, format);
    size = size < 0 || own < 0 ? -1 : size + own;
  }
}

/** A debugging information entry, read into the same object one after the other. */
export class Entry {
  tag = 0;
  hasChildren = false;
  /** Of each slot its value and form; form 0: it has no such attribute. */
  readonly values = new Float64Array(slotCount);
  readonly forms = new Uint16Array(slotCount);

  /**
   * Reads the next entry.
   * @param wanted whether the attributes of an entry of this tag are; of others, only where they end
   * @returns false where a list of children ends
   */
  read(reader: DwarfReader, abbreviations: Abbreviations, format: Format, wanted: (tag: number) => boolean): boolean {
    const code = reader.uleb();
    if (code === 0) return false;
    const abbreviation = abbreviations.get(code);
    if (abbreviation === undefined) throw new DwarfError('an entry of no known shape');
    const { tag, hasChildren, attributes, size } = abbreviation;
    this.tag = tag;
    this.hasChildren = hasChildren;
    this.forms.fill(0);
    if (size >= 0 && !wanted(tag)) {
      reader.skip(size);
      return true;
    }
    for (let i = 0; i < attributes.length; i += 3) {
      let form = attributes[i + 1]!;
      if (form === Form.Indirect) form = reader.uleb();
      const value = readForm(reader, form, attributes[i + 2]!, format);
      const slot = attributes[i]!;
      if (slot === noSlot) continue;
      this.values[slot] = value;
      this.forms[slot] = Number.isNaN(value) ? 0 : form;
    }
    return true;
  }

  has(slot: number): boolean {
    return this.forms[slot] !== 0;
  }
}

export const everything = (): boolean => true;
