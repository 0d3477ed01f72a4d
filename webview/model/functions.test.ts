import assert from 'node:assert/strict';
import { functionRows, sortAfterClick, type Sort } from './functionRows.ts';
import { originOf } from '../../profile/libraries.ts';
import { FOLDED } from '../../profile/weighedStacks.ts';
import { baseName, Functions, type FunctionSet, isIn } from './functions.ts';
import { functionsOf } from './testFunctions.ts';

function functions(): Functions {
  const result = new Functions();
  result.add({
    type: 'functions',
    first: 0,
    firstFile: 0,
    names: ['parse', 'Main.run'],
    files: Int32Array.of(0, 1),
    firstLines: Int32Array.of(3, 4),
    native: new Uint8Array(2),
    newFiles: ['/work/json.py', '/work/main.py'],
    libraries: Int32Array.of(-1, 0),
    firstLibrary: 0,
    newLibraries: ['parser'],
  });
  result.add({
    type: 'functions',
    first: 2,
    firstFile: 2,
    names: ['parse2'],
    files: Int32Array.of(1),
    firstLines: Int32Array.of(9),
    native: new Uint8Array(1),
    newFiles: [],
    libraries: Int32Array.of(-1),
    firstLibrary: 1,
    newLibraries: [],
  });
  return result;
}

describe('Functions', () => {
  it('knows what the messages said', () => {
    const known = functions();
    assert.deepEqual(known.names, ['parse', 'Main.run', 'parse2']);
    assert.equal(known.file(2), '/work/main.py');
    assert.equal(known.fileName(0), 'json.py');
    assert.equal(known.file(77), '');
  });

  it('opens native code whose source is known, at its line', () => {
    const known = functionsOf(
      { name: 'deflate', file: '/lib/libz.so', firstLine: 0, native: 1 },
      { name: 'list_sort', file: '/src/listobject.c', firstLine: 0, native: 2 },
    );
    assert.deepEqual(known.origins, ['native', 'native']);
    assert.deepEqual([known.hasSource(0), known.hasSource(1)], [false, true]);
    assert.equal(known.shortPlace(0, 0), 'libz.so');
    assert.equal(known.shortPlace(1, 2299), 'listobject.c:2299');
    assert.equal(known.shortPlace(1, 0), 'listobject.c');
  });

  it('refuses a message that does not go on where the last one ended', () => {
    const known = functions();
    const message = {
      type: 'functions',
      first: 7,
      firstFile: 2,
      names: ['x'],
      files: Int32Array.of(0),
      firstLines: Int32Array.of(1),
      native: new Uint8Array(1),
      newFiles: [],
      libraries: Int32Array.of(-1),
      firstLibrary: 1,
      newLibraries: [],
    } as const;
    assert.equal(known.add(message), false);
    assert.equal(known.add({ ...message, first: 3, firstFile: 0 }), false);
    assert.equal(known.add({ ...message, first: 3, firstLibrary: 0 }), false);
    assert.equal(known.count, 3);
    known.clear();
    assert.equal(known.add({ ...message, first: 0, firstFile: 0, newFiles: ['a.py'], firstLibrary: 0 }), true);
  });

  it('knows libraries, and the boxes they are folded into', () => {
    const known = functions();
    assert.deepEqual([known.library(1), known.library(0), known.library(FOLDED)], ['parser', undefined, 'parser']);
    assert.deepEqual([known.folded('parser'), known.folded('other')], [FOLDED, undefined]);
    assert.deepEqual([known.name(FOLDED), known.origin(FOLDED), known.hasSource(FOLDED)], ['▸ parser', 'library', false]);
    assert.deepEqual(
      [known.has(FOLDED), known.has(FOLDED + 1), known.has(2), known.has(3), known.has(-1)],
      [true, false, true, false, false],
    );
    assert.deepEqual([isIn(known.only(FOLDED), FOLDED), isIn(known.only(FOLDED), 0), isIn(known.only(1), 1)], [true, false, true]);
  });

  it('finds functions by all words, in name or file, in any case', () => {
    const known = functions();
    const found = (text: string): number[][] => {
      const { functions: named, libraries } = known.search(text)!;
      return [[...named], [...libraries]];
    };
    assert.deepEqual(found('PARSE'), [[1, 0, 1], [1]]);
    assert.deepEqual(found('parse main.py'), [[0, 0, 1], [0]]);
    assert.deepEqual(found('nothing'), [[0, 0, 0], [0]]);
    assert.equal(known.search('  '), undefined);
  });
});

describe('originOf', () => {
  const cases: [file: string, origin: string][] = [
    ['/home/ada/app/main.py', 'own'],
    ['main.py', 'own'],
    ['/home/ada/.venv/lib/python3.12/site-packages/numpy/core.py', 'library'],
    ['/usr/lib/python3/dist-packages/yaml/__init__.py', 'library'],
    ['C:\\Python312\\Lib\\site-packages\\x.py', 'library'],
    ['/usr/lib/python3.11/threading.py', 'standard'],
    ['/opt/py/lib/python3.13t/json/decoder.py', 'standard'],
    ['/usr/lib64/python3.9/os.py', 'standard'],
    ['C:\\Users\\ada\\AppData\\Local\\Programs\\Python\\Python312\\Lib\\json\\decoder.py', 'standard'],
    ['<frozen importlib._bootstrap>', 'standard'],
    ['<string>', 'generated'],
    ['/home/ada/lib/python/tool.py', 'own'],
  ];
  for (const [file, origin] of cases) it(`${file}: ${origin}`, () => assert.equal(originOf(file), origin));
});

describe('baseName', () => {
  it('knows both kinds of paths', () => {
    assert.deepEqual(['/a/b.py', 'C:\\a\\b.py', 'b.py', ''].map(baseName), ['b.py', 'b.py', 'b.py', '']);
  });
});

describe('functionRows', () => {
  const columns = {
    func: Int32Array.of(2, 0, 1, 9),
    line: new Int32Array(4),
    self: Float64Array.of(5, 1, 5, 99),
    total: Float64Array.of(5, 9, 7, 99),
    samples: Float64Array.of(1, 2, 3, 99),
  };
  const names = (sort: Sort, matching?: FunctionSet): string[] =>
    Array.from(functionRows(columns, functions(), sort, matching), (row) => functions().names[columns.func[row]!]!);

  it('sorts by any column, equal ones in a fixed order, and leaves out functions without a name yet', () => {
    assert.deepEqual(names({ key: 'self', descending: true }), ['Main.run', 'parse2', 'parse']);
    assert.deepEqual(names({ key: 'total', descending: true }), ['parse', 'Main.run', 'parse2']);
    assert.deepEqual(names({ key: 'total', descending: false }), ['parse2', 'Main.run', 'parse']);
    assert.deepEqual(names({ key: 'name', descending: false }), ['Main.run', 'parse', 'parse2']);
  });

  it('keeps equal lines of a function in order', () => {
    const lines = {
      func: Int32Array.of(0, 1, 0),
      line: Int32Array.of(7, 9, 5),
      self: Float64Array.of(5, 5, 5),
      total: Float64Array.of(5, 5, 5),
      samples: Float64Array.of(1, 1, 1),
    };
    for (const sort of [
      { key: 'self', descending: true },
      { key: 'name', descending: true },
    ] as const) {
      const rows = Array.from(functionRows(lines, functions(), sort, undefined), (row) => lines.line[row]);
      assert.deepEqual(rows, [5, 7, 9]);
    }
  });

  it('keeps only what matches', () => {
    assert.deepEqual(names({ key: 'self', descending: true }, functions().search('parse')), ['parse2', 'parse']);
  });

  it('turns round on a second click', () => {
    assert.deepEqual(sortAfterClick({ key: 'self', descending: true }, 'self'), { key: 'self', descending: false });
    assert.deepEqual(sortAfterClick({ key: 'self', descending: true }, 'total'), { key: 'total', descending: true });
    assert.deepEqual(sortAfterClick({ key: 'self', descending: true }, 'name'), { key: 'name', descending: false });
  });
});

describe('what could not be read', () => {
  it('has no place, and is nobody’s code', () => {
    const functions = functionsOf(
      { name: '(not read)', file: '', firstLine: 0 },
      { name: 'f', file: '', firstLine: 1 },
      { name: '(not read)', file: 'a.py', firstLine: 2 },
    );
    assert.deepEqual(
      [0, 1, 2].map((func) => functions.isNotRead(func)),
      [true, false, false],
    );
    assert.deepEqual([functions.shortPlace(0, 0), functions.shortPlace(2, 2), functions.origins[0]], ['', 'a.py:2', 'generated']);
    assert.match(functions.place(0, 0), /not known$/);
  });
});
