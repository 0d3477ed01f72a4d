import type { DecodedCode } from '../../cpython/codeObject.ts';
import { distancesFromInstruction } from '../../cpython/instructionUnits.ts';
import type { DataStackLayout } from '../../cpython/layout.ts';
import type { Locations } from '../../cpython/locations.ts';
import { opcodeNames } from '../../cpython/opcodeNames.ts';
import type { Opcodes } from '../../cpython/opcodes.ts';
import { type Memory, SpanPlan } from '../../memory/memory.ts';
import type { FrameTable } from '../tables/frameTable.ts';

/** An instruction has at most three prefixes (EXTENDED_ARG): its argument has 32 bits. */
const longest = 4;
/** Not an opcode: it could not be read. */
const unread = -1;
/** What is read in one look: spans, which is one system call, and bytes. */
const lookLimits = { spans: 1024, bytes: 1 << 20 };
/** Bytes of bytecode that are copied whole rather than instruction by instruction. */
const nearby = 4096;

/** What is known of a code object. */
interface Code {
  readonly functionId: number;
  /** By unit. */
  readonly lines: Int32Array;
  readonly locations: Locations | null;
  /** Versions whose frames may rest on inline caches; null: they don't. */
  readonly distances: Uint8Array | null;
  /** By the number of the copy; 0 is the code object's own. */
  readonly copies: Map<number, Bytecode>;
}

/** One copy of a code object's bytecode, and what was met in it. */
interface Bytecode {
  /** Of the first instruction. */
  readonly address: number;
  /** By unit: frame number + 1; 0 where it was not met since its opcode changed. */
  readonly frames: Int32Array;
  readonly met: MetUnit[];
}

interface MetUnit {
  readonly unit: number;
  /** Of the instruction, prefixes and caches skipped. */
  readonly instruction: number;
  /** `unread` where that failed. */
  readonly opcode: number;
}

/**
 * The frames of sampled instructions, for those who ask for them (EngineOptions.instructions). The interpreter specialises the
 * bytecode of a running program in place, so that the opcode of an instruction is read from the target when the instruction is first
 * met, and compared several times a second from then on: where it has changed, what is sampled later has another frame. So
 * samples cost no read of their own.
 */
export class InstructionFrames {
  private readonly codes: (Code | undefined)[] = [];
  /** All that were met, in the order in which they are looked at. */
  private bytecodes: Bytecode[] = [];
  private next = 0;
  private readonly plan = new SpanPlan();
  private bytes = new Uint8Array(0);
  private readonly names: readonly string[];
  private readonly isPrefix = new Uint8Array(256);
  private readonly memory: Memory;
  private readonly layout: DataStackLayout;
  private readonly opcodes: Opcodes;
  private readonly table: FrameTable;

  constructor(memory: Memory, layout: DataStackLayout, opcodes: Opcodes, table: FrameTable) {
    this.memory = memory;
    this.layout = layout;
    this.opcodes = opcodes;
    this.table = table;
    this.names = opcodeNames(layout.minor);
    // 3.11 has a second one, EXTENDED_ARG_QUICK.
    this.names.forEach((name, opcode) => (this.isPrefix[opcode] = name.startsWith('EXTENDED_ARG') ? 1 : 0));
  }

  /** @param code its number */
  add(code: number, functionId: number, { bytecode, locations, lines }: DecodedCode): void {
    this.codes[code] = {
      functionId,
      lines,
      locations,
      distances:
        bytecode === null || !this.layout.instructions.restOnCaches ? null : distancesFromInstruction(bytecode, this.opcodes.cacheEntries),
      copies: new Map(),
    };
  }

  /** Something else lies where the code object was. */
  forget(code: number): void {
    const known = this.codes[code];
    this.codes[code] = undefined;
    if (known === undefined || known.copies.size === 0) return;
    const gone = new Set(known.copies.values());
    this.bytecodes = this.bytecodes.filter((one) => !gone.has(one));
  }

  /** Copies of bytecode were freed. */
  forgetCopies(): void {
    const kept = new Set<Bytecode>();
    for (const code of this.codes) {
      const own = code?.copies.get(0);
      code?.copies.clear();
      if (own === undefined) continue;
      code!.copies.set(0, own);
      kept.add(own);
    }
    this.bytecodes = this.bytecodes.filter((one) => kept.has(one));
  }

  /** Number of the frame of a code at a unit, where it has one; −1: it was not met yet. */
  known(code: number, unit: number, copy: number): number {
    const bytecode = this.codes[code]?.copies.get(copy);
    return bytecode === undefined ? -1 : bytecode.frames[unit]! - 1;
  }

  /**
   * Number of the frame of a code at a unit that was not met yet.
   * @param address of the first instruction of the copy
   */
  meet(code: number, unit: number, copy: number, address: number): number {
    const known = this.codes[code]!;
    let bytecode = known.copies.get(copy);
    if (bytecode === undefined) {
      bytecode = { address, frames: new Int32Array(known.lines.length), met: [] };
      known.copies.set(copy, bytecode);
      this.bytecodes.push(bytecode);
    }
    let instruction = unit - (known.distances?.[unit] ?? 0);
    const units = new Uint8Array(2 * Math.min(longest, known.lines.length - instruction));
    let opcode = unread;
    if (this.memory.read(address + 2 * instruction, units, 0, units.length)) {
      let at = 0;
      while (this.isPrefix[units[at]!] === 1 && at + 2 < units.length) at += 2;
      opcode = units[at]!;
      instruction += at >> 1;
    }
    bytecode.met.push({ unit, instruction, opcode });
    const frame = this.table.instructionFrame(known.functionId, {
      opcode: opcode === unread ? '' : this.names[opcode]!,
      offset: 2 * instruction,
      line: known.lines[unit]!,
      location: known.locations?.at(unit) ?? null,
    });
    bytecode.frames[unit] = frame + 1;
    return frame;
  }

  /**
   * Compares opcodes with what they are now, those of the next code objects in turn.
   * @returns whether some changed: stacks that were remembered hold frames that are no longer right
   */
  look(): boolean {
    const { plan, bytecodes } = this;
    plan.clear();
    const looked: { readonly bytecode: Bytecode; readonly offsets: readonly number[] }[] = [];
    for (let count = 0; count < bytecodes.length; count++) {
      if (this.next >= bytecodes.length) this.next = 0;
      const bytecode = bytecodes[this.next]!;
      const offsets = this.planLook(bytecode);
      if (offsets === null) break;
      looked.push({ bytecode, offsets });
      this.next++;
    }
    if (this.bytes.length < plan.totalLength) this.bytes = new Uint8Array(plan.totalLength * 2);
    const copied = this.memory.readSpans(plan, this.bytes);
    let changed = false;
    for (const { bytecode, offsets } of looked) {
      for (let i = offsets.length - 1; i >= 0; i--) {
        const { unit, opcode } = bytecode.met[i]!;
        // What can't be read is a code object that was freed, which others notice.
        if (offsets[i]! + 2 > copied || this.bytes[offsets[i]!] === opcode) continue;
        bytecode.frames[unit] = 0;
        bytecode.met.splice(i, 1);
        changed = true;
      }
    }
    return changed;
  }

  /** Adds what was met in a bytecode to the plan. @returns where each opcode will be; null: there is no more room */
  private planLook({ address, met }: Bytecode): number[] | null {
    const { plan } = this;
    let first = Infinity;
    let last = 0;
    for (const { instruction } of met) {
      first = Math.min(first, instruction);
      last = Math.max(last, instruction);
    }
    const length = 2 * (last - first + 1);
    const isNearby = length <= nearby;
    const spans = isNearby ? 1 : met.length;
    const isFirst = plan.count === 0;
    if (!isFirst && (plan.count + spans > lookLimits.spans || plan.totalLength + (isNearby ? length : 2 * spans) > lookLimits.bytes))
      return null;
    if (met.length === 0) return [];
    if (!isNearby) return met.map(({ instruction }) => plan.add(address + 2 * instruction, 2));
    const start = plan.add(address + 2 * first, length);
    return met.map(({ instruction }) => start + 2 * (instruction - first));
  }
}
