import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DEFAULT_QUERY } from '../query.ts';
import { parseStoredView, type StoredView } from './storedView.ts';

describe('parseStoredView', () => {
  it('gives back what was stored', () => {
    const stored: StoredView = {
      query: { ...DEFAULT_QUERY, scope: { kind: 'thread', id: 3 }, onCpuOnly: true, by: 'line', inverted: true },
      search: 'parse',
      searchPattern: true,
      searchCase: true,
      zoom: { path: [1, 0, 5, 12], start: 0.25, end: 0.5 },
      selection: [1, 0],
      rootBelow: true,
      tableShown: false,
      tableShare: 0.5,
      sort: { key: 'total', descending: false },
      moduleSort: { key: 'name', descending: true },
      callSort: { key: 'self', descending: true },
      sideView: 'callTree',
      timelineShown: false,
      timelineShare: 0.5,
      openLanes: [0, 4],
      timelineView: { start: 1e6, end: 2e6 },
    };
    assert.deepEqual(parseStoredView(structuredClone(stored), DEFAULT_QUERY), stored);
  });

  it('starts afresh with anything else', () => {
    const query = { ...DEFAULT_QUERY, onCpuOnly: true };
    const fresh = parseStoredView(undefined, query);
    assert.deepEqual([fresh.query, fresh.search, fresh.selection, fresh.tableShown], [query, '', null, true]);
    const odd = {
      query: { scope: { kind: 'thread' } },
      zoom: { path: [1], start: 2, end: 1 },
      selection: 'x',
      tableShare: 7,
      sort: { key: 'age' },
    };
    assert.deepEqual(parseStoredView(odd, query), fresh);
    fc.assert(fc.property(fc.anything(), (junk) => assert.ok(parseStoredView(junk, DEFAULT_QUERY).query.by)));
  });
});
