import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeLocationTable } from './lineTable.ts';

/** An entry of a location table (Objects/locations.md) as a test states it. */
interface Entry {
  readonly units: number;
  readonly kind: number;
  /** Line relative to the entry before; what the kind can't say is ignored. */
  readonly delta: number;
  readonly columns: readonly [number, number, number];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push(value > 63 ? (value & 63) | 64 : value & 63);
    value = Math.floor(value / 64);
  } while (value > 0);
  return bytes;
}

function signedVarint(value: number): number[] {
  return varint(value < 0 ? -value * 2 + 1 : value * 2);
}

function encode(entries: readonly Entry[]): Uint8Array {
  return Uint8Array.from(
    entries.flatMap(({ units, kind, delta, columns }) => {
      const first = 128 | (kind << 3) | (units - 1);
      if (kind === 15) return [first];
      if (kind === 14) return [first, ...signedVarint(delta), ...varint(columns[0]), ...varint(columns[1]), ...varint(columns[2])];
      if (kind === 13) return [first, ...signedVarint(delta)];
      if (kind >= 10) return [first, columns[0] & 127, columns[1] & 127];
      return [first, columns[0] & 127];
    }),
  );
}

/** The line of each unit, by the words of locations.md. */
function linesOf(entries: readonly Entry[], firstLine: number): number[] {
  let line = firstLine;
  return entries.flatMap(({ units, kind, delta }) => {
    if (kind === 13 || kind === 14) line += delta;
    else if (kind >= 10 && kind <= 12) line += kind - 10;
    return Array.from({ length: units }, () => (kind === 15 ? 0 : Math.max(0, line)));
  });
}

const entry: fc.Arbitrary<Entry> = fc.record({
  units: fc.integer({ min: 1, max: 8 }),
  kind: fc.nat(15),
  delta: fc.oneof(fc.integer({ min: -70, max: 70 }), fc.integer({ min: -1_000_000, max: 1_000_000 })),
  columns: fc.tuple(fc.nat(5000), fc.nat(5000), fc.nat(5000)),
});

describe('decodeLocationTable', () => {
  it('decodes an example of all kinds', () => {
    // A location with columns on the first line, one two lines on, a long one back by 3, none, and again.
    const table = Uint8Array.of(0x80 | (0 << 3) | 1, 0x12, 0x80 | (12 << 3), 4, 9, 0x80 | (14 << 3), 7, 1, 5, 6, 0x80 | (15 << 3) | 1, 0x80 | (13 << 3), 2);
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
        assert.deepEqual([...lines], Array.from(lines, (_, unit) => truth[unit] ?? 0));
      }),
    );
  });

  it('ends with any bytes as a table, with lines that can be', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 4000 }), fc.nat(255).map((value) => new Uint8Array(5000).fill(value)));
    fc.assert(
      fc.property(bytes, fc.integer(), fc.nat(2000), (table, firstLine, units) => {
        const lines = new Int32Array(units);
        decodeLocationTable(table, firstLine, lines);
        for (const line of lines) assert(line >= 0);
      }),
      { numRuns: 500 },
    );
  });
});
