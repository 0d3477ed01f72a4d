import assert from 'node:assert/strict';
import { compiledCell, isCellCode, isMagicFile, parseCellName } from './cellNames.ts';

describe('names of cells', () => {
  it('are told from names of files', () => {
    assert.deepEqual(parseCellName('/tmp/ipykernel_14919/2887120046.py'), { kind: 'hash', hash: 2887120046, pid: 14919 });
    assert.deepEqual(parseCellName('C:\\Users\\Ann\\AppData\\Local\\Temp\\ipykernel_77\\5.py'), { kind: 'hash', hash: 5, pid: 77 });
    assert.deepEqual(parseCellName('/tmp/xpython_12/34.py'), { kind: 'hash', hash: 34, pid: 12 });
    assert.deepEqual(parseCellName('<ipython-input-3-0123456789ab>'), { kind: 'digest', digest: '0123456789ab', count: 3 });
    for (const file of ['/w/ipykernel_1/app.py', '/tmp/ipykernel_1/2.pyc', '/tmp/my_ipykernel_1/2.py', '<ipython-input>', '<string>', ''])
      assert.equal(parseCellName(file), undefined, file);
  });

  // What ipykernel 7.4 says of these: murmur2_x86(source, get_tmp_hash_seed()).
  it('have the hash that ipykernel gives them', () => {
    const hashes: Readonly<Record<string, number>> = {
      '': 3990065800,
      'x': 32546335,
      'x = 1': 3427300630,
      'x = 1\n': 1602534638,
      'def f():\n    return 1': 3472161978,
      "äöü = '✓ 🐍'": 841609567,
      '\n\nx = 1': 1983235113,
      '%%time\nwork()': 3700415600,
      'for i in range(10):\n    print(i)\n    ': 3827936601,
    };
    for (const [source, hash] of Object.entries(hashes)) assert.equal(compiledCell(source).hash, hash, JSON.stringify(source));
  });

  it('have the digest that IPython gives them', () => {
    assert.deepEqual(compiledCell('x = 1').digests, ['e139f73e3432', '3253b41059ca']);
    assert.deepEqual(compiledCell('\n  \nx = 1\n').digests, compiledCell('x = 1').digests);
  });

  it('are those of what the Jupyter extension sends, whatever ends lines in the editor', () => {
    assert.deepEqual(compiledCell('a\r\n\r\nb'), compiledCell('a\n\nb'));
  });
});

describe('a cell as it is compiled', () => {
  const text = (source: string): string => compiledCell(source).text;

  it('lacks the empty lines at its start', () => {
    assert.equal(text('\n  \n\t\nx = 1\n\ny'), 'x = 1\n\ny');
    assert.equal(text('  x = 1'), '  x = 1');
    assert.equal(text('\n\n'), '\n\n');
    assert.equal(text(''), '');
  });

  it('has a part of its own below a magic that measures', () => {
    assert.deepEqual(
      ['%%time\nx', '\n%%timeit -n 1\nx', 'x\n%%time', '%timeit x', '%%times\nx'].map((source) => compiledCell(source).magicLines),
      [1, 1, 0, 0, 0],
    );
    assert.deepEqual(['<timed exec>', '<timed eval>', '<magic-timeit>', '<string>'].map(isMagicFile), [true, true, true, false]);
  });

  it('is a module to Python', () => {
    assert.deepEqual(['<module>', '<cell line: 12>', 'work', '<lambda>'].map(isCellCode), [true, true, false, false]);
  });
});
