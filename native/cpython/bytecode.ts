import type { Memory } from '../memory/memory.ts';
import type { DataStackLayout } from './layout.ts';
import { readPointer } from './strings.ts';

/** What `sys.monitoring` puts in place of other instructions, and where a version keeps these. */
interface Monitoring {
  /** INSTRUMENTED_LINE and INSTRUMENTED_INSTRUCTION. */
  readonly line: number;
  readonly instruction: number;
  /** Offset of `_co_monitoring` before that of the bytecode. */
  readonly beforeInstructions: number;
  /** Offsets of the pointers `lines` and `per_instruction_opcodes` in `_PyCoMonitoringData`. */
  readonly lines: number;
  readonly instructions: number;
}

/**
 * By minor version. Source: Include/cpython/code.h and the opcode headers; seen in the memory of 3.12.1, 3.13.0, 3.13.15t,
 * 3.14.10 and 3.15.2.
 */
const monitoringOf: Readonly<Record<number, Monitoring>> = {
  12: { line: 254, instruction: 253, beforeInstructions: 24, lines: 40, instructions: 56 },
  13: { line: 254, instruction: 247, beforeInstructions: 24, lines: 32, instructions: 48 },
  14: { line: 254, instruction: 238, beforeInstructions: 32, lines: 96, instructions: 112 },
  15: { line: 253, instruction: 237, beforeInstructions: 32, lines: 104, instructions: 120 },
};

/**
 * The bytecode of a code object of 3.11+ as its interpreter executes it, with what it was before line and instruction events were
 * asked for, as debuggers and coverage do: with these alone nobody can tell which instructions call or iterate, nor in 3.12 where
 * inline caches are, on the last entry of which a frame may rest. Not in free-threaded 3.14+, where the place of `_co_monitoring`
 * is not known: it could not be had to run.
 * @param address of the code object
 * @returns two bytes for each unit: opcode and argument; null when they can't be read
 */
export function readBytecode(memory: Memory, layout: DataStackLayout, address: number, units: number): Uint8Array | null {
  const instructions = new Uint8Array(units * 2);
  const start = address + layout.code.instructions;
  if (!memory.read(start, instructions, 0, instructions.length)) return null;
  const monitoring = layout.code.bytecodeCopies === undefined ? monitoringOf[layout.minor] : undefined;
  if (monitoring === undefined || !isInstrumented(instructions, monitoring)) return instructions;
  const data = readPointer(memory, start - monitoring.beforeInstructions);
  if (data === 0) return instructions;
  replaceLines(memory, readPointer(memory, data + monitoring.lines), instructions, monitoring.line);
  replace(memory, readPointer(memory, data + monitoring.instructions), 1, instructions, monitoring.instruction);
  return instructions;
}

function isInstrumented(instructions: Uint8Array, { line, instruction }: Monitoring): boolean {
  for (let at = 0; at < instructions.length; at += 2) if (instructions[at] === line || instructions[at] === instruction) return true;
  return false;
}

/**
 * `lines` has, for each unit, its opcode and 1 to 4 bytes of how far its line is from the last one's, and before all of them how
 * many bytes that are, since some 3.13.x: 2 to 5. Older ones have 2, and begin with the opcode of the first unit, which is none
 * of these instructions.
 */
function replaceLines(memory: Memory, address: number, instructions: Uint8Array, replaced: number): void {
  const length = new Uint8Array(1);
  if (address === 0 || !memory.read(address, length, 0, 1)) return;
  const isSaid = length[0]! >= 2 && length[0]! <= 5;
  replace(memory, isSaid ? address + 1 : address, isSaid ? length[0]! : 2, instructions, replaced);
}

/** From a table with an opcode every `stride` bytes, one for each unit. */
function replace(memory: Memory, address: number, stride: number, instructions: Uint8Array, replaced: number): void {
  const units = instructions.length / 2;
  const opcodes = new Uint8Array(units * stride);
  if (address === 0 || !memory.read(address, opcodes, 0, opcodes.length)) return;
  for (let unit = 0; unit < units; unit++) if (instructions[2 * unit] === replaced) instructions[2 * unit] = opcodes[stride * unit]!;
}
