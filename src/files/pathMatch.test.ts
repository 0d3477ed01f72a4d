import assert from 'node:assert/strict';
import { baseName, bestSuffixMatch, isAbsolutePath, isGenerated, sourceName } from './pathMatch.ts';

const files = (...relativePaths: string[]): { path: string; relativePath: string }[] =>
  relativePaths.map((relativePath) => ({ path: `/home/ann/project/${relativePath}`, relativePath }));
const match = (file: string, ...relativePaths: string[]): string | undefined =>
  bestSuffixMatch(file, files(...relativePaths))?.relativePath;

describe('bestSuffixMatch', () => {
  it('takes the file that shares the most of the path', () => {
    assert.equal(match('/app/shop/cart/models.py', 'shop/cart/models.py', 'shop/user/models.py', 'cart/models.py'), 'shop/cart/models.py');
    assert.equal(match('/app/shop/cart/models.py', 'shop/cart/models.py', 'shop/user/models.py'), 'shop/cart/models.py');
  });
  it('takes none of two that are equally alike', () =>
    assert.equal(match('/app/pkg/util.py', 'a/pkg/util.py', 'b/pkg/util.py'), undefined));
  it('wants more than the bare name', () => assert.equal(match('/app/other/util.py', 'pkg/util.py'), undefined));
  it('takes a bare name that is the whole path below the workspace folder', () =>
    assert.equal(match('/app/main.py', 'main.py', 'pkg/main.py'), 'main.py'));
  it('takes a relative path that is the end of only one file', () => {
    assert.equal(match('./main.py', 'src/main.py', 'src/other.py'), 'src/main.py');
    assert.equal(match('main.py', 'a/main.py', 'b/main.py'), undefined);
  });
  it('takes no workspace file for one of a library', () => {
    assert.equal(match('/usr/lib/python3.12/threading.py', 'threading.py'), undefined);
    assert.equal(match('/venv/lib/python3.12/site-packages/shop/cart.py', 'shop/cart.py'), undefined);
    assert.equal(
      match('/v/lib/python3.12/site-packages/shop/cart.py', '.venv/lib/python3.12/site-packages/shop/cart.py', 'shop/cart.py'),
      '.venv/lib/python3.12/site-packages/shop/cart.py',
    );
  });
  it('reads paths of Windows', () => assert.equal(match('C:\\work\\shop\\cart.py', 'shop/cart.py'), 'shop/cart.py'));
  it('finds nothing where nothing is', () => assert.equal(match('/app/main.py'), undefined));
});

describe('names of files', () => {
  it('knows code that has no file', () => {
    assert.deepEqual(['<string>', '<frozen importlib._bootstrap>', '', 'a.py', '<x'].map(isGenerated), [true, true, true, false, false]);
  });
  it('leads from a compiled file to its source', () => {
    assert.equal(sourceName('/a/__pycache__/b.cpython-312.pyc'), '/a/b.py');
    assert.equal(sourceName('__pycache__/b.cpython-312.opt-2.pyc'), 'b.py');
    assert.equal(sourceName('C:\\a\\__pycache__\\b.cpython-39.pyc'), 'C:\\a\\b.py');
    assert.equal(sourceName('/a/b.pyc'), '/a/b.py');
    assert.equal(sourceName('/a/b.py'), '/a/b.py');
  });
  it('tells names and absolute paths of any system', () => {
    assert.deepEqual(['/a/b.py', 'C:\\a\\b.py', 'b.py'].map(baseName), ['b.py', 'b.py', 'b.py']);
    assert.deepEqual(['/a', 'C:\\a', 'C:/a', '\\\\host\\a', 'a/b', './a', '\\a'].map(isAbsolutePath), [
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
