import assert from 'node:assert/strict';
import fc from 'fast-check';
import { alignLines, BLANK, lineKey, lineKeys } from './alignLines.ts';

const align = (older: string, newer: string): number[] => [
  ...alignLines(Uint32Array.from(Array.from(older), lineKey), Uint32Array.from(Array.from(newer), lineKey)),
];

describe('alignLines', () => {
  it('finds every line of an unchanged text', () => assert.deepEqual(align('abc', 'abc'), [0, 1, 2]));
  it('moves lines after an insertion', () => assert.deepEqual(align('abc', 'aXYbc'), [0, 3, 4]));
  it('loses deleted lines only', () => assert.deepEqual(align('abcd', 'ad'), [0, -1, -1, 1]));
  it('takes lines that changed in place for the same', () => assert.deepEqual(align('abcd', 'aXYd'), [0, 1, 2, 3]));
  it('does not guess where the number of lines changed', () => assert.deepEqual(align('abcd', 'aXYZd'), [0, -1, -1, 4]));
  it('finds lines between changes by lines that occur once', () =>
    assert.deepEqual(align('xaxbxcx', 'yyxbxzzcxww').slice(3, 6), [3, 4, 7]));
  it('loses all of a text that was replaced', () => assert.deepEqual(align('abc', 'defgh'), [-1, -1, -1]));
  it('copes with empty texts', () => {
    assert.deepEqual(align('', 'abc'), []);
    assert.deepEqual(align('abc', ''), [-1, -1, -1]);
  });
  it('stays in bounds when two large texts share nothing', () => {
    const keys = (first: number): Uint32Array => Uint32Array.from({ length: 20_000 }, (_, i) => first + (i % 2));
    assert.equal(
      alignLines(keys(1), keys(3).subarray(1)).every((line) => line === -1),
      true,
    );
  });

  it('gives each line at most one place, in order, for any texts', () => {
    const text = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 40 }).map((keys) => Uint32Array.from(keys));
    fc.assert(
      fc.property(text, text, (older, newer) => {
        const found = [...alignLines(older, newer)].filter((line) => line >= 0);
        assert.deepEqual(
          found,
          [...new Set(found)].sort((a, b) => a - b),
        );
        assert.ok(found.every((line) => line < newer.length));
      }),
    );
  });

  it('finds everything again after insertions, when lines are distinct', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }), (gaps) => {
        const newer: number[] = [];
        const places = gaps.map((gap, i) => {
          for (let n = 0; n < gap; n++) newer.push(1_000_000);
          return newer.push(i + 1) - 1;
        });
        assert.deepEqual(
          [
            ...alignLines(
              Uint32Array.from(gaps, (_, i) => i + 1),
              Uint32Array.from(newer),
            ),
          ],
          places,
        );
      }),
    );
  });
});

describe('lineKeys', () => {
  it('splits at any line end and ignores the space around a line', () => {
    assert.deepEqual(lineKeys('a\r\n  b \n\tb'), Uint32Array.of(lineKey('a'), lineKey('b'), lineKey('b')));
    assert.equal(lineKey(' \t'), BLANK);
  });
});
