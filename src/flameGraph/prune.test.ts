import assert from 'node:assert/strict';
import fc from 'fast-check';
import { callTree, type CallTree } from '../../profile/callTree.ts';
import { anyProfile } from '../../profile/testing/arbitrary.ts';
import { profileOf } from '../../profile/testing/build.ts';
import { StackWeights } from '../../profile/weights.ts';
import { HIDDEN, type TreeColumns } from '../../webview/messages.ts';
import { parseHostMessage } from '../../webview/parseHostMessage.ts';
import { prune } from './prune.ts';

/** One hot function, and under two others a thousand each that are hardly seen. */
const profile = profileOf({
  runs: [
    { stack: 'main:1 hot:2', count: 20_000_000 },
    ...Array.from({ length: 1000 }, (_, i) => ({ stack: `main:1 cold:5 tiny${i}:1`, count: 1 + (i % 3) })),
    ...Array.from({ length: 1000 }, (_, i) => ({ stack: `main:1 cool:6 tiny${i}:1` })),
  ],
});
const tree = callTree(new StackWeights(profile));
const idOf = (name: string): number => profile.functions.findIndex((record) => record.name === name);
const coldPath = [idOf('main'), 0, idOf('cold'), 0];

describe('prune', () => {
  it('sends a tree within the budget whole', () => {
    const { nodes, hidden } = prune(tree, undefined, tree.length);
    assert.equal(hidden, 0);
    assert.equal(nodes.func.length, tree.length);
  });

  it('lets one node stand for the small ones under each parent', () => {
    const { nodes, hidden } = prune(tree, { path: [], span: tree.total[0]! }, 100);
    assert.deepEqual(names(nodes), ['all', ' main', '  hot', '  hidden 2002']);
    assert.equal(hidden, 2002);
    assertAddsUp(nodes);
  });

  it('sends what can be seen where the page has zoomed in', () => {
    const cold = tree.total[names(columns(tree)).indexOf('  cold')]!;
    const { nodes, hidden } = prune(tree, { path: coldPath, span: cold }, 1500);
    const seen = names(nodes);
    assert.equal(seen.filter((name) => name.startsWith('   tiny')).length, 1000);
    assert.deepEqual(seen.slice(0, 4), ['all', ' main', '  hot', '  cold']);
    assert.equal(seen.at(-1), '  hidden 1001');
    assert.equal(hidden, 1001);
    assertAddsUp(nodes);
  });

  it('keeps the way to the focus, however small it is', () => {
    const { nodes } = prune(tree, { path: [...coldPath, idOf('tiny7'), 0], span: 1 }, 10);
    assert.ok(names(nodes).includes('   tiny7'));
    assertAddsUp(nodes);
  });

  it('takes a focus that leads nowhere for what is there of it', () => {
    assert.deepEqual(names(prune(tree, { path: [777, 0, 3, 0], span: 5 }, 100).nodes).slice(0, 2), ['all', ' main']);
  });

  it('keeps the outer calls of a recursion deeper than the budget, and shows more of it where the page has zoomed in', () => {
    const deep = profileOf({ runs: [{ stack: Array.from({ length: 20_000 }, () => 'main:1').join(' ') }] });
    const chain = callTree(new StackWeights(deep));
    const first = prune(chain, undefined, 5000);
    assert.equal(first.hidden, 20_001 - 5000);
    assertAddsUp(first.nodes);
    const path = Array.from({ length: 4999 }, () => [0, 0]).flat();
    const further = prune(chain, { path, span: chain.total[0]! }, 5000);
    assert.equal(further.hidden, 20_001 - 7500);
  });

  it('ends where no node has any time', () => {
    const timeless = callTree(
      new StackWeights(profileOf({ runs: Array.from({ length: 50 }, (_, i) => ({ stack: `f${i}:1 g:2`, duration: 0 })) })),
    );
    assert.equal(prune(timeless, undefined, 10).nodes.func.length, 2);
  });

  it('keeps to the budget and loses no time, whatever the tree and the focus', () => {
    fc.assert(
      fc.property(
        anyProfile,
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.tuple(fc.nat(4), fc.constant(0)), { maxLength: 4 }),
        fc.double({ min: 0.001, max: 1e6, noNaN: true }),
        (any, budget, steps, span) => {
          const whole = callTree(new StackWeights(any));
          const path = steps.flat();
          const { nodes, hidden } = prune(whole, { path, span }, budget);
          const kept = nodes.func.filter((func) => func !== HIDDEN).length;
          assert.ok(kept <= Math.max(budget, path.length / 2 + 1 + budget / 2));
          assert.equal(kept + hidden, whole.length);
          assert.equal(
            nodes.samples.filter((_, node) => nodes.func[node] === HIDDEN).reduce((a, b) => a + b, 0),
            hidden,
          );
          assertAddsUp(nodes);
          const functions = {
            func: new Int32Array(0),
            line: new Int32Array(0),
            self: new Float64Array(0),
            total: new Float64Array(0),
            samples: new Float64Array(0),
          };
          assert.ok(
            parseHostMessage({
              type: 'tree',
              query: 1,
              nodes,
              hiddenNodes: hidden,
              functions,
              modules: functions,
              totalSamples: 0,
              samplesBeforeSteps: 0,
              totalTime: 0,
              callers: null,
            }),
            'the page can read it',
          );
        },
      ),
    );
  });
});

function columns({ parent, func, line, self, total, samples }: CallTree): TreeColumns {
  return { parent, func, line, self, total, samples };
}

function names({ parent, func, samples }: TreeColumns): string[] {
  const depth: number[] = [];
  return Array.from(func, (id, node) => {
    depth.push(node === 0 ? 0 : depth[parent[node]!]! + 1);
    const name = id === -1 ? 'all' : id === HIDDEN ? `hidden ${samples[node]!}` : profile.functions[id]!.name;
    return ' '.repeat(depth[node]!) + name;
  });
}

function assertAddsUp({ parent, self, total }: TreeColumns): void {
  const sums = Float64Array.from(self);
  // A HIDDEN node's time is all its own: what it stands for is not there.
  for (let node = parent.length - 1; node > 0; node--) sums[parent[node]!]! += total[node]!;
  for (let node = 0; node < parent.length; node++)
    if (self[node]! > 0 || sums[node]! > 0) assert.ok(Math.abs(sums[node]! - total[node]!) < 1e-6);
}
