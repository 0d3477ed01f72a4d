import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pixel } from './color.ts';
import { layOut } from './flameTree.ts';
import { makePalette } from './palette.ts';
import { LabelList, paintRow, type Paint } from './scanline.ts';
import { anyColumns, treeOf } from './testTrees.ts';

const palette = makePalette([0, 0, 0], undefined);
const merged = pixel(palette.merged);
const faded = pixel(palette.faded);
const gap = pixel(palette.gap);

function paintOf(lines: readonly string[], marked?: Uint8Array): Paint {
  const tree = treeOf(lines);
  return { tree, palette, marked, classes: Uint8Array.from({ length: tree.length }, (_, node) => tree.func[node]! + 1) };
}

/** A letter per pixel: functions by name, `.` nothing, `|` gap, `~` merged, `-` faded. */
function line(paint: Paint, row: number, start: number, end: number, width: number): string {
  const pixels = new Uint32Array(width);
  paintRow(paint, row, { start, end }, pixels, 0, width, 5, undefined);
  return Array.from(pixels, (value) => {
    if (value === 0) return '.';
    if (value === gap) return '|';
    if (value === merged) return '~';
    if (value === faded) return '-';
    return String.fromCharCode(96 + palette.pixels.indexOf(value));
  }).join('');
}

describe('paintRow', () => {
  const paint = paintOf(['all 40', ' a 20', ' b 10', ' c 2', ' d 1']);

  it('paints boxes with gaps between them, and nothing where no time went', () => {
    assert.equal(line(paint, 1, 0, 40, 40), 'aaaaaaaaaaaaaaaaaaa|bbbbbbbbb|ccd.......');
  });

  it('paints what is in view', () => {
    assert.equal(line(paint, 1, 15, 25, 10), 'aaaa|bbbbb');
    assert.equal(line(paint, 1, 18, 22, 8), 'aaa|bbbb');
  });

  it('merges what is narrower than a pixel', () => {
    assert.equal(line(paintOf(['all 40', ' a 20', ' b 1', ' c 1', ' d 1']), 1, 0, 40, 20), 'aaaaaaaaa|~~........');
  });

  it('fades what is not marked, but lets the smallest marked box show', () => {
    assert.equal(
      line(paintOf(['all 40', ' a 20', ' b 1', ' c 1', ' d 1'], Uint8Array.of(0, 0, 1, 0, 0)), 1, 0, 40, 20),
      '---------|b-........',
    );
    assert.equal(
      line(paintOf(['all 40', ' b 20', ' a 10'], Uint8Array.of(0, 1, 0)), 1, 0, 40, 40),
      'bbbbbbbbbbbbbbbbbbb|---------|..........',
    );
  });

  it('lists the boxes that have room for a label', () => {
    const labels = new LabelList();
    paintRow(paint, 1, { start: 0, end: 40 }, new Uint32Array(40), 0, 40, 10, labels);
    assert.deepEqual([...labels.data.subarray(0, labels.length)], [1, 0, 20, 2, 20, 30]);
  });

  it('never leaves its line, whatever the tree and the view', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(anyColumns, share, share, fc.integer({ min: 1, max: 50 }), (columns, a, b, width) => {
        const tree = layOut(columns);
        const whole = tree.total[0]!;
        const view = { start: Math.min(a, b) * whole, end: Math.max(a, b) * whole };
        const pixels = new Uint32Array(width + 2);
        for (let row = 0; row < tree.rows; row++) {
          paintRow(
            { tree, palette, marked: undefined, classes: new Uint8Array(tree.length) },
            row,
            view,
            pixels,
            1,
            width,
            5,
            new LabelList(),
          );
        }
        assert.deepEqual([pixels[0], pixels[width + 1]], [0, 0]);
      }),
    );
  });
});

describe('LabelList', () => {
  it('grows', () => {
    const labels = new LabelList();
    for (let node = 0; node < 5000; node++) labels.add(node, node, node + 1);
    assert.equal(labels.length, 15_000);
    assert.equal(labels.data[3 * 4999], 4999);
  });
});
