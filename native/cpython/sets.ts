import type { Memory } from '../memory/memory.ts';
import { readMany } from '../memory/readMany.ts';
import type { ObjectLayout } from './objectLayout.ts';
import { instanceAttribute } from './objects.ts';
import { pointerAt } from './strings.ts';

/** `PySetObject` behind PyObject: fill, used, mask, table; the same from 2.7 to 3.15 (Include/cpython/setobject.h). */
const behindHeader = { mask: 16, table: 24 } as const;
const entrySize = 16;
/** Table slots looked at together. */
const batchSize = 1 << 14;

/**
 * Addresses of a set's keys, in no order. Some may be those of entries that were removed: the caller looks at what they are.
 * @returns null when it can't be read or has more than `limit` slots
 */
export function setItems(memory: Memory, set: number, limit: number, layout: ObjectLayout): number[] | null {
  const start = layout.type + 8;
  const header = Buffer.alloc(behindHeader.table + 8);
  if (set === 0 || !memory.read(set + start, header, 0, header.length)) return null;
  const slots = pointerAt(header, behindHeader.mask) + 1;
  const table = pointerAt(header, behindHeader.table);
  if (slots > limit || table === 0) return null;
  const keys: number[] = [];
  for (let first = 0; first < slots; first += batchSize) {
    const bytes = Buffer.alloc(Math.min(batchSize, slots - first) * entrySize);
    if (!memory.read(table + first * entrySize, bytes, 0, bytes.length)) return null;
    for (let at = 0; at < bytes.length; at += entrySize) {
      const key = pointerAt(bytes, at);
      if (key !== 0) keys.push(key);
    }
  }
  return keys;
}

/**
 * Addresses of what a `weakref.WeakSet` holds. Not all need be alive.
 * @returns null when it can't be read or has more than `limit` slots
 */
export function weakSetItems(memory: Memory, set: number, limit: number, layout: ObjectLayout): number[] | null {
  const data = set === 0 ? 0 : instanceAttribute(memory, set, 'data', layout);
  const references = data === 0 ? null : setItems(memory, data, limit, layout);
  // PyWeakReference.wr_object, Include/cpython/weakrefobject.h
  return references === null ? null : readMany(memory, references, layout.type + 16).flatMap((bytes) => (bytes === null ? [] : [pointerAt(bytes, layout.type + 8)]));
}
