import assert from 'node:assert/strict';
import type { Key } from './keys.ts';
import { type Effect, initialState, press, type TopState } from './state.ts';

const page = { rows: 50, shown: 10 };

/** Text is typed; names are in <>. */
function after(keys: string, from: TopState = initialState): { readonly state: TopState; readonly effects: readonly Effect[] } {
  const effects: Effect[] = [];
  let state = from;
  for (const [word] of keys.matchAll(/<\w+>|[^]/gu)) {
    const key = (word.length > 2 ? { name: word.slice(1, -1) } : { text: word }) as Key;
    const next = press(state, key, page);
    ({ state } = next);
    if (next.effect !== undefined) effects.push(next.effect);
  }
  return { state, effects };
}
const changed = (keys: string, from: TopState = initialState): Partial<TopState> =>
  Object.fromEntries(Object.entries(after(keys, from).state).filter(([name, value]) => value !== initialState[name as keyof TopState]));

describe('keys of top', () => {
  it('choose rows and order, upper and lower case alike', () => {
    assert.deepEqual(changed('2'), { sort: 'total' });
    assert.deepEqual(changed('4'), { sort: 'totalTime' });
    assert.deepEqual(changed('5x'), {});
    assert.deepEqual(changed('<right><right>'), { sort: 'ownTime' });
    assert.deepEqual(changed('<left>'), { sort: 'totalTime' });
    assert.deepEqual(changed('L'), { kind: 'line' });
    assert.deepEqual(changed('ll'), {});
    for (const [key, kind] of Object.entries({ m: 'module', T: 'thread', p: 'process' })) assert.deepEqual(changed(key), { kind });
    assert.deepEqual(changed('<tab><tab>'), { kind: 'module' });
    assert.deepEqual(changed('<backTab>'), { kind: 'process' });
  });

  it('scroll as far as there are rows', () => {
    assert.deepEqual(changed('<up>'), {});
    assert.deepEqual(changed('<down><down>jk'), { first: 2 });
    assert.deepEqual(changed('<pageDown>'), { first: 9 });
    assert.deepEqual(changed('<end>'), { first: 40 });
    assert.deepEqual(changed('<end><down><wheelDown>'), { first: 40 });
    assert.deepEqual(changed('<end><wheelUp>'), { first: 37 });
    assert.deepEqual(changed('<end><home>'), {});
    assert.deepEqual(changed('<end>3'), { sort: 'ownTime' });
  });

  it('type a filter, in which they mean nothing else', () => {
    assert.deepEqual(changed('/q1 <down>'), { isTyping: true, filter: 'q1 ', first: 1 });
    assert.deepEqual(changed('/ab<backspace><enter>2'), { filter: 'a', sort: 'total' });
    assert.deepEqual(changed('/a𝒳<backspace><enter>'), { filter: 'a' });
    assert.deepEqual(changed('/ab<clear>c<enter>'), { filter: 'c' });
    assert.deepEqual(changed('/ab<escape>'), {});
    assert.deepEqual(changed('/ab<enter><escape>'), {});
    assert.equal(after(`/${'x'.repeat(500)}`).state.filter.length, 200);
  });

  it('pause, reset, help and quit', () => {
    assert.deepEqual(after(' '), { state: { ...initialState, isPaused: true }, effects: ['pause'] });
    assert.deepEqual(after('  '), { state: initialState, effects: ['pause', 'resume'] });
    assert.deepEqual(after('r'), { state: initialState, effects: ['reset'] });
    assert.deepEqual(changed('?'), { isHelp: true });
    assert.deepEqual(after('?2'), { state: initialState, effects: [] });
    assert.deepEqual(after('?q').effects, ['quit']);
    for (const keys of ['q', 'Q', '<interrupt>', '/a<interrupt>', '?<interrupt>']) assert.deepEqual(after(keys).effects, ['quit'], keys);
    assert.deepEqual(after('<suspend><redraw>').effects, ['suspend', 'redraw']);
  });
});
