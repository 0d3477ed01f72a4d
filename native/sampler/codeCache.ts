import { decodeCode, type DecodedCode, type NamedCall } from '../cpython/codeObject.ts';
import type { DataStackLayout, Layout } from '../cpython/layout.ts';
import type { Opcodes } from '../cpython/opcodes.ts';
import { readPointer } from '../cpython/strings.ts';
import { type Memory, SpanPlan } from '../memory/memory.ts';
import type { FrameTable } from './frameTable.ts';
import { grown } from './grown.ts';
import { InstructionFrames } from './instructionFrames.ts';

const two32 = 2 ** 32;
/** Copies of bytecode that are remembered; there is one for each thread, beginning with the second. */
const maxCopies = 1024;
const slotCount = 256;
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
  private identities: (Uint8Array | null)[] = [null];
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
  /** Identity words are compared over these bytes: type … firstlineno, names, line table; not what counts references. */
  private readonly identityStart: number;
  private readonly identityLength: number;
  private verifyFrom = 1;
  private readonly verifyPlan = new SpanPlan();
  private readonly verifyCodes: number[] = [];
  private verifyBytes = new Uint8Array(0);

  private readonly memory: Memory;
  private readonly layout: Layout;
  private readonly opcodes: Opcodes;
  /** Address of `PyCode_Type`, or 0 when it is not known: then the first decoded code objects vote. */
  private codeType: number;

  /** By number of the copy and code: address of the first instruction, low half; 0 or absent: not known. */
  private readonly copies: Int32Array<ArrayBuffer>[] = [];

  private readonly table: FrameTable;
  /** Null: frames are told apart by their lines. */
  private readonly instructions: InstructionFrames | null;

  constructor(memory: Memory, layout: Layout, opcodes: Opcodes, codeType: number, table: FrameTable) {
    this.table = table;
    this.memory = memory;
    this.layout = layout;
    this.opcodes = opcodes;
    this.codeType = codeType;
    this.instructions = table.tellsInstructions && layout.frames === 'data-stack' ? new InstructionFrames(memory, layout, opcodes, table) : null;
    this.header = new Uint8Array(layout.code.size);
    this.headerView = new DataView(this.header.buffer);
    this.identityStart = layout.object.type;
    this.identityLength = layout.code.lineTable + 8 - this.identityStart;
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
    const low = this.addressOfCopy(code, copy) % two32 | 0;
    if (low === 0 || copy >= maxCopies) return low;
    const addresses = this.copies[copy];
    if (addresses === undefined) this.copies[copy] = new Int32Array(this.unitBase.length);
    else if (addresses.length <= code) this.copies[copy] = grown(addresses, new Int32Array(this.unitBase.length));
    this.copies[copy]![code] = low;
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
   * Reads the identity words of up to `limit` known code objects again, in one call, and forgets those
   * whose address holds something else now (versions before 3.14 don't tell when they free one).
   * @returns true when something was forgotten; stacks remembered by address must be forgotten too
   */
  verifySome(limit: number): boolean {
    const { verifyPlan: plan, verifyCodes: codes } = this;
    plan.clear();
    codes.length = 0;
    for (let looked = 1; looked < this.count && codes.length < limit; looked++) {
      if (this.verifyFrom >= this.count) this.verifyFrom = 1;
      const code = this.verifyFrom++;
      if (this.identities[code] === null) continue;
      codes.push(code);
      plan.add(this.addresses[code]! + this.identityStart, this.identityLength);
    }
    if (this.verifyBytes.length < plan.totalLength) this.verifyBytes = new Uint8Array(plan.totalLength * 2);
    const copied = this.memory.readSpans(plan, this.verifyBytes);
    let changed = false;
    for (let i = 0; i < codes.length; i++) {
      const offset = i * this.identityLength;
      if (offset + this.identityLength > copied) {
        // This one can't be read and the rest was not: look at it alone, the others' turn comes again.
        if (!this.verify(codes[i]!)) changed = true;
        this.verifyFrom = codes[i]! + 1;
        break;
      }
      if (!sameBytes(this.identities[codes[i]!], this.verifyBytes, offset)) changed = this.forget(codes[i]!) || changed;
    }
    return changed;
  }

  /**
   * Compares the opcodes of instructions that were met with what they are now.
   * @returns true when some changed; stacks remembered by address must be forgotten then
   */
  lookAtOpcodes(): boolean {
    return this.instructions?.look() === true;
  }

  private verify(code: number): boolean {
    const { header } = this;
    if (
      this.identities[code] !== null &&
      this.memory.read(this.addresses[code]! + this.identityStart, header, 0, this.identityLength) &&
      sameBytes(this.identities[code], header, 0)
    ) {
      this.verifiedIn[code] = this.generation;
      return true;
    }
    this.forget(code);
    return false;
  }

  private forget(code: number): boolean {
    if (this.identities[code] === null) return false;
    this.identities[code] = null;
    this.instructions?.forget(code);
    const address = this.addresses[code]!;
    const slot = this.slotOf((address % two32) | 0, Math.floor(address / two32) | 0);
    if (this.values[slot] === code) this.values[slot] = -1;
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
    const identity = header.slice(this.identityStart, this.identityStart + this.identityLength);
    const decoded = decodeCode(memory, layout, this.opcodes, address, view);
    if (decoded === null) return 0;
    const { lines, kinds } = decoded;
    const code = this.addCode(address, lines.length);
    this.identities[code] = identity;
    this.verifiedIn[code] = this.generation;
    this.instructionsLow[code] = decoded.instructions % two32 | 0;
    this.frameLength[code] = decoded.frameLength;
    this.traits[code] = decoded.traits;
    this.functionOfCode[code] = this.table.functionId(decoded.name, decoded.file, decoded.firstLine);
    this.instructions?.add(code, this.functionOfCode[code], decoded);
    this.names[code] = decoded.name;
    this.calls[code] = decoded.calls;
    this.lineOfUnit.set(lines, this.unitBase[code]);
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

  private addCode(address: number, units: number): number {
    const code = this.count++;
    if (code === this.unitBase.length) this.growCodes();
    const needed = this.unitsUsed + units;
    if (needed > this.frameOfUnit.length) this.growUnits(needed);
    this.unitBase[code] = this.unitsUsed;
    this.unitCount[code] = units;
    this.frameOfUnit.fill(0, this.unitsUsed, needed);
    this.calledName.fill(0, this.unitsUsed, needed);
    this.unitsUsed = needed;
    this.addresses[code] = address;
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

function sameBytes(identity: Uint8Array | null | undefined, bytes: Uint8Array, offset: number): boolean {
  if (identity === null || identity === undefined) return false;
  for (let i = 0; i < identity.length; i++) if (identity[i] !== bytes[offset + i]) return false;
  return true;
}
