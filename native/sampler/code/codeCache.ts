import { decodeCode, type DecodedCode, type NamedCall } from '../../cpython/codeObject.ts';
import type { DataStackLayout, Layout } from '../../cpython/layout.ts';
import type { Opcodes } from '../../cpython/opcodes.ts';
import { readPointer } from '../../cpython/strings.ts';
import type { Memory } from '../../memory/memory.ts';
import { CodeIdentities } from './codeIdentities.ts';
import type { FrameTable } from '../tables/frameTable.ts';
import { grown } from '../tables/grown.ts';
import { InstructionFrames } from './instructionFrames.ts';

const two32 = 2 ** 32;
/** Copies of bytecode that are remembered; there is one for each thread, beginning with the second. */
const maxCopies = 1024;
const slotCount = 256;
/** Code objects that are verified together before each use, and the uses after which these are collected anew. */
const usualCodes = 64;
const usualLifetime = 64;
/** Code objects of one function that are gone and kept for the next ones that say the same. */
const sparesOfFunction = 16;
/** Ticks of the cache's own clock for which a bad address is not tried again. */
const badFor = 64;
/** Number of what is called by no name, or by one that is not known (CodeCache.calledName). */
export const unnamed = 1;

/**
 * Code objects by address, decoded once. What the walk needs per instruction is in flat arrays, so
 * a sample costs a hash look-up per new frame and nothing else.
 */
export class CodeCache {
  /** Per code: low half of the address of its first instruction (3.11+). */
  instructionsLow = new Int32Array(256);
  /** Per code: number of units (DecodedCode.lines). */
  unitCount = new Int32Array(256);
  /** Per code: where its units begin in `frameOfUnit` and `kindOfUnit`. */
  unitBase = new Int32Array(256);
  /** Per code: bytes of its frame on the data stack (3.11+). */
  frameLength = new Int32Array(256);
  /** Per code: a sum of CodeTrait bits. */
  traits = new Uint8Array(256);
  private functionOfCode = new Int32Array(256);
  private addresses = new Float64Array(256);
  private readonly identities: CodeIdentities;
  /** Generation in which each code was last known to be what it was. */
  private verifiedIn = new Int32Array(256);
  count = 1;
  private readonly names: string[] = [''];
  /** 3.11+, per code: number of its name (see `nameNumbers`), and of its class's for methods; 0: it has none. */
  ownName = new Int32Array(256);
  className = new Int32Array(256);
  /**
   * 3.11+, per unit: number of the name that is called or got there, `unnamed` where it is not known; negative where what it
   * returned is iterated over or awaited; 0 where nothing of that kind happens.
   */
  calledName = new Int32Array(1 << 14);
  /** 3.11+, by unit, of all codes: numbers of the names of calls among the arguments of its call. */
  readonly takenNames = new Map<number, readonly number[]>();
  private readonly nameNumbers = new Map<string, number>();
  private readonly calls: (readonly NamedCall[])[] = [[]];

  /** Per unit: frame number + 1, or 0 where none was needed yet. */
  private frameOfUnit = new Int32Array(1 << 14);
  private lineOfUnit = new Int32Array(1 << 14);
  kindOfUnit = new Uint8Array(1 << 14);
  private unitsUsed = 0;

  private keyLow = new Int32Array(1024);
  private keyHigh = new Int32Array(1024);
  /** Code index; 0 free, −1 known once but no longer valid. */
  private values = new Int32Array(1024);
  private shift = 32 - 10;
  private keys = 0;

  private readonly badLow = new Int32Array(slotCount);
  private readonly badHigh = new Int32Array(slotCount);
  private readonly badSince = new Int32Array(slotCount).fill(-badFor);
  private clock = 0;
  private generation = 0;

  private readonly header: Uint8Array<ArrayBuffer>;
  private readonly headerView: DataView;
  private verifyFrom = 1;
  private readonly verifyCodes: number[] = [];
  /** Of the last `look`. */
  private forgot = false;
  /** Code objects that were verified before a use lately, most of which will be used again. */
  private readonly usual: number[] = [];
  private usualFor = 0;
  /** Codes that were forgotten, by their function: the next one of it that says the same takes its place. */
  private readonly spare = new Map<number, number[]>();

  private readonly memory: Memory;
  private readonly layout: Layout;
  private readonly opcodes: Opcodes;
  /** Address of `PyCode_Type`, or 0 when it is not known: then the first decoded code objects vote. */
  private codeType: number;

  /** By number of the copy and code: address of the first instruction, low half; 0 or absent: not known. */
  private readonly copies: (Int32Array<ArrayBuffer> | undefined)[] = [];

  private readonly table: FrameTable;
  /** Null: frames are told apart by their lines. */
  private readonly instructions: InstructionFrames | null;

  constructor(memory: Memory, layout: Layout, opcodes: Opcodes, codeType: number, table: FrameTable) {
    this.table = table;
    this.memory = memory;
    this.layout = layout;
    this.opcodes = opcodes;
    this.codeType = codeType;
    this.instructions =
      table.tellsInstructions && layout.frames === 'data-stack' ? new InstructionFrames(memory, layout, opcodes, table) : null;
    this.header = new Uint8Array(layout.code.size);
    this.headerView = new DataView(this.header.buffer);
    this.identities = new CodeIdentities(memory, layout);
  }

  /**
   * Index of the code object at an address, decoding it if it is new.
   * @returns 0 when there is none there
   */
  find(low: number, high: number): number {
    const mask = this.values.length - 1;
    let slot = (Math.imul(low >>> 4, 0x9e3779b1) ^ high) >>> this.shift;
    for (;;) {
      const code = this.values[slot]!;
      if (code === 0) return this.decode(low, high);
      if (this.keyLow[slot] === low && this.keyHigh[slot] === high) {
        if (code > 0 && this.verifiedIn[code] === this.generation) return code;
        return code > 0 && this.verify(code) ? code : this.decode(low, high);
      }
      slot = (slot + 1) & mask;
    }
  }

  /**
   * Address of the first instruction, low half, in one of the copies of a code's bytecode (free-threaded 3.14+:
   * `_PyCodeArray`, Include/cpython/code.h), 0 when there is no such copy. Number 0 is the code object's own.
   */
  instructionsOfCopy(code: number, copy: number): number {
    if (copy === 0) return this.instructionsLow[code]!;
    const known = this.copies[copy]?.[code];
    if (known !== undefined && known !== 0) return known;
    const low = (this.addressOfCopy(code, copy) % two32) | 0;
    if (low === 0 || copy >= maxCopies) return low;
    const addresses = this.copies[copy];
    const fitting =
      addresses === undefined
        ? new Int32Array(this.unitBase.length)
        : addresses.length <= code
          ? grown(addresses, new Int32Array(this.unitBase.length))
          : addresses;
    this.copies[copy] = fitting;
    fitting[code] = low;
    return low;
  }

  /** The same, whole. */
  private addressOfCopy(code: number, copy: number): number {
    const { bytecodeCopies, instructions } = this.layout.code as DataStackLayout['code'];
    if (copy === 0) return this.addresses[code]! + instructions;
    const array = bytecodeCopies === undefined ? 0 : readPointer(this.memory, this.addresses[code]! + bytecodeCopies);
    const count = array === 0 ? 0 : readPointer(this.memory, array);
    return copy < 0 || copy >= count ? 0 : readPointer(this.memory, array + 8 + 8 * copy);
  }

  /** Tells that copies of bytecode were freed (`tlbc_generation`, Python/index_pool.c). */
  forgetCopies(): void {
    this.copies.length = 0;
    this.instructions?.forgetCopies();
  }

  /**
   * Number of the frame (function and line, or instruction) of a code at one of its units.
   * @param copy of its bytecode that the frame runs (instructionsOfCopy)
   */
  frame(code: number, unit: number, copy: number): number {
    if (this.instructions !== null) {
      const met = this.instructions.known(code, unit, copy);
      return met >= 0 ? met : this.instructions.meet(code, unit, copy, this.addressOfCopy(code, copy));
    }
    const index = this.unitBase[code]! + unit;
    const known = this.frameOfUnit[index]!;
    return known !== 0 ? known - 1 : this.newFrame(code, index);
  }

  /** Number of the frame of a code at a line that is known otherwise than by an instruction. */
  frameAt(code: number, line: number): number {
    const functionId = this.functionOfCode[code]!;
    return this.instructions === null
      ? this.table.frame(functionId, line)
      : this.table.instructionFrame(functionId, { opcode: '', offset: 0, line, location: null });
  }

  nameOf(code: number): string {
    return this.names[code]!;
  }

  /** Line of a unit, counted through all codes; 0 for none. */
  lineAt(position: number): number {
    return this.lineOfUnit[position]!;
  }

  /** What a code is known to call (to 3.10). */
  callsOf(code: number): readonly NamedCall[] {
    return this.calls[code]!;
  }

  /** Tells that some code object was freed since (3.14+): every known one is verified before its next use. */
  bumpGeneration(): void {
    this.generation++;
    this.clock += badFor;
  }

  /** To be called now and then: lets bad addresses be tried again. */
  age(): void {
    this.clock++;
  }

  /**
   * Every code object is verified before its next use, those of the last uses by one system call: of a thread that stands still,
   * so that what is found out holds. For versions that don't tell when they free one.
   */
  verifyAll(): void {
    const { usual } = this;
    this.generation++;
    this.clock += badFor; // and so is what was none
    if (++this.usualFor === usualLifetime) {
      this.usualFor = 0;
      usual.length = 0;
    }
    let kept = 0;
    for (const code of usual) if (this.identities.isKnown(code)) usual[kept++] = code;
    usual.length = kept;
    if (kept === 0) return;
    this.look(usual);
    if (this.forgot) usual.length = 0;
  }

  /**
   * Looks at up to `limit` known code objects again, in one call or, where some of them can't be read any more, a few, and forgets those
   * whose address holds something else now (versions before 3.14 don't tell when they free one).
   * @returns true when something was forgotten; stacks remembered by address must be forgotten too
   */
  verifySome(limit: number): boolean {
    const { verifyCodes: codes } = this;
    codes.length = 0;
    for (let looked = 1; looked < this.count && codes.length < limit; looked++) {
      if (this.verifyFrom >= this.count) this.verifyFrom = 1;
      const code = this.verifyFrom++;
      if (this.identities.isKnown(code)) codes.push(code);
    }
    let changed = false;
    // What can't be read ends a copy, whatever comes after it: an arena that went back to the system must not keep the others
    // from being looked at.
    while (codes.length > 0) {
      codes.splice(0, this.look(codes));
      changed ||= this.forgot;
    }
    return changed;
  }

  /**
   * Forgets those of a list that are gone, up to the first one that can't be read; `forgot` says whether there were any.
   * @returns how many it looked at
   */
  private look(codes: readonly number[]): number {
    const { identities, verifiedIn, generation } = this;
    const read = identities.check(codes);
    let changed = false;
    for (let i = read - 1; i >= 0; i--) {
      const code = codes[i]!;
      if (identities.same[i]) verifiedIn[code] = generation;
      else changed = this.forget(code) || changed;
    }
    if (read < codes.length) changed = this.forget(codes[read]!) || changed;
    this.forgot = changed;
    return Math.min(codes.length, read + 1);
  }

  /**
   * Compares the opcodes of instructions that were met with what they are now.
   * @returns true when some changed; stacks remembered by address must be forgotten then
   */
  lookAtOpcodes(): boolean {
    return this.instructions?.look() === true;
  }

  private verify(code: number): boolean {
    const { one, usual, identities } = this;
    one[0] = code;
    if (!identities.isKnown(code) || identities.check(one) === 0 || !identities.same[0]) {
      this.forget(code);
      return false;
    }
    this.verifiedIn[code] = this.generation;
    if (usual.length < usualCodes) usual.push(code);
    return true;
  }

  private readonly one: number[] = [0];

  private forget(code: number): boolean {
    if (!this.identities.isKnown(code)) return false;
    this.identities.forget(code);
    this.instructions?.forget(code);
    const address = this.addresses[code]!;
    const slot = this.slotOf((address % two32) | 0, Math.floor(address / two32) | 0);
    if (this.values[slot] === code) this.values[slot] = -1;
    const spare = this.spare.get(this.functionOfCode[code]!);
    if (spare === undefined) this.spare.set(this.functionOfCode[code]!, [code]);
    else if (spare.length < sparesOfFunction) spare.push(code);
    return true;
  }

  private slotOf(low: number, high: number): number {
    const mask = this.values.length - 1;
    let slot = (Math.imul(low >>> 4, 0x9e3779b1) ^ high) >>> this.shift;
    while (this.values[slot] !== 0 && (this.keyLow[slot] !== low || this.keyHigh[slot] !== high)) slot = (slot + 1) & mask;
    return slot;
  }

  private decode(low: number, high: number): number {
    const bad = (low >>> 4) & (slotCount - 1);
    if (this.badLow[bad] === low && this.badHigh[bad] === high && this.clock - this.badSince[bad]! < badFor) return 0;
    const code = this.tryDecode((low >>> 0) + (high >>> 0) * two32);
    if (code === 0) {
      this.badLow[bad] = low;
      this.badHigh[bad] = high;
      this.badSince[bad] = this.clock;
      return 0;
    }
    const slot = this.slotOf(low, high);
    if (this.values[slot] === 0) this.keys++;
    this.keyLow[slot] = low;
    this.keyHigh[slot] = high;
    this.values[slot] = code;
    if (this.keys * 2 > this.values.length) this.rehash();
    return code;
  }

  /** @returns the new code's index, or 0 when there is no code object at the address */
  private tryDecode(address: number): number {
    const { layout, header, headerView: view, memory } = this;
    if (address < 4096 || address >= 2 ** 47 || address % 8 !== 0) return 0;
    if (!memory.read(address, header, 0, header.length)) return 0;
    const type = pointer(view, layout.object.type);
    if (this.codeType !== 0 ? type !== this.codeType : type < 4096) return 0;
    const decoded = decodeCode(memory, layout, this.opcodes, address, view);
    if (decoded === null) return 0;
    const identity = this.identities.identityAt(address, header);
    if (identity === null) return 0;
    const { lines, kinds } = decoded;
    const functionId = this.table.functionId(decoded.name, decoded.file, decoded.firstLine);
    const code = this.takeSpare(functionId, lines) ?? this.addCode(lines);
    this.identities.remember(code, identity);
    this.addresses[code] = address;
    this.verifiedIn[code] = this.generation;
    this.instructionsLow[code] = (decoded.instructions % two32) | 0;
    this.frameLength[code] = decoded.frameLength;
    this.traits[code] = decoded.traits;
    this.functionOfCode[code] = functionId;
    this.instructions?.add(code, functionId, decoded);
    this.names[code] = decoded.name;
    this.calls[code] = decoded.calls;
    this.kindOfUnit.set(kinds, this.unitBase[code]);
    this.addNames(code, decoded);
    if (this.codeType === 0) this.learnCodeType(type);
    return code;
  }

  private addNames(code: number, { name, calledNames }: DecodedCode): void {
    if (this.layout.frames !== 'data-stack') return;
    const parts = name.split('.');
    this.ownName[code] = this.nameNumber(parts.at(-1)!);
    // What follows "<locals>" is in a function, not in a class.
    this.className[code] = parts.length > 1 && parts.at(-2) !== '<locals>' ? this.nameNumber(parts.at(-2)!) : 0;
    const base = this.unitBase[code]!;
    for (const { unit, units, name: called, iterates, takes } of calledNames) {
      const number = called === null ? unnamed : this.nameNumber(called);
      const end = Math.min(base + unit + units, this.unitsUsed);
      this.calledName.fill(iterates ? -number : number, base + unit, end);
      if (takes.length === 0) continue;
      const taken = takes.map((one) => this.nameNumber(one));
      for (let position = base + unit; position < end; position++) this.takenNames.set(position, taken);
    }
  }

  private nameNumber(name: string): number {
    let number = this.nameNumbers.get(name);
    if (number === undefined) this.nameNumbers.set(name, (number = this.nameNumbers.size + unnamed + 1));
    return number;
  }

  private readonly typeVotes = new Map<number, number>();

  /** Without a symbol for PyCode_Type, the type that ten plausible code objects share is taken for it. */
  private learnCodeType(type: number): void {
    const votes = (this.typeVotes.get(type) ?? 0) + 1;
    this.typeVotes.set(type, votes);
    if (votes === 10) this.codeType = type;
  }

  /**
   * A code object of a function that is gone and said the same, if there is one: a program that compiles a text again and again
   * needs no more room each time.
   */
  private takeSpare(functionId: number, lines: Int32Array): number | undefined {
    const spare = this.spare.get(functionId);
    const at = spare?.findIndex((code) => this.hasLines(code, lines)) ?? -1;
    if (at < 0) return undefined;
    const [code] = spare!.splice(at, 1);
    const base = this.unitBase[code!]!;
    this.calledName.fill(0, base, base + lines.length);
    for (const copies of this.copies) copies?.fill(0, code, code! + 1);
    if (this.takenNames.size > 0) for (let position = base; position < base + lines.length; position++) this.takenNames.delete(position);
    return code;
  }

  private hasLines(code: number, lines: Int32Array): boolean {
    const base = this.unitBase[code]!;
    return this.unitCount[code] === lines.length && lines.every((line, unit) => this.lineOfUnit[base + unit] === line);
  }

  private addCode(lines: Int32Array): number {
    const units = lines.length;
    const code = this.count++;
    if (code === this.unitBase.length) this.growCodes();
    const needed = this.unitsUsed + units;
    if (needed > this.frameOfUnit.length) this.growUnits(needed);
    this.unitBase[code] = this.unitsUsed;
    this.unitCount[code] = units;
    this.frameOfUnit.fill(0, this.unitsUsed, needed);
    this.calledName.fill(0, this.unitsUsed, needed);
    this.lineOfUnit.set(lines, this.unitsUsed);
    this.unitsUsed = needed;
    return code;
  }

  private newFrame(code: number, index: number): number {
    const frame = this.table.frame(this.functionOfCode[code]!, this.lineOfUnit[index]!);
    this.frameOfUnit[index] = frame + 1;
    return frame;
  }

  private growCodes(): void {
    const length = this.unitBase.length * 2;
    this.instructionsLow = grown(this.instructionsLow, new Int32Array(length));
    this.unitCount = grown(this.unitCount, new Int32Array(length));
    this.unitBase = grown(this.unitBase, new Int32Array(length));
    this.frameLength = grown(this.frameLength, new Int32Array(length));
    this.traits = grown(this.traits, new Uint8Array(length));
    this.ownName = grown(this.ownName, new Int32Array(length));
    this.className = grown(this.className, new Int32Array(length));
    this.functionOfCode = grown(this.functionOfCode, new Int32Array(length));
    this.addresses = grown(this.addresses, new Float64Array(length));
    this.verifiedIn = grown(this.verifiedIn, new Int32Array(length));
  }

  private growUnits(needed: number): void {
    const length = 2 ** Math.ceil(Math.log2(needed));
    this.frameOfUnit = grown(this.frameOfUnit, new Int32Array(length));
    this.lineOfUnit = grown(this.lineOfUnit, new Int32Array(length));
    this.kindOfUnit = grown(this.kindOfUnit, new Uint8Array(length));
    this.calledName = grown(this.calledName, new Int32Array(length));
  }

  private rehash(): void {
    const { keyLow, keyHigh, values } = this;
    const length = values.length * 2;
    this.keyLow = new Int32Array(length);
    this.keyHigh = new Int32Array(length);
    this.values = new Int32Array(length);
    this.shift--;
    this.keys = 0;
    for (let old = 0; old < values.length; old++) {
      if (values[old]! <= 0) continue;
      const slot = this.slotOf(keyLow[old]!, keyHigh[old]!);
      this.keyLow[slot] = keyLow[old]!;
      this.keyHigh[slot] = keyHigh[old]!;
      this.values[slot] = values[old]!;
      this.keys++;
    }
  }
}

function pointer(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * two32;
}
