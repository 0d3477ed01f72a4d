const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const NULL = [0x6e, 0x75, 0x6c, 0x6c] as const;

/**
 * So many digits make an integer that a double holds, and so do as many zeros: their quotient is the double nearest to what the
 * text says.
 */
const MOST_DIGITS = 15;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/** Bytes that must be there for a number to be read here, with the ones that may follow it. */
const MARGIN = MOST_DIGITS + 9;

/**
 * Reads the number (or null, which becomes NaN) that begins at `from`, if it is as most are: in one piece, with few digits,
 * without an exponent.
 * @returns where it ends, with at least two bytes from there on; -1: not so, and nothing is known of it
 */
export function readNumber(bytes: Uint8Array, from: number, values: Float64Array, slot: number): number {
  if (from + MARGIN > bytes.length) return -1;
  let at = from;
  let byte = bytes[at]!;
  if (byte === NULL[0]) {
    if (bytes[at + 1] !== NULL[1] || bytes[at + 2] !== NULL[2] || bytes[at + 3] !== NULL[3]) return -1;
    values[slot] = NaN;
    return at + 4;
  }
  const isNegative = byte === MINUS;
  if (isNegative) byte = bytes[++at]!;
  const first = at;
  const end = first + MOST_DIGITS + 2; // with the point, one more than are taken
  let digits = 0;
  while (byte >= ZERO && byte <= NINE && at < end) {
    digits = digits * 10 + byte - ZERO;
    byte = bytes[++at]!;
  }
  let length = at - first;
  if (length === 0 || (length > 1 && bytes[first] === ZERO)) return -1;
  let value = digits;
  if (byte === POINT) {
    const begin = at + 1;
    byte = bytes[++at]!;
    while (byte >= ZERO && byte <= NINE && at < end) {
      digits = digits * 10 + byte - ZERO;
      byte = bytes[++at]!;
    }
    if (at === begin) return -1;
    length += at - begin;
    value = digits / POWERS[Math.min(at - begin, MOST_DIGITS)]!;
  }
  if (length > MOST_DIGITS || isInNumber(byte)) return -1;
  values[slot] = isNegative ? -value : value;
  return at;
}

/** Whether a number or null may begin with a byte. */
export function beginsNumber(byte: number): boolean {
  return (byte >= ZERO && byte <= NINE) || byte === MINUS || byte === NULL[0];
}

/** Whether a byte may be within a number. */
export function isInNumber(byte: number): boolean {
  return (byte >= ZERO && byte <= NINE) || byte === MINUS || byte === PLUS || byte === POINT || byte === LOWER_E || byte === UPPER_E;
}

/** Any number as JSON has it; undefined: none. */
export function numberOf(text: string): number | undefined {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
