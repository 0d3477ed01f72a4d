import assert from 'node:assert/strict';
import type { CompareTree } from '../compareMessages.ts';
import { contrast, type Rgb } from './color.ts';
import { diffPalette, type DiffPicture, diffPicture } from './diffPicture.ts';
import { makePalette } from './palette.ts';

/** main calls work (40 → 75), old (60 → 0) and fresh (0 → 25). */
const compared: CompareTree = {
  parent: Int32Array.of(-1, 0, 1, 1, 1),
  func: Int32Array.of(-1, 0, 1, 2, 3),
  selfBefore: Float64Array.of(0, 0, 40, 60, 0),
  selfAfter: Float64Array.of(0, 0, 75, 0, 25),
  totalBefore: Float64Array.of(100, 100, 40, 60, 0),
  totalAfter: Float64Array.of(100, 100, 75, 0, 25),
  isSignificant: Uint8Array.of(0, 0, 1, 1, 1),
  hiddenNodes: 0,
};

const boxes = ({ tree, classes, source }: DiffPicture): unknown[] =>
  Array.from({ length: tree.length }, (_, node) => [source[node], tree.left[node], tree.total[node], classes[node]]);

describe('diffPicture', () => {
  it('is as wide as after, and as red or blue as the change', () => {
    assert.deepEqual(boxes(diffPicture(compared, 'after')), [
      [0, 0, 100, 5],
      [1, 0, 100, 5],
      [2, 0, 75, 8],
      [4, 75, 25, 10],
    ]);
  });

  it('is as wide as before, biggest first', () => {
    assert.deepEqual(boxes(diffPicture(compared, 'before')).slice(2), [
      [3, 0, 60, 0],
      [2, 60, 40, 8],
    ]);
  });

  it('has what is gone alone, with those who called it', () => {
    assert.deepEqual(boxes(diffPicture(compared, 'gone')), [
      [0, 0, 60, 5],
      [1, 0, 60, 5],
      [3, 0, 60, 0],
    ]);
  });

  it('paints what may be chance as unchanged', () => {
    const { classes } = diffPicture({ ...compared, isSignificant: new Uint8Array(5) }, 'after');
    assert.deepEqual([...classes], [5, 5, 5, 5]);
  });

  it('can be read in all themes, and has as many colours as there are steps', () => {
    for (const [background, border] of [
      [[1, 1, 1], undefined],
      [[0.12, 0.12, 0.12], undefined],
      [
        [1, 1, 1],
        [0, 0, 0],
      ],
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
    ] as [Rgb, Rgb | undefined][]) {
      const palette = diffPalette(makePalette(background, border), border !== undefined);
      assert.equal(new Set(palette.pixels).size, 11);
      for (const box of palette.boxes) assert.ok(contrast(box, palette.text) >= 4.5, `${String(background)}: ${String(box)}`);
    }
  });
});
