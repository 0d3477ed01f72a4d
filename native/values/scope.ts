import type { Layout } from '../cpython/layout.ts';
import type { ObjectLayout } from '../cpython/objectLayout.ts';
import { pointerAt, readPointer } from '../cpython/strings.ts';
import type { Memory } from '../memory/memory.ts';
import { isPlausible, tupleLayout, type TypeBook, type TypeFacts } from './typeBook.ts';
import { changed, leftOut, unreadable, type ValueLimits } from './valueLimits.ts';

/** What all who show values need: the memory, where things are in it, and what is left of the limits. */
export class Scope {
  readonly memory: Memory;
  readonly layout: Layout;
  readonly objects: ObjectLayout;
  readonly types: TypeBook;
  readonly limits: ValueLimits;
  /** Bytes of a PyObject: what an object has of its own begins there. */
  readonly head: number;
  readonly tuple: { readonly length: number; readonly items: number };
  /** Any value as text, inside of another one. */
  show: (address: number) => string = () => unreadable;
  private readonly path: number[] = [];
  private objectsLeft = 0;
  private charactersLeft = 0;

  constructor(memory: Memory, layout: Layout, objects: ObjectLayout, types: TypeBook, limits: ValueLimits) {
    this.memory = memory;
    this.layout = layout;
    this.objects = objects;
    this.types = types;
    this.limits = limits;
    this.head = objects.type + 8;
    this.tuple = tupleLayout(layout, objects);
  }

  /** A new value begins. */
  begin(): void {
    this.path.length = 0;
    this.objectsLeft = this.limits.objects;
    this.charactersLeft = this.limits.total;
  }

  /** An object is begun. @returns whether the limits allow it */
  take(): boolean {
    return this.charactersLeft > 0 && this.objectsLeft-- > 0;
  }

  spend(characters: number): void {
    this.charactersLeft -= characters;
  }

  /** Characters that were counted of the value. */
  get spent(): number {
    return this.limits.total - this.charactersLeft;
  }

  /** @returns null when they can't be read */
  bytes(address: number, length: number): Buffer | null {
    const bytes = Buffer.alloc(length);
    return this.memory.read(address, bytes, 0, length) ? bytes : null;
  }

  pointer(address: number): number {
    return readPointer(this.memory, address);
  }

  /** A Py_ssize_t; −1 for one that can't be read or is out of all proportion. */
  size(address: number): number {
    const bytes = this.bytes(address, 8);
    return bytes === null || bytes.readUInt32LE(4) > 0xffff ? -1 : pointerAt(bytes, 0);
  }

  /**
   * Shows what is inside of an object, once, and so deep.
   * @param again what stands for it inside of itself
   * @param deep what stands for it where it lies too deep
   */
  inside(address: number, again: string, deep: string, show: () => string): string {
    if (this.path.includes(address)) return again;
    if (this.path.length >= this.limits.depth) return deep;
    this.path.push(address);
    try {
      return show();
    } finally {
      this.path.pop();
    }
  }

  /**
   * Shows what was looked up, unless it is another one afterwards.
   * @param look what it is made of, addresses and numbers; null: it can't be read
   */
  steady<Facts>(look: () => Facts | null, show: (facts: Facts) => string): string {
    const facts = look();
    if (facts === null) return unreadable;
    const text = show(facts);
    return JSON.stringify(look()) === JSON.stringify(facts) ? text : changed;
  }

  /** Items of a container, separated by commas, and how many more there are. */
  list<Item>(items: readonly Item[], size: number, text: (item: Item) => string): string {
    const parts: string[] = [];
    for (const item of items) {
      if (parts.length >= this.limits.items || this.charactersLeft <= 0) break;
      parts.push(text(item));
    }
    const more = size - parts.length;
    if (more > 0) parts.push(`${leftOut} ${more} more`);
    this.spend(2 * parts.length);
    return parts.join(', ');
  }

  /** Pointers that lie one behind the other. @returns null when they can't be read */
  pointers(address: number, count: number): number[] | null {
    const bytes = this.bytes(address, 8 * count);
    return bytes && Array.from({ length: count }, (_, i) => pointerAt(bytes, 8 * i));
  }

  /** Beginning of a tuple. @returns null when it is none */
  tupleHead(address: number, most = this.limits.items): { readonly items: readonly number[]; readonly size: number } | null {
    if (!isPlausible(address)) return null;
    const size = this.size(address + this.tuple.length);
    const items = size < 0 ? null : this.pointers(address + this.tuple.items, Math.min(size, most));
    return items && { items, size };
  }

  /** What stands for an object that is not shown inside: as object_repr() has it, without the module. */
  plain(address: number, type: TypeFacts | null): string {
    return `<${type?.shortName ?? '?'} at ${hexadecimal(address)}>`;
  }
}

export function hexadecimal(address: number): string {
  return `0x${address.toString(16)}`;
}
