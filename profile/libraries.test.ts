import assert from 'node:assert/strict';
import { notReadFunction } from './delta.ts';
import { IMPORT_MACHINERY, libraryOf, librariesOf, NATIVE_CODE, STANDARD_LIBRARY } from './libraries.ts';
import { profileOf } from './testing/build.ts';

describe('libraryOf', () => {
  const cases: [file: string, kind: 'native' | undefined, library: string][] = [
    ['/home/ada/app/main.py', undefined, ''],
    ['<string>', undefined, ''],
    ['/venv/lib/python3.12/site-packages/numpy/core.py', undefined, 'numpy'],
    ['/venv/lib/python3.12/site-packages/six.py', undefined, 'six'],
    ['/venv/lib/python3.12/site-packages/_cffi_backend.cpython-312-x86_64-linux-gnu.so', 'native', '_cffi_backend'],
    ['/venv/lib/python3.12/site-packages/numpy.libs/libopenblas.so', 'native', 'numpy'],
    ['C:\\app\\Lib\\site-packages\\pandas\\frame.py', undefined, 'pandas'],
    ['/venv/site-packages/outer/site-packages/inner/x.py', undefined, 'inner'],
    ['/venv/site-packages/.hidden', undefined, STANDARD_LIBRARY],
    ['/usr/lib/python3.13/json/__init__.py', undefined, STANDARD_LIBRARY],
    ['<frozen importlib._bootstrap>', undefined, IMPORT_MACHINERY],
    ['<frozen zipimport>', undefined, IMPORT_MACHINERY],
    ['<frozen runpy>', undefined, STANDARD_LIBRARY],
    ['/usr/lib/python3.13/importlib/__init__.py', undefined, IMPORT_MACHINERY],
    ['/usr/lib/x86_64-linux-gnu/libc.so.6', 'native', NATIVE_CODE],
    ['', 'native', NATIVE_CODE],
  ];
  for (const [file, kind, library] of cases)
    it(`${file}: ${library}`, () =>
      assert.equal(libraryOf({ name: 'f', file, firstLine: 1, ...(kind === undefined ? {} : { kind }) }), library));

  it('is nobody’s for what could not be read', () => assert.equal(libraryOf(notReadFunction), ''));
});

describe('librariesOf', () => {
  it('counts them in the order in which they appear', () => {
    const files = { np: '/v/site-packages/numpy/a.py', json: '/usr/lib/python3.13/json/a.py', np2: '/v/site-packages/numpy/b.py' };
    const libraries = librariesOf(profileOf({ runs: [{ stack: 'main:1 np:2 json:3 np2:4' }], files }));
    assert.deepEqual(
      [libraries.names, libraries.ofFunction],
      [
        ['numpy', STANDARD_LIBRARY],
        [-1, 0, 1, 0],
      ],
    );
    assert.deepEqual([libraries.id(STANDARD_LIBRARY), libraries.id('other')], [1, -1]);
  });
});
