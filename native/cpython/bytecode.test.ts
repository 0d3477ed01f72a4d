import assert from 'node:assert/strict';
import type { Memory } from '../memory/memory.ts';
import { readBytecode } from './bytecode.ts';
import { tabulatedLayout } from './layout.ts';

const layout = tabulatedLayout(12)!;
const [line, instruction] = [254, 253];
const addresses = { code: 0x10000, data: 0x20000, lines: 0x30000, instructions: 0x40000 };

/** Memory that has these bytes at these addresses, and nothing else. */
function memoryOf(parts: ReadonlyMap<number, Uint8Array>): Memory {
  return {
    read(address, target, offset, length) {
      for (const [start, bytes] of parts) {
        if (address < start || address + length > start + bytes.length) continue;
        target.set(bytes.subarray(address - start, address - start + length), offset);
        return true;
      }
      return false;
    },
    readSpans: () => 0,
    close: () => undefined,
  };
}

interface Watched {
  readonly opcodes: readonly number[];
  readonly data?: number;
  readonly lines?: readonly number[];
  readonly instructions?: readonly number[];
}

/** The opcodes that are read of code that is watched so. */
function read({ opcodes, data = addresses.data, lines, instructions }: Watched): number[] | null {
  const start = addresses.code + layout.code.instructions;
  const code = Buffer.alloc(24 + 2 * opcodes.length);
  code.writeBigUInt64LE(BigInt(data), 0);
  opcodes.forEach((opcode, unit) => code.writeUInt8(opcode, 24 + 2 * unit));
  const monitoring = Buffer.alloc(80);
  if (lines !== undefined) monitoring.writeBigUInt64LE(BigInt(addresses.lines), 40);
  if (instructions !== undefined) monitoring.writeBigUInt64LE(BigInt(addresses.instructions), 56);
  const parts = new Map<number, Uint8Array>([
    [start - 24, code],
    [addresses.data, monitoring],
  ]);
  if (lines !== undefined) parts.set(addresses.lines, Uint8Array.from(lines));
  if (instructions !== undefined) parts.set(addresses.instructions, Uint8Array.from(instructions));
  const bytecode = readBytecode(memoryOf(parts), layout, addresses.code, opcodes.length);
  return bytecode && opcodes.map((_, unit) => bytecode[2 * unit]!);
}

describe('readBytecode', () => {
  it('leaves code alone that nobody watches', () => {
    assert.deepEqual(read({ opcodes: [151, 93, 83], data: 0xdead0 }), [151, 93, 83]);
  });

  it('puts back what line events replaced', () => {
    assert.deepEqual(read({ opcodes: [151, line, 100, line], lines: [0, 128, 93, 1, 0, 128, 83, 2] }), [151, 93, 100, 83]);
  });

  it('knows newer tables, which say how long their entries are', () => {
    assert.deepEqual(read({ opcodes: [151, line, line], lines: [2, 0, 128, 93, 1, 83, 2] }), [151, 93, 83]);
    assert.deepEqual(read({ opcodes: [151, line, line], lines: [4, 0, 1, 1, 1, 93, 1, 1, 1, 83, 1, 1, 1] }), [151, 93, 83]);
  });

  it('puts back what instruction events replaced, also behind line events', () => {
    const lines = [0, 128, instruction, 1, 0, 128];
    assert.deepEqual(read({ opcodes: [instruction, line, instruction], lines, instructions: [151, 93, 83] }), [151, 93, 83]);
  });

  it('keeps what is there where tables are missing, or can’t be read', () => {
    assert.deepEqual(read({ opcodes: [151, line], data: 0 }), [151, line]);
    assert.deepEqual(read({ opcodes: [151, line], data: 0xdead0 }), [151, line]);
    assert.deepEqual(read({ opcodes: [151, line, instruction] }), [151, line, instruction]);
    assert.deepEqual(read({ opcodes: [151, line, line], lines: [0, 128, 93] }), [151, line, line], 'a table that ends too early');
    assert.deepEqual(read({ opcodes: [151, line], lines: [5, 0, 1, 1, 1, 1, 93] }), [151, line], 'and another one');
  });
});
