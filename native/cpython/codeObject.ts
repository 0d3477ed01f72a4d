import type { Memory } from '../memory/memory.ts';
import { readBytecode } from './bytecode.ts';
import { findCalledNames } from './calledNames.ts';
import { callOpcodesOf } from './callOpcodes.ts';
import { type CallName, findCallSites } from './callSites.ts';
import type { DataStackLayout, HeapFrameLayout, Layout } from './layout.ts';
import { continueLines, decodeLineNumbers } from './lineNumbers.ts';
import { decodeLocationTable } from './lineTable.ts';
import { Locations } from './locations.ts';
import { InstructionKind, type Opcodes } from './opcodes.ts';
import { pointerAt, readBytes, readPointer, readShortStrings, readString } from './strings.ts';

/** Bits of a code object's traits. */
export const CodeTrait = {
  /** CPython's own trampoline around `__init__` (3.13+): never shown. */
  Hidden: 1,
  /** A generator, coroutine or asynchronous generator: its frames live on the heap. */
  Generator: 2,
  /** A coroutine, or a generator that stands for one: what a task can run. */
  Coroutine: 4,
  /** Its name begins and ends with two underscores. */
  Special: 8,
  /**
   * To 3.10: it has no bytecode. Frames of it are made and linked by what a compiler made of Python (Nuitka), or by C code, and their
   * line is `f_lineno`.
   */
  Compiled: 16,
} as const;

/** CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR, Include/cpython/code.h */
const generatorFlags = 0x20 | 0x80 | 0x200;
/** CO_COROUTINE | CO_ITERABLE_COROUTINE */
const coroutineFlags = 0x80 | 0x100;

const two32 = 2 ** 32;
/** Bounds for what a code object may say of itself; the largest seen in practice are far below. */
const limits = { units: 1 << 23, locals: 1 << 20, stack: 1 << 20, text: 1 << 16 };

/** `PyTupleObject` before 3.14, behind PyObject */
const tupleSize = 0;
const tupleItems = 8;

/** What is called or iterated over at a unit, or passed to what is called. */
export interface NamedCall {
  readonly unit: number;
  /** `madeFunction` for a function that was made right there; null: unknown. */
  readonly name: string | null;
  readonly passed: readonly string[];
  /** What is called to get its arguments. */
  readonly results: readonly string[];
}

/** Stands for the names of functions that have none: of comprehensions, lambdas. */
export const madeFunction = '<made>';

/** Units of an instruction of 3.11+ at which something is called, got as an attribute, or iterated over. */
export interface CalledName {
  readonly unit: number;
  /** With the inline caches that frames' positions may rest on. */
  readonly units: number;
  /** Null: it has none, or none that is known. */
  readonly name: string | null;
  /** What the call of that name returned is iterated over or awaited. */
  readonly iterates: boolean;
  /** Names of calls among the call's arguments. */
  readonly takes: readonly string[];
}

/** What a code object says, decoded. */
export interface DecodedCode {
  readonly name: string;
  readonly file: string;
  readonly firstLine: number;
  /** Per unit (two bytes of bytecode; before 3.6 one): its line (continueLines); 0 only where the function has none either. */
  readonly lines: Int32Array;
  /** Per unit: an InstructionKind; to 3.10 a CallKind and an operator (callKindMask). */
  readonly kinds: Uint8Array;
  /** To 3.10: units that call something of which the name is known, or pass named things. */
  readonly calls: readonly NamedCall[];
  /** 3.11+: what is called under which name. */
  readonly calledNames: readonly CalledName[];
  /** As the interpreter executes it (readBytecode; 3.11+), else null. */
  readonly bytecode: Uint8Array | null;
  /** 3.11+, else null. */
  readonly locations: Locations | null;
  /** Address of the first instruction, where it lies in the code object itself (3.11+), else 0. */
  readonly instructions: number;
  /** Bytes of a frame of it on the data stack (3.11+), else 0. */
  readonly frameLength: number;
  /** A sum of CodeTrait bits. */
  readonly traits: number;
}

/**
 * Decodes the code object at an address.
 * @param header its first `layout.code.size` bytes
 * @returns null when there is none
 */
export function decodeCode(memory: Memory, layout: Layout, opcodes: Opcodes, address: number, header: DataView): DecodedCode | null {
  return layout.frames === 'data-stack' ? decodeAdaptive(memory, layout, opcodes, address, header) : decodePlain(memory, layout, header);
}

function decodeAdaptive(memory: Memory, layout: DataStackLayout, opcodes: Opcodes, address: number, header: DataView): DecodedCode | null {
  const { code } = layout;
  const units = pointer(header, layout.object.type + 8); // ob_size of PyVarObject, Objects/codeobject.c
  const firstLine = header.getInt32(code.firstLine, true);
  const localsPlus = header.getInt32(code.localsPlusCount, true);
  const stackSize = header.getInt32(code.stackSize, true);
  if (!(units > 0 && units <= limits.units && firstLine >= 0)) return null;
  if (!(localsPlus >= 0 && localsPlus <= limits.locals && stackSize >= 0 && stackSize <= limits.stack)) return null;
  const name = readString(memory, pointer(header, code.qualifiedName), layout, limits.text);
  const file = readString(memory, pointer(header, code.fileName), layout, limits.text);
  const table = readBytes(memory, pointer(header, code.lineTable), layout, limits.units * 8);
  if (name === null || file === null || table === null) return null;
  const lines = new Int32Array(units);
  decodeLocationTable(table, firstLine, lines);
  continueLines(lines, firstLine);
  const instructions = address + code.instructions;
  const bytecode = readBytecode(memory, layout, address, units);
  const locations = new Locations(table, firstLine, units);
  const hidden = firstLine === 0 && name === '__init__' && file === '__init__'; // _Py_InitCleanup, Objects/codeobject.c
  return {
    name,
    file,
    firstLine,
    lines,
    kinds: decodeKinds(bytecode, opcodes, units),
    calls: [],
    calledNames: bytecode === null ? [] : readCalledNames(memory, layout, opcodes, header, bytecode, locations),
    bytecode,
    locations,
    instructions,
    frameLength: layout.frame.localsPlus + 8 * (localsPlus + stackSize),
    traits:
      (hidden ? CodeTrait.Hidden : 0) | (/(^|\.)__\w+__$/.test(name) ? CodeTrait.Special : 0) | traitsOf(header.getInt32(code.flags, true)),
  };
}

function readCalledNames(
  memory: Memory,
  layout: DataStackLayout,
  opcodes: Opcodes,
  header: DataView,
  bytecode: Uint8Array,
  locations: Locations,
): CalledName[] {
  const found = findCalledNames(bytecode, locations, opcodes, layout.minor);
  const names = readNamesAt(
    memory,
    layout,
    pointer(header, layout.code.names),
    found.flatMap(({ nameIndex, takes }) => [nameIndex, ...takes]),
  );
  return found.map(({ unit, nameIndex, iterates, takes }) => {
    // Positions of frames rest on caches in 3.11 and 3.12 only.
    const caches = layout.minor <= 12 ? opcodes.cacheEntries[bytecode[2 * unit]!]! : 0;
    return {
      unit,
      units: 1 + caches,
      name: names.get(nameIndex) ?? null,
      iterates,
      takes: takes.map((index) => names.get(index) ?? null).filter((name) => name !== null),
    };
  });
}

/** Names of a tuple by their index, by three system calls at most; those that can't be read are left out. */
function readNamesAt(
  memory: Memory,
  layout: DataStackLayout,
  tuple: number,
  wanted: readonly number[],
): ReadonlyMap<number, string | null> {
  const indices = [...new Set(wanted)].filter((index) => index >= 0).sort((a, b) => a - b);
  const count = indices.length === 0 ? 0 : indices.at(-1)! + 1;
  if (count === 0 || tuple < 4096 || readPointer(memory, tuple + layout.tuple.length) < count) return new Map();
  const items = Buffer.alloc(8 * count);
  if (!memory.read(tuple + layout.tuple.items, items, 0, items.length)) return new Map();
  const names = readShortStrings(
    memory,
    indices.map((index) => pointerAt(items, 8 * index)),
    layout,
  );
  return new Map(indices.map((index, at) => [index, names[at]!]));
}

/** To 3.10. The last unit, one more than there are, stands for a frame that has not begun. */
function decodePlain(memory: Memory, layout: HeapFrameLayout, header: DataView): DecodedCode | null {
  const { code } = layout;
  const firstLine = header.getInt32(code.firstLine, true);
  if (firstLine < 0) return null;
  const name = readString(memory, pointer(header, code.name), layout, limits.text);
  const file = readString(memory, pointer(header, code.fileName), layout, limits.text);
  const instructions = readBytes(memory, pointer(header, code.instructions), layout, limits.units * 2);
  const table = readBytes(memory, pointer(header, code.lineTable), layout, limits.units * 4);
  if (name === null || file === null || instructions === null || table === null) return null;
  const units = Math.ceil(instructions.length / code.instructionUnit);
  const lines = new Int32Array(units + 1);
  decodeLineNumbers(table, firstLine, code.lineEncoding, code.instructionUnit, lines.subarray(0, units));
  continueLines(lines, firstLine);
  lines[units] = firstLine;
  const kinds = new Uint8Array(units + 1);
  return {
    name,
    file,
    firstLine,
    lines,
    kinds,
    calls: decodeCalls(memory, layout, header, instructions, kinds),
    calledNames: [],
    bytecode: null,
    locations: null,
    instructions: 0,
    frameLength: 0,
    traits: (units === 0 ? CodeTrait.Compiled : 0) | traitsOf(header.getInt32(code.flags, true)),
  };
}

/** @param kinds gets the CallKind of each unit */
function decodeCalls(memory: Memory, layout: HeapFrameLayout, header: DataView, instructions: Buffer, kinds: Uint8Array): NamedCall[] {
  const { code } = layout;
  const opcodes = callOpcodesOf(layout.major, layout.minor);
  if (opcodes === undefined) return [];
  const found = findCallSites(instructions, opcodes, code.instructionUnit, code.positionUnit);
  kinds.set(found.kinds);
  const names = { names: new Map<number, string>(), locals: new Map<number, string>(), cells: new Map<number, string>() };
  for (const source of ['names', 'locals', 'cells'] as const) {
    const wanted = new Set<number>();
    const want = (reference: CallName | null): unknown =>
      typeof reference === 'object' && reference?.source === source && wanted.add(reference.index);
    for (const { name, passed } of found.sites) {
      want(name);
      passed.forEach(want);
    }
    if (source === 'cells') {
      const cells = pointer(header, code.cellNames);
      const count = tupleLength(memory, layout, cells);
      readNames(memory, layout, cells, [...wanted], 0, names.cells);
      readNames(memory, layout, pointer(header, code.freeNames), [...wanted], count, names.cells);
    } else {
      readNames(memory, layout, pointer(header, source === 'names' ? code.names : code.localNames), [...wanted], 0, names[source]);
    }
  }
  const text = (reference: CallName): string | null =>
    reference === 'made' ? madeFunction : (names[reference.source].get(reference.index) ?? null);
  return found.sites.map(({ unit, name, passed, results }) => ({
    unit,
    name: name === null ? null : text(name),
    passed: passed.map(text).filter((one) => one !== null),
    results: results.map(text).filter((one) => one !== null),
  }));
}

/** Names of a tuple, by their index plus `base`; those that can't be read are left out. */
function readNames(
  memory: Memory,
  layout: HeapFrameLayout,
  tuple: number,
  wanted: readonly number[],
  base: number,
  names: Map<number, string>,
): void {
  const count = tupleLength(memory, layout, tuple);
  for (const index of wanted) {
    if (index < base || index >= base + count || names.has(index)) continue;
    const name = readString(
      memory,
      readPointer(memory, tuple + layout.object.type + 8 + tupleItems + 8 * (index - base)),
      layout,
      limits.text,
    );
    if (name !== null) names.set(index, name);
  }
}

function tupleLength(memory: Memory, layout: HeapFrameLayout, tuple: number): number {
  const length = readPointer(memory, tuple + layout.object.type + 8 + tupleSize);
  return length <= limits.locals ? length : 0;
}

function decodeKinds(instructions: Uint8Array | null, { kinds, cacheEntries }: Opcodes, units: number): Uint8Array {
  const kindOfUnit = new Uint8Array(units).fill(InstructionKind.Other);
  if (instructions === null) return kindOfUnit;
  for (let unit = 0; unit < units; unit++) {
    const opcode = instructions[2 * unit]!;
    const entries = Math.min(cacheEntries[opcode]!, units - 1 - unit);
    // The cache entries stand for their instruction: prev_instr of 3.12 rests on the last one.
    kindOfUnit.fill(kinds[opcode]!, unit, unit + 1 + entries);
    unit += entries;
  }
  return kindOfUnit;
}

function traitsOf(flags: number): number {
  return ((flags & generatorFlags) !== 0 ? CodeTrait.Generator : 0) | ((flags & coroutineFlags) !== 0 ? CodeTrait.Coroutine : 0);
}

function pointer(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * two32;
}
