import type { Binary } from '../binary/binary.ts';
import { lastAtMost } from '../memory/ranges.ts';
import { DwarfError, DwarfReader } from '../binary/dwarfReader.ts';
import { cfaIsExpression, type Row, RuleKind, type RuleTable } from './rules.ts';

/** No rule is known for an address. */
export const noRule = -1;

// Bounds on what a file may claim. libtorch has 335 120 functions; records of more than 64 KB are unheard of.
const maxIndex = 32 * 1024 * 1024;
const maxRecord = 1024 * 1024;
const maxRows = 65_536;
const maxStates = 64;
const maxExpression = 4096;
/** Records that are kept: a stack meets some 200 functions. */
const maxFunctions = 8192;
const maxCommons = 1024;

/** The only kind of table that linkers make: 32-bit numbers, relative to the index (DW_EH_PE_datarel | DW_EH_PE_sdata4). */
const tableEncoding = 0x3b;

/** DW_CFA_…, DWARF 5, 7.24, and GNU's. The upper two bits of a byte, or the whole of it. */
const High = { Advance: 0x40, Offset: 0x80, Restore: 0xc0 } as const;
const Op = {
  Nop: 0,
  SetLocation: 1,
  Advance1: 2,
  Advance2: 3,
  Advance4: 4,
  Offset: 5,
  Restore: 6,
  Undefined: 7,
  Same: 8,
  Register: 9,
  Remember: 10,
  RestoreState: 11,
  DefineCfa: 12,
  CfaRegister: 13,
  CfaOffset: 14,
  CfaExpression: 15,
  Expression: 16,
  OffsetSigned: 17,
  DefineCfaSigned: 18,
  CfaOffsetSigned: 19,
  ValueOffset: 20,
  ValueOffsetSigned: 21,
  ValueExpression: 22,
  ArgumentsSize: 0x2e,
} as const;

/** A common information entry (CIE). */
interface Common {
  readonly codeFactor: number;
  readonly dataFactor: number;
  readonly encoding: number;
  readonly isSignal: boolean;
  readonly hasAugmentation: boolean;
  readonly returnAddress: number;
  readonly reader: DwarfReader;
}

/** A function, or a part of one, that has rules. Addresses are the binary's. */
interface FunctionRules {
  readonly start: number;
  readonly end: number;
  /** From which address on each of the rules holds. */
  readonly starts: Float64Array;
  readonly rules: Int32Array;
}

/**
 * Call frame information of a binary (.eh_frame; Linux Standard Base, Exception Frames; DWARF 5, 6.4): how to get from a function's frame to its caller's. Its index is
 * searched when an address is met for the first time, and only that function's record is read and run.
 */
export class CallFrameInfo {
  private readonly binary: Binary;
  private readonly rules: RuleTable;
  /** Of .eh_frame_hdr. */
  private readonly address: number;
  /** Pairs: where a function begins, and where its record is, both relative to the index. */
  private readonly table: Int32Array;
  private readonly functions = new Map<number, FunctionRules | null>();
  private readonly commons = new Map<number, Common>();

  private constructor(binary: Binary, rules: RuleTable, address: number, table: Int32Array) {
    this.binary = binary;
    this.rules = rules;
    this.address = address;
    this.table = table;
  }

  /** @returns null where the binary has no index of such information */
  static open(binary: Binary, rules: RuleTable): CallFrameInfo | null {
    const part = binary.unwindIndex();
    const bytes = part && part.size <= maxIndex ? binary.readAt(part.address, part.size) : null;
    if (part === null || bytes === null) return null;
    try {
      const reader = new DwarfReader(bytes, part.address);
      const version = reader.u8();
      const pointerEncoding = reader.u8();
      const countEncoding = reader.u8();
      if (version !== 1 || reader.u8() !== tableEncoding) return null;
      reader.encoded(pointerEncoding, part.address);
      const count = reader.encoded(countEncoding, part.address);
      if (!(count >= 0 && count <= (bytes.length - reader.at) / 8)) return null;
      const table = new Int32Array(2 * count);
      for (let i = 0; i < table.length; i++) table[i] = bytes.readInt32LE(reader.at + 4 * i);
      return new CallFrameInfo(binary, rules, part.address, table);
    } catch (error) {
      if (error instanceof DwarfError) return null;
      throw error;
    }
  }

  /** The rule that holds at an address of the binary's, or `noRule`. */
  rule(address: number): number {
    const found = this.function(address);
    if (found === null) return noRule;
    const { starts, rules } = found;
    const last = lastAtMost(starts, address);
    return last < 0 ? noRule : rules[last]!;
  }

  /** The function, or the part of one, that an address lies in. */
  extent(address: number): { readonly start: number; readonly end: number } | null {
    return this.function(address);
  }

  private function(address: number): FunctionRules | null {
    const { table, functions } = this;
    const index = lastAtMost(table, address - this.address, 2);
    if (index < 0) return null;
    let found = functions.get(index);
    if (found === undefined) {
      found = this.load(this.address + table[2 * index + 1]!);
      if (functions.size >= maxFunctions) functions.clear();
      functions.set(index, found);
    }
    return found !== null && address >= found.start && address < found.end ? found : null;
  }

  /** @param at of the function's record (FDE) */
  private load(at: number): FunctionRules | null {
    try {
      const reader = this.record(at);
      const common = this.common(at + 4 - reader.u32());
      const start = reader.encoded(common.encoding, this.address);
      const size = reader.encoded(common.encoding & 0x0f, this.address);
      if (common.hasAugmentation) reader.block();
      const program = new Program(this.rules, common, start, this.address);
      program.run(common.reader, false);
      program.run(reader, true);
      const starts = Float64Array.from(program.starts);
      return { start, end: start + size, starts, rules: Int32Array.from(program.ids) };
    } catch (error) {
      if (error instanceof DwarfError) return null;
      throw error;
    }
  }

  private common(at: number): Common {
    const known = this.commons.get(at);
    // Its reader stands behind what precedes the instructions.
    if (known !== undefined) return known;
    const reader = this.record(at);
    if (reader.u32() !== 0) throw new DwarfError('not a common entry');
    const version = reader.u8();
    let augmentation = '';
    for (let byte = reader.u8(); byte !== 0; byte = reader.u8()) augmentation += String.fromCharCode(byte);
    if (augmentation !== '' && !augmentation.startsWith('z')) throw new DwarfError('unknown augmentation');
    if (version === 4) reader.u16(); // sizes of addresses and segment selectors
    const codeFactor = reader.uleb();
    const dataFactor = reader.sleb();
    const returnAddress = version === 1 ? reader.u8() : reader.uleb();
    let encoding = 0;
    let isSignal = false;
    if (augmentation !== '') {
      const { start, end } = reader.block();
      const data = new DwarfReader(reader.bytes, at, start, end);
      for (const letter of augmentation.slice(1)) {
        if (letter === 'R') encoding = data.u8();
        else if (letter === 'S') isSignal = true;
        else if (letter === 'L') data.u8();
        // The personality routine: a pointer to a pointer, which we don't follow.
        else if (letter === 'P') data.encoded(data.u8() & 0x7f, 0);
        else break;
      }
    }
    const common = { codeFactor, dataFactor, returnAddress, encoding, isSignal, hasAugmentation: augmentation !== '', reader };
    if (this.commons.size >= maxCommons) this.commons.clear();
    this.commons.set(at, common);
    return common;
  }

  /** A reader of the record at an address, behind its length. @throws DwarfError */
  private record(at: number): DwarfReader {
    const length = this.binary.readAt(at, 4)?.readUInt32LE(0) ?? 0;
    if (length < 4 || length > maxRecord) throw new DwarfError('a record of an impossible length');
    const bytes = this.binary.readAt(at, 4 + length);
    if (bytes === null) throw new DwarfError('a record that is not there');
    return new DwarfReader(bytes, at, 4);
  }
}

/** Runs the instructions of a record, which make its rows. */
class Program {
  readonly starts: number[] = [];
  readonly ids: number[] = [];
  private readonly table: RuleTable;
  private readonly common: Common;
  private readonly data: number;
  private location: number;
  private row: Row;
  /** What the common entry's instructions came to. */
  private initial: Row | null = null;
  private readonly remembered: Row[] = [];

  constructor(table: RuleTable, common: Common, start: number, data: number) {
    const { registers, stackPointer, returnAddress, returnAddressOffset } = table.architecture;
    if (common.returnAddress !== returnAddress) throw new DwarfError('another register for the return address');
    this.table = table;
    this.common = common;
    this.data = data;
    this.location = start;
    this.row = { cfaRegister: stackPointer, cfaOffset: 0, kinds: new Uint8Array(registers), values: new Int32Array(registers) };
    this.row.kinds[returnAddress] = RuleKind.Offset;
    this.row.values[returnAddress] = returnAddressOffset;
  }

  /** @param from where the instructions begin; is left as it is. @throws DwarfError */
  run(from: DwarfReader, isFunction: boolean): void {
    const reader = new DwarfReader(from.bytes, from.base, from.at, from.end);
    while (reader.at < reader.end) this.step(reader);
    if (isFunction) this.emit();
    else this.initial = copyOf(this.row);
  }

  private step(reader: DwarfReader): void {
    const { common, row } = this;
    const byte = reader.u8();
    const low = byte & 0x3f;
    switch (byte & 0xc0) {
      case High.Advance: {
        this.advance(low * common.codeFactor);
        return;
      }
      case High.Offset: {
        this.set(low, RuleKind.Offset, reader.uleb() * common.dataFactor);
        return;
      }
      case High.Restore: {
        this.restore(low);
        return;
      }
    }
    switch (byte) {
      case Op.Nop:
        return;
      case Op.SetLocation: {
        this.advance(reader.encoded(common.encoding, this.data) - this.location);
        return;
      }
      case Op.Advance1: {
        this.advance(reader.u8() * common.codeFactor);
        return;
      }
      case Op.Advance2: {
        this.advance(reader.u16() * common.codeFactor);
        return;
      }
      case Op.Advance4: {
        this.advance(reader.u32() * common.codeFactor);
        return;
      }
      case Op.Offset: {
        this.set(reader.uleb(), RuleKind.Offset, reader.uleb() * common.dataFactor);
        return;
      }
      case Op.OffsetSigned: {
        this.set(reader.uleb(), RuleKind.Offset, reader.sleb() * common.dataFactor);
        return;
      }
      case Op.ValueOffset: {
        this.set(reader.uleb(), RuleKind.ValueOffset, reader.uleb() * common.dataFactor);
        return;
      }
      case Op.ValueOffsetSigned: {
        this.set(reader.uleb(), RuleKind.ValueOffset, reader.sleb() * common.dataFactor);
        return;
      }
      case Op.Restore: {
        this.restore(reader.uleb());
        return;
      }
      case Op.Undefined: {
        this.set(reader.uleb(), RuleKind.Undefined, 0);
        return;
      }
      case Op.Same: {
        this.set(reader.uleb(), RuleKind.Same, 0);
        return;
      }
      case Op.Register: {
        this.set(reader.uleb(), RuleKind.Register, this.register(reader.uleb()));
        return;
      }
      case Op.Expression: {
        this.set(reader.uleb(), RuleKind.Expression, this.expression(reader));
        return;
      }
      case Op.ValueExpression: {
        this.set(reader.uleb(), RuleKind.Value, this.expression(reader));
        return;
      }
      case Op.Remember:
        if (this.remembered.length >= maxStates) throw new DwarfError('too many states');
        this.remembered.push(copyOf(row));
        return;
      case Op.RestoreState: {
        const state = this.remembered.pop();
        if (state === undefined) throw new DwarfError('no state to restore');
        this.row = state;
        return;
      }
      case Op.DefineCfa:
        row.cfaRegister = this.register(reader.uleb());
        row.cfaOffset = offset(reader.uleb());
        return;
      case Op.DefineCfaSigned:
        row.cfaRegister = this.register(reader.uleb());
        row.cfaOffset = offset(reader.sleb() * common.dataFactor);
        return;
      case Op.CfaRegister:
        row.cfaRegister = this.register(reader.uleb());
        return;
      case Op.CfaOffset:
        row.cfaOffset = offset(reader.uleb());
        return;
      case Op.CfaOffsetSigned:
        row.cfaOffset = offset(reader.sleb() * common.dataFactor);
        return;
      case Op.CfaExpression:
        row.cfaRegister = cfaIsExpression;
        row.cfaOffset = this.expression(reader);
        return;
      case Op.ArgumentsSize:
        reader.uleb();
        return;
      default:
        throw new DwarfError(`instruction ${byte}`);
    }
  }

  private advance(by: number): void {
    this.emit();
    this.location += by;
  }

  /** What was said so far holds from the location on. */
  private emit(): void {
    if (this.initial === null) return;
    const id = this.table.add(this.row, this.common.isSignal);
    if (id < 0 || this.ids.length >= maxRows) throw new DwarfError('too many rules');
    if (this.ids.at(-1) === id) return;
    this.starts.push(this.location);
    this.ids.push(id);
  }

  /** Registers that we don't follow, as those of vector units, are left out. */
  private set(register: number, kind: number, value: number): void {
    const { kinds, values } = this.row;
    if (register >= kinds.length) return;
    kinds[register] = kind;
    values[register] = offset(value);
  }

  private restore(register: number): void {
    const { initial } = this;
    if (initial !== null && register < initial.kinds.length) this.set(register, initial.kinds[register]!, initial.values[register]!);
  }

  private register(register: number): number {
    if (register >= this.row.kinds.length) throw new DwarfError(`register ${register}`);
    return register;
  }

  private expression(reader: DwarfReader): number {
    const { start, end } = reader.block();
    if (end - start > maxExpression) throw new DwarfError('an expression is too long');
    const id = this.table.expression(reader.bytes.subarray(start, end));
    if (id < 0) throw new DwarfError('too many expressions');
    return id;
  }
}

function copyOf({ cfaRegister, cfaOffset, kinds, values }: Row): Row {
  return { cfaRegister, cfaOffset, kinds: kinds.slice(), values: values.slice() };
}

/** @throws DwarfError when it does not fit */
function offset(value: number): number {
  if (value !== (value | 0)) throw new DwarfError('an offset is too large');
  return value;
}
