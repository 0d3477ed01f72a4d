import type { Binary } from '../../binary/binary.ts';
import { DwarfError } from '../../binary/dwarfReader.ts';
import { type DebugFunction, DebugFunctions } from './functions.ts';
import { LineTable } from './lineTable.ts';
import { DwarfSections } from './sections.ts';
import { type Unit, Units } from './units.ts';

/** Bytes of all tables of lines that are kept. */
const maxTables = 64 * 1024 * 1024;

/** Where code of a function was written; what the compiler inlined is a function of its own. */
export interface CodePlace {
  /** As the compiler has it: mangled where its language does that. Null: not known. */
  readonly function: string | null;
  /** As the compiler had it, absolute where it says the folder. '': not known. */
  readonly file: string;
  /** 0: not known. */
  readonly line: number;
}

/**
 * What compilers say of the sources of a binary's code (-g): DWARF 2 to 5. Read lazily: headers of units first, of the unit of an address its table of lines and where its functions
 * are, of one function what was inlined into it. Anything may be broken: what can't be read is not known.
 */
export class DebugInformation {
  private readonly sections: DwarfSections;
  private readonly units: Units;
  private readonly functions: DebugFunctions;
  private readonly tables = new Map<number, LineTable | null>();
  private tablesSize = 0;

  /** @returns null where a binary has none */
  static open(binary: Binary): DebugInformation | null {
    const sections = new DwarfSections(binary);
    return sections.size('info') === 0 || sections.size('abbreviations') === 0 ? null : new DebugInformation(sections);
  }

  private constructor(sections: DwarfSections) {
    this.sections = sections;
    this.units = new Units(sections);
    this.functions = new DebugFunctions(sections, this.units);
  }

  /**
   * What an address stands for: the innermost function that was inlined there first, the one that is really there last. Empty: nothing is known.
   * @param address of the binary's
   */
  at(address: number): CodePlace[] {
    const unit = this.units.at(address);
    if (unit === null) return [];
    const table = this.table(unit);
    let { file, line } = table?.at(address) ?? { file: '', line: 0 };
    const places: CodePlace[] = [];
    for (const { name, callFile, callLine } of this.chain(unit, address).reverse()) {
      places.push({ function: name, file, line });
      file = table?.file(callFile) ?? '';
      line = callLine;
    }
    if (places.length === 0 && file !== '') places.push({ function: null, file, line });
    return places;
  }

  private chain(unit: Unit, address: number): DebugFunction[] {
    return attempt(() => this.functions.at(unit, address)) ?? [];
  }

  private table(unit: Unit): LineTable | null {
    if (unit.lines < 0) return null;
    let table = this.tables.get(unit.lines);
    if (table === undefined) {
      table = attempt(() => LineTable.read(this.sections, unit));
      this.tablesSize += table?.size ?? 0;
      if (this.tablesSize > maxTables) {
        this.tables.clear();
        this.tablesSize = table?.size ?? 0;
      }
      this.tables.set(unit.lines, table);
    }
    return table;
  }
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof DwarfError) return null;
    throw error;
  }
}
