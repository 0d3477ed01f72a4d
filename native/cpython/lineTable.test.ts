import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import { decodeLocationTable } from './lineTable.ts';
import { anyBytes, encode, type Entry, entry } from './testing/locationTable.ts';

/** The line of each unit, by the words of locations.md. */
function linesOf(entries: readonly Entry[], firstLine: number): number[] {
  let line = firstLine;
  return entries.flatMap(({ units, kind, delta }) => {
    if (kind === 13 || kind === 14) line += delta;
    else if (kind >= 10 && kind <= 12) line += kind - 10;
    return Array.from({ length: units }, () => (kind === 15 ? 0 : Math.max(0, line)));
  });
}

describe('decodeLocationTable', () => {
  it('decodes an example of all kinds', () => {
    // A location with columns on the first line, one two lines on, a long one back by 3, none, and again.
    const table = Uint8Array.of(
      0x80 | (0 << 3) | 1,
      0x12,
      0x80 | (12 << 3),
      4,
      9,
      0x80 | (14 << 3),
      7,
      1,
      5,
      6,
      0x80 | (15 << 3) | 1,
      0x80 | (13 << 3),
      2,
    );
    const lines = new Int32Array(7);
    decodeLocationTable(table, 10, lines);
    assert.deepEqual([...lines], [10, 10, 12, 9, 0, 0, 10]);
  });

  it('gives each code unit the line its entry says', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), fc.nat(100_000), (entries, firstLine) => {
        const truth = linesOf(entries, firstLine);
        const lines = new Int32Array(truth.length);
        decodeLocationTable(encode(entries), firstLine, lines);
        assert.deepEqual([...lines], truth);
      }),
    );
  });

  it('fills what a table leaves out with no line, and leaves out what has no unit', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), fc.nat(400), (entries, units) => {
        const truth = linesOf(entries, 5);
        const lines = new Int32Array(units).fill(-7);
        decodeLocationTable(encode(entries), 5, lines);
        assert.deepEqual(
          [...lines],
          Array.from(lines, (_, unit) => truth[unit] ?? 0),
        );
      }),
    );
  });

  it('ends with any bytes as a table, with lines that can be', () => {
    fc.assert(
      fc.property(anyBytes, fc.integer(), fc.nat(2000), (table, firstLine, units) => {
        const lines = new Int32Array(units);
        decodeLocationTable(table, firstLine, lines);
        for (const line of lines) assert(line >= 0);
      }),
      { numRuns: rounds(500) },
    );
  });
});
