import { type Memory, SpanPlan } from '../memory/memory.ts';
import type { ObjectLayout } from './objectLayout.ts';
import { pointerAt, readPointer } from './strings.ts';

/** Bounds on what a structure may claim while it is being changed, or by a hostile program. */
const maxNamespace = 1 << 16;
const maxAttributes = 256;
const maxDictOffset = 1 << 20;
const maxIntDigits = 3;
const maxSlots = 1 << 20;
/** Entries looked at together: one read for them, one for all their keys. */
const batchSize = 512;

/** Values of `dk_kind` (pycore_dict.h). */
const KeysKind = { General: 0, Unicode: 1, Split: 2 } as const;

// Include/object.h
const flagInlineValues = 1 << 2;
const flagManagedDict = 1 << 4;
/** Py_TPFLAGS_INT_SUBCLASS of 2.7 */
const flagInt = 1 << 23;

/**
 * The value of an int that fits in 63 bits, decimal.
 * @returns null when it can't be read or is larger
 */
export function readInt(memory: Memory, address: number, layout: ObjectLayout): string | null {
  const { sizeOrTag, digits, isTagged, plainValue } = layout.int;
  const bytes = Buffer.alloc(digits + 4 * maxIntDigits);
  if (plainValue !== undefined && (typeFlagsOf(memory, address, layout) & flagInt) !== 0) {
    return memory.read(address + plainValue, bytes, 0, 8) ? bytes.readBigInt64LE(0).toString() : null;
  }
  // An int of one or two digits may end at the end of a mapping, so read only what it has.
  if (!memory.read(address, bytes, 0, digits)) return null;
  const size = bytes.readBigInt64LE(sizeOrTag);
  // pycore_long.h: lv_tag is digits << 3 | sign (0 positive, 1 zero, 2 negative).
  const count = Number(isTagged ? size >> 3n : size < 0n ? -size : size);
  const isNegative = isTagged ? (size & 3n) === 2n : size < 0n;
  if (count < 0 || count > maxIntDigits || !memory.read(address + digits, bytes, digits, 4 * count)) return null;
  let value = 0n;
  for (let i = count - 1; i >= 0; i--) value = (value << 30n) | BigInt(bytes.readUInt32LE(digits + 4 * i));
  if (value >= 1n << 63n) return null;
  return String(isNegative ? -value : value);
}

/** The value of a key in a dict, an ASCII string; 0 when there is none or the dict can't be read. */
export function dictItem(memory: Memory, dict: number, name: string, layout: ObjectLayout): number {
  const table = openDict(memory, dict, maxNamespace, layout);
  return table ? findName(memory, table, name, layout) : 0;
}

/**
 * Keys and values of a dict, as addresses, in order of insertion.
 * @returns null when the dict can't be read or has more than `limit` entries
 */
export function dictItems(
  memory: Memory,
  dict: number,
  limit: number,
  layout: ObjectLayout,
): { readonly key: number; readonly value: number }[] | null {
  const table = openDict(memory, dict, limit, layout);
  if (!table) return null;
  const items: { readonly key: number; readonly value: number }[] = [];
  for (let first = 0; first < table.entryCount; first += batchSize) {
    const batch = readEntries(memory, table, first);
    if (!batch) return null;
    items.push(...batch.filter((item) => item.key !== 0 && item.value !== 0));
  }
  return items;
}

/** What a dict begins with, and how many entries it has (`ma_used`). */
export interface DictHead {
  readonly items: readonly { readonly key: number; readonly value: number }[];
  readonly size: number;
}

/**
 * The first entries of a dict, however large it is, as addresses in the order in which it lists them.
 * @param most entries that are wanted
 * @returns null when the dict can't be read or makes no sense
 */
export function dictHead(memory: Memory, dict: number, most: number, layout: ObjectLayout): DictHead | null {
  const used = Buffer.alloc(8);
  // PyDictObject: ma_used; 2.7 has ma_fill before it.
  const usedAt = layout.type + (layout.keys.style === 'mask' ? 16 : 8);
  const table = openDict(memory, dict, Infinity, layout);
  if (!table || !memory.read(dict + usedAt, used, 0, 8)) return null;
  const size = smallSize(used, 0);
  if (size > table.entryCount) return null;
  return { items: firstItems(memory, table, Math.min(most, size)) ?? [], size };
}

/** The attributes that an instance has in a `__dict__` of its own, wherever that is kept. */
export interface InstanceAttributes extends DictHead {
  /** It has a `__dict__`, be it an empty one. */
  readonly hasDict: boolean;
}

/**
 * The first attributes in an instance's own `__dict__`.
 * @param most that are wanted
 * @returns null when they can't be read
 */
export function instanceAttributes(memory: Memory, object: number, most: number, layout: ObjectLayout): InstanceAttributes | null {
  const none = { items: [], size: 0, hasDict: false };
  const type = readPointer(memory, object + layout.type);
  const { basicSize, flags, dictOffset, cachedKeys } = layout.typeObject;
  const header = Buffer.alloc(dictOffset + 8);
  if (type === 0 || !memory.read(type, header, 0, header.length)) return null;
  const typeFlags = header.readUInt32LE(flags);
  const headOf = (dict: number): InstanceAttributes | null => {
    const head = dict === 0 ? none : dictHead(memory, dict, most, layout);
    return head && { ...head, hasDict: true };
  };
  if (layout.instance.style === 'dict' || (typeFlags & flagManagedDict) === 0) {
    let offset = header.readInt32LE(dictOffset);
    if (offset === 0) return none;
    if (offset < 0) {
      // Behind the items of an object that has such (_PyObject_GetDictPtr, Objects/object.c).
      const count = Buffer.alloc(8);
      if (!memory.read(object + layout.type + 8, count, 0, 8)) return null;
      const items = Number(count.readBigInt64LE(0));
      const end = smallSize(header, basicSize) + Math.abs(items) * smallSize(header, basicSize + 8);
      offset += Math.ceil(end / 8) * 8;
    }
    return offset > 0 && offset < maxDictOffset ? headOf(readPointer(memory, object + offset)) : null;
  }
  const place = findManaged(memory, object, header.readUInt32LE(basicSize), (typeFlags & flagInlineValues) !== 0, layout);
  if (!place) return { ...none, hasDict: true };
  if ('dict' in place) return headOf(place.dict);
  const keys = readPointer(memory, type + cachedKeys);
  const table = keys === 0 ? null : openKeys(memory, keys, place.values, maxAttributes, layout);
  // Of keys that are shared, an instance has some: those that have a value.
  const items = table && firstItems(memory, table, table.entryCount);
  return items && { items: items.slice(0, most), size: items.length, hasDict: true };
}

/** Entries that are looked at for so many that are wanted: the rest of the table is empty. */
const maxEmptyBatches = 64;

function firstItems(memory: Memory, table: Table, most: number): { readonly key: number; readonly value: number }[] | null {
  const items: { readonly key: number; readonly value: number }[] = [];
  for (let first = 0, batches = 0; first < table.entryCount && items.length < most && batches < maxEmptyBatches; batches++) {
    const batch = readEntries(memory, table, first, most > 64 ? batchSize : 4 * most + 8);
    if (!batch) return null;
    first += batch.length;
    for (const item of batch) if (item.key !== 0 && item.value !== 0 && items.length < most) items.push(item);
  }
  return items;
}

/** An attribute in an instance's own `__dict__`, wherever that is kept; 0 when there is none (or 256 others). */
export function instanceAttribute(memory: Memory, object: number, name: string, layout: ObjectLayout): number {
  const type = readPointer(memory, object + layout.type);
  if (type === 0) return 0;
  const { basicSize, flags, dictOffset, cachedKeys } = layout.typeObject;
  const header = Buffer.alloc(dictOffset + 8);
  if (!memory.read(type, header, 0, header.length)) return 0;
  const typeFlags = header.readUInt32LE(flags);
  if (layout.instance.style === 'dict' || (typeFlags & flagManagedDict) === 0) {
    const offset = header.readInt32LE(dictOffset);
    const dict = offset > 0 && offset < maxDictOffset ? readPointer(memory, object + offset) : 0;
    const table = dict === 0 ? null : openDict(memory, dict, maxAttributes, layout);
    return table ? findName(memory, table, name, layout) : 0;
  }
  const place = findManaged(memory, object, header.readUInt32LE(basicSize), (typeFlags & flagInlineValues) !== 0, layout);
  if (!place) return 0;
  let table: Table | null;
  if ('dict' in place) {
    table = openDict(memory, place.dict, maxAttributes, layout);
  } else {
    const keys = readPointer(memory, type + cachedKeys);
    table = keys === 0 ? null : openKeys(memory, keys, place.values, maxAttributes, layout);
  }
  return table ? findName(memory, table, name, layout) : 0;
}

function typeFlagsOf(memory: Memory, object: number, layout: ObjectLayout): number {
  const bytes = Buffer.alloc(4);
  const type = readPointer(memory, object + layout.type);
  return type !== 0 && memory.read(type + layout.typeObject.flags, bytes, 0, 4) ? bytes.readUInt32LE(0) : 0;
}

/** The namespace of an imported module; 0 when it isn't imported or can't be read. */
export function moduleNamespace(memory: Memory, modules: number, name: string, layout: ObjectLayout): number {
  const module = dictItem(memory, modules, name, layout);
  return module === 0 ? 0 : readPointer(memory, module + layout.moduleDict);
}

/** Where an object with a managed dict has its attributes: in a dict, or in values (address of the first). */
function findManaged(
  memory: Memory,
  object: number,
  size: number,
  hasInlineValues: boolean,
  layout: ObjectLayout,
): { readonly dict: number } | { readonly values: number } | null {
  const { style, dict, values } = layout.instance;
  const word = readPointer(memory, object + dict);
  if (style === 'pointers') {
    const pointer = readPointer(memory, object + values);
    if (pointer !== 0) return { values: pointer + layout.values };
  } else if (style === 'tagged') {
    if (word % 2 === 1) return { values: word + 1 + layout.values };
  } else if (word === 0 && hasInlineValues) {
    const header = Buffer.alloc(4);
    const start = object + size;
    // Byte 3: `valid`, cleared when the values have moved to a dict.
    if (!memory.read(start, header, 0, 4) || header[3] !== 1) return null;
    return { values: start + layout.values };
  }
  return word === 0 ? null : { dict: word };
}

/** The entries of a dict, found and bounded. */
interface Table {
  readonly entries: number;
  readonly entryCount: number;
  readonly entrySize: number;
  /** Inside an entry. */
  readonly key: number;
  /** Address of the values of a split table (one pointer for each entry), else 0: they are in the entries. */
  readonly values: number;
}

/** @returns null when it isn't a dict or has more than `limit` entries */
function openDict(memory: Memory, dict: number, limit: number, layout: ObjectLayout): Table | null {
  const header = Buffer.alloc(Math.max(layout.dict.keys, layout.dict.values) + 8);
  if (!memory.read(dict, header, 0, header.length)) return null;
  const keys = pointerAt(header, layout.dict.keys);
  if (layout.keys.style === 'mask')
    return keys === 0 ? null : plainTable(keys, smallSize(header, layout.keys.mask) + 1, 0, slotsFor(limit));
  const values = pointerAt(header, layout.dict.values);
  return keys === 0 ? null : openKeys(memory, keys, values === 0 ? 0 : values + layout.values, limit, layout);
}

function openKeys(memory: Memory, keys: number, values: number, limit: number, layout: ObjectLayout): Table | null {
  const at = layout.keys;
  if (at.style === 'mask') return null;
  const header = Buffer.alloc(at.style === 'slots' ? at.entries : at.indices);
  if (!memory.read(keys, header, 0, header.length)) return null;
  if (at.style === 'slots') return plainTable(keys + at.entries, smallSize(header, at.size), values, slotsFor(limit));
  if (at.style === 'sized') {
    const size = smallSize(header, at.size);
    if (size > largest(limit)) return null;
    // DK_IXSIZE, Objects/dictobject.c
    const indexBytes = size <= 0xff ? 1 : size <= 0xffff ? 2 : 4;
    return plainTable(keys + at.indices + size * indexBytes, Math.min(smallSize(header, at.entryCount), size + 1), values, limit);
  }
  const log2Size = header[at.log2Size]!;
  const log2IndexBytes = header[at.log2IndexBytes]!;
  const kind = header[at.kind]!;
  const entryCount = header.readUInt32LE(at.entryCount);
  if (log2Size > 30 || log2IndexBytes > log2Size + 3 || kind > KeysKind.Split) return null;
  if (header.readUInt32LE(at.entryCount + 4) !== 0 || entryCount > 2 ** log2Size || entryCount > limit) return null;
  // Values apart only ever go with split keys; while a dict is converted, the two may not match.
  if ((kind === KeysKind.Split) !== (values !== 0)) return null;
  const entries = keys + at.indices + 2 ** log2IndexBytes;
  // PyDictKeyEntry {hash, key, value}; PyDictUnicodeEntry {key, value}.
  return kind === KeysKind.General
    ? { entries, entryCount, entrySize: 24, key: 8, values }
    : { entries, entryCount, entrySize: 16, key: 0, values };
}

/** PyDictKeyEntry {hash, key, value}. */
function plainTable(entries: number, entryCount: number, values: number, limit: number): Table | null {
  return entryCount > limit ? null : { entries, entryCount, entrySize: 24, key: 8, values };
}

/** A table whose entries lie by their hashes is at least a quarter full, but for deletions. */
function slotsFor(limit: number): number {
  return Math.min(4 * limit, largest(limit));
}

/** Slots that a table may have: of one that is not read whole, as many as there can be. */
function largest(limit: number): number {
  return limit === Infinity ? 2 ** 31 : maxSlots;
}

/** A Py_ssize_t; too large a one for anything becomes Infinity. */
function smallSize(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) === 0 ? bytes.readUInt32LE(at) : Infinity;
}

function readEntries(
  memory: Memory,
  table: Table,
  first: number,
  most = batchSize,
): { readonly key: number; readonly value: number }[] | null {
  const count = Math.min(most, table.entryCount - first);
  const bytes = Buffer.alloc(count * table.entrySize);
  if (!memory.read(table.entries + first * table.entrySize, bytes, 0, bytes.length)) return null;
  let values: Buffer | null = null;
  if (table.values !== 0) {
    values = Buffer.alloc(count * 8);
    if (!memory.read(table.values + first * 8, values, 0, values.length)) return null;
  }
  return Array.from({ length: count }, (_, i) => {
    const at = i * table.entrySize + table.key;
    return { key: pointerAt(bytes, at), value: values ? pointerAt(values, i * 8) : pointerAt(bytes, at + 8) };
  });
}

/** Value of an ASCII string key: reads all keys of a batch at once instead of knowing the target's hash secret. */
function findName(memory: Memory, table: Table, name: string, layout: ObjectLayout): number {
  const { length, asciiData } = layout.string.unicode;
  const wanted = Buffer.from(name, 'latin1');
  const size = asciiData + wanted.length;
  const plan = new SpanPlan();
  const copy = Buffer.allocUnsafe(Math.min(batchSize, table.entryCount) * size);
  for (let first = 0; first < table.entryCount; first += batchSize) {
    const items = readEntries(memory, table, first)?.filter((item) => item.key !== 0 && item.value !== 0);
    if (!items) return 0;
    for (let start = 0; start < items.length;) {
      plan.clear();
      for (let i = start; i < items.length; i++) plan.add(items[i]!.key, size);
      const complete = Math.floor(memory.readSpans(plan, copy) / size);
      for (let i = 0; i < complete; i++) {
        const at = i * size;
        if (copy.readUInt32LE(at + length) !== wanted.length || copy.readUInt32LE(at + length + 4) !== 0) continue;
        if (copy.compare(wanted, 0, wanted.length, at + asciiData, at + size) === 0) return items[start + i]!.value;
      }
      // A key that can't be read stops a read: it is not the one, go on behind it.
      start += complete + 1;
    }
  }
  return 0;
}
