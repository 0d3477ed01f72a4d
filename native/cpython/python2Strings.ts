import type { Memory } from '../memory/memory.ts';

/** Members of 2.7's `PyStringObject` and `PyUnicodeObject`, and what tells one from the other. */
const offsets = { type: 8, size: 16, stringData: 36, unicodeData: 24, typeFlags: 168 };
/** Py_TPFLAGS_STRING_SUBCLASS and Py_TPFLAGS_UNICODE_SUBCLASS, Include/object.h of 2.7. */
const flags = { string: 1 << 27, unicode: 1 << 28 };
/** Longer "strings" are nonsense read from a structure that is being changed. */
const maxLength = 1 << 20;

/**
 * The text of a `str` or `unicode` object of Python 2.7. A `str` is bytes: UTF-8 where it can be, else Latin-1.
 * @param unitSize bytes of a Py_UNICODE: 4, or 2 in narrow builds
 * @param limit characters (`str`: bytes) wanted at most; the rest is cut off and "…" put in its place
 * @returns null when it can't be read or is no string
 */
export function readPython2String(memory: Memory, address: number, unitSize: 2 | 4, limit: number): string | null {
  const header = Buffer.alloc(offsets.unicodeData + 8);
  if (!memory.read(address, header, 0, header.length)) return null;
  const length = header.readUInt32LE(offsets.size);
  if (header.readUInt32LE(offsets.size + 4) !== 0 || length > maxLength) return null;
  const typeFlags = Buffer.alloc(8);
  if (!memory.read(pointerAt(header, offsets.type) + offsets.typeFlags, typeFlags, 0, 8)) return null;
  const kind = typeFlags.readUInt32LE(0);
  const count = Math.min(length, limit);
  let text: string;
  if ((kind & flags.string) !== 0) {
    const bytes = Buffer.alloc(count);
    if (!memory.read(address + offsets.stringData, bytes, 0, count)) return null;
    text = bytes.toString('utf8');
    // U+FFFD stands for what is no UTF-8; a character may be cut in two at the end.
    if (text.includes('\ufffd') && !(count < length)) text = bytes.toString('latin1');
  } else if ((kind & flags.unicode) !== 0) {
    const bytes = Buffer.alloc(count * unitSize);
    if (!memory.read(pointerAt(header, offsets.unicodeData), bytes, 0, bytes.length)) return null;
    const decoded = unitSize === 2 ? bytes.toString('utf16le') : decodeUcs4(bytes);
    if (decoded === null) return null;
    text = decoded;
  } else {
    return null;
  }
  return count < length ? `${text}…` : text;
}

/** @returns null when some unit is no code point */
export function decodeUcs4(bytes: Buffer): string | null {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const point = bytes.readUInt32LE(at);
    if (point > 0x10ffff) return null;
    parts.push(String.fromCodePoint(point));
  }
  return parts.join('');
}

function pointerAt(bytes: Buffer, at: number): number {
  const value = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x1_0000_0000;
  return Number.isSafeInteger(value) ? value : 0;
}
