import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anyProfile } from '../testing/arbitrary.ts';
import { profileOf } from '../testing/build.ts';
import { rounds } from '../testing/fuzz.ts';
import { StackWeights } from '../weights.ts';
import { type DiffTree, diffTree, WHOLE } from './diffTree.ts';
import { diffProfiles } from './profileDiff.ts';

const before = profileOf({
  runs: [
    { stack: 'main:1 work:21', count: 4000 },
    { stack: 'main:3 old:41', count: 6000 },
    { stack: 'main:1', count: 5000, flags: 0 },
  ],
});
const after = profileOf({
  runs: [
    { stack: 'main:1 work:21', count: 15_000 },
    { stack: 'main:3 fresh:51', count: 5000 },
  ],
});

/** By path: total before, total after, whether that is more than chance. */
function nodesOf(tree: DiffTree): Record<string, readonly [number, number, boolean]> {
  const paths: string[] = [];
  return Object.fromEntries(
    Array.from(tree.parent, (parent, node) => {
      const name = tree.func[node] === -1 ? '' : tree.places[tree.func[node]!]!.function;
      paths[node] = parent < 0 ? 'all' : `${paths[parent]!}/${name}`;
      return [paths[node], [tree.totalBefore[node]!, tree.totalAfter[node]!, tree.isSignificant[node] === 1]] as const;
    }),
  );
}

describe('diffTree', () => {
  it('lays the calls of both over each other, in shares of what counts', () => {
    assert.deepEqual(nodesOf(diffTree(before, after, { by: 'share' }, 100)), {
      'all': [WHOLE, WHOLE, false],
      'all/main': [WHOLE, WHOLE, false],
      'all/main/work': [400_000, 750_000, true],
      'all/main/old': [600_000, 0, true],
      'all/main/fresh': [0, 250_000, true],
    });
  });

  it('compares µs where seconds are asked for', () => {
    const nodes = nodesOf(diffTree(before, after, { by: 'seconds' }, 100));
    assert.deepEqual(nodes['all/main/work'], [4_000_000, 15_000_000, true]);
  });

  it('calls nothing significant that few samples say', () => {
    const few = (count: number): ReturnType<typeof profileOf> =>
      profileOf({
        runs: [
          { stack: 'main:1 work:21', count },
          { stack: 'main:1', count: 10 },
        ],
      });
    assert.ok(diffTree(few(4), few(8), { by: 'share' }, 100).isSignificant.every((is) => is === 0));
  });

  it('leaves out the smallest nodes, with what is below them', () => {
    const tree = diffTree(before, after, { by: 'share' }, 3);
    assert.deepEqual(Object.keys(nodesOf(tree)), ['all', 'all/main', 'all/main/work']);
    assert.equal(tree.hiddenNodes, 2);
  });

  it('compares two ranges of one profile', () => {
    const one = profileOf({
      runs: [
        { stack: 'main:1 work:21', count: 1000 },
        { stack: 'main:3 rest:41', count: 1000 },
      ],
    });
    const { starts, durations } = one.runs;
    const middle = starts[0]! + durations[0]!;
    const ranges = { rangeBefore: { start: 0, end: middle }, rangeAfter: { start: middle, end: 1e12 } };
    const nodes = nodesOf(diffTree(one, one, { by: 'share', ...ranges }, 100));
    assert.deepEqual(
      [nodes['all/main/work'], nodes['all/main/rest']],
      [
        [WHOLE, 0, true],
        [0, WHOLE, true],
      ],
    );
    const diff = diffProfiles(one, one, { by: 'share', lines: false, ...ranges });
    assert.deepEqual([diff.before.samples, diff.after.samples, diff.before.effectiveSamples], [1000, 1000, 1000]);
  });

  it('has all of both, each node no more than its caller, and finds no difference of a profile to itself', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const tree = diffTree(profile, profile, { by: 'seconds', idle: true }, 1e6);
        const { totalTime } = new StackWeights(profile);
        assert.ok(Math.abs(tree.totalAfter[0]! - totalTime) <= 1e-6 * totalTime);
        assert.deepEqual(tree.totalBefore, tree.totalAfter);
        assert.ok(tree.isSignificant.every((is) => is === 0));
        for (let node = 1; node < tree.parent.length; node++) {
          assert.ok(tree.parent[node]! < node);
          assert.ok(tree.totalAfter[node]! <= tree.totalAfter[tree.parent[node]!]! * (1 + 1e-9));
        }
      }),
      { numRuns: rounds(50) },
    );
  });
});
