import { pointerAt, readString } from '../cpython/strings.ts';
import { quoted, quotedBytes } from './pythonText.ts';
import type { Scope } from './scope.ts';
import { leftOut, unreadable } from './valueLimits.ts';

/** A `str` of Python 3, quoted. */
export function strAt(scope: Scope, address: number): string {
  const { memory, layout, limits } = scope;
  const length = scope.size(address + layout.unicode.length);
  // Of long ones readString() would want to be sure that they are none by mistake.
  const text = readString(memory, address, layout, limits.text, Infinity);
  if (text === null || length < 0) return unreadable;
  return length > limits.text ? quoted(text.slice(0, -1)) + more(length - limits.text) : quoted(text);
}

/** A `unicode` of 2.7 (Include/unicodeobject.h: length, str). */
export function unicodeAt(scope: Scope, address: number): string {
  const unit = scope.layout.unicode.python2?.unitSize ?? 4;
  const header = scope.bytes(address + scope.head, 16);
  if (header === null) return unreadable;
  const length = pointerAt(header, 0);
  const bytes = scope.bytes(pointerAt(header, 8), unit * Math.min(length, scope.limits.text));
  if (bytes === null) return unreadable;
  let text = '';
  for (let at = 0; at < bytes.length; at += unit) {
    const point = unit === 4 ? bytes.readUInt32LE(at) : bytes.readUInt16LE(at);
    if (point > 0x10ffff) return unreadable;
    text += unit === 4 ? String.fromCodePoint(point) : String.fromCharCode(point);
  }
  return `u${quoted(text, true)}${more(length - scope.limits.text)}`;
}

/** `bytes`, and the `str` of 2.7. */
export function bytesAt(scope: Scope, address: number, prefix: string): string {
  const { length: lengthAt, data } = scope.layout.bytes;
  return bytesText(scope, address + data, scope.size(address + lengthAt), prefix);
}

/**
 * `bytearray` (Include/cpython/bytearrayobject.h): ob_size; ob_alloc, ob_bytes, ob_start. 2.7 has ob_size; an int ob_exports,
 * ob_alloc, ob_bytes.
 */
export function bytearrayAt(scope: Scope, address: number): string {
  const start = address + scope.head + 24;
  const text = scope.steady(
    () => ({ size: scope.size(address + scope.head), data: scope.pointer(start) }),
    ({ size, data }) => (size === 0 ? "b''" : bytesText(scope, data, size, 'b')),
  );
  return `bytearray(${text})`;
}

function bytesText(scope: Scope, data: number, length: number, prefix: string): string {
  const { limits } = scope;
  const bytes = length < 0 ? null : scope.bytes(data, Math.min(length, limits.text));
  return bytes === null ? unreadable : `${prefix}${quotedBytes(bytes)}${more(length - limits.text)}`;
}

function more(count: number): string {
  return count > 0 ? `${leftOut} ${count} more` : '';
}
