import type { Memory } from '../memory/memory.ts';
import type { DataStackLayout } from './layout.ts';
import { readPointer } from './strings.ts';

/** INSTRUMENTED_LINE and INSTRUMENTED_INSTRUCTION of 3.12 (Include/opcode.h): `sys.monitoring` puts them in place of others. */
const instrumentedLine = 254;
const instrumentedInstruction = 253;

/**
 * Where 3.12 keeps what they replaced: `_co_monitoring` before `_co_firsttraceable`, `co_extra` and the bytecode; in the
 * `_PyCoMonitoringData` the pointers `lines` (for each unit its opcode and a line delta) and `per_instruction_opcodes`
 * (Include/cpython/code.h; seen in the memory of 3.12.1).
 */
const monitoring312 = { beforeInstructions: 24, lines: 40, instructions: 56 };

/**
 * The bytecode of a code object of 3.11+ as its interpreter executes it. 3.12's is put back to what it was before line and instruction
 * events were asked for, since with these alone nobody can tell instructions from their inline caches, on the last entry of
 * which a frame of 3.12 may rest. Frames of 3.13+ always rest on instructions.
 * @param address of the code object
 * @returns two bytes for each unit: opcode and argument; null when they can't be read
 */
export function readBytecode(memory: Memory, layout: DataStackLayout, address: number, units: number): Uint8Array | null {
  const instructions = new Uint8Array(units * 2);
  const start = address + layout.code.instructions;
  if (!memory.read(start, instructions, 0, instructions.length)) return null;
  if (layout.minor === 12 && isInstrumented(instructions)) {
    const data = readPointer(memory, start - monitoring312.beforeInstructions);
    replace(instructions, instrumentedLine, 2, opcodesAt(memory, data, monitoring312.lines, 2 * units));
    replace(instructions, instrumentedInstruction, 1, opcodesAt(memory, data, monitoring312.instructions, units));
  }
  return instructions;
}

function isInstrumented(instructions: Uint8Array): boolean {
  for (let at = 0; at < instructions.length; at += 2) if (instructions[at] === instrumentedLine || instructions[at] === instrumentedInstruction) return true;
  return false;
}

function opcodesAt(memory: Memory, data: number, field: number, length: number): Uint8Array | null {
  const address = data === 0 ? 0 : readPointer(memory, data + field);
  const opcodes = new Uint8Array(length);
  return address !== 0 && memory.read(address, opcodes, 0, length) ? opcodes : null;
}

function replace(instructions: Uint8Array, replaced: number, stride: number, opcodes: Uint8Array | null): void {
  if (opcodes === null) return;
  for (let unit = 0; 2 * unit < instructions.length; unit++) if (instructions[2 * unit] === replaced) instructions[2 * unit] = opcodes[stride * unit]!;
}
