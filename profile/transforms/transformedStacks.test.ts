import assert from 'node:assert/strict';
import fc from 'fast-check';
import { callTree } from '../callTree.ts';
import { functionTimes } from '../functionTimes.ts';
import { librariesOf } from '../libraries.ts';
import { lineTimes } from '../lines.ts';
import { Profile } from '../profile.ts';
import { anyDelta, profileFrom } from '../testing/arbitrary.ts';
import { pieces, profileOf, type ProfileInWords } from '../testing/build.ts';
import { FOLDED, functionOfFrame, lineOfFrame, type WeighedStacks } from '../weighedStacks.ts';
import type { Transform } from './transform.ts';
import { TransformedStacks } from './transformedStacks.ts';

const files = {
  'np.dot': '/venv/lib/python3.13/site-packages/numpy/core.py',
  'np.check': '/venv/lib/python3.13/site-packages/numpy/core.py',
  'pd.apply': '/venv/lib/python3.13/site-packages/pandas/frame.py',
  'loads': '/usr/lib/python3.13/json/__init__.py',
  'find': '<frozen importlib._bootstrap>',
};

function transformed(runs: ProfileInWords['runs'], ...transforms: Transform[]): TransformedStacks {
  return new TransformedStacks(profileOf({ runs, files }), { transforms });
}

function nameOf({ profile }: WeighedStacks, func: number): string {
  return func >= FOLDED ? `[${librariesOf(profile).names[func - FOLDED]!}]` : profile.functions[func]!.name;
}

/** Stacks that have samples, root first, and their ms. */
function shown(weights: WeighedStacks): Record<string, number> {
  const found: Record<string, number> = {};
  const { profile, parents, stackFrames, samples, time } = weights;
  for (let leaf = 0; leaf < samples.length; leaf++) {
    if (samples[leaf] === 0) continue;
    const words: string[] = [];
    for (let stack = leaf; stack !== 0; stack = parents[stack]!) {
      assert.ok(parents[stack]! < stack);
      const frame = stackFrames[stack]!;
      const line = lineOfFrame(profile, frame);
      words.unshift(`${nameOf(weights, functionOfFrame(profile, frame))}${line === 0 ? '' : `:${line}`}`);
    }
    const text = words.join(' ');
    assert.equal(found[text], undefined, 'each stack is there once');
    found[text] = time[leaf]! / 1000;
  }
  return found;
}

/** Ids in the order in which the words' functions first appear: main 0, a 1, f 2, b 3, c 4. */
const MAIN = 0;
const F = 2;
const calls = [
  { stack: 'main:1 a:2 f:3 b:4', count: 1 },
  { stack: 'main:1 a:2 f:3 b:4 f:5', count: 2 },
  { stack: 'main:1 a:2 f:3 b:4 f:5 c:6', count: 4 },
  { stack: 'main:1 c:6', count: 8 },
  { stack: 'main:9 a:2', count: 16 },
  { stack: '', count: 32 },
];

describe('Transforms of stacks', () => {
  it('leave everything as it is where there are none', () => {
    const weights = transformed(calls);
    assert.equal(weights.totalTime, 63_000);
    assert.equal(Object.keys(shown(weights)).length, 6);
  });

  it('focus on a function, from its outermost call on', () => {
    const weights = transformed(calls, { kind: 'focusFunction', func: F });
    assert.deepEqual(shown(weights), { 'f:3 b:4': 1, 'f:3 b:4 f:5': 2, 'f:3 b:4 f:5 c:6': 4 });
    assert.deepEqual([weights.totalTime, weights.totalSamples], [7000, 7]);
  });

  it('show who calls a function, each sample once', () => {
    assert.deepEqual(shown(transformed(calls, { kind: 'callersOf', func: F })), { 'main:1 a:2 f:3': 7 });
  });

  it('drop samples with a function', () => {
    assert.deepEqual(shown(transformed(calls, { kind: 'dropFunction', func: F })), { '': 32, 'main:1 c:6': 8, 'main:9 a:2': 16 });
  });

  it('focus on a module, or drop its samples', () => {
    const profile = profileOf({
      files: { main: '/a.py', f: '/b.py', g: '/b.py', h: '/c.py' },
      runs: [
        { stack: 'main:1 g:2 f:3 h:4', count: 1 },
        { stack: 'main:1 h:4 f:3', count: 2 },
        { stack: 'main:1 h:4', count: 4 },
      ],
    });
    const f = profile.functions.findIndex(({ name }) => name === 'f');
    const through = (kind: 'focusModule' | 'dropModule'): TransformedStacks =>
      new TransformedStacks(profile, { transforms: [{ kind, func: f }] });
    assert.deepEqual(shown(through('focusModule')), { 'g:2 f:3 h:4': 1, 'f:3': 2 });
    assert.deepEqual(shown(through('dropModule')), { 'main:1 h:4': 4 });
  });

  it('merge a function into its callers', () => {
    assert.deepEqual(shown(transformed(calls, { kind: 'mergeFunction', func: F })), {
      '': 32,
      'main:1 a:2 b:4': 3,
      'main:1 a:2 b:4 c:6': 4,
      'main:1 c:6': 8,
      'main:9 a:2': 16,
    });
  });

  it('collapse a recursion, at the line of the innermost call', () => {
    assert.deepEqual(shown(transformed(calls, { kind: 'collapseRecursion', func: F })), {
      '': 32,
      'main:1 a:2 f:3 b:4': 1,
      'main:1 a:2 f:5': 2,
      'main:1 a:2 f:5 c:6': 4,
      'main:1 c:6': 8,
      'main:9 a:2': 16,
    });
  });

  it('focus on a box of the tree, or drop it', () => {
    const box = { path: [MAIN, 0, 1, 0], inverted: false, byLine: false } as const;
    assert.deepEqual(shown(transformed(calls, { kind: 'focusSubtree', ...box })), {
      'a:2': 16,
      'a:2 f:3 b:4': 1,
      'a:2 f:3 b:4 f:5': 2,
      'a:2 f:3 b:4 f:5 c:6': 4,
    });
    assert.deepEqual(shown(transformed(calls, { kind: 'dropSubtree', ...box })), { '': 32, 'main:1 c:6': 8 });
    const atLine = { path: [MAIN, 9, 1, 2], inverted: false, byLine: true } as const;
    assert.deepEqual(shown(transformed(calls, { kind: 'focusSubtree', ...atLine })), { 'a:2': 16 });
  });

  it('focus on a box of the tree of callers, or drop it', () => {
    const box = { path: [4, 0, F, 0], inverted: true, byLine: false } as const; // c, called by f
    assert.deepEqual(shown(transformed(calls, { kind: 'focusSubtree', ...box })), { 'main:1 a:2 f:3 b:4 f:5': 4 });
    assert.deepEqual(shown(transformed(calls, { kind: 'dropSubtree', ...box })), {
      '': 32,
      'main:1 a:2 f:3 b:4': 1,
      'main:1 a:2 f:3 b:4 f:5': 2,
      'main:1 c:6': 8,
      'main:9 a:2': 16,
    });
  });

  it('take one step after the other', () => {
    const steps: Transform[] = [
      { kind: 'focusFunction', func: F },
      { kind: 'mergeFunction', func: 3 },
      { kind: 'collapseRecursion', func: F },
    ];
    assert.deepEqual(shown(transformed(calls, ...steps)), { 'f:3': 1, 'f:5': 2, 'f:5 c:6': 4 });
  });

  const foreign = [
    { stack: 'main:1 pd.apply:2 np.dot:3 np.check:4', count: 1 },
    { stack: 'main:1 pd.apply:2 np.dot:3 callback:7 np.dot:5', count: 2 },
    { stack: 'main:1 find:2 loads:3', count: 4 },
    { stack: 'main:1', count: 8 },
  ];

  it('fold all that is not the program’s own into boxes named by what was entered', () => {
    const weights = transformed(foreign, { kind: 'onlyMine' });
    assert.deepEqual(shown(weights), {
      'main:1': 8,
      'main:1 [<import>]': 4,
      'main:1 [pandas]': 1,
      'main:1 [pandas] callback:7 [numpy]': 2,
    });
    const times = functionTimes(weights).map(({ func, self, total }) => [nameOf(weights, func), self / 1000, total / 1000]);
    assert.deepEqual(times.sort(), [
      ['[<import>]', 4, 4],
      ['[numpy]', 2, 2],
      ['[pandas]', 1, 3],
      ['callback', 0, 2],
      ['main', 8, 15],
    ]);
    const lines = lineTimes(weights);
    assert.deepEqual([...lines.keys()], ['/work/app.py'], 'the editor shows heat where it can be seen');
    assert.deepEqual(
      lines.get('/work/app.py')!.map(({ line, self, total }) => [line, self, total]),
      [
        [1, 8000, 15_000],
        [7, 0, 2000],
      ],
    );
  });

  it('open a library that is folded, whatever was done in between', () => {
    const pandas = FOLDED; // the first library
    const weights = transformed(
      foreign,
      { kind: 'onlyMine' },
      { kind: 'focusSubtree', path: [0, 0, pandas, 0], inverted: false, byLine: false },
      { kind: 'openLibrary', library: 'pandas' },
    );
    assert.deepEqual(shown(weights), { 'pd.apply:2 [numpy]': 1, 'pd.apply:2 [numpy] callback:7 [numpy]': 2 });
  });

  it('fold and hide one library', () => {
    assert.deepEqual(shown(transformed(foreign, { kind: 'foldLibrary', library: 'numpy' })), {
      'main:1': 8,
      'main:1 find:2 loads:3': 4,
      'main:1 pd.apply:2 [numpy]': 1,
      'main:1 pd.apply:2 [numpy] callback:7 [numpy]': 2,
    });
    assert.deepEqual(shown(transformed(foreign, { kind: 'hideLibrary', library: 'numpy' })), {
      'main:1': 8,
      'main:1 find:2 loads:3': 4,
      'main:1 pd.apply:2': 1,
      'main:1 pd.apply:2 callback:7': 2,
    });
  });

  it('merge, drop and focus on a folded library', () => {
    const numpy = FOLDED + 1;
    const mine: Transform = { kind: 'onlyMine' };
    assert.deepEqual(shown(transformed(foreign, mine, { kind: 'mergeFunction', func: FOLDED })), {
      'main:1': 9,
      'main:1 [<import>]': 4,
      'main:1 callback:7 [numpy]': 2,
    });
    assert.deepEqual(shown(transformed(foreign, mine, { kind: 'focusFunction', func: numpy })), { '[numpy]': 2 });
    assert.deepEqual(shown(transformed(foreign, mine, { kind: 'dropFunction', func: FOLDED })), {
      'main:1': 8,
      'main:1 [<import>]': 4,
    });
  });

  it('leave nothing where a step is about what is not there', () => {
    const nowhere = transformed(calls, { kind: 'focusFunction', func: 99 });
    assert.deepEqual([shown(nowhere), nowhere.totalSamples, callTree(nowhere).length], [{}, 0, 1]);
    assert.equal(transformed(calls, { kind: 'hideLibrary', library: 'nothing' }).totalTime, 63_000);
    assert.equal(transformed(calls, { kind: 'focusSubtree', path: [], inverted: false, byLine: false }).totalTime, 63_000);
  });

  it('keep processes apart', () => {
    const profile = profileOf({
      runs: [
        { stack: 'main:1 f:2', thread: 0, count: 3 },
        { stack: 'main:1 f:2', thread: 1, count: 4 },
      ],
      processes: [{ pid: 1 }, { pid: 2, parent: 0 }],
      threads: [{ process: 0 }, { process: 1 }],
    });
    const weights = new TransformedStacks(profile, { transforms: [{ kind: 'focusFunction', func: 1 }] }, { byProcess: true });
    const tree = callTree(weights, { byProcess: true });
    assert.deepEqual([...tree.func], [-1, -4, 1, -3, 1]);
    assert.deepEqual([...tree.total], [7000, 4000, 4000, 3000, 3000]);
  });

  const anyTransform: fc.Arbitrary<Transform> = fc.oneof(
    fc
      .tuple(fc.constantFrom('focusFunction', 'callersOf', 'dropFunction', 'mergeFunction', 'collapseRecursion'), fc.nat(4))
      .map(([kind, func]): Transform => ({ kind, func })),
    fc
      .tuple(fc.constantFrom('focusSubtree', 'dropSubtree'), fc.array(fc.nat(4), { maxLength: 3 }), fc.boolean())
      .map(([kind, functions, inverted]): Transform => ({ kind, path: functions.flatMap((func) => [func, 0]), inverted, byLine: false })),
  );

  it('do as going through each stack does, sample by sample and as they come', () => {
    fc.assert(
      fc.property(anyDelta, fc.array(anyTransform, { maxLength: 4 }), (delta, transforms) => {
        const whole = profileFrom([delta]);
        const weights = new TransformedStacks(whole, { transforms });
        const before = new TransformedStacks(whole, {});
        const expected = new Map<string, number>();
        for (const [stack, time] of stacksOf(before)) {
          const after = transforms.reduce<readonly string[] | undefined>(step, stack);
          if (after !== undefined) expected.set(after.join(' '), (expected.get(after.join(' ')) ?? 0) + time);
        }
        const found = new Map([...stacksOf(weights)].map(([stack, time]) => [stack.join(' '), time]));
        assert.deepEqual(new Map([...found].sort()), new Map([...expected].sort()));

        const live = new Profile();
        const bit = new TransformedStacks(live, { transforms });
        for (const piece of pieces(delta, [7, 20])) {
          live.append(piece);
          bit.update();
        }
        assert.deepEqual(new Map([...stacksOf(bit)].map(([stack, time]) => [stack.join(' '), time])), found);
      }),
    );
  });

  /** Each stack that has samples, its frames as `function:frame`, and its time; the empty one too. */
  function* stacksOf(weights: WeighedStacks): Generator<[string[], number]> {
    const { profile, parents, stackFrames, samples, time } = weights;
    const sums = new Map<string, [string[], number]>();
    for (let leaf = 0; leaf < samples.length; leaf++) {
      if (samples[leaf] === 0) continue;
      const words: string[] = [];
      for (let stack = leaf; stack !== 0; stack = parents[stack]!)
        words.unshift(`${profile.frameFunction(stackFrames[stack]!)}:${stackFrames[stack]!}`);
      const key = words.join(' ');
      sums.set(key, [words, (sums.get(key)?.[1] ?? 0) + time[leaf]!]);
    }
    yield* sums.values();
  }

  /** The same step for one stack, in the plainest way. */
  function step(stack: readonly string[] | undefined, transform: Transform): readonly string[] | undefined {
    if (stack === undefined) return undefined;
    const functions = stack.map((word) => Number(word.split(':')[0]));
    switch (transform.kind) {
      case 'focusFunction':
      case 'callersOf':
      case 'dropFunction': {
        const at = functions.indexOf(transform.func);
        if (transform.kind === 'dropFunction') return at === -1 ? stack : undefined;
        if (at === -1) return undefined;
        return transform.kind === 'focusFunction' ? stack.slice(at) : stack.slice(0, at + 1);
      }
      case 'mergeFunction':
        return stack.filter((_, at) => functions[at] !== transform.func);
      case 'collapseRecursion': {
        const [first, last] = [functions.indexOf(transform.func), functions.lastIndexOf(transform.func)];
        return first === -1 ? stack : [...stack.slice(0, first), ...stack.slice(last)];
      }
      case 'focusSubtree':
      case 'dropSubtree': {
        const wanted = transform.path.filter((_, at) => at % 2 === 0);
        if (wanted.length === 0) return stack;
        const seen = transform.inverted ? functions.toReversed() : functions;
        const isThere = wanted.every((func, at) => seen[at] === func);
        if (transform.kind === 'dropSubtree') return isThere ? undefined : stack;
        if (!isThere) return undefined;
        return transform.inverted ? stack.slice(0, stack.length - wanted.length + 1) : stack.slice(wanted.length - 1);
      }
      default:
        return stack;
    }
  }
});
