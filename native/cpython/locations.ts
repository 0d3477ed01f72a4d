/** Where in the source an instruction comes from. */
export interface Location {
  readonly line: number;
  readonly endLine: number;
  /** Bytes of UTF-8 from the line's start, plus 1; 0: not known, and then the other one is not either. */
  readonly startColumn: number;
  /** Behind the last byte, plus 1. */
  readonly endColumn: number;
}

/** Numbers per entry: the unit behind it, line, end line, start and end column. */
const stride = 5;
/** C ints. */
const most = 2 ** 31 - 1;

/**
 * The location table of 3.11+ whole, columns included; `decodeLocationTable` has the lines alone, which is all that most samples
 * need. Source: Objects/locations.md (3.11: Objects/locations.md, too), `advance_with_locations` in Objects/codeobject.c.
 */
export class Locations {
  /** `stride` numbers for each entry of the table that has a unit. */
  private readonly entries: Int32Array;

  /**
   * @param table the bytes of `co_linetable`
   * @param firstLine `co_firstlineno`
   * @param units of two bytes that the code has: what a table says beyond these is not kept
   */
  constructor(table: Uint8Array, firstLine: number, units: number) {
    this.entries = decode(table, firstLine, units);
  }

  /** Where a unit comes from; null where the table gives it no line, or none that can be. */
  at(unit: number): Location | null {
    const { entries } = this;
    let low = 0;
    let high = entries.length / stride;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (entries[middle * stride]! > unit) high = middle;
      else low = middle + 1;
    }
    const at = low * stride;
    const line = entries[at + 1] ?? 0;
    if (line === 0) return null;
    return { line, endLine: entries[at + 2]!, startColumn: entries[at + 3]!, endColumn: entries[at + 4]! };
  }
}

function decode(table: Uint8Array, firstLine: number, units: number): Int32Array {
  // An entry has at least one byte and one unit.
  const entries = new Int32Array(stride * Math.min(units, table.length));
  let used = 0;
  const push = (...entry: readonly number[]): void => {
    entries.set(entry, used);
    used += stride;
  };
  let position = 0;
  let line = firstLine;
  let unit = 0;
  // What lies behind the end counts as 0, as in decodeLocationTable.
  const next = (): number => table[position++] ?? 0;
  const varint = (): number => {
    let value = 0;
    let byte = next();
    for (let shift = 0; ; shift += 6) {
      if (shift < 30) value |= (byte & 63) << shift;
      if ((byte & 64) === 0 || position >= table.length) return value;
      byte = next();
    }
  };
  while (position < table.length && unit < units) {
    const entry = next();
    unit = Math.min(units, unit + (entry & 7) + 1);
    const kind = (entry >>> 3) & 15;
    let endLine: number;
    let start = -1;
    let end = -1;
    if (kind === 15) {
      push(unit, 0, 0, 0, 0);
      continue;
    }
    if (kind >= 13) {
      const delta = varint();
      line = (line + ((delta & 1) !== 0 ? -(delta >>> 1) : delta >>> 1)) | 0;
      endLine = line;
      if (kind === 14) {
        endLine = line + varint();
        start = varint() - 1;
        end = varint() - 1;
      }
    } else if (kind >= 10) {
      line = (line + kind - 10) | 0;
      endLine = line;
      start = next();
      end = next();
    } else {
      const byte = next();
      endLine = line;
      start = (kind << 3) | (byte >>> 4);
      end = start + (byte & 15);
    }
    if (line <= 0) push(unit, 0, 0, 0, 0);
    else if (start >= 0 && end >= 0 && endLine <= most && (endLine > line || end >= start)) push(unit, line, endLine, start + 1, end + 1);
    else push(unit, line, endLine <= most ? endLine : line, 0, 0);
  }
  return entries.slice(0, used);
}
