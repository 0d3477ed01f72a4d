import { DwarfError } from '../../binary/dwarfReader.ts';
import { type Entry, Slot } from './entries.ts';
import { addressOf, Form, indexedAddress, readOffset } from './forms.ts';
import type { DwarfSections } from './sections.ts';
import type { Unit } from './units.ts';

/** DW_RLE_…, DWARF 5, 7.25. */
const Kind = { End: 0, BaseIndex: 1, StartIndexEnd: 2, StartIndexLength: 3, Offsets: 4, Base: 5, StartEnd: 6, StartLength: 7 } as const;
const usualList = 512;
const maxList = 1024 * 1024;
/** In .debug_ranges: what follows is the new base (DWARF 4, 2.17.3). */
const newBase = 2 ** 63;

/** Addresses of an entry, from and to in turn; those that the linker left out begin at 0 and are none. */
export function rangesOf(sections: DwarfSections, entry: Entry, unit: Unit): number[] {
  const ranges: number[] = [];
  const add = (start: number, end: number): void => {
    if (start > 0 && end > start) ranges.push(start, end);
  };
  if (entry.has(Slot.Ranges)) {
    if (unit.version >= 5) readLists(sections, listOffset(sections, entry, unit), unit, add);
    else readOldList(sections, entry.values[Slot.Ranges]!, unit.low, add);
  } else if (entry.has(Slot.Low) && entry.has(Slot.High)) {
    const low = addressOf(sections, entry.forms[Slot.Low]!, entry.values[Slot.Low]!, unit.bases);
    const high = addressOf(sections, entry.forms[Slot.High]!, entry.values[Slot.High]!, unit.bases);
    // From version 4 on it may be a size.
    add(low, Number.isNaN(high) ? low + entry.values[Slot.High]! : high);
  }
  return ranges;
}

function listOffset(sections: DwarfSections, entry: Entry, { bases, offsetSize }: Unit): number {
  const value = entry.values[Slot.Ranges]!;
  if (entry.forms[Slot.Ranges] !== Form.RangeListIndex) return value;
  return bases.rangeLists + readOffset(sections.reader('rangeLists', bases.rangeLists + value * offsetSize, offsetSize), offsetSize);
}

function readOldList(sections: DwarfSections, offset: number, low: number, add: (start: number, end: number) => void): void {
  sections
    .withReader('ranges', offset, usualList, maxList, (reader) => {
      const found: (readonly [number, number])[] = [];
      for (let base = low; ;) {
        const [start, end] = [reader.u64(), reader.u64()];
        if (start === 0 && end === 0) return found;
        if (start > newBase) base = end;
        else found.push([base + start, base + end]);
      }
    })
    .forEach(([start, end]) => add(start, end));
}

function readLists(sections: DwarfSections, offset: number, { low, bases }: Unit, add: (start: number, end: number) => void): void {
  const indexed = (index: number): number => indexedAddress(sections, index, bases);
  sections
    .withReader('rangeLists', offset, usualList, maxList, (reader) => {
      const found: (readonly [number, number])[] = [];
      for (let base = low; ;) {
        const kind = reader.u8();
        switch (kind) {
          case Kind.End:
            return found;
          case Kind.BaseIndex:
            base = indexed(reader.uleb());
            break;
          case Kind.Base:
            base = reader.u64();
            break;
          case Kind.StartIndexEnd:
            found.push([indexed(reader.uleb()), indexed(reader.uleb())]);
            break;
          case Kind.StartIndexLength: {
            const start = indexed(reader.uleb());
            found.push([start, start + reader.uleb()]);
            break;
          }
          case Kind.Offsets:
            found.push([base + reader.uleb(), base + reader.uleb()]);
            break;
          case Kind.StartEnd:
            found.push([reader.u64(), reader.u64()]);
            break;
          case Kind.StartLength: {
            const start = reader.u64();
            found.push([start, start + reader.uleb()]);
            break;
          }
          default:
            throw new DwarfError(`ranges of kind ${kind}`);
        }
      }
    })
    .forEach(([start, end]) => add(start, end));
}
