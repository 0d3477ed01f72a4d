import { DwarfError, type DwarfReader } from '../../binary/dwarfReader.ts';
import { lastAtMost } from '../../memory/ranges.ts';
import { Entry, everything, Slot, Tag } from './entries.ts';
import { textOf } from './forms.ts';
import { rangesOf } from './ranges.ts';
import type { DwarfSections } from './sections.ts';
import type { Unit, Units } from './units.ts';

// Bounds on what a file may claim. Larger units have their lines, but no inlined functions.
const maxUnit = 64 * 1024 * 1024;
const usualFunction = 64 * 1024;
const maxFunctions = 1 << 20;
const maxInlined = 256;
/** From a function to its declaration. */
const maxHops = 8;
const usualEntry = 512;
const maxEntry = 64 * 1024;
/** Functions in all indexes that are kept, 24 bytes each. */
const maxKept = 1 << 20;
const maxNames = 1 << 14;

/** A function that stands, with those inlined into it, for an address. */
export interface DebugFunction {
  /** As the compiler has it: mangled where its language does that. Null: it has none, or in another file. */
  readonly name: string | null;
  /** Where an inlined one was called: number of a file in the unit's table of lines, and line. 0: not known. */
  readonly callFile: number;
  readonly callLine: number;
}

/** Where functions of a unit begin and end, and where their entries are. */
interface FunctionIndex {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly entries: Float64Array;
}

const isFunction = (tag: number): boolean => tag === Tag.Function;
const isAnyFunction = (tag: number): boolean => tag === Tag.Function || tag === Tag.InlinedFunction;

/** Functions at addresses, and what was inlined there, by .debug_info (DWARF 5, 3.3). */
export class DebugFunctions {
  private readonly sections: DwarfSections;
  private readonly units: Units;
  private readonly indexes = new Map<Unit, FunctionIndex>();
  private kept = 0;
  private readonly names = new Map<number, string | null>();
  private readonly entry = new Entry();

  constructor(sections: DwarfSections, units: Units) {
    this.sections = sections;
    this.units = units;
  }

  /** The function at an address of a unit, and those inlined there, the outermost first. @throws DwarfError */
  at(unit: Unit, address: number): DebugFunction[] {
    const { starts, ends, entries } = this.index(unit);
    const found = lastAtMost(starts, address);
    if (found < 0 || address >= ends[found]!) return [];
    const start = entries[found]!;
    return this.sections.withReader('info', start, usualFunction, Math.min(maxUnit, unit.end - start), (reader) =>
      this.chain(reader, unit, address),
    );
  }

  /** @param reader at the function's entry */
  private chain(reader: DwarfReader, unit: Unit, address: number): DebugFunction[] {
    const { sections, entry } = this;
    const table = this.units.abbreviations(unit);
    const chain: DebugFunction[] = [];
    let depth = 0;
    do {
      if (!entry.read(reader, table, unit, isAnyFunction)) {
        depth--;
        continue;
      }
      const isOuter = chain.length === 0;
      const sibling = entry.has(Slot.Sibling) ? entry.values[Slot.Sibling]! - reader.base : 0;
      const isHere = isOuter || (entry.tag === Tag.InlinedFunction && contains(rangesOf(sections, entry, unit), address));
      const isElsewhere = entry.tag === Tag.InlinedFunction && !isHere;
      if (entry.hasChildren && isElsewhere && sibling > reader.at) reader.skip(sibling - reader.at);
      else if (entry.hasChildren) depth++;
      // Reads other entries.
      if (isHere && chain.length < maxInlined) chain.push(this.function(unit));
    } while (depth > 0);
    return chain;
  }

  /** Of the entry that was read, which is another one afterwards. */
  private function(unit: Unit): DebugFunction {
    const { entry } = this;
    const callFile = entry.has(Slot.CallFile) ? entry.values[Slot.CallFile]! : 0;
    const callLine = entry.has(Slot.CallLine) ? entry.values[Slot.CallLine]! : 0;
    const origin = entry.has(Slot.Origin) ? entry.values[Slot.Origin]! : -1;
    // What is inlined often has one origin.
    let name = this.names.get(origin);
    if (name === undefined) {
      name = this.name(unit);
      if (this.names.size >= maxNames) this.names.clear();
      if (origin >= 0) this.names.set(origin, name);
    }
    return { name, callFile, callLine };
  }

  /** Linkage names are in the declaration that a function was made of (DWARF 5, 3.3.8 and 3.3.9). */
  private name(unit: Unit): string | null {
    const { entry, sections, units } = this;
    let name: string | null = null;
    let own = unit;
    for (let hop = 0; hop < maxHops; hop++) {
      for (const slot of [Slot.LinkageName, Slot.Name]) {
        if (!entry.has(slot) || (slot === Slot.Name && name !== null)) continue;
        const text = textOf(sections, 'info', entry.forms[slot]!, entry.values[slot]!, own, own.bases);
        if (slot === Slot.LinkageName && text !== null) return text;
        name = text;
      }
      const slot = entry.has(Slot.Origin) ? Slot.Origin : Slot.Specification;
      const place = entry.values[slot]!;
      const next = entry.has(slot) ? units.around(place) : null;
      if (next === null) return name;
      own = next;
      const table = units.abbreviations(own);
      const isThere = sections.withReader('info', place, usualEntry, Math.min(maxEntry, own.end - place), (reader) =>
        entry.read(reader, table, own, everything),
      );
      if (!isThere) return name;
    }
    return name;
  }

  private index(unit: Unit): FunctionIndex {
    let index = this.indexes.get(unit);
    if (index === undefined) {
      index = this.readIndex(unit);
      this.kept += index.starts.length;
      if (this.kept > maxKept) {
        this.indexes.clear();
        this.kept = index.starts.length;
      }
      this.indexes.set(unit, index);
    }
    return index;
  }

  private readIndex(unit: Unit): FunctionIndex {
    const { sections, entry } = this;
    if (unit.end - unit.first > maxUnit) throw new DwarfError('a unit that is too large');
    const reader = sections.reader('info', unit.first, unit.end - unit.first);
    const table = this.units.abbreviations(unit);
    const found: { readonly start: number; readonly end: number; readonly entry: number }[] = [];
    let depth = 0;
    do {
      const place = reader.base + reader.at;
      if (!entry.read(reader, table, unit, isFunction)) {
        depth--;
        continue;
      }
      if (entry.tag === Tag.Function) {
        const ranges = rangesOf(sections, entry, unit);
        for (let i = 0; i < ranges.length; i += 2) found.push({ start: ranges[i]!, end: ranges[i + 1]!, entry: place });
        if (found.length > maxFunctions) throw new DwarfError('too many functions');
      }
      // What is within functions is most of a unit.
      const sibling = entry.has(Slot.Sibling) ? entry.values[Slot.Sibling]! - reader.base : 0;
      if (entry.hasChildren && entry.tag === Tag.Function && sibling > reader.at) reader.skip(sibling - reader.at);
      else if (entry.hasChildren) depth++;
    } while (depth > 0 && reader.at < reader.end);
    found.sort((a, b) => a.start - b.start);
    return {
      starts: Float64Array.from(found, ({ start }) => start),
      ends: Float64Array.from(found, ({ end }) => end),
      entries: Float64Array.from(found, (one) => one.entry),
    };
  }
}

function contains(ranges: readonly number[], address: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (address >= ranges[i]! && address < ranges[i + 1]!) return true;
  return false;
}
