import { DwarfError, type DwarfReader } from '../../binary/dwarfReader.ts';
import type { DwarfSections } from './sections.ts';

/** DW_FORM_…, DWARF 5, 7.5.6; GNU's for what is in a supplementary file (dwz). */
export const Form = {
  Address: 0x01,
  Block2: 0x03,
  Block4: 0x04,
  Data2: 0x05,
  Data4: 0x06,
  Data8: 0x07,
  String: 0x08,
  Block: 0x09,
  Block1: 0x0a,
  Data1: 0x0b,
  Flag: 0x0c,
  SignedData: 0x0d,
  StringOffset: 0x0e,
  UnsignedData: 0x0f,
  ReferenceAddress: 0x10,
  Reference1: 0x11,
  Reference2: 0x12,
  Reference4: 0x13,
  Reference8: 0x14,
  ReferenceUnsigned: 0x15,
  Indirect: 0x16,
  SectionOffset: 0x17,
  Expression: 0x18,
  FlagPresent: 0x19,
  StringIndex: 0x1a,
  AddressIndex: 0x1b,
  SupplementaryReference4: 0x1c,
  SupplementaryString: 0x1d,
  Data16: 0x1e,
  LineStringOffset: 0x1f,
  Signature: 0x20,
  ImplicitConstant: 0x21,
  LocationListIndex: 0x22,
  RangeListIndex: 0x23,
  SupplementaryReference8: 0x24,
  StringIndex1: 0x25,
  StringIndex2: 0x26,
  StringIndex3: 0x27,
  StringIndex4: 0x28,
  AddressIndex1: 0x29,
  AddressIndex2: 0x2a,
  AddressIndex3: 0x2b,
  AddressIndex4: 0x2c,
  GnuAddressIndex: 0x1f01,
  GnuStringIndex: 0x1f02,
  GnuSupplementaryReference: 0x1f20,
  GnuSupplementaryString: 0x1f21,
} as const;

/** How numbers of a unit are written. */
export interface Format {
  readonly version: number;
  /** Bytes of an offset: 4, or 8 in the 64-bit format. */
  readonly offsetSize: number;
  /** Where in .debug_info the unit begins: its own references are relative to that. */
  readonly start: number;
}

/** What a unit's indexes are relative to. */
export interface Bases {
  readonly stringOffsets: number;
  readonly addresses: number;
  readonly rangeLists: number;
}

export function readOffset(reader: DwarfReader, offsetSize: number): number {
  return offsetSize === 8 ? reader.u64() : reader.u32();
}

/**
 * Reads an attribute's value: a number, an index, an offset in the section that the form says (of a reference in .debug_info, of a text that is written in place where
 * it begins). NaN for what has no such value.
 * @param implicit the abbreviation's own value
 */
export function readForm(reader: DwarfReader, form: number, implicit: number, format: Format): number {
  switch (form) {
    case Form.Address:
    case Form.Data8:
      return reader.u64();
    case Form.Data1:
    case Form.Flag:
    case Form.StringIndex1:
    case Form.AddressIndex1:
      return reader.u8();
    case Form.Data2:
    case Form.StringIndex2:
    case Form.AddressIndex2:
      return reader.u16();
    case Form.StringIndex3:
    case Form.AddressIndex3:
      return reader.u8() + reader.u16() * 256;
    case Form.Data4:
    case Form.StringIndex4:
    case Form.AddressIndex4:
      return reader.u32();
    case Form.UnsignedData:
    case Form.StringIndex:
    case Form.AddressIndex:
    case Form.RangeListIndex:
    case Form.LocationListIndex:
    case Form.GnuAddressIndex:
    case Form.GnuStringIndex:
      return reader.uleb();
    case Form.SignedData:
      return reader.sleb();
    case Form.ImplicitConstant:
      return implicit;
    case Form.FlagPresent:
      return 1;
    case Form.Reference1:
      return format.start + reader.u8();
    case Form.Reference2:
      return format.start + reader.u16();
    case Form.Reference4:
      return format.start + reader.u32();
    case Form.Reference8:
      return format.start + reader.u64();
    case Form.ReferenceUnsigned:
      return format.start + reader.uleb();
    case Form.ReferenceAddress:
      // An address in version 2 (DWARF 2, 7.5.4).
      return format.version < 3 ? reader.u64() : readOffset(reader, format.offsetSize);
    case Form.StringOffset:
    case Form.LineStringOffset:
    case Form.SectionOffset:
      return readOffset(reader, format.offsetSize);
    case Form.String: {
      const start = reader.at;
      reader.text();
      return reader.base + start;
    }
    default:
      skipForm(reader, form, format);
      return NaN;
  }
}

function skipForm(reader: DwarfReader, form: number, format: Format): void {
  switch (form) {
    case Form.Expression:
    case Form.Block:
      reader.block();
      return;
    case Form.Block1:
      reader.skip(reader.u8());
      return;
    case Form.Block2:
      reader.skip(reader.u16());
      return;
    case Form.Block4:
      reader.skip(reader.u32());
      return;
    case Form.Data16:
      reader.skip(16);
      return;
    case Form.Signature:
    case Form.SupplementaryReference8:
      reader.skip(8);
      return;
    case Form.SupplementaryReference4:
      reader.skip(4);
      return;
    case Form.SupplementaryString:
    case Form.GnuSupplementaryReference:
    case Form.GnuSupplementaryString:
      reader.skip(format.offsetSize);
      return;
    default:
      throw new DwarfError(`values of form ${form}`);
  }
}

/** Bytes of a value of a form; −1 where that is not the same for all. */
export function sizeOfForm(form: number, { version, offsetSize }: Pick<Format, 'version' | 'offsetSize'>): number {
  switch (form) {
    case Form.FlagPresent:
    case Form.ImplicitConstant:
      return 0;
    case Form.Data1:
    case Form.Flag:
    case Form.Reference1:
    case Form.StringIndex1:
    case Form.AddressIndex1:
      return 1;
    case Form.Data2:
    case Form.Reference2:
    case Form.StringIndex2:
    case Form.AddressIndex2:
      return 2;
    case Form.StringIndex3:
    case Form.AddressIndex3:
      return 3;
    case Form.Data4:
    case Form.Reference4:
    case Form.StringIndex4:
    case Form.AddressIndex4:
    case Form.SupplementaryReference4:
      return 4;
    case Form.Address:
    case Form.Data8:
    case Form.Reference8:
    case Form.Signature:
    case Form.SupplementaryReference8:
      return 8;
    case Form.Data16:
      return 16;
    case Form.StringOffset:
    case Form.LineStringOffset:
    case Form.SectionOffset:
    case Form.SupplementaryString:
    case Form.GnuSupplementaryReference:
    case Form.GnuSupplementaryString:
      return offsetSize;
    case Form.ReferenceAddress:
      return version < 3 ? 8 : offsetSize;
    default:
      return -1;
  }
}

/** The text that a value stands for; null where its form is no text's, or it is in another file. */
export function textOf(
  sections: DwarfSections,
  section: 'info' | 'lines',
  form: number,
  value: number,
  format: Format,
  bases: Bases,
): string | null {
  switch (form) {
    case Form.String:
      return sections.string(section, value);
    case Form.StringOffset:
      return sections.string('strings', value);
    case Form.LineStringOffset:
      return sections.string('lineStrings', value);
    case Form.StringIndex:
    case Form.StringIndex1:
    case Form.StringIndex2:
    case Form.StringIndex3:
    case Form.StringIndex4: {
      const at = bases.stringOffsets + value * format.offsetSize;
      return sections.string('strings', readOffset(sections.reader('stringOffsets', at, format.offsetSize), format.offsetSize));
    }
    default:
      return null;
  }
}

/** The address that a value stands for; NaN: none. */
export function addressOf(sections: DwarfSections, form: number, value: number, bases: Bases): number {
  switch (form) {
    case Form.Address:
      return value;
    case Form.AddressIndex:
    case Form.AddressIndex1:
    case Form.AddressIndex2:
    case Form.AddressIndex3:
    case Form.AddressIndex4:
      return indexedAddress(sections, value, bases);
    default:
      return NaN;
  }
}

export function indexedAddress(sections: DwarfSections, index: number, bases: Bases): number {
  return sections.reader('addresses', bases.addresses + index * 8, 8).u64();
}
