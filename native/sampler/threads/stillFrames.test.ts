import assert from 'node:assert/strict';
import { StillFrames } from './stillFrames.ts';

const start = 64;
const copy = Uint8Array.from({ length: 4096 }, (_, i) => i % 251);

function noted(depths: readonly number[]): StillFrames {
  const still = new StillFrames();
  for (const depth of depths) still.note(depth, 0, start + depth * 8, copy, start);
  return still;
}

describe('still frames', () => {
  it('are those that sixteen samples in a row left alone', () => {
    assert.equal(noted(Array.from({ length: 15 }, () => 100)).depth, 0);
    const still = noted(Array.from({ length: 16 }, () => 100));
    assert.equal(still.depth, 100);
    assert.equal(still.length, 800);
  });

  it('reach no further than any of these samples', () => {
    assert.equal(noted([60, ...Array.from({ length: 20 }, () => 100)]).depth, 0);
    assert.equal(noted([60, ...Array.from({ length: 20 }, () => 100), 60]).depth, 60);
  });

  it('forget a shallow sample in time', () => {
    assert.equal(noted([30, ...Array.from({ length: 63 + 16 }, () => 100)]).depth, 100);
  });

  it('are not worth it when they are few', () => {
    assert.equal(noted(Array.from({ length: 100 }, () => 23)).depth, 0);
  });

  it('become more when the stack has grown for good', () => {
    const still = noted([...Array.from({ length: 16 }, () => 50), ...Array.from({ length: 16 }, () => 200)]);
    assert.equal(still.depth, 200);
    assert.ok(still.isUnchanged(copy, start));
  });

  it('are told from changed ones by every byte below the next frame, and no other', () => {
    const still = noted(Array.from({ length: 16 }, () => 100));
    for (const [at, same] of [
      [start - 1, true],
      [start, false],
      [start + 400, false],
      [start + 799, false],
      [start + 800, true],
    ] as const) {
      const changed = copy.slice();
      changed[at]!++;
      assert.equal(still.isUnchanged(changed, start), same, String(at));
    }
  });

  it('are none once forgotten', () => {
    const still = noted(Array.from({ length: 16 }, () => 100));
    still.forget();
    assert.equal(still.depth, 0);
    for (let i = 0; i < 15; i++) still.note(100, 0, start + 800, copy, start);
    assert.equal(still.depth, 0);
  });
});
