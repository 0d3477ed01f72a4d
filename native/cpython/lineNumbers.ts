import type { LineNumberEncoding } from './layout.ts';

/**
 * Decodes `co_lnotab` (to 3.9) or `co_linetable` (3.10), Objects/lnotab_notes.txt: pairs of bytes, by how much the
 * address in the bytecode and the line grow.
 *
 * @param table the bytes of the table
 * @param firstLine `co_firstlineno`
 * @param unit bytes of bytecode that an element of `lines` stands for
 * @param lines gets the line of each unit, or 0 where there is none
 */
export function decodeLineNumbers(
  table: Uint8Array,
  firstLine: number,
  encoding: LineNumberEncoding,
  unit: 1 | 2,
  lines: Int32Array,
): void {
  let line = firstLine;
  let address = 0;
  for (let at = 0; at + 1 < table.length; at += 2) {
    const start = address;
    address += table[at]!;
    const byte = table[at + 1]!;
    const delta = encoding === 'unsigned-deltas' || byte < 128 ? byte : byte - 256;
    if (encoding === 'ranges') {
      // −128: the range has no line, and the next one counts from the line before it.
      if (delta !== -128) line += delta;
      fill(lines, start / unit, address / unit, delta === -128 ? 0 : line);
    } else {
      fill(lines, start / unit, address / unit, line);
      line += delta;
    }
  }
  fill(lines, address / unit, lines.length, encoding === 'ranges' ? 0 : line);
}

function fill(lines: Int32Array, start: number, end: number, line: number): void {
  lines.fill(line > 0 ? line : 0, Math.ceil(start), Math.min(Math.ceil(end), lines.length));
}

/**
 * Gives instructions that have no line that of the one before, the first ones that of the function: such as take up a closure's
 * variables before it begins (COPY_FREE_VARS), or end a `with`. Their time is the function's like any other and belongs on some
 * line of it; py-spy reads the tables so, too.
 *
 * @param lines 0 where there is none; is changed
 */
export function continueLines(lines: Int32Array, firstLine: number): void {
  let line = firstLine;
  for (let unit = 0; unit < lines.length; unit++) {
    if (lines[unit] === 0) lines[unit] = line;
    else line = lines[unit]!;
  }
}
