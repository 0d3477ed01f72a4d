import { pointerAt } from '../cpython/strings.ts';
import { complexText, decimalText, floatText } from './pythonText.ts';
import type { Scope } from './scope.ts';
import { leftOut, unreadable } from './valueLimits.ts';

/** Digits of 30 bits that an int may have to be written out; Python itself refuses beyond 4300 decimal ones (3.11+). */
const maxIntDigits = 512;
/** Words of 19 digits of a Decimal. */
const maxDecimalWords = 64;
const wordDigits = 19;

/** An int of any size (`struct _longobject`, pycore_long.h; 2.7: PyIntObject, PyLongObject). */
export function intText(scope: Scope, address: number, isPlain: boolean): string {
  const { sizeOrTag, digits, isTagged } = scope.objects.int;
  if (isPlain)
    return (
      scope
        .bytes(address + scope.head, 8)
        ?.readBigInt64LE(0)
        .toString() ?? unreadable
    );
  const header = scope.bytes(address + sizeOrTag, 8);
  if (header === null) return unreadable;
  const word = header.readBigInt64LE(0);
  const count = Number(isTagged ? word >> 3n : word < 0n ? -word : word);
  const isNegative = isTagged ? (word & 3n) === 2n : word < 0n;
  if (count < 0 || count > 2 ** 40) return unreadable;
  if (count > maxIntDigits) return `<int of ${30 * (count - 1) + 1} to ${30 * count} bits>`;
  const bytes = scope.bytes(address + digits, 4 * count);
  if (bytes === null) return unreadable;
  let value = 0n;
  for (let i = count - 1; i >= 0; i--) {
    const digit = bytes.readUInt32LE(4 * i);
    if (digit >= 2 ** 30) return unreadable;
    value = (value << 30n) | BigInt(digit);
  }
  return (isNegative ? '-' : '') + cutDigits(value.toString(), scope.limits.text);
}

/** The outer digits of a number that has too many. */
function cutDigits(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.floor(limit / 2);
  return `${text.slice(0, half)}${leftOut}${text.slice(-half)} (${text.length} digits)`;
}

/** `PyFloatObject.ob_fval` */
export function floatAt(scope: Scope, address: number): string {
  const bytes = scope.bytes(address + scope.head, 8);
  return bytes === null ? unreadable : floatText(bytes.readDoubleLE(0));
}

/** `PyComplexObject.cval` */
export function complexAt(scope: Scope, address: number): string {
  const bytes = scope.bytes(address + scope.head, 16);
  return bytes === null ? unreadable : complexText(bytes.readDoubleLE(0), bytes.readDoubleLE(8));
}

/**
 * `PyDecObject` (Modules/_decimal/_decimal.c): Py_hash_t hash; mpd_t dec { uint8_t flags; exp; digits; len; alloc; data }
 * (libmpdec/mpdecimal.h), words of 19 decimal digits. @returns null when it makes no sense
 */
export function decimalAt(scope: Scope, address: number): string | null {
  const bytes = scope.bytes(address + scope.head + 8, 48);
  if (bytes === null) return null;
  const flags = bytes[0]!;
  const negative = (flags & 1) !== 0; // MPD_NEG, MPD_INF, MPD_NAN, MPD_SNAN
  if ((flags & 2) !== 0) return negative ? '-Infinity' : 'Infinity';
  const exponent = Number(bytes.readBigInt64LE(8));
  const length = Number(bytes.readBigInt64LE(24));
  if (length < 0 || length > maxDecimalWords || Math.abs(exponent) > 1e15) return null;
  const words = scope.bytes(pointerAt(bytes, 40), 8 * length);
  if (words === null) return null;
  let coefficient = '';
  for (let i = length - 1; i >= 0; i--)
    coefficient += words
      .readBigUInt64LE(8 * i)
      .toString()
      .padStart(wordDigits, '0');
  coefficient = coefficient.replace(/^0+(?=.)/, '');
  if ((flags & 12) !== 0) return `${negative ? '-' : ''}${(flags & 8) !== 0 ? 's' : ''}NaN${coefficient === '0' ? '' : coefficient}`;
  if (Math.abs(exponent) > scope.limits.text || coefficient.length > scope.limits.text) {
    const adjusted = exponent + coefficient.length - 1;
    return `${negative ? '-' : ''}${coefficient[0]!}.${coefficient.slice(1, 20)}${leftOut}E${adjusted < 0 ? '' : '+'}${adjusted}`;
  }
  return decimalText(negative, coefficient, exponent);
}
