import assert from 'node:assert/strict';
import { Profile } from '../../profile/profile.ts';
import { emptyDelta, recordedDelta } from '../testing/deltas.ts';
import { type Cell, CellFiles } from './cellFiles.ts';
import { compiledCell } from './cellNames.ts';

const cell = (index: number, source: string, sequence = 0, notebook = 'a.ipynb'): Cell & { readonly hash: number } => ({
  uri: `cell:${notebook}#${index}`,
  name: `Cell ${index}`,
  notebook,
  sequence,
  ...compiledCell(source),
});
const fileOf = ({ hash }: { readonly hash: number }): string => `/tmp/ipykernel_7/${hash}.py`;
const filesOf = (...cells: readonly (Cell & { readonly hash: number })[]): CellFiles =>
  new CellFiles({
    stamp: '',
    find: (name) => cells.filter(({ hash }) => name.kind === 'hash' && name.hash === hash).sort((a, b) => b.sequence - a.sequence),
  });
const functions = (...names: readonly (readonly [string, string])[]): Profile => {
  const profile = new Profile();
  profile.append(emptyDelta({ functions: names.map(([name, file]) => ({ name, file, firstLine: 1 })) }));
  return profile;
};

describe('files of cells', () => {
  const first = cell(1, 'def work(): pass');
  const second = cell(2, '\nwork()');

  it('are found by what is in the cells', () => {
    const files = filesOf(first, second);
    files.update(functions(['<module>', fileOf(first)], ['work', fileOf(first)], ['<module>', fileOf(second)], ['f', '/w/app.py']));
    assert.equal(files.find(fileOf(second))?.cell.uri, second.uri);
    assert.equal(files.find('/tmp/ipykernel_7/1.py'), null);
    assert.equal(files.find('/w/app.py'), undefined);
    assert.deepEqual(files.namesOf(second.uri), { names: [{ file: fileOf(second), shift: 0 }], text: 'work()' });
    assert.deepEqual(files.namesOf('cell:a.ipynb#3').names, []);
  });

  it('are called as people call the cells', () => {
    const files = filesOf(first, second);
    const profile = functions(
      ['<module>', fileOf(first)],
      ['work', fileOf(first)],
      ['<cell line: 2>', fileOf(second)],
      ['<module>', '/tmp/ipykernel_7/1.py'],
      ['f', '/w/app.py'],
    );
    files.update(profile);
    assert.deepEqual(
      profile.functions.map((func) => Object.values(files.display(func)).join(' @ ')),
      [
        'Cell 1 @ a.ipynb, Cell 1',
        'work @ a.ipynb, Cell 1',
        'Cell 2 @ a.ipynb, Cell 2',
        '<module> @ /tmp/ipykernel_7/1.py',
        'f @ /w/app.py',
      ],
    );
  });

  it('count as they were run last, where a cell was changed and run again', () => {
    const old = cell(1, 'slow()', 1);
    const recent = cell(1, 'fast()', 2);
    const files = filesOf(old, recent);
    files.update(functions(['<module>', fileOf(old)]));
    assert.equal(files.namesOf(old.uri).text, 'slow()');
    files.update(functions(['<module>', fileOf(old)], ['<module>', fileOf(recent)]));
    assert.deepEqual(files.namesOf(old.uri), { names: [{ file: fileOf(recent), shift: 0 }], text: 'fast()' });
  });

  it('are one for cells that hold the same', () => {
    const twins = [cell(1, 'same()'), cell(4, 'same()', 3)] as const;
    const files = filesOf(...twins);
    files.update(functions(['<module>', fileOf(twins[0])]));
    for (const { uri } of twins) assert.equal(files.namesOf(uri).names.length, 1);
    assert.equal(files.find(fileOf(twins[0]))?.cell.uri, twins[1].uri);
  });
});

describe('code that a magic compiles', () => {
  const timed = cell(1, '%%time\nx = 1\nwork()');
  const plain = cell(2, 'x = 1\n%time work()');

  /** A profile of stacks that are given as function @ file, root first. */
  function profileOf(...stacks: readonly (readonly (readonly [string, string])[])[]): Profile {
    const profile = new Profile();
    const delta = recordedDelta(
      '',
      stacks.map((stack) => ({ path: stack.map(([name, file]) => [`${name}@${file}`, 1] as const), count: 1 })),
    );
    const named = delta.functions.map(({ name, firstLine }) => ({ name: name.split('@')[0]!, file: name.split('@')[1]!, firstLine }));
    profile.append({ ...delta, functions: named });
    return profile;
  }

  it('is the cell’s that it was called from, further down', () => {
    const files = filesOf(timed, plain);
    files.update(
      profileOf([
        ['<module>', fileOf(timed)],
        ['time', '/lib/execution.py'],
        ['<module>', '<timed exec>'],
        ['work', '/w/app.py'],
      ]),
    );
    assert.deepEqual([files.find('<timed exec>')?.cell.uri, files.find('<timed exec>')?.shift], [timed.uri, 1]);
    assert.deepEqual(
      files.namesOf(timed.uri).names,
      [
        { file: fileOf(timed), shift: 0 },
        { file: '<timed exec>', shift: 1 },
      ].sort((a, b) => (a.file < b.file ? -1 : 1)),
    );
  });

  it('is nobody’s where it could be of several cells, or of any line of one', () => {
    const other = cell(3, '%%time\ny()');
    const files = filesOf(timed, plain, other);
    const magic = (of: { readonly hash: number }) =>
      [
        ['<module>', fileOf(of)],
        ['time', '/lib/execution.py'],
        ['<module>', '<timed exec>'],
      ] as const;
    files.update(profileOf(magic(timed), magic(other)));
    assert.equal(files.find('<timed exec>'), null);
    assert.equal(files.namesOf(timed.uri).names.length, 1);
    const line = filesOf(timed, plain, other);
    line.update(
      profileOf([
        ['<module>', fileOf(plain)],
        ['time', '/lib/execution.py'],
        ['<module>', '<timed eval>'],
      ]),
    );
    assert.equal(line.find('<timed eval>'), null);
    assert.equal(line.namesOf(plain.uri).names.length, 1);
  });
});
