import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FOLDED } from '../../profile/weighedStacks.ts';
import { DEFAULT_QUERY, type Query } from '../query.ts';
import type { Functions } from './functions.ts';
import { functionsOf } from './testFunctions.ts';
import { parseViewText, viewText } from './viewText.ts';

/** Two functions of the same name, line and file name in different folders; the last is of a library. */
function functions(order: 'there' | 'backwards' = 'there'): Functions {
  const records = [
    { name: 'main', file: '/work/app.py', firstLine: 1 },
    { name: 'parse.<locals>.<lambda>', file: '/work/a/json.py', firstLine: 20 },
    { name: 'parse.<locals>.<lambda>', file: '/work/b/json.py', firstLine: 20 },
    { name: 'np dot & ü', file: '/venv/site-packages/numpy/core.py', firstLine: 7, library: 'numpy' },
  ];
  return functionsOf(...(order === 'there' ? records : records.reverse()));
}
const counts = { processes: 1, threads: 3 };
const there = (query: Query): Query | { error: string } => parseViewText(viewText(query, functions()), functions(), counts);

describe('The view as a text', () => {
  it('is short, and reads like a URL', () => {
    const query: Query = { ...DEFAULT_QUERY, onCpuOnly: true, transforms: [{ kind: 'onlyMine' }, { kind: 'dropFunction', func: 0 }] };
    assert.equal(viewText(query, functions()), 'heatline-view:?cpu=1&fn=main@app.py:1&step=only-mine&step=drop-function:0');
    assert.equal(viewText(DEFAULT_QUERY, functions()), 'heatline-view:?');
  });

  const anyStep = fc.oneof(
    fc.record(
      {
        kind: fc.constantFrom('focusSubtree', 'dropSubtree'),
        path: fc
          .array(fc.constantFrom(0, 1, 2, 3, FOLDED), { minLength: 1, maxLength: 4 })
          .map((path) => path.flatMap((func) => [func, 5])),
        inverted: fc.boolean(),
        byLine: fc.constant(true),
      },
      { noNullPrototype: true },
    ),
    fc.record(
      {
        kind: fc.constantFrom('focusFunction', 'callersOf', 'dropFunction', 'focusModule', 'dropModule', 'mergeFunction'),
        func: fc.nat(3),
      },
      { noNullPrototype: true },
    ),
    fc.record(
      {
        kind: fc.constantFrom('hideLibrary', 'foldLibrary', 'openLibrary'),
        library: fc.constantFrom('numpy', '<standard library>'),
      },
      { noNullPrototype: true },
    ),
    fc.constant({ kind: 'onlyMine' } as const),
    fc.constant({ kind: 'focusSubtree', path: [1, 0, 2, 0], inverted: false, byLine: false } as const),
  );
  const anyQuery: fc.Arbitrary<Query> = fc.record(
    {
      scope: fc.constantFrom({ kind: 'all' }, { kind: 'thread', id: 2 }, { kind: 'process', id: 0 }, { kind: 'threads', ids: [0, 2] }),
      onCpuOnly: fc.boolean(),
      readyOnly: fc.boolean(),
      waitingOnly: fc.boolean(),
      gilOnly: fc.boolean(),
      gcOnly: fc.boolean(),
      range: fc.constantFrom(null, { start: 0, end: 2.5 }, { start: 1_234_567.125, end: 600e6 }),
      by: fc.constantFrom('function', 'line'),
      inverted: fc.boolean(),
      sandwich: fc.constantFrom(null, 0, 3, FOLDED),
      transforms: fc.array(anyStep, { maxLength: 5 }),
    },
    { noNullPrototype: true },
  );

  it('says all of a query', () => {
    fc.assert(fc.property(anyQuery, (query) => assert.deepEqual(there(query), query)));
  });

  it('means the same where functions have other ids', () => {
    const text = viewText({ ...DEFAULT_QUERY, transforms: [{ kind: 'mergeFunction', func: 2 }] }, functions());
    const found = parseViewText(text, functions('backwards'), counts);
    assert.deepEqual('transforms' in found && found.transforms, [{ kind: 'mergeFunction', func: 1 }]);
  });

  it('is refused with a reason where it makes no sense', () => {
    const error = (text: string): string => {
      const found = parseViewText(text, functions(), counts);
      return 'error' in found ? found.error : '';
    };
    for (const text of [
      '',
      'https://example.org/?cpu=1',
      'heatline-view:?cpu=2',
      'heatline-view:?other=1',
      'heatline-view:?step=only-mine:1',
      'heatline-view:?step=focus-function:0',
      'heatline-view:?fn=main@app.py:1&step=focus-function:1',
      'heatline-view:?fn=main@app.py:1&step=focus-subtree:0.x',
      'heatline-view:?fn=main@app.py:1&step=focus-subtree:0-1.0',
      'heatline-view:?step=hide-library:',
      'heatline-view:?sandwich=0',
      'heatline-view:?time=2-1',
      'heatline-view:?time=1-2-3',
      'heatline-view:?thread=1&thread=1',
      'heatline-view:?thread=1&process=0',
      `heatline-view:?${'step=only-mine&'.repeat(101)}`,
    ])
      assert.match(error(text), /no view of Heatline/, text);
    assert.match(error('heatline-view:?fn=gone@app.py:1'), /about gone@app.py:1, which this profile does not have/);
    assert.match(error('heatline-view:?fn=[pandas]'), /pandas/);
    assert.match(error('heatline-view:?thread=3'), /thread or process/);
    fc.assert(fc.property(fc.string(), (text) => assert.doesNotThrow(() => parseViewText(`heatline-view:?${text}`, functions(), counts))));
  });
});
