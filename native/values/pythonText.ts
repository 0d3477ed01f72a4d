/** How Python writes values (`repr`), as far as that does not need the value's own code. */

/** What Python does not print as it is: str.isprintable(), Objects/unicodectype.c. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** A quoted string, as unicode_repr() has it (Objects/unicodeobject.c). @param ascii escapes all others, as 2.7 does */
export function quoted(text: string, ascii = false): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let result = quote;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (character === quote || character === '\\') result += `\\${character}`;
    else if (character === '\n') result += '\\n';
    else if (character === '\r') result += '\\r';
    else if (character === '\t') result += '\\t';
    else if (point < 32 || point === 127) result += `\\x${hex(point, 2)}`;
    else if (point < 127) result += character;
    else if (!ascii && !unprintable.test(character)) result += character;
    else if (point < 256) result += `\\x${hex(point, 2)}`;
    else result += point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
  }
  return result + quote;
}

/** A line without what would steer a terminal: names, of attributes for instance, may be any text. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const point = character.codePointAt(0)!;
    return point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
  });
}

/** Bytes between quotes, as bytes_repr() has them (Objects/bytesobject.c), without a prefix. */
export function quotedBytes(bytes: Uint8Array): string {
  return quoted(Buffer.from(bytes).toString('latin1'), true);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** A float as Python writes it: the shortest digits that give it again, an exponent from 1e16 on (float_repr, Objects/floatobject.c). */
export function floatText(value: number, wholeSuffix = '.0'): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return (Object.is(value, -0) ? '-0' : '0') + wholeSuffix;
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < -4 || exponent >= 16) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits[0]!}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, '0') + wholeSuffix;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** A complex number (complex_repr, Objects/complexobject.c). */
export function complexText(real: number, imaginary: number): string {
  if (real === 0 && !Object.is(real, -0)) return `${floatText(imaginary, '')}j`;
  const second = floatText(imaginary, '');
  return `(${floatText(real, '')}${second.startsWith('-') ? '' : '+'}${second}j)`;
}

/** A Decimal's text: sign, coefficient and exponent as dec_str() puts them together (Modules/_decimal/libmpdec/io.c). */
export function decimalText(negative: boolean, coefficient: string, exponent: number): string {
  const sign = negative ? '-' : '';
  const adjusted = exponent + coefficient.length - 1;
  if (exponent <= 0 && adjusted >= -6) {
    if (exponent === 0) return sign + coefficient;
    const point = coefficient.length + exponent;
    return point > 0 ? `${sign}${coefficient.slice(0, point)}.${coefficient.slice(point)}` : `${sign}0.${'0'.repeat(-point)}${coefficient}`;
  }
  const fraction = coefficient.length > 1 ? `.${coefficient.slice(1)}` : '';
  return `${sign}${coefficient[0] ?? '0'}${fraction}E${adjusted < 0 ? '-' : '+'}${Math.abs(adjusted)}`;
}
