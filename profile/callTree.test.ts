import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CallTree, CallTreeOptions } from './callTree.ts';
import { callTree, processNode, processOfNode } from './callTree.ts';
import type { FunctionRecord } from './delta.ts';
import type { FrameTreatment } from './filter.ts';
import { functionTimes } from './functionTimes.ts';
import type { Profile } from './profile.ts';
import { anyProfile } from './testing/arbitrary.ts';
import { profileOf } from './testing/build.ts';
import { slowCallTree, type SlowTotals } from './testing/slow.ts';
import { StackWeights } from './weights.ts';

const profile = profileOf({
  runs: [
    { stack: 'main:1 work:5 fib:8 fib:8', count: 3 },
    { stack: 'main:1 work:5 fib:9' },
    { stack: 'main:1 work:6' },
    { stack: 'main:2 rest:20', count: 7 },
    { stack: '', count: 2 },
  ],
});

describe('callTree', () => {
  it('merges calls of one function by one path, the heaviest first', () => {
    assert.deepEqual(drawing(profile), [
      'all 2000/14000',
      ' main 0/12000',
      '  rest 7000/7000',
      '  work 1000/5000',
      '   fib 1000/4000',
      '    fib 3000/3000',
    ]);
  });

  it('tells lines apart if asked to', () => {
    assert.deepEqual(drawing(profile, { by: 'line' }), [
      'all 2000/14000',
      ' main:2 0/7000',
      '  rest:20 7000/7000',
      ' main:1 0/5000',
      '  work:5 0/4000',
      '   fib:8 0/3000',
      '    fib:8 3000/3000',
      '   fib:9 1000/1000',
      '  work:6 1000/1000',
    ]);
  });

  it('goes from leaves to callers when inverted', () => {
    assert.deepEqual(drawing(profile, { inverted: true }), [
      'all 2000/14000',
      ' rest 0/7000',
      '  main 7000/7000',
      ' fib 0/4000',
      '  fib 0/3000',
      '   work 0/3000',
      '    main 3000/3000',
      '  work 0/1000',
      '   main 1000/1000',
      ' work 0/1000',
      '  main 1000/1000',
    ]);
  });

  it('gives the time of hidden functions to their callers', () => {
    const hide = (func: number): boolean => profile.functions[func]!.name === 'fib';
    assert.deepEqual(drawing(profile, { hide }), ['all 2000/14000', ' main 0/12000', '  rest 7000/7000', '  work 5000/5000']);
    assert.deepEqual(drawing(profile, { hide, inverted: true }), [
      'all 2000/14000',
      ' rest 0/7000',
      '  main 7000/7000',
      ' work 0/5000',
      '  main 5000/5000',
    ]);
    assert.deepEqual(drawing(profile, { hide: () => true }), ['all 14000/14000']);
  });

  it('is the root alone for an empty profile', () => {
    assert.deepEqual(drawing(profileOf({ runs: [] })), ['all 0/0']);
  });

  it('is what going through every stack finds, in every form', () => {
    fc.assert(
      fc.property(anyProfile, fc.boolean(), fc.boolean(), fc.nat(31), (any, inverted, byLine, hidden) => {
        const weights = new StackWeights(any);
        const hide = (func: number): boolean => (hidden & (1 << func)) !== 0;
        const tree = callTree(weights, { inverted, by: byLine ? 'line' : 'function', hide });
        const paths: string[] = [];
        const nodes = new Map<string, SlowTotals>();
        for (let node = 0; node < tree.length; node++) {
          const path = node === 0 ? '' : `${paths[tree.parent[node]!]!}/${tree.func[node]!}${byLine ? `:${tree.line[node]!}` : ''}`;
          paths.push(path);
          nodes.set(path, { self: tree.self[node]!, total: tree.total[node]!, samples: tree.samples[node]! });
        }
        assert.equal(nodes.size, tree.length);
        assert.deepEqual(nodes, slowCallTree(weights, { inverted, byLine, isHidden: hide }));
      }),
    );
  });

  it('has the tree of each process below it, if asked to', () => {
    fc.assert(
      fc.property(anyProfile, fc.boolean(), fc.nat(31), fc.nat(31), (any, byLine, hidden, treated) => {
        const hide = (func: number): boolean => (hidden & (1 << func)) !== 0;
        const treatment = ({ name }: FunctionRecord): FrameTreatment =>
          (['show', 'hide', 'leaveOut', 'show'] as const)[(name.length * treated) % 4]!;
        const options: CallTreeOptions = { by: byLine ? 'line' : 'function', hide };
        const tree = callTree(new StackWeights(any, { treatment }, { byProcess: true }), { ...options, byProcess: true });
        const whole = callTree(new StackWeights(any, { treatment }), options);
        assert.deepEqual([tree.self[0], tree.total[0], tree.samples[0]], [0, whole.total[0], whole.samples[0]]);
        const parts = any.processes.map((_, id) => callTree(new StackWeights(any, { treatment, processes: new Set([id]) }), options));
        const found: (number | undefined)[] = [];
        for (let node = 1; node < tree.length;) {
          const id = processOfNode(tree.func[node]!)!;
          found.push(id);
          const part = parts[id]!;
          for (let at = 0; at < part.length; at++, node++) {
            assert.equal(tree.depth[node], part.depth[at]! + 1);
            assert.equal(tree.func[node], at === 0 ? processNode(id) : part.func[at]);
            for (const column of ['line', 'self', 'total', 'samples'] as const) assert.equal(tree[column][node], part[column][at], column);
          }
        }
        assert.deepEqual(
          found.toSorted(),
          parts.flatMap((part, id) => (part.samples[0]! > 0 ? [id] : [])),
        );
      }),
    );
  });

  it('adds up, and is in preorder with sorted siblings', () => {
    fc.assert(
      fc.property(anyProfile, fc.boolean(), fc.boolean(), fc.option(fc.nat(10)), (any, inverted, byProcess, maxNodes) => {
        const weights = new StackWeights(any, {}, { byProcess });
        const tree = callTree(weights, maxNodes === null ? { inverted, byProcess } : { inverted, byProcess, maxNodes });
        assert.equal(tree.total[0], weights.totalTime);
        assert.equal(
          tree.self.reduce((a, b) => a + b, 0),
          weights.totalTime,
        );
        assert.deepEqual([tree.parent[0], tree.func[0], tree.depth[0]], [-1, -1, 0]);
        const children = new Float64Array(tree.length);
        const lastChild = new Map<number, number>();
        for (let node = 1; node < tree.length; node++) {
          const parent = tree.parent[node]!;
          assert.ok(parent < node);
          assert.equal(tree.depth[node], tree.depth[parent]! + 1);
          assert.ok(parent === node - 1 || tree.depth[parent]! < tree.depth[node - 1]!, 'subtrees are in one piece');
          assert.ok(tree.total[node]! <= (tree.total[lastChild.get(parent) ?? parent] ?? 0));
          children[parent]! += tree.total[node]!;
          lastChild.set(parent, node);
        }
        for (let node = 0; node < tree.length; node++) assert.equal(tree.self[node]! + children[node]!, tree.total[node]);
      }),
    );
  });

  it('agrees with its inverse: what functions take themselves are the roots of the inverted tree', () => {
    fc.assert(
      fc.property(anyProfile, (any) => {
        const weights = new StackWeights(any);
        const tree = callTree(weights);
        const inverted = callTree(weights, { inverted: true });
        const selves = new Map<number, number>();
        for (let node = 1; node < tree.length; node++) add(selves, tree.func[node]!, tree.self[node]!);
        const roots = new Map<number, number>();
        for (let node = 1; node < inverted.length; node++)
          if (inverted.depth[node] === 1) add(roots, inverted.func[node]!, inverted.total[node]!);
        const times = new Map(functionTimes(weights).map(({ func, self }) => [func, self]));
        assert.deepEqual(withoutZeros(roots), withoutZeros(selves));
        assert.deepEqual(withoutZeros(times), withoutZeros(selves));
      }),
    );
  });

  it('copes with stacks far deeper than any recursion in JavaScript', () => {
    const depth = 200_000;
    const deep = profileOf({ runs: [{ stack: 'f:1' }] });
    deep.append({
      sequence: 1,
      until: 5000,
      processes: [],
      threads: [],
      threadChanges: [],
      functions: [],
      frames: { functions: new Uint32Array(0), lines: new Uint32Array(0) },
      stacks: { parents: Uint32Array.from({ length: depth }, (_, i) => i + 1), frames: new Uint32Array(depth) },
      runs: {
        threads: Uint32Array.of(0),
        stacks: Uint32Array.of(depth + 1),
        starts: Float64Array.of(1000),
        durations: Float64Array.of(4000),
        counts: Uint32Array.of(4),
        cpu: Float64Array.of(4000),
        flags: Uint8Array.of(1),
      },
      quality: deep.quality,
    });
    const weights = new StackWeights(deep);
    const tree = callTree(weights);
    assert.equal(tree.length, depth + 2);
    assert.equal(tree.self[depth + 1], 4000);
    const inverted = callTree(weights, { inverted: true });
    assert.equal(inverted.length, depth + 2);
    assert.equal(callTree(weights, { inverted: true, maxNodes: 10 }).length, 12);
    assert.deepEqual(functionTimes(weights), [{ func: 0, self: 5000, total: 5000, samples: 5 }]);
  });
});

/** A line per node, indented by depth: function, self and total. */
function drawing(of: Profile, options: CallTreeOptions = {}): string[] {
  const tree: CallTree = callTree(new StackWeights(of), options);
  return Array.from({ length: tree.length }, (_, node) => {
    const name = tree.func[node] === -1 ? 'all' : of.functions[tree.func[node]!]!.name;
    const line = tree.line[node] === 0 ? '' : `:${tree.line[node]!}`;
    return `${' '.repeat(tree.depth[node]!)}${name}${line} ${tree.self[node]!}/${tree.total[node]!}`;
  });
}

function add(sums: Map<number, number>, key: number, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function withoutZeros(sums: Map<number, number>): Map<number, number> {
  return new Map([...sums].filter(([, value]) => value !== 0).sort(([a], [b]) => a - b));
}
