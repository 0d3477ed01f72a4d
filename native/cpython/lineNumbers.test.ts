import assert from 'node:assert/strict';
import fc from 'fast-check';
import { continueLines, decodeLineNumbers } from './lineNumbers.ts';
import type { LineNumberEncoding } from './layout.ts';

function linesOf(
  pairs: readonly (readonly [number, number])[],
  firstLine: number,
  encoding: LineNumberEncoding,
  unit: 1 | 2,
  units: number,
): number[] {
  const lines = new Int32Array(units);
  decodeLineNumbers(Uint8Array.from(pairs.flat().map((byte) => byte & 255)), firstLine, encoding, unit, lines);
  return [...lines];
}

/** PyCode_Addr2Line as Objects/codeobject.c has it: 2.7 to 3.5 with unsigned, 3.6 to 3.9 with signed line steps. */
function addressToLine(pairs: readonly (readonly [number, number])[], firstLine: number, signed: boolean, address: number): number {
  let line = firstLine;
  let at = 0;
  for (const [step, lineStep] of pairs) {
    at += step;
    if (at > address) break;
    line += signed && lineStep > 127 ? lineStep - 256 : lineStep;
  }
  return line;
}

describe('decodeLineNumbers', () => {
  it('decodes the example of lnotab_notes.txt', () => {
    // Addresses 0, 6, 50, 350, 361 of lines 1, 2, 7, 207, 208.
    const table = [[6, 1], [44, 5], [255, 0], [45, 200], [11, 1]] as const; // prettier-ignore
    const lines = linesOf(table, 1, 'unsigned-deltas', 1, 370);
    assert.deepEqual(
      [0, 5, 6, 49, 50, 349, 350, 360, 361, 369].map((address) => lines[address]),
      [1, 1, 2, 2, 7, 7, 207, 207, 208, 208],
    );
  });

  it('goes back where steps are signed', () => {
    assert.deepEqual(linesOf([[2, 3], [2, -2], [4, -128]], 200, 'signed-deltas', 2, 6), [200, 203, 201, 201, 73, 73]); // prettier-ignore
    assert.deepEqual(linesOf([[2, 3], [2, 254]], 200, 'unsigned-deltas', 2, 3), [200, 203, 457]); // prettier-ignore
  });

  it('knows ranges without a line (3.10)', () => {
    assert.deepEqual(linesOf([[4, 1], [2, -128], [4, 2], [2, -3]], 10, 'ranges', 2, 7), [11, 11, 0, 13, 13, 10, 0]); // prettier-ignore
  });

  it('is what the interpreter computes, for any table', () => {
    const pair = fc.tuple(fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 30 }), fc.nat(5000), fc.boolean(), (pairs, firstLine, signed) => {
        const units = 64;
        const lines = linesOf(pairs, firstLine, signed ? 'signed-deltas' : 'unsigned-deltas', 1, units);
        const truth = Array.from({ length: units }, (_, address) => Math.max(0, addressToLine(pairs, firstLine, signed, address)));
        assert.deepEqual(lines, truth);
      }),
    );
  });

  it('takes half a pair at the end, and tables longer than the code', () => {
    const lines = new Int32Array(2);
    decodeLineNumbers(Uint8Array.of(2, 1, 200, 1, 9), 7, 'signed-deltas', 2, lines);
    assert.deepEqual([...lines], [7, 8]);
    decodeLineNumbers(new Uint8Array(0), 7, 'ranges', 2, lines);
    assert.deepEqual([...lines], [0, 0]);
  });
});

describe('Instructions without a line', () => {
  it('have that of the one before them, and the first ones that of the function', () => {
    const lines = Int32Array.of(0, 0, 12, 0, 11, 0, 0);
    continueLines(lines, 10);
    assert.deepEqual([...lines], [10, 10, 12, 12, 11, 11, 11]);
  });
});
