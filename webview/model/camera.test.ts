import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Camera, type Range } from './camera.ts';

function camera(): Camera {
  const result = new Camera();
  result.replace(1000, () => ({ start: 0, end: 1000 }));
  return result;
}

describe('Camera', () => {
  it('moves over time, ends exactly where it shall, and then is still', () => {
    const moved = camera();
    moved.show({ start: 100, end: 200 }, true);
    assert.ok(moved.moving);
    moved.step(5000);
    assert.deepEqual(moved.current, { start: 0, end: 1000 });
    moved.step(5060);
    assert.ok(moved.current.start > 0 && moved.current.start < 100);
    moved.step(9999);
    assert.deepEqual(moved.current, { start: 100, end: 200 });
    assert.ok(!moved.moving);
    assert.equal(moved.step(10_000), false);
  });

  it('goes on from where it is when the goal changes on the way', () => {
    const moved = camera();
    moved.show({ start: 500, end: 600 }, true);
    moved.step(0);
    moved.step(90);
    const halfway = moved.current;
    moved.show({ start: 0, end: 1000 }, true);
    moved.step(91);
    assert.deepEqual(moved.current, halfway);
  });

  it('keeps the point under the pointer in place when zooming', () => {
    const moved = camera();
    moved.zoom(2, 0.25, false);
    assert.deepEqual(moved.current, { start: 125, end: 625 });
    moved.zoom(0.5, 0.25, false);
    assert.deepEqual(moved.current, { start: 0, end: 1000 });
  });

  it('stays inside the tree whatever is asked of it', () => {
    const anyMove = fc.oneof(
      fc.record({ zoom: fc.double({ min: 1e-6, max: 1e6, noNaN: true }), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ pan: fc.double({ min: -50, max: 50, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(anyMove, { maxLength: 30 }), (moves) => {
        const moved = camera();
        for (const move of moves) {
          if ('zoom' in move) moved.zoom(move.zoom, move.at, false);
          else moved.pan(move.pan, false);
          const { start, end } = moved.current;
          assert.ok(start >= 0 && end <= 1000 * (1 + 1e-9) && end > start);
        }
      }),
    );
  });

  it('carries a move over to another tree', () => {
    const moved = camera();
    moved.show({ start: 100, end: 200 }, true);
    moved.step(0);
    const twice = ({ start, end }: Range): Range => ({ start: start * 2, end: end * 2 });
    moved.replace(2000, twice);
    moved.step(9999);
    assert.deepEqual(moved.current, { start: 200, end: 400 });
  });

  it('survives an empty tree', () => {
    const empty = new Camera();
    empty.zoom(2, 0.5, false);
    empty.pan(1, false);
    empty.reset();
    assert.deepEqual(empty.target, { start: 0, end: 0 });
    assert.ok(!empty.zoomed);
  });
});
