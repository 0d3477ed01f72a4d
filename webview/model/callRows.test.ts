import assert from 'node:assert/strict';
import { callRows, type CallRowsQuestion, CallTreePart, Expansion, keyOf } from './callRows.ts';
import { columnsOf } from './testTrees.ts';

const part = new CallTreePart(columnsOf(['all 100', ' a 60', '  b 50', '   a 45', '  c 5', ' d 40', '  hidden 30']));
const letter = (node: number): string => String.fromCharCode(97 + part.columns.func[node]!);

function shown(question: Partial<CallRowsQuestion>): string[] {
  const { node, level, state } = callRows({
    parts: [part],
    expanded: [new Expansion()],
    headed: false,
    sort: { key: 'total', descending: true },
    name: (_, at) => letter(at),
    kept: undefined,
    ...question,
  });
  return Array.from(node, (at, row) => `${' '.repeat(level[row]! - 1)}${'+- '[state[row]!]!}${at === 0 ? 'all' : letter(at)}`);
}

describe('callRows', () => {
  it('has the calls below those that are expanded', () => {
    const expansion = new Expansion();
    assert.deepEqual(shown({ expanded: [expansion] }), ['+a', '+d']);
    expansion.open(keyOf(part.columns, 1));
    assert.deepEqual(shown({ expanded: [expansion] }), ['-a', ' +b', '  c', '+d']);
    expansion.close(keyOf(part.columns, 1));
    assert.deepEqual(shown({ expanded: [expansion] }), ['+a', '+d']);
  });

  it('sorts siblings by any column', () => {
    const expansion = new Expansion();
    expansion.open(keyOf(part.columns, 1));
    const sorted = (key: 'self' | 'total' | 'name', descending: boolean): string =>
      shown({ expanded: [expansion], sort: { key, descending } })
        .map((row) => row.trim().replace(/[+-]/, ''))
        .join('');
    assert.equal(sorted('total', false), 'dacb');
    assert.equal(sorted('name', false), 'abcd');
    assert.equal(sorted('name', true), 'dacb');
    assert.equal(sorted('self', true), 'dabc');
  });

  it('shows what is marked and what leads there, expanded', () => {
    const marked = Uint8Array.from(part.columns.func, (func) => (func === 1 ? 1 : 0));
    assert.deepEqual(shown({ kept: [part.kept(marked)] }), ['-a', '  b']);
  });

  it('has a row above each part where there are several', () => {
    const open = new Expansion();
    open.open(keyOf(part.columns, 0));
    assert.deepEqual(shown({ parts: [part, part], expanded: [open, new Expansion()], headed: true }), ['-all', ' +a', ' +d', '+all']);
  });

  it('goes to where the time is, and no further', () => {
    assert.deepEqual(part.hottestPath(0).map(letter), ['a', 'b', 'a']);
    assert.deepEqual(part.hottestPath(5), []); // what was too small to be sent is no call
    const flat = new CallTreePart(columnsOf(['all 100', ' a 100', '  b 40', '  c 10']));
    assert.deepEqual(flat.hottestPath(0), [1]);
  });

  it('takes towers of calls as high as any', () => {
    const depth = 20_000;
    const tower = new CallTreePart({
      parent: Int32Array.from({ length: depth }, (_, node) => node - 1),
      func: Int32Array.from({ length: depth }, (_, node) => (node === 0 ? -1 : 1)),
      line: new Int32Array(depth),
      self: new Float64Array(depth),
      total: new Float64Array(depth).fill(5),
      samples: new Float64Array(depth),
    });
    let expansion = new Expansion();
    const expanded = [expansion];
    for (const node of tower.hottestPath(0)) expansion = expansion.open(keyOf(tower.columns, node));
    assert.equal(shown({ parts: [tower], expanded, name: () => '' }).length, depth - 1);
  });
});
