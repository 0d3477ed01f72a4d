import { type Memory, SpanPlan } from '../memory/memory.ts';
import type { Layout } from './layout.ts';
import { decodeUcs4, readPython2String } from './python2Strings.ts';

/** Longer "strings" are nonsense read from a structure that is being changed. */
const maxLength = 1 << 20;
/** What a name or path is cut to unless the caller says otherwise. */
const defaultLimit = 4096;
/** Marks a string that was cut. */
const ellipsis = '…';

/** Kinds are bytes per character (PyUnicode_1BYTE_KIND …, Include/cpython/unicodeobject.h). */
const kindLatin1 = 1;
const kindUcs2 = 2;
const kindUcs4 = 4;

/**
 * The text of a `str` object (Include/cpython/unicodeobject.h). Lone surrogates, as in file names
 * that aren't UTF-8, are kept.
 * @param limit characters wanted at most; the rest is cut off and "…" put in its place
 * @param longest characters that it may have: a longer one is taken for nonsense
 * @returns null when it can't be read or can't be a string
 */
export function readString(
  memory: Memory,
  address: number,
  layout: StringLayout,
  limit: number = defaultLimit,
  longest: number = maxLength,
): string | null {
  const { unicode } = layout;
  if (unicode.python2 !== undefined) return readPython2String(memory, address, unicode.python2.unitSize, limit);
  const header = Buffer.alloc(unicode.state + 4);
  if (!memory.read(address, header, 0, header.length)) return null;
  const shape = shapeOf(header, 0, layout, longest);
  if (shape === null) return null;
  const { length, kind, isAscii, isCompact } = shape;
  let data = address + (isAscii ? unicode.asciiData : unicode.compactData);
  if (!isCompact) {
    // An instance of a subclass of str: PyUnicodeObject has a pointer where compact ones have characters.
    const pointer = readPointer(memory, address + unicode.compactData);
    if (pointer === 0) return null;
    data = pointer;
  }
  const count = Math.min(length, limit);
  const bytes = Buffer.alloc(count * kind);
  if (!memory.read(data, bytes, 0, bytes.length)) return null;
  const text = kind === kindLatin1 ? bytes.toString('latin1') : kind === kindUcs2 ? bytes.toString('utf16le') : decodeUcs4(bytes);
  return text !== null && count < length ? text + ellipsis : text;
}

/** Bytes of text that are read along with a string's header where many are read at once. */
const shortLength = 64;

/**
 * The texts of many short `str` objects, by one system call unless some can't be read.
 * @returns in the same order; null for one that can't be read, has other than ASCII characters, or is longer than an identifier usually is
 */
export function readShortStrings(memory: Memory, addresses: readonly number[], layout: StringLayout): (string | null)[] {
  const { unicode } = layout;
  const plan = new SpanPlan();
  const offsets = addresses.map((address) => (address < 4096 ? -1 : plan.add(address, unicode.asciiData + shortLength)));
  const bytes = Buffer.alloc(plan.totalLength);
  const copied = memory.readSpans(plan, bytes);
  return addresses.map((address, index) => {
    const offset = offsets[index]!;
    if (offset < 0) return null;
    // It may be the last thing in its mapping, and then what lies behind the text can't be read.
    if (offset + unicode.asciiData + shortLength > copied) {
      const text = readString(memory, address, layout, shortLength);
      return text === null || Buffer.byteLength(text) > text.length ? null : text; // one that was cut ends in "…"
    }
    const shape = shapeOf(bytes, offset, layout);
    if (shape === null || !shape.isCompact || !shape.isAscii || shape.length > shortLength) return null;
    return bytes.toString('latin1', offset + unicode.asciiData, offset + unicode.asciiData + shape.length);
  });
}

/** What the header of a `str` object says; null when it can't be one. */
function shapeOf(
  bytes: Buffer,
  at: number,
  { unicode }: StringLayout,
  longest: number = maxLength,
): { length: number; kind: number; isAscii: boolean; isCompact: boolean } | null {
  const length = readLength(bytes, at + unicode.length);
  if (length < 0 || length > longest) return null;
  const state = bytes.readUInt32LE(at + unicode.state);
  const kind = (state >>> unicode.kindBit) & 7;
  const isCompact = ((state >>> (unicode.kindBit + 3)) & 1) === 1;
  const isAscii = ((state >>> (unicode.kindBit + 4)) & 1) === 1;
  if (kind !== kindLatin1 && kind !== kindUcs2 && kind !== kindUcs4) return null;
  return isAscii && kind !== kindLatin1 ? null : { length, kind, isAscii, isCompact };
}

/** What of a layout strings need. */
export type StringLayout = Pick<Layout, 'unicode'>;

/**
 * The content of a `bytes` object.
 * @param limit bytes it may have; a longer one is nonsense
 * @returns null when it can't be read or is longer
 */
export function readBytes(memory: Memory, address: number, layout: Pick<Layout, 'bytes'>, limit: number): Buffer | null {
  const field = Buffer.alloc(8);
  if (!memory.read(address + layout.bytes.length, field, 0, 8)) return null;
  const length = readLength(field, 0);
  if (length < 0 || length > limit) return null;
  const bytes = Buffer.alloc(length);
  return memory.read(address + layout.bytes.data, bytes, 0, length) ? bytes : null;
}

/** A pointer at an address; 0 when it can't be read or can't be a pointer. */
export function readPointer(memory: Memory, address: number): number {
  const bytes = Buffer.alloc(8);
  return memory.read(address, bytes, 0, 8) ? pointerAt(bytes, 0) : 0;
}

/** A pointer in bytes that were read; 0 for one beyond user space. */
export function pointerAt(bytes: Buffer, at: number): number {
  const value = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x1_0000_0000;
  return Number.isSafeInteger(value) ? value : 0;
}

/** A Py_ssize_t that is small; −1 for anything else. */
function readLength(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) === 0 ? bytes.readUInt32LE(at) : -1;
}
