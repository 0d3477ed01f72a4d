import type { Memory } from '../memory/memory.ts';
import { readMany } from '../memory/readMany.ts';
import type { ObjectLayout } from './objectLayout.ts';
import { instanceAttribute } from './objects.ts';
import { pointerAt } from './strings.ts';

/** `PySetObject` behind PyObject: fill, used, mask, table; the same from 2.7 to 3.15 (Include/cpython/setobject.h). */
const behindHeader = { fill: 0, mask: 16, table: 24 } as const;
const entrySize = 16;
/** Table slots looked at together. */
const batchSize = 1 << 14;

/** What was found in a set. */
export interface SetItems {
  /** Addresses. Some may be those of entries that were removed: the caller looks at what they are. */
  readonly keys: readonly number[];
  /** There are more of them than were asked for. */
  readonly isCut: boolean;
}

/**
 * A set's keys, in no order.
 * @param limit most keys that are wanted
 * @returns null when it can't be read or makes no sense
 */
export function setItems(memory: Memory, set: number, limit: number, layout: ObjectLayout): SetItems | null {
  const start = layout.type + 8;
  const header = Buffer.alloc(behindHeader.table + 8);
  if (set === 0 || !memory.read(set + start, header, 0, header.length)) return null;
  const slots = pointerAt(header, behindHeader.mask) + 1;
  const table = pointerAt(header, behindHeader.table);
  // A table's size is a power of two, and at most eight times the entries it was made for, removed ones included (set_add_entry and
  // set_table_resize, Objects/setobject.c): what says otherwise makes no sense, and would be long to read.
  const fill = pointerAt(header, behindHeader.fill);
  if (table === 0 || !Number.isInteger(Math.log2(slots)) || fill > slots || slots > 16 * Math.max(fill, 1)) return null;
  // Where keys were removed, there is one and the same object instead.
  const keys = new Set<number>();
  const end = Math.min(slots, limit * 8);
  for (let first = 0; first < end; first += batchSize) {
    const bytes = Buffer.alloc(Math.min(batchSize, end - first) * entrySize);
    if (!memory.read(table + first * entrySize, bytes, 0, bytes.length)) return null;
    for (let at = 0; at < bytes.length; at += entrySize) {
      const key = pointerAt(bytes, at);
      if (key === 0) continue;
      if (keys.size === limit && !keys.has(key)) return { keys: [...keys], isCut: true };
      keys.add(key);
    }
  }
  return { keys: [...keys], isCut: end < slots };
}

/**
 * Addresses of what a `weakref.WeakSet` holds. Not all need be alive.
 * @param limit as for `setItems`
 * @returns null when it can't be read or makes no sense
 */
export function weakSetItems(memory: Memory, set: number, limit: number, layout: ObjectLayout): SetItems | null {
  const data = set === 0 ? 0 : instanceAttribute(memory, set, 'data', layout);
  const references = data === 0 ? null : setItems(memory, data, limit, layout);
  if (references === null) return null;
  // PyWeakReference.wr_object, Include/cpython/weakrefobject.h
  const copies = readMany(memory, references.keys, layout.type + 16);
  return { keys: copies.flatMap((bytes) => (bytes === null ? [] : [pointerAt(bytes, layout.type + 8)])), isCut: references.isCut };
}
