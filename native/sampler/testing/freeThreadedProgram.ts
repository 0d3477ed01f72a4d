import { readFileSync } from 'node:fs';
import path from 'node:path';
import { debugOffsetsLength, parseDebugOffsets } from '../../cpython/debugOffsets.ts';
import { type DataStackLayout, FrameOwner, layoutFromDebugOffsets, threadAttached } from '../../cpython/layout.ts';
import { InstructionKind, opcodesOf } from '../../cpython/opcodes.ts';
import { RecordedMemory } from '../../memory/recorded.ts';
import type { PythonTarget } from '../sampler.ts';
import { frameText } from './handSampler.ts';
import { type Recording, recordedTarget } from './recordedTarget.ts';

/** Of the builds whose memory is synthesised, as they could not be had: `_Py_DebugOffsets` by offsetof() over their headers. */
export type FreeThreadedVersion = '3.14.10t' | '3.15.2t';
export const freeThreadedVersions: readonly FreeThreadedVersion[] = ['3.14.10t', '3.15.2t'];

/** What offsetof() over a build's headers says. */
export interface MeasuredOffsets {
  /** `_Py_DebugOffsets` in order, behind its cookie. */
  readonly table: Readonly<Record<string, number>>;
  /** Members of which the table does not tell. */
  readonly offsetof: Readonly<Record<string, number>>;
}

export function measuredOffsets(version: FreeThreadedVersion | '3.13.0t'): MeasuredOffsets {
  return JSON.parse(
    readFileSync(path.join(import.meta.dirname, '..', '..', 'cpython', 'fixtures', `debugOffsets-${version}.json`), 'utf8'),
  ) as MeasuredOffsets;
}

export function tableBytes({ table }: MeasuredOffsets): Uint8Array {
  const bytes = Buffer.alloc(debugOffsetsLength);
  bytes.write('xdebugpy', 'latin1');
  Object.values(table).forEach((value, index) => bytes.writeBigUInt64LE(BigInt(value), 8 + 8 * index));
  return new Uint8Array(bytes);
}

/** A function whose every unit is on a line of its own, beginning with its first line. */
export interface SynthesisedCode {
  readonly address: number;
  readonly name: string;
  readonly file: string;
  readonly firstLine: number;
  readonly units: number;
  readonly locals: number;
  /** Address of the first instruction of each copy; 0 is the code object's own. */
  readonly copies: Map<number, number>;
}

export interface SynthesisedThread {
  readonly state: number;
  readonly chunk: number;
  /** Which copy of bytecode it runs. */
  readonly copy: number;
  /** Address of its innermost frame. */
  frame: number;
  /** Where the next frame comes. */
  top: number;
  /** frameText of each frame, root first. */
  readonly stack: string[];
}

const stackSize = 8;
const chunkSize = 16384;
const copySlots = 4;
/** FOR_ITER, Include/opcode_ids.h */
const forIter: Readonly<Record<number, number>> = { 14: 70, 15: 68 };
/** `Py_TAG_REFCNT`: the reference in a frame is a deferred one. */
const tag = 1;

/** A free-threaded program's memory, written from nothing but the numbers of its layout. */
export class FreeThreadedProgram {
  readonly version: FreeThreadedVersion;
  readonly memory = new RecordedMemory();
  readonly layout: DataStackLayout;
  readonly runtime: number;
  readonly interpreter: number;
  readonly threads: SynthesisedThread[] = [];
  private next = 0x7f00_1000_0000;
  private readonly table: Readonly<Record<string, number>>;
  private readonly codeType: number;
  private readonly trampoline: number;

  constructor(version: FreeThreadedVersion) {
    this.version = version;
    const offsets = measuredOffsets(version);
    const bytes = tableBytes(offsets);
    this.table = offsets.table;
    this.layout = layoutFromDebugOffsets(parseDebugOffsets(bytes), 8);
    this.runtime = this.allocate(4096);
    this.memory.put(this.runtime, bytes);
    this.interpreter = this.allocate(offsets.table['interpreter_state.size']!);
    this.pointer(this.runtime + this.layout.runtime.interpretersHead, this.interpreter);
    this.pointer(this.interpreter + this.layout.interpreter.gilPointer, this.interpreter + this.layout.interpreter.gil);
    this.codeType = this.allocate(512);
    this.trampoline = this.allocate(this.layout.frame.localsPlus + 8);
    this.memory.put(this.trampoline + this.layout.frame.owner, Buffer.of(3)); // FRAME_OWNED_BY_INTERPRETER
  }

  target(): PythonTarget {
    return recordedTarget(this.recording(), this.memory, this.layout);
  }

  recording(): Recording {
    const stacks = Object.fromEntries(this.threads.map((thread) => [String(thread.state), thread.stack]));
    return { version: this.version, runtimeAddress: this.runtime, codeType: this.codeType, stacks, memory: this.memory.toText() };
  }

  opcodeOfForIter(): number {
    return forIter[this.layout.minor]!;
  }

  /** @param opcodes of its units; something that may call, and has no inline caches, where there are none */
  addCode(
    name: string,
    units: number,
    opcodes: Readonly<Record<number, number>> = {},
    { file = '/app/program.py', firstLine = 10, locals = 3, flags = 0 } = {},
  ): SynthesisedCode {
    const { code, object } = this.layout;
    const address = this.allocate(code.instructions + 2 * units + 8);
    this.memory.put(address, Buffer.alloc(code.instructions, 0));
    this.pointer(address + object.type, this.codeType);
    this.pointer(address + object.type + 8, units);
    this.int(address + code.firstLine, firstLine);
    this.int(address + code.localsPlusCount, locals);
    this.int(address + code.stackSize, stackSize);
    this.int(address + code.flags, flags);
    this.pointer(address + code.name, this.addString(name));
    this.pointer(address + code.qualifiedName, this.addString(name));
    this.pointer(address + code.fileName, this.addString(file));
    // One entry a unit: kind 13 (a line, no columns), one unit long, and by how much the line grows.
    const lines = Buffer.alloc(2 * units);
    for (let unit = 0; unit < units; unit++) lines.set([0x80 | (13 << 3), unit === 0 ? 0 : 2], 2 * unit);
    this.pointer(address + code.lineTable, this.addBytes(lines));
    const copies = new Map([[0, address + code.instructions]]);
    const made = { address, name, file, firstLine, units, locals, copies };
    this.writeBytecode(made, 0, opcodes);
    return made;
  }

  /** Gives a code object a copy of its bytecode at an address, and an array of copies if it had none. */
  addCopy(
    code: SynthesisedCode,
    copy: number,
    address = this.allocate(2 * code.units),
    opcodes: Readonly<Record<number, number>> = {},
  ): void {
    const place = code.address + this.layout.code.bytecodeCopies!;
    let array = this.readPointer(place);
    if (array === 0) {
      array = this.allocate(8 + 8 * copySlots);
      this.pointer(array, copySlots);
      this.pointer(array + 8, code.copies.get(0)!);
      this.pointer(place, array);
    }
    code.copies.set(copy, address);
    this.pointer(array + 8 + 8 * copy, address);
    this.writeBytecode(code, copy, opcodes);
  }

  addThread(osThreadId: number, copy: number): SynthesisedThread {
    const { threadState, chunk, interpreter } = this.layout;
    const state = this.allocate(this.table['thread_state.size']! + 64);
    const data = this.allocate(chunkSize);
    const top = data + chunk.data + 8;
    const head = this.readPointer(this.interpreter + interpreter.threadsHead);
    this.pointer(state + threadState.next, head);
    this.pointer(state + threadState.interpreter, this.interpreter);
    this.pointer(state + threadState.threadId, state);
    this.pointer(state + threadState.nativeThreadId, osThreadId);
    this.pointer(state + threadState.dataStackChunk, data);
    this.pointer(state + threadState.dataStackTop, top);
    this.pointer(data + chunk.size, chunkSize);
    this.pointer(this.interpreter + interpreter.threadsHead, state);
    const thread = { state, chunk: data, copy, frame: 0, top, stack: [] };
    this.threads.push(thread);
    return thread;
  }

  setAttached(thread: SynthesisedThread, attached: boolean): void {
    this.int(thread.state + this.layout.threadState.attached!, attached ? threadAttached : 0);
  }

  /** Pushes a frame that calls something at one of its units. */
  push(thread: SynthesisedThread, code: SynthesisedCode, unit: number): void {
    const { threadState, frame } = this.layout;
    const address = thread.top;
    this.writeFrame(address, code, unit, thread.copy, FrameOwner.Thread, thread.frame === 0 ? this.trampoline : thread.frame);
    thread.frame = address;
    thread.top = address + frame.localsPlus + 8 * (code.locals + stackSize);
    thread.stack.push(frameText({ name: code.name, file: code.file, line: code.firstLine + unit, firstLine: code.firstLine }));
    this.pointer(thread.state + threadState.currentFrame, address);
    this.pointer(thread.state + threadState.dataStackTop, thread.top);
  }

  /** Moves the innermost frame. */
  move(thread: SynthesisedThread, code: SynthesisedCode, unit: number): void {
    this.pointer(thread.frame + this.layout.frame.instruction, code.copies.get(thread.copy)! + 2 * unit);
    thread.stack.splice(-1, 1, frameText({ name: code.name, file: code.file, line: code.firstLine + unit, firstLine: code.firstLine }));
  }

  /** Has the innermost frame, which is at a FOR_ITER, run a generator. @param copy of bytecode that the generator ran last */
  runGenerator(thread: SynthesisedThread, iterating: SynthesisedCode, code: SynthesisedCode, unit: number, copy: number): void {
    const { frame, generator, minor } = this.layout;
    const object = this.allocate(generator.frame + frame.localsPlus + 8 * (code.locals + stackSize));
    this.writeFrame(object + generator.frame, code, unit, copy, FrameOwner.Generator, thread.frame);
    const values = thread.frame + frame.localsPlus + 8 * iterating.locals;
    this.pointer(values, object + tag);
    // 3.15 keeps an index, or NULL (a tagged one), above the iterator.
    if (minor >= 15) this.pointer(values + 8, tag);
    this.pointer(thread.frame + frame.stackPointer, values + (minor >= 15 ? 16 : 8));
    thread.stack.push(frameText({ name: code.name, file: code.file, line: code.firstLine + unit, firstLine: code.firstLine }));
    this.pointer(thread.state + this.layout.threadState.currentFrame, object + generator.frame);
  }

  /** Tells that threads' copies of bytecode were freed. */
  bumpCopiesGeneration(): void {
    const at = this.interpreter + this.layout.interpreter.bytecodeCopiesGeneration!;
    this.int(at, this.readPointer(at) + 1);
  }

  pointer(address: number, value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    this.memory.put(address, bytes);
  }

  int(address: number, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    this.memory.put(address, bytes);
  }

  allocate(length: number): number {
    const address = this.next;
    this.next += (length + 31) & ~15;
    this.memory.put(address, Buffer.alloc((length + 31) & ~15));
    return address;
  }

  private writeFrame(address: number, code: SynthesisedCode, unit: number, copy: number, owner: number, previous: number): void {
    const { frame } = this.layout;
    this.pointer(address + frame.code, code.address + tag);
    this.pointer(address + frame.previous, previous);
    this.pointer(address + frame.instruction, code.copies.get(copy)! + 2 * unit);
    this.pointer(address + frame.stackPointer, address + frame.localsPlus + 8 * code.locals);
    this.int(address + frame.bytecodeCopy!, copy);
    this.memory.put(address + frame.owner, Buffer.of(owner));
  }

  private writeBytecode(code: SynthesisedCode, copy: number, opcodes: Readonly<Record<number, number>>): void {
    const bytes = Buffer.alloc(2 * code.units);
    const { kinds, cacheEntries } = opcodesOf(this.layout.minor);
    const call = kinds.findIndex((kind, opcode) => kind === InstructionKind.Other && cacheEntries[opcode] === 0);
    for (let unit = 0; unit < code.units; unit++) bytes[2 * unit] = opcodes[unit] ?? call;
    this.memory.put(code.copies.get(copy)!, bytes);
  }

  private addString(text: string): number {
    const { unicode } = this.layout;
    const isAscii = /^[\0-\x7f]*$/.test(text);
    const data = Buffer.from(text, isAscii ? 'latin1' : 'utf16le');
    const start = isAscii ? unicode.asciiData : unicode.compactData;
    const address = this.allocate(start + data.length + 2);
    this.pointer(address + unicode.length, text.length);
    // struct of bytes since 3.14t (Include/cpython/unicodeobject.h): interned, then kind, compact and ascii.
    this.int(address + unicode.state, 1 | ((isAscii ? 1 : 2) << 8) | (1 << 11) | ((isAscii ? 1 : 0) << 12));
    this.memory.put(address + start, data);
    return address;
  }

  private addBytes(data: Uint8Array): number {
    const { bytes } = this.layout;
    const address = this.allocate(bytes.data + data.length + 1);
    this.pointer(address + bytes.length, data.length);
    this.memory.put(address + bytes.data, data);
    return address;
  }

  private readPointer(address: number): number {
    const bytes = Buffer.alloc(8);
    if (!this.memory.read(address, bytes, 0, 8)) throw new Error('not allocated');
    return Number(bytes.readBigUInt64LE());
  }
}

/** A program of two threads that both run generators, the second one in a copy of the bytecode. */
export function freeThreadedRecording(version: FreeThreadedVersion): Recording {
  const program = new FreeThreadedProgram(version);
  const main = program.addCode('main', 12, {}, { firstLine: 3 });
  const loop = program.addCode('Worker.løop→', 20, { 7: program.opcodeOfForIter() }, { file: '/app/wörker.py', firstLine: 40 });
  const generate = program.addCode('generate', 16, {}, { firstLine: 70, flags: 0x20 });
  for (const [copy, osThreadId] of [100, 101].entries()) {
    if (copy > 0) for (const code of [main, loop, generate]) program.addCopy(code, copy);
    const thread = program.addThread(osThreadId, copy);
    program.push(thread, main, 4 + copy);
    program.push(thread, main, 8 - copy);
    program.push(thread, loop, 7);
    program.runGenerator(thread, loop, generate, 9 + copy, copy);
  }
  return program.recording();
}
