import assert from 'node:assert/strict';
import fc from 'fast-check';
import { runnableTests, testAt, testSource } from './testPlaces.ts';

const placesOf = (source: string): string[] =>
  testSource(source).places.map(
    ({ names, startLine, endLine, isUnittest }) => `${names.join('.')} ${startLine}-${endLine}${isUnittest ? ' u' : ''}`,
  );

describe('tests in a source', () => {
  it('are functions, and classes with methods', () => {
    const source = `import pytest

def helper(): pass

def test_one():
    x = 1

    assert x

class TestTwo:
    value = 1

    def setup_method(self): pass

    def test_a(self):
        assert (
            1)
    async def test_b(self): pass

print("end")
`;
    assert.deepEqual(placesOf(source), ['test_one 4-7', 'TestTwo 9-17', 'TestTwo.test_a 14-16', 'TestTwo.test_b 17-17']);
  });

  it('start at their first decorator, however long', () => {
    const source = `@pytest.mark.parametrize("a, b", [
    (1, 2),
    ("def test_no():", 4),
])
@pytest.mark.slow  # really
async def test_it(a, b):
    pass
@mark
class TestMore:
    @staticmethod
    def test_in(): pass
`;
    assert.deepEqual(placesOf(source), ['test_it 0-6', 'TestMore 7-10', 'TestMore.test_in 9-10']);
  });

  it('of unittest are classes that derive from TestCase by any way', () => {
    const source = `class A(unittest.TestCase):
    def test_a(self): pass
class B(A): pass
class C(
    Mixin,  # TestCase
    IsolatedAsyncioTestCase, metaclass=Meta
):
    async def test_c(self): pass
class D(Generic[TestCase]):
    def test_d(self): pass
class E[T](Base[T], TestCase): pass
class F(B): pass
class Plain(object):
    def test_no(self): pass
`;
    assert.deepEqual(placesOf(source), ['A 0-1 u', 'A.test_a 1-1 u', 'B 2-2 u', 'C 3-7 u', 'C.test_c 7-7 u', 'E 10-10 u', 'F 11-11 u']);
  });

  it('in a class in a class are pytest’s alone', () => {
    const source = `class TestOuter(unittest.TestCase):
    class TestInner:
        def test_x(self): pass
    class Other:
        def test_no(self): pass
    def test_y(self): pass
`;
    assert.deepEqual(placesOf(source), [
      'TestOuter 0-5 u',
      'TestOuter.TestInner 1-2',
      'TestOuter.TestInner.test_x 2-2',
      'TestOuter.test_y 5-5 u',
    ]);
  });

  it('are none in functions, strings and comments, but behind conditions', () => {
    const source = `def outer():
    def test_no(): pass
    class TestNo: pass
"""
def test_no(): pass
"""
# def test_no(): pass
if sys.platform == "linux":
    def test_yes(): pass
    try:
        import x
    except ImportError:
        pass
    else:
        class TestYes:
            if True:
                def test_too(self): pass
`;
    assert.deepEqual(placesOf(source), ['test_yes 8-8', 'TestYes 14-16', 'TestYes.test_too 16-16']);
  });

  it('come with what is imported', () => {
    const imports = (source: string): boolean[] => [testSource(source).importsPytest, testSource(source).importsUnittest];
    assert.deepEqual(imports('import os, pytest\n'), [true, false]);
    assert.deepEqual(imports('from unittest import TestCase\n'), [false, true]);
    assert.deepEqual(imports('from unittest.mock import patch\nimport pytest as p\n'), [true, true]);
    assert.deepEqual(imports('import pytester\nfrom pytests import x\n"""\nimport pytest\n"""\n'), [false, false]);
  });

  it('are offered in test files, and elsewhere where a framework is used', () => {
    const names = (file: string, source: string): string[] => runnableTests(file, source).map((place) => place.names.join('.'));
    const source = 'def test_connection(): pass\nclass TestData: pass\n';
    assert.deepEqual(names('test_app.py', source), ['test_connection', 'TestData']);
    assert.deepEqual(names('app_test.py', source), ['test_connection', 'TestData']);
    assert.deepEqual(names('app.py', source), []);
    assert.deepEqual(names('app.py', `import pytest\n${source}`), ['test_connection', 'TestData']);
    assert.deepEqual(names('conftest.py', `import pytest\n${source}`), []);
    assert.deepEqual(names('app.py', 'class A(TestCase): pass\n'), ['A']);
  });

  it('are found around a line', () => {
    const { places } = testSource('@x\ndef test_a():\n    pass\n\nclass TestB:\n    a = 1\n    def test_c(self):\n        pass\n');
    const at = (line: number): string | undefined => testAt(places, line)?.names.join('.');
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map(at), [
      'test_a',
      'test_a',
      'test_a',
      undefined,
      'TestB',
      'TestB',
      'TestB.test_c',
      'TestB.test_c',
      undefined,
    ]);
  });

  it('lie within the source and within each other, whatever it is', () => {
    const word = fc.constantFrom(
      'class Test(TestCase)',
      'class TestA',
      'def test_a()',
      'async def test_b()',
      'def f()',
      'if x',
      ':',
      '@d',
      '\n',
      '\n    ',
      '\n        ',
      '\t',
      '(',
      ')',
      '"""',
      "'",
      '#',
      'pass',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const source = words.join(' ');
        const lineCount = source.split('\n').length;
        const { places } = testSource(source);
        for (const { names, startLine, endLine } of places) {
          assert.ok(startLine <= endLine && endLine < lineCount && names.length > 0);
          const outer = places.findLast((place) => place.names.length === names.length - 1 && place.startLine < startLine);
          if (names.length > 1) assert.ok(outer !== undefined && outer.endLine >= endLine, source);
        }
      }),
    );
  });
});
