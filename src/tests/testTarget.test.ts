import assert from 'node:assert/strict';
import { targetOfItem } from './testTarget.ts';

const path = '/w/tests/test_a.py';
const of = (id: string, below: readonly string[] = [], at = path) => {
  const target = targetOfItem({ id, path: at, below });
  return target === undefined ? undefined : [...(target.path === at ? [] : ['?']), target.framework, ...target.names];
};

describe('what an item of the Test Explorer stands for', () => {
  it('with pytest', () => {
    assert.deepEqual(of(`${path}::test_a`), ['pytest', 'test_a']);
    assert.deepEqual(of(`${path}::TestA::TestB::test_c`), ['pytest', 'TestA', 'TestB', 'test_c']);
    assert.deepEqual(of(`${path}::test_a[x/y.py::1-\\n||]`)?.join('::'), `pytest::test_a[x/y.py::1-\\n||]`);
  });

  it('with unittest', () => {
    assert.deepEqual(of(`${path}\\TestA`), ['unittest', 'TestA']);
    assert.deepEqual(of(`${path}\\TestA\\test_b`), ['unittest', 'TestA', 'test_b']);
    assert.deepEqual(of('C:\\w\\test_a.py\\TestA\\test_b', [], 'C:\\w\\test_a.py'), ['unittest', 'TestA', 'test_b']);
  });

  it('is all of a file or folder, of the framework that shows below', () => {
    assert.deepEqual(of(path), [undefined]);
    assert.deepEqual(of(path, [`${path}::test_a`]), ['pytest']);
    assert.deepEqual(of('/w/tests', ['/w/tests/test_a.py', '/w/tests/test_a.py\\TestA'], '/w/tests'), ['unittest']);
  });

  it('in one of several projects of a folder', () => {
    assert.deepEqual(of(`file:///w||${path}::test_a[a||b]`), ['pytest', 'test_a[a||b]']);
    assert.deepEqual(of(`file:///w||${path}\\TestA`), ['unittest', 'TestA']);
    assert.deepEqual(of('file:///w||/w/tests', [], '/w/tests'), [undefined]);
    assert.deepEqual(of('file:///w', [`file:///w||${path}::test_a`], '/w'), ['pytest']);
  });

  it('as old versions called it', () => {
    assert.deepEqual(of('./tests/test_a.py::TestA::test_b'), ['pytest', 'TestA', 'test_b']);
    assert.deepEqual(of('tests.test_a.TestA.test_b'), ['unittest', 'TestA', 'test_b']);
    assert.deepEqual(of('test_a'), ['unittest']);
  });

  it('is nothing we know for the ids of others', () => {
    assert.equal(of('DiscoveryError:/w'), undefined);
    assert.equal(of('42'), undefined);
    assert.equal(of('suite > case test_a'), undefined);
  });
});
