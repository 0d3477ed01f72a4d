import type { Layout } from '../cpython/layout.ts';
import type { ObjectLayout } from '../cpython/objectLayout.ts';
import { pointerAt, readPointer } from '../cpython/strings.ts';
import type { Memory } from '../memory/memory.ts';

/**
 * `PyTypeObject` behind `ob_size` (Include/cpython/object.h): tp_name first; the same from 2.7 to 3.15, where the members up to
 * tp_mro have kept their places.
 */
const behindHeader = { name: 0, basicSize: 8, itemSize: 16, flags: 144, base: 232, dict: 240, dictOffset: 264, mro: 320 } as const;
/** Py_TPFLAGS_HEAPTYPE, Include/object.h. */
const heapType = 1 << 9;
/** Longest text that a type is called, longest inheritance followed, most types remembered. */
const limits = { name: 256, bases: 64, known: 1 << 14 };

/** What a type says of itself. */
export interface TypeFacts {
  readonly address: number;
  /** `tp_name`: "int", "collections.deque"; of classes written in Python without the module. */
  readonly name: string;
  /** `__name__`: what comes last in `tp_name`. */
  readonly shortName: string;
  readonly isStatic: boolean;
  readonly flags: number;
  readonly basicSize: number;
  readonly itemSize: number;
  readonly dictOffset: number;
  /** `tp_dict`: null pointer for types of the core from 3.12 on. */
  readonly dict: number;
  readonly base: number;
  /** Address of the tuple. */
  readonly mro: number;
}

/** Types of objects, each read once. */
export class TypeBook {
  private readonly memory: Memory;
  private readonly typeOffset: number;
  private readonly known = new Map<number, TypeFacts | null>();
  private readonly lines = new Map<number, readonly TypeFacts[]>();

  constructor(memory: Memory, layout: Pick<Layout, 'object'>) {
    this.memory = memory;
    this.typeOffset = layout.object.type;
  }

  /** Facts of an object's type; null when it can't be read. */
  of(object: number): TypeFacts | null {
    return isPlausible(object) ? this.facts(readPointer(this.memory, object + this.typeOffset)) : null;
  }

  /** Facts of the type at an address; null when there is none. */
  facts(type: number): TypeFacts | null {
    if (!isPlausible(type)) return null;
    let facts = this.known.get(type);
    if (facts === undefined) {
      if (this.known.size >= limits.known) this.known.clear();
      facts = this.read(type);
      this.known.set(type, facts);
    }
    return facts;
  }

  /** A type and what it inherits from by `tp_base`, `object` last. */
  line(type: TypeFacts): readonly TypeFacts[] {
    let line = this.lines.get(type.address);
    if (line !== undefined) return line;
    const found = [type];
    for (let base = this.facts(type.base); base !== null && found.length < limits.bases; base = this.facts(base.base)) found.push(base);
    if (this.lines.size >= limits.known) this.lines.clear();
    line = found;
    this.lines.set(type.address, line);
    return line;
  }

  /** A type and all it inherits from, in the order in which attributes are looked for. */
  order(type: TypeFacts, layout: { readonly length: number; readonly items: number }): readonly TypeFacts[] {
    const header = Buffer.alloc(8);
    if (type.mro === 0 || !this.memory.read(type.mro + layout.length, header, 0, 8)) return this.line(type);
    const count = Math.min(pointerAt(header, 0), limits.bases);
    const items = Buffer.alloc(8 * count);
    if (count === 0 || !this.memory.read(type.mro + layout.items, items, 0, items.length)) return this.line(type);
    return Array.from({ length: count }, (_, i) => this.facts(pointerAt(items, 8 * i))).filter((one) => one !== null);
  }

  private read(type: number): TypeFacts | null {
    const bytes = Buffer.alloc(behindHeader.mro + 8);
    if (!this.memory.read(type + this.typeOffset + 16, bytes, 0, bytes.length)) return null;
    const name = readCString(this.memory, pointerAt(bytes, behindHeader.name));
    if (name === null || !isName(name)) return null;
    const flags = bytes.readUInt32LE(behindHeader.flags);
    return {
      address: type,
      name,
      shortName: name.slice(name.lastIndexOf('.') + 1),
      isStatic: (flags & heapType) === 0,
      flags,
      basicSize: bytes.readUInt32LE(behindHeader.basicSize),
      itemSize: bytes.readUInt32LE(behindHeader.itemSize),
      dictOffset: bytes.readInt32LE(behindHeader.dictOffset),
      dict: pointerAt(bytes, behindHeader.dict),
      base: pointerAt(bytes, behindHeader.base),
      mro: pointerAt(bytes, behindHeader.mro),
    };
  }
}

/** What is no type has anything but a name there. */
function isName(text: string): boolean {
  return text !== '' && !/[\p{Cc}\ufffd]/u.test(text);
}

/** Whether an object can lie at an address. */
export function isPlausible(address: number): boolean {
  return address >= 4096 && address < 2 ** 47 && address % 8 === 0;
}

/** Text of C, UTF-8. @returns null when it can't be read or is longer than a name */
export function readCString(memory: Memory, address: number): string | null {
  if (address < 4096) return null;
  const bytes = Buffer.alloc(limits.name);
  // It may lie at the end of a mapping.
  for (let length = limits.name; length >= 4; length >>= 1) {
    if (!memory.read(address, bytes, 0, length)) continue;
    const end = bytes.subarray(0, length).indexOf(0);
    return end < 0 ? null : bytes.toString('utf8', 0, end);
  }
  return null;
}

/** Where tuples have their items: 3.14 put a hash before them (Include/cpython/tupleobject.h). */
export function tupleLayout(layout: Layout, { type }: ObjectLayout): { readonly length: number; readonly items: number } {
  return layout.frames === 'data-stack' ? layout.tuple : { length: type + 8, items: type + 16 };
}
