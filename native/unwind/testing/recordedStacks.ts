import fs from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { BufferSource } from '../../binary/byteSource.ts';
import type { Memory } from '../../memory/memory.ts';
import type { MappedFile } from '../../os/system.ts';
import { type Region, ThreadContext } from '../../os/threadContexts.ts';
import type { Files } from '../modules.ts';

/** What fixtures/frames.json holds: a program (frames.c), and what gdb saw of it where it stood in `leaf`. */
interface Recorded {
  readonly base: string;
  readonly elf: string;
  readonly stops: readonly {
    /** In DWARF's order. */
    readonly registers: readonly string[];
    /** Innermost first: address in the program, and name. */
    readonly frames: readonly (readonly [string, string])[];
    /** From 128 bytes below the stack pointer on. */
    readonly stack: string;
  }[];
}

/** A moment at which gdb looked. */
export interface RecordedStop {
  readonly context: ThreadContext;
  readonly stackBase: number;
  readonly stack: Buffer;
  /** Of the process; innermost first. */
  readonly addresses: readonly number[];
  readonly names: readonly string[];
}

const redZone = 128;
const recorded = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../fixtures/frames.json'), 'utf8')) as Recorded;
const inflated = (text: string): Buffer => inflateSync(Buffer.from(text, 'base64'));

/** The program's file. */
export const elf = inflated(recorded.elf);
/** Where it was loaded. */
export const base = Number(recorded.base);
const codeEnd = base + 0x1000;

export const stops: readonly RecordedStop[] = recorded.stops.map(({ registers, frames, stack }) => {
  const context = new ThreadContext();
  for (const [register, text] of registers.entries()) {
    const value = BigInt(text);
    context.set(register, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }
  return {
    context,
    stackBase: context.get(7) - redZone,
    stack: inflated(stack),
    addresses: frames.map(([address]) => base + Number(address)),
    names: frames.map(([, name]) => name),
  };
});

/** The stack as it was, and the program's code. @param file the program's file, whole or damaged */
export function memoryOf(stop: RecordedStop, file: Buffer = elf): Memory {
  return {
    read(address, target, offset, length) {
      for (const [start, bytes] of [
        [stop.stackBase, stop.stack],
        [base, file],
      ] as const) {
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

export function regionsOf({ stackBase, stack }: RecordedStop): Region[] {
  return [
    { start: base, end: codeEnd, executable: true, name: '/frames' },
    { start: stackBase, end: stackBase + stack.length, executable: false, name: '[stack]' },
  ];
}

/** The program's file as a system would have it. */
export function filesOf(file: Buffer = elf): Files {
  const mapped: MappedFile = {
    path: '/frames',
    deleted: false,
    device: '0:0',
    inode: 1,
    mappings: [{ start: base, end: codeEnd, fileOffset: 0, executable: true }],
  };
  return { pageSize: 4096, mappedFiles: () => [mapped], openMappedFile: () => ({ source: new BufferSource(file), key: '' }) };
}
