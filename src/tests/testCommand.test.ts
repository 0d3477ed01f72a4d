import assert from 'node:assert/strict';
import { type TargetFacts, testRun, type TestSettings } from './testCommand.ts';

interface Given extends Partial<TestSettings>, Partial<TargetFacts> {
  readonly files?: readonly string[];
}

const run = async (path: string, names: readonly string[], given: Given = {}) => {
  const { files = [], isFolder = false, module, ...settings } = given;
  const facts: TargetFacts = { isFolder, module, exists: (file) => Promise.resolve(files.includes(file)) };
  return testRun({ path, names, framework: undefined }, facts, {
    framework: 'pytest',
    args: [],
    workingDirectory: '/w',
    environment: {},
    pythonPath: undefined,
    ...settings,
  });
};
const args = async (...given: Parameters<typeof run>): Promise<string> => (await run(...given)).args.join(' ');

describe('running a test with pytest', () => {
  it('names it as one would in the working directory', async () => {
    assert.deepEqual(await run('/w/tests/test_a.py', ['TestA', 'test_b[1]'], { environment: { A: '1' } }), {
      name: 'test_b[1]',
      args: ['-m', 'pytest', 'tests/test_a.py::TestA::test_b[1]'],
      workingDirectory: '/w',
      environment: { A: '1' },
    });
    assert.equal(await args('/w/tests/test_a.py', []), '-m pytest tests/test_a.py');
    assert.equal(await args('/w', [], { isFolder: true }), '-m pytest .');
    assert.equal(await args('/x/test_a.py', ['test_b']), '-m pytest /x/test_a.py::test_b');
    assert.equal(await args('/w/-k/test_a.py', ['test_b']), '-m pytest ./-k/test_a.py::test_b');
  });

  it('keeps the user’s arguments but for those that choose tests', async () => {
    const given = [
      '-v',
      'tests',
      '--rootdir',
      'tests',
      '-c',
      'tests/pytest.ini',
      '/w/tests/test_b.py::test_x',
      '-k',
      'fast',
      '-m',
      'not slow',
      '--lf',
      '-n',
      'auto',
      '--cov=src',
      'gone',
      '-q',
    ];
    const files = ['/w/tests', '/w/tests/pytest.ini', '/w/tests/test_b.py'];
    assert.equal(
      await args('/w/tests/test_a.py', ['test_a'], { args: given, files }),
      '-m pytest -v --rootdir tests -c tests/pytest.ini -n auto --cov=src gone -q tests/test_a.py::test_a',
    );
  });
});

describe('running a test with unittest', () => {
  const framework = 'unittest';

  it('names it by its module, whose root Python must find', async () => {
    assert.deepEqual(await run('/w/test_a.py', ['TestA', 'test_b'], { framework }), {
      name: 'test_b',
      args: ['-m', 'unittest', 'test_a.TestA.test_b'],
      workingDirectory: '/w',
      environment: {},
    });
    const below = await run('/w/tests/test_a.py', [], { framework, pythonPath: '/lib' });
    assert.deepEqual(below.args, ['-m', 'unittest', 'test_a']);
    assert.deepEqual(below.environment, { PYTHONPATH: '/w/tests:/lib' });
    const own = await run('/w/tests/test_a.py', [], { framework, pythonPath: '/lib', environment: { PYTHONPATH: '/own', A: '1' } });
    assert.deepEqual(own.environment, { PYTHONPATH: '/w/tests:/own', A: '1' });
  });

  it('takes the root from a package', async () => {
    const module = { name: 'tests.unit.test_a', root: '/w' };
    const packaged = await run('/w/tests/unit/test_a.py', ['TestA'], { framework, module });
    assert.deepEqual([packaged.args.join(' '), packaged.environment], ['-m unittest tests.unit.test_a.TestA', {}]);
  });

  it('takes the root from the user’s arguments, and keeps the others', async () => {
    const module = { name: 'tests.unit.test_a', root: '/w' };
    const started = await run('/w/tests/unit/test_a.py', [], { framework, module, args: ['-v', '-s', './tests', '-p', '*test*.py', '-f'] });
    assert.deepEqual([started.args.join(' '), started.environment['PYTHONPATH']], ['-m unittest -v -f unit.test_a', '/w/tests']);
    const topped = await run('/w/tests/unit/test_a.py', [], { framework, args: ['--start-directory=tests', '-t', '.', '-k', 'x'] });
    assert.deepEqual([topped.args.join(' '), topped.environment], ['-m unittest tests.unit.test_a', {}]);
    const elsewhere = await run('/w/more/test_a.py', [], { framework, args: ['-stests'] });
    assert.deepEqual([elsewhere.args.join(' '), elsewhere.environment['PYTHONPATH']], ['-m unittest test_a', '/w/more']);
    const unnameable = await run('/w/tests/unit-2/test_a.py', [], { framework, args: ['-s', 'tests'] });
    assert.deepEqual([unnameable.args.join(' '), unnameable.environment['PYTHONPATH']], ['-m unittest test_a', '/w/tests/unit-2']);
  });

  it('discovers those of a folder', async () => {
    assert.equal(await args('/w', [], { framework, isFolder: true }), '-m unittest discover -s .');
    assert.equal(
      await args('/w/tests/unit', [], { framework, isFolder: true, args: ['-v', '-s', 'tests', '-p', 'check*.py'] }),
      '-m unittest discover -s tests/unit -t tests -p check*.py -v',
    );
    assert.equal(await args('/w/tests', [], { framework, isFolder: true, args: ['-s', 'tests'] }), '-m unittest discover -s tests');
  });
});
