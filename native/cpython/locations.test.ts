import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import { type Location, Locations } from './locations.ts';
import { decodeLocationTable } from './lineTable.ts';
import { anyBytes, encode, type Entry, entry } from './testing/locationTable.ts';

/** Where each unit comes from, by the words of locations.md. */
function locationsOf(entries: readonly Entry[], firstLine: number): (Location | null)[] {
  let line = firstLine;
  return entries.flatMap(({ units, kind, delta, columns: [first, second, third] }) => {
    if (kind === 13 || kind === 14) line += delta;
    else if (kind >= 10 && kind <= 12) line += kind - 10;
    let location: Location | null = null;
    if (kind !== 15 && line > 0) {
      if (kind === 14) {
        // Columns are kept plus 1, as we do; 0 is none.
        const makesSense = second > 0 && third > 0 && (first > 0 || third >= second);
        location = { line, endLine: line + first, startColumn: makesSense ? second : 0, endColumn: makesSense ? third : 0 };
      } else if (kind === 13) {
        location = { line, endLine: line, startColumn: 0, endColumn: 0 };
      } else {
        const start = kind >= 10 ? first & 127 : kind * 8 + ((first & 127) >> 4);
        const end = kind >= 10 ? second & 127 : start + (first & 15);
        location = { line, endLine: line, startColumn: end < start ? 0 : start + 1, endColumn: end < start ? 0 : end + 1 };
      }
    }
    return Array.from({ length: units }, () => location);
  });
}

function all(table: Uint8Array, firstLine: number, units: number): (Location | null)[] {
  const locations = new Locations(table, firstLine, units);
  return Array.from({ length: units }, (_, unit) => locations.at(unit));
}

describe('Locations', () => {
  it('has an example of all kinds', () => {
    const at = (line: number, endLine: number, startColumn: number, endColumn: number): Location => ({
      line,
      endLine,
      startColumn,
      endColumn,
    });
    const short = [0x80 | (2 << 3) | 1, 0x12]; // 2 units: columns 17 to 19
    const oneLine = [0x80 | (12 << 3), 4, 9]; // two lines on
    const long = [0x80 | (14 << 3), 7, 1, 5, 0x40 | 6, 1]; // three lines back, and into the next one: 4 to 69
    const plain = [0x80 | (13 << 3), 2];
    const none = [0x80 | (15 << 3) | 1];
    assert.deepEqual(all(Uint8Array.of(...short, ...oneLine, ...long, ...none, ...plain), 10, 8), [
      at(10, 10, 18, 20),
      at(10, 10, 18, 20),
      at(12, 12, 5, 10),
      at(9, 10, 5, 70),
      null,
      null,
      at(10, 10, 0, 0),
      null,
    ]);
  });

  it('has for each unit what its entry says', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), fc.nat(100_000), (entries, firstLine) => {
        const truth = locationsOf(entries, firstLine);
        assert.deepEqual(all(encode(entries), firstLine, truth.length), truth);
      }),
    );
  });

  it('has no location for what a table leaves out, and leaves out what has no unit', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), fc.nat(400), (entries, units) => {
        const truth = locationsOf(entries, 5);
        assert.deepEqual(
          all(encode(entries), 5, units),
          Array.from({ length: units }, (_, unit) => truth[unit] ?? null),
        );
      }),
    );
  });

  it('has the lines that samples without columns have, and columns that can be, whatever the bytes', () => {
    fc.assert(
      fc.property(anyBytes, fc.integer(), fc.nat(2000), (table, firstLine, units) => {
        const lines = new Int32Array(units);
        decodeLocationTable(table, firstLine, lines);
        all(table, firstLine, units).forEach((location, unit) => {
          assert.equal(location?.line ?? 0, lines[unit]);
          if (location === null) return;
          const { line, endLine, startColumn, endColumn } = location;
          assert(endLine >= line && endLine < 2 ** 31);
          assert.equal(startColumn === 0, endColumn === 0);
          assert(startColumn >= 0 && (endLine > line || endColumn >= startColumn));
        });
      }),
      { numRuns: rounds(500) },
    );
  });
});
