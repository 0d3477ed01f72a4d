import { dictHead } from '../cpython/objects.ts';
import type { Layout } from '../cpython/layout.ts';
import { pointerAt, readBytes, readPointer } from '../cpython/strings.ts';
import type { Memory } from '../memory/memory.ts';
import { hexadecimal } from '../values/scope.ts';
import { changed } from '../values/valueLimits.ts';
import type { ValueReader } from '../values/valueReader.ts';
import type { LocalRecord } from './dumpSnapshot.ts';
import type { FoundFrame } from './frameReader.ts';

/** Most variables of a frame that are read; of a class's or module's body, where there may be hundreds. */
const limits = { slots: 1 << 14, shown: 256, namespace: 40, entries: 1 << 14 };

/** CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS (Include/cpython/code.h). */
const flag = { optimized: 1, varArguments: 4, varKeywords: 8 };
/** CO_FAST_LOCAL, CO_FAST_CELL, CO_FAST_FREE: `co_localspluskinds` (Include/internal/pycore_code.h). */
const slotKind = { local: 0x20, cell: 0x40, free: 0x80 };
/** What a module's body consists of and nobody asks for. */
const uninteresting = new Set(['module', 'function', 'type', 'classobj', 'builtin_function_or_method']);

/** A place in a frame that may hold a variable. */
interface Slot {
  readonly name: string;
  readonly kind: 'local' | 'cell' | 'free';
  readonly isArgument: boolean;
  /** From the frame's first local on, in pointers. */
  readonly index: number;
}

interface CodeVariables {
  readonly slots: readonly Slot[];
  readonly isOptimized: boolean;
}

/** Reads the variables of frames. */
export class LocalsReader {
  private readonly memory: Memory;
  private readonly live: Memory | null;
  private readonly layout: Layout;
  private readonly values: ValueReader;
  private readonly variables = new Map<number, CodeVariables | null>();

  /**
   * @param live the process's memory as it is, where `memory` is of a moment and values are read as the program runs on: what
   *   a variable refers to is looked at once more afterwards; null: all is of one moment
   */
  constructor(memory: Memory, live: Memory | null, layout: Layout, values: ValueReader) {
    this.memory = memory;
    this.live = live;
    this.layout = layout;
    this.values = values;
  }

  /** What a frame's variables refer to; those that are not set are left out. @returns null when they can't be read */
  read(frame: FoundFrame): LocalRecord[] | null {
    const variables = this.variablesOf(frame.code);
    if (variables === null) return null;
    const found = this.slotsOf(frame, variables);
    if (found === null) return null;
    const records: LocalRecord[] = [];
    for (const { slot, value, at } of found) {
      if (records.length >= limits.shown) break;
      records.push(this.record(slot.name, slot.kind, slot.isArgument, value, at));
    }
    if (!variables.isOptimized) records.push(...this.namespace(frame));
    return records;
  }

  /** Addresses of what a frame's variables refer to, by name. */
  addresses(frame: FoundFrame): ReadonlyMap<string, number> {
    const variables = this.variablesOf(frame.code);
    const found = variables && this.slotsOf(frame, variables);
    return new Map((found ?? []).map(({ slot, value }) => [slot.name, this.content(value)]));
  }

  /** What is, or lately was, on a frame's value stack, the outermost first. */
  stackValues(frame: FoundFrame): readonly number[] {
    const { layout, memory } = this;
    const depth = Buffer.alloc(4);
    // co_stacksize stands before co_flags to 3.10.
    const depthAt = frame.code + (layout.frames === 'heap' ? layout.code.flags - 4 : layout.code.stackSize);
    if (!memory.read(depthAt, depth, 0, 4)) return [];
    const count = Math.min(Math.max(0, depth.readInt32LE(0)), limits.shown);
    let start: number;
    let used = count;
    if (layout.frames === 'heap') {
      start = readPointer(memory, frame.address + layout.frame.code + 32); // f_valuestack
    } else {
      start = frame.address + layout.frame.localsPlus + 8 * (this.variablesOf(frame.code)?.slots.length ?? 0);
      const top = layout.frame.stackPointer < 0 ? 0 : readPointer(memory, frame.address + layout.frame.stackPointer);
      if (top >= start && top <= start + 8 * count) used = (top - start) / 8;
    }
    return (this.values.scope.pointers(start, used) ?? []).map(untagged);
  }

  private slotsOf(frame: FoundFrame, { slots }: CodeVariables): { slot: Slot; value: number; at: number }[] | null {
    const start = frame.address + this.firstLocal();
    const count = slots.length === 0 ? 0 : slots.at(-1)!.index + 1;
    const bytes = Buffer.alloc(8 * count);
    if (!this.memory.read(start, bytes, 0, bytes.length)) return null;
    const found = slots.map((slot) => ({ slot, value: untagged(pointerAt(bytes, 8 * slot.index)), at: start + 8 * slot.index }));
    const set = found.filter(({ value }) => value !== 0);
    // To 3.10 an argument that functions inside use is in its cell, and both have its name.
    const cells = new Set(set.flatMap(({ slot }) => (slot.kind === 'cell' ? slot.name : [])));
    const argumentNames = new Set(slots.flatMap((slot) => (slot.isArgument ? slot.name : [])));
    return set
      .filter(({ slot }) => slot.kind !== 'local' || !cells.has(slot.name))
      .map((one) => (one.slot.kind === 'cell' ? { ...one, slot: { ...one.slot, isArgument: argumentNames.has(one.slot.name) } } : one));
  }

  /** A variable's value, of a cell what is in it. */
  private record(name: string, kind: LocalRecord['kind'], isArgument: boolean, value: number, at: number): LocalRecord {
    const content = this.content(value);
    let text = content === 0 ? '<empty cell>' : this.values.show(content);
    if (this.live !== null && untagged(readPointer(this.live, at)) !== value) text = changed;
    return { name, address: hexadecimal(content), isArgument, kind, text };
  }

  /** `PyCellObject.ob_ref`; what is no cell is the value itself. */
  private content(value: number): number {
    const { scope } = this.values;
    return scope.types.of(value)?.name === 'cell' ? scope.pointer(value + scope.head) : value;
  }

  /** Of a body that has a dict instead of places: `f_locals`. */
  private namespace(frame: FoundFrame): LocalRecord[] {
    const { layout, values } = this;
    const { scope, instances } = values;
    // PyFrameObject: f_code, f_builtins, f_globals, f_locals; _PyInterpreterFrame: f_globals, f_builtins, f_locals, in 3.11 behind f_func.
    const globalsAt = layout.frames === 'heap' ? layout.frame.code + 16 : layout.minor === 11 ? 8 : 24;
    const localsAt = layout.frames === 'heap' ? globalsAt + 8 : globalsAt + 16;
    const globals = readPointer(this.memory, frame.address + globalsAt);
    const locals = readPointer(this.memory, frame.address + localsAt);
    const isModule = globals === locals;
    const records: LocalRecord[] = [];
    for (const { key, value } of dictHead(scope.memory, locals, limits.entries, scope.objects)?.items ?? []) {
      if (records.length >= limits.namespace) break;
      const name = instances.text(key);
      if (name === null || (name.startsWith('__') && name.endsWith('__'))) continue;
      if (isModule && scope.types.line(scope.types.of(value) ?? noType).some((type) => type.isStatic && uninteresting.has(type.name)))
        continue;
      records.push({ name, address: hexadecimal(value), isArgument: false, kind: 'namespace', text: values.show(value) });
    }
    return records;
  }

  /** To a frame's first local. To 3.10 `f_localsplus` has been 256 bytes behind `f_lasti` since 2.7: f_blockstack lies between. */
  private firstLocal(): number {
    const { layout } = this;
    return layout.frames === 'data-stack' ? layout.frame.localsPlus : layout.frame.lastInstruction + 256;
  }

  private variablesOf(code: number): CodeVariables | null {
    let variables = this.variables.get(code);
    if (variables === undefined) {
      variables = this.layout.frames === 'data-stack' ? this.readSlots(code) : this.readPlainSlots(code);
      this.variables.set(code, variables);
    }
    return variables;
  }

  /** 3.11+: `co_localsplusnames`, `co_localspluskinds` and `co_filename` are neighbours. */
  private readSlots(code: number): CodeVariables | null {
    const { memory, layout } = this;
    if (layout.frames !== 'data-stack') return null;
    const at = layout.code;
    const names = this.names(readPointer(memory, code + at.fileName - 16));
    const kinds = readBytes(memory, readPointer(memory, code + at.fileName - 8), layout, limits.slots);
    // co_flags, (3.11: co_warmup,) co_argcount, co_posonlyargcount, co_kwonlyargcount
    const counts = this.counts(code + at.flags, layout.minor === 11 ? 8 : 4, 8);
    if (names === null || kinds === null || counts === null) return null;
    const slots = names.slice(0, kinds.length).map((name, index): Slot => {
      const kind = kinds[index]!;
      return {
        name,
        kind: (kind & slotKind.free) !== 0 ? 'free' : (kind & slotKind.cell) !== 0 ? 'cell' : 'local',
        isArgument: index < counts.arguments,
        index,
      };
    });
    return { slots, isOptimized: counts.isOptimized };
  }

  /** To 3.10: `co_varnames`, then `co_cellvars`, then `co_freevars`. */
  private readPlainSlots(code: number): CodeVariables | null {
    const { memory, layout } = this;
    if (layout.frames !== 'heap') return null;
    const at = layout.code;
    const lists = [at.localNames, at.cellNames, at.freeNames].map((offset) => this.names(readPointer(memory, code + offset)));
    // co_argcount comes first; co_posonlyargcount is there since 3.8, co_kwonlyargcount since 3.0.
    const keywordOnly = layout.major === 2 ? -1 : layout.minor < 8 ? 4 : 8;
    const counts = this.counts(code + at.flags, layout.object.type + 8 - at.flags, keywordOnly);
    if (counts === null) return null;
    const slots: Slot[] = [];
    for (const [i, kind] of (['local', 'cell', 'free'] as const).entries()) {
      const names = lists[i];
      if (!names) return null;
      for (const [index, name] of names.entries())
        slots.push({ name, kind, isArgument: kind === 'local' && index < counts.arguments, index: slots.length });
    }
    return { slots, isOptimized: counts.isOptimized };
  }

  /** @param argumentsAt from the flags to co_argcount @param keywordOnlyAt from there to co_kwonlyargcount; −1: none */
  private counts(flagsAt: number, argumentsAt: number, keywordOnlyAt: number): { arguments: number; isOptimized: boolean } | null {
    const word = Buffer.alloc(4);
    const int = (address: number): number => (this.memory.read(address, word, 0, 4) ? word.readInt32LE(0) : -1);
    const flags = int(flagsAt);
    const positional = int(flagsAt + argumentsAt);
    const keywordOnly = keywordOnlyAt < 0 ? 0 : int(flagsAt + argumentsAt + keywordOnlyAt);
    if (flags < 0 || positional < 0 || keywordOnly < 0) return null;
    const further = ((flags & flag.varArguments) !== 0 ? 1 : 0) + ((flags & flag.varKeywords) !== 0 ? 1 : 0);
    return { arguments: positional + keywordOnly + further, isOptimized: (flags & flag.optimized) !== 0 };
  }

  private names(tuple: number): string[] | null {
    const head = this.values.scope.tupleHead(tuple, limits.slots);
    return head?.items.map((item) => this.values.instances.text(item) ?? '?') ?? null;
  }
}

const noType = {
  address: 0,
  name: '',
  shortName: '',
  isStatic: true,
  flags: 0,
  basicSize: 0,
  itemSize: 0,
  dictOffset: 0,
  dict: 0,
  base: 0,
  mro: 0,
};

/** Free-threaded 3.13 and all from 3.14 on mark references in their low bits (_PyStackRef). */
function untagged(reference: number): number {
  return reference - (reference % 4);
}
