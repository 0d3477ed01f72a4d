import type { Memory } from '../memory/memory.ts';
import type { Layout } from './layout.ts';
import { pointerAt, readPointer } from './strings.ts';

/** `PyTypeObject` behind PyVarObject: tp_name first, tp_base (Include/cpython/object.h, 2.7 to 3.15). */
const behindHeader = { name: 0, flags: 144, base: 232 } as const;
/**
 * Py_TPFLAGS_HEAPTYPE: of every class that Python code made, and of none of those built into the interpreter's core that are
 * asked for here.
 */
const heapType = 1 << 9;
const maxNameLength = 256;
/** Longest inheritance that is followed. */
const maxBases = 64;
/** Types remembered at once: more are nonsense, or a program that makes classes all the time. */
const maxKnown = 1 << 14;

/** What a type says of itself. */
export interface TypeFacts {
  /** `tp_name`: "coroutine", "_asyncio.Task"; of classes written in Python without the module. */
  readonly name: string;
  readonly base: number;
  /** It is part of the interpreter, and no class that anybody made under the same name. */
  readonly isStatic: boolean;
}

/** Names of objects' types, each read once: for looks at a process, not for sampling. */
export class Types {
  private readonly memory: Memory;
  private readonly typeOffset: number;
  private readonly known = new Map<number, TypeFacts | null>();

  constructor(memory: Memory, layout: Pick<Layout, 'object'>) {
    this.memory = memory;
    this.typeOffset = layout.object.type;
  }

  /** The name of an object's type; empty when it can't be read. */
  nameOf(object: number): string {
    return object === 0 ? '' : (this.facts(readPointer(this.memory, object + this.typeOffset))?.name ?? '');
  }

  /** Whether an object's type is one of the interpreter's own, whatever its name. */
  isStatic(object: number): boolean {
    return object !== 0 && this.facts(readPointer(this.memory, object + this.typeOffset))?.isStatic === true;
  }

  /** Whether an object's type, or one that it inherits from, has this name. */
  isA(object: number, name: string): boolean {
    return object !== 0 && this.inherits(readPointer(this.memory, object + this.typeOffset), name);
  }

  /** Whether a type has this name, or inherits from one that has. */
  inherits(type: number, name: string): boolean {
    for (let depth = 0; depth < maxBases && type !== 0; depth++) {
      const facts = this.facts(type);
      if (facts === null) return false;
      if (facts.name === name) return true;
      type = facts.base;
    }
    return false;
  }

  private facts(type: number): TypeFacts | null {
    if (type < 4096 || type % 8 !== 0) return null;
    let facts = this.known.get(type);
    if (facts === undefined) {
      if (this.known.size >= maxKnown) this.known.clear();
      facts = this.read(type);
      this.known.set(type, facts);
    }
    return facts;
  }

  private read(type: number): TypeFacts | null {
    const start = this.typeOffset + 16; // ob_type, ob_size
    const bytes = Buffer.alloc(behindHeader.base + 8);
    if (!this.memory.read(type + start, bytes, 0, bytes.length)) return null;
    const name = this.text(pointerAt(bytes, behindHeader.name));
    return name === null
      ? null
      : { name, base: pointerAt(bytes, behindHeader.base), isStatic: (bytes.readUInt32LE(behindHeader.flags) & heapType) === 0 };
  }

  private text(address: number): string | null {
    if (address === 0) return null;
    const bytes = Buffer.alloc(maxNameLength);
    // It may lie at the end of a mapping.
    for (let length = maxNameLength; length >= 8; length >>= 1) {
      if (!this.memory.read(address, bytes, 0, length)) continue;
      const end = bytes.subarray(0, length).indexOf(0);
      return end < 0 ? null : bytes.toString('utf8', 0, end);
    }
    return null;
  }
}
