import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lineKeys } from './alignLines.ts';
import { LineMap } from './lineMap.ts';
import { type ByteSpan, characterAt, ProfiledLines, type TextSpan } from './sourceSpan.ts';

const source = ['def f(x):', '    größe = x.a(1) + x.b(', '        2,', '    )', '    return größe'].join('\n');

/** Where an expression of `source` is in another text: as text, or undefined. */
function found(span: ByteSpan, text: string): string | undefined {
  const lines = new ProfiledLines(source);
  const map = new LineMap(lines.keys, lineKeys(text));
  const now = text.split('\n');
  const range = lines.find(
    span,
    (line) => map.toCurrent(line),
    (line) => now[line]!,
  );
  return range === undefined ? undefined : textOf(range, now);
}

function textOf({ startLine, startCharacter, endLine, endCharacter }: TextSpan, lines: readonly string[]): string {
  if (startLine === endLine) return lines[startLine]!.slice(startCharacter, endCharacter);
  return [lines[startLine]!.slice(startCharacter), ...lines.slice(startLine + 1, endLine), lines[endLine]!.slice(0, endCharacter)].join(
    '\n',
  );
}

/** ö and ß take two bytes each. */
const one: ByteSpan = { line: 2, endLine: 2, startColumn: 15, endColumn: 21 };
const several: ByteSpan = { line: 2, endLine: 4, startColumn: 24, endColumn: 6 };

describe('expressions in a document', () => {
  it('are found by their bytes', () => {
    assert.equal(found(one, source), 'x.a(1)');
    assert.equal(found(several, source), 'x.b(\n        2,\n    )');
  });

  it('follow their lines', () => {
    const moved = `import sys\n\n${source}\n`;
    assert.equal(found(one, moved), 'x.a(1)');
    assert.equal(found(several, moved), 'x.b(\n        2,\n    )');
  });

  it('follow lines that are indented anew, each in its own way', () => {
    const indented = source
      .split('\n')
      .map((line) => `\t\u2003${line}`)
      .join('\n');
    assert.equal(found(one, indented), 'x.a(1)');
    assert.equal(found(several, indented.replace('\t\u2003    )', ')')), 'x.b(\n\t\u2003        2,\n)');
  });

  it('are left out when a line of theirs has another text, is gone, or others came between', () => {
    for (const text of [source.replace('x.a', 'y.a'), source.split('\n').toSpliced(1, 1).join('\n'), ''])
      assert.equal(found(one, text), undefined);
    for (const text of [source.replace('2,', '3,'), source.replace('    )', '    # why\n    )'), source.replace('x.a', 'y.a')])
      assert.equal(found(several, text), undefined);
  });

  it('are left out when their columns are not known or can’t be', () => {
    for (const span of [
      { ...one, startColumn: 0, endColumn: 0 },
      { ...one, startColumn: 21, endColumn: 15 },
      { ...one, endColumn: 999 },
      { ...one, startColumn: 8 }, // inside of ö
      { ...one, endLine: 1 },
      { ...one, line: 9, endLine: 9 },
      { ...one, endLine: 2 ** 31 - 1 },
      { ...one, startColumn: 1 },
      { ...one, startColumn: 3 },
    ]) {
      const text = found(span, source);
      assert.ok(text === undefined || (span.startColumn < 5 && /^ *größe = x\.a\(1\)$/.test(text)), `${JSON.stringify(span)}: ${text}`);
    }
  });
});

describe('characterAt', () => {
  it('is what encoding the text says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.nat(200), (text, bytes) => {
        const encoded = Buffer.from(text);
        const at = characterAt(text, bytes);
        const start = encoded.subarray(0, bytes).toString();
        if (bytes <= encoded.length && Buffer.byteLength(start) === bytes && text.startsWith(start)) assert.equal(at, start.length);
        else assert.equal(at, -1);
      }),
    );
    assert.equal(characterAt('abc', -1), -1);
  });
});
