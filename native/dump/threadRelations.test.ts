import assert from 'node:assert/strict';
import type { ThreadDump } from './dumpSnapshot.ts';
import { oldestFirst, waitRings } from './threadRelations.ts';

/** Threads that wait for these; null: for nobody that is known. */
function threads(owners: readonly (number | null)[]): ThreadDump[] {
  return owners.map((owner, index) => ({
    ...{ osThreadId: index, pythonThreadId: '1', interpreterId: 0, name: null, state: 'waiting', holdsGil: false },
    ...{ collects: false, frames: [], problem: null, native: null, wait: { what: 'Lock', owner, why: null } },
  }));
}

describe('threads that wait for each other', () => {
  for (const [owners, rings] of [
    [[], []],
    [[null, 0, 1], []],
    [[1, 0], [[0, 1]]],
    [[0], [[0]]],
    [[2, 3, 1, 2, 0], [[1, 3, 2]]], // two ways lead into the ring
    [
      [1, 0, 3, 4, 2],
      [
        [0, 1],
        [2, 3, 4],
      ],
    ],
    [[7], []],
  ] as const) {
    it(`are ${JSON.stringify(rings)} of ${JSON.stringify(owners)}`, () => assert.deepEqual(waitRings(threads(owners)), rings));
  }

  it('are found among very many', () => {
    const count = 100_000;
    assert.equal(waitRings(threads(Array.from({ length: count }, (_, i) => (i + 1) % count)))[0]?.length, count);
  });

  it('are listed with the oldest first', () => {
    assert.deepEqual(
      oldestFirst(threads([null, null])).map(({ osThreadId }) => osThreadId),
      [1, 0],
    );
  });
});
