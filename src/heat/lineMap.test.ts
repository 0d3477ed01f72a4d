import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import { lineKeys } from './alignLines.ts';
import { LineMap } from './lineMap.ts';

/** A document and the map of its lines, edited as VS Code tells of edits. */
class Edited {
  lines: string[];
  readonly map: LineMap;
  readonly #count: number;

  constructor(text: string) {
    this.lines = text.split('\n');
    this.#count = this.lines.length;
    this.map = new LineMap(lineKeys(text), lineKeys(text));
  }

  replace(startLine: number, startCharacter: number, endLine: number, endCharacter: number, text: string): this {
    const newText = this.lines[startLine]!.slice(0, startCharacter) + text + this.lines[endLine]!.slice(endCharacter);
    const newLines = newText.split('\n');
    this.lines.splice(startLine, endLine - startLine + 1, ...newLines);
    this.map.apply({ startLine, startCharacter, endLine, newLines });
    return this;
  }

  get places(): number[] {
    return Array.from({ length: this.#count }, (_, line) => this.map.toCurrent(line));
  }
}

describe('LineMap', () => {
  const text = 'def f():\n    a = 1\n    b = 2\n    return a + b\n\nf()';

  it('leaves lines alone while one of them is typed in', () => {
    const edited = new Edited(text).replace(1, 9, 1, 9, '0').replace(1, 4, 1, 5, 'x').replace(1, 0, 1, 10, '    whole line');
    assert.deepEqual(edited.places, [0, 1, 2, 3, 4, 5]);
  });

  it('moves the lines below a new one', () => {
    assert.deepEqual(new Edited(text).replace(1, 9, 1, 9, '\n    new').places, [0, 1, 3, 4, 5, 6]);
  });

  it('pushes a line down when Enter is pressed before its text', () => {
    assert.deepEqual(new Edited(text).replace(2, 0, 2, 0, '\n').places, [0, 1, 3, 4, 5, 6]);
    assert.deepEqual(new Edited(text).replace(2, 4, 2, 4, '\n    ').places, [0, 1, 3, 4, 5, 6]);
  });

  it('pushes an edited line down too', () => {
    assert.deepEqual(new Edited(text).replace(2, 8, 2, 9, '777').replace(2, 0, 2, 0, '\n').places, [0, 1, 3, 4, 5, 6]);
  });

  it('keeps the first part of a line that is split', () => {
    assert.deepEqual(new Edited(text).replace(3, 12, 3, 12, '\n        ').places, [0, 1, 2, 3, 5, 6]);
  });

  it('drops deleted lines and brings them back with undo', () => {
    const edited = new Edited(text).replace(1, 0, 3, 0, '');
    assert.deepEqual(edited.places, [0, -1, -1, 1, 2, 3]);
    assert.deepEqual(edited.replace(1, 0, 1, 0, '    a = 1\n    b = 2\n').places, [0, 1, 2, 3, 4, 5]);
  });

  it('follows a line that is moved and moved back (Alt+Up, Alt+Down)', () => {
    const edited = new Edited(text).replace(1, 0, 2, 9, '    b = 2\n    a = 1');
    assert.equal(edited.places.filter((line) => line >= 0).length >= 5, true);
    assert.deepEqual(edited.replace(1, 0, 2, 9, '    a = 1\n    b = 2').places, [0, 1, 2, 3, 4, 5]);
  });

  it('survives indenting and wrapping lines in a block', () => {
    const edited = new Edited(text).replace(1, 0, 2, 9, '    with x:\n        a = 1\n        b = 2');
    assert.deepEqual(edited.places, [0, 2, 3, 4, 5, 6]);
  });

  it('survives a formatter that replaces the whole text', () => {
    const edited = new Edited(text);
    const last = edited.lines.length - 1;
    edited.replace(0, 0, last, edited.lines[last]!.length, '# formatted\n\n' + text);
    assert.deepEqual(edited.places, [2, 3, 4, 5, 6, 7]);
  });

  it('joins two lines into the first', () => {
    assert.deepEqual(new Edited(text).replace(1, 9, 2, 4, '; ').places, [0, 1, -1, 2, 3, 4]);
  });

  it('tells the profiled line of a current one', () => {
    const { map } = new Edited(text).replace(0, 0, 0, 0, '# new\n');
    assert.equal(map.toProfiled(0), -1);
    assert.equal(map.toProfiled(3), 2);
    assert.equal(map.toCurrent(99), -1);
  });

  it('finds its lines anew in a text that changed unseen', () => {
    const { map } = new Edited(text);
    map.realign(lineKeys('import x\n\n' + text));
    assert.equal(map.toCurrent(3), 5);
  });

  it('keeps order, bounds and untouched lines through any edits', () => {
    const edit = fc.tuple(fc.nat(30), fc.nat(6), fc.nat(4), fc.nat(6), fc.array(fc.constantFrom('', 'p', 'q', 'if a:'), { maxLength: 4 }));
    // No part of one line can be taken for another line.
    const original = Array.from({ length: 20 }, (_, i) => String.fromCharCode(0x4e00 + i).repeat(5));
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 12 }), (edits) => {
        const edited = new Edited(original.join('\n'));
        for (const [at, startCharacter, span, endCharacter, text] of edits) {
          const startLine = at % edited.lines.length;
          const endLine = Math.min(startLine + span, edited.lines.length - 1);
          edited.replace(
            startLine,
            startCharacter,
            endLine,
            startLine === endLine ? Math.max(startCharacter, endCharacter) : endCharacter,
            text.join('\n'),
          );
          const places = edited.places;
          const found = places.filter((line) => line >= 0);
          assert.deepEqual(
            found,
            [...new Set(found)].sort((a, b) => a - b),
          );
          assert.ok(found.every((line) => line < edited.lines.length));
          for (const [i, line] of edited.lines.entries()) {
            if (original.includes(line) && edited.lines.lastIndexOf(line) === edited.lines.indexOf(line))
              assert.equal(places[original.indexOf(line)], i);
          }
        }
      }),
      { numRuns: rounds(500) },
    );
  });
});
