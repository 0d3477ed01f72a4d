/**
 * Decodes the location table of 3.11+ (`co_linetable`; Objects/locations.md, 3.11's locations.md):
 * entries of one byte `1|kind(4)|length−1(3)` and, by kind, deltas in varints of six bits.
 *
 * @param table the bytes of `co_linetable`
 * @param firstLine `co_firstlineno`
 * @param lines one element per code unit (two bytes); gets the line, or 0 where there is none
 */
export function decodeLocationTable(table: Uint8Array, firstLine: number, lines: Int32Array): void {
  const end = table.length;
  let position = 0;
  let line = firstLine;
  let unit = 0;
  lines.fill(0);
  while (position < end && unit < lines.length) {
    const entry = table[position++]!;
    const units = (entry & 7) + 1;
    const kind = (entry >>> 3) & 15;
    let here = 0;
    if (kind !== 15) {
      if (kind >= 13) {
        // 13: no columns, 14: long form. A signed varint keeps its sign in the lowest bit.
        let value = 0;
        let shift = 0;
        let byte: number;
        do {
          byte = position < end ? table[position++]! : 0;
          if (shift < 30) value |= (byte & 63) << shift;
          shift += 6;
        } while ((byte & 64) !== 0);
        // An int, as in CPython: hostile tables must not lead to lines that are none.
        line = (line + ((value & 1) !== 0 ? -(value >>> 1) : value >>> 1)) | 0;
        if (kind === 14) {
          for (let varints = 0; varints < 3; varints++) {
            while (position < end && (table[position++]! & 64) !== 0);
          }
        }
      } else if (kind >= 10) {
        line = (line + kind - 10) | 0;
        position += 2;
      } else {
        position += 1;
      }
      here = line > 0 ? line : 0;
    }
    const stop = Math.min(unit + units, lines.length);
    while (unit < stop) lines[unit++] = here;
  }
}
