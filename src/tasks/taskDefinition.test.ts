import assert from 'node:assert/strict';
import { definitionOf, parseTaskDefinition, type TaskDefinition, taskRun } from './taskDefinition.ts';

const place = { folder: '/w', file: '/w/src/open.py', variables: { home: '/home/ann', environment: { DATA: '/data' } } };
const run = (given: Readonly<Record<string, unknown>>, settings = {}) => {
  const definition = parseTaskDefinition(given);
  assert.ok(typeof definition === 'object' && 'args' in definition, JSON.stringify(definition));
  return taskRun(definition, place, settings);
};

describe('a heatline task', () => {
  it('runs a script or a module in its folder', () => {
    assert.deepEqual(run({ script: 'tools/app.py', args: ['--fast', '${fileDirname}'] }), {
      name: 'app.py',
      args: ['/w/tools/app.py', '--fast', '/w/src'],
      workingDirectory: '/w',
      environment: {},
    });
    assert.deepEqual(run({ module: 'shop.report' }), {
      name: 'shop.report',
      args: ['-m', 'shop.report'],
      workingDirectory: '/w',
      environment: {},
    });
    assert.equal(run({ script: '${file}' }).name, 'open.py');
  });

  it('says where and with which variables, or the settings do', () => {
    const settings = { workingDirectory: 'data', environment: { A: '1', B: '2' } };
    const own = run({ script: '/x/app.py', cwd: '~/here', env: { B: '${env:DATA}', C: '' } }, settings);
    assert.deepEqual([own.workingDirectory, own.environment], ['/home/ann/here', { A: '1', B: '/data', C: '' }]);
    assert.equal(run({ script: '/x/app.py' }, settings).workingDirectory, '/w/data');
  });

  it('leaves variables of VS Code’s to VS Code', () => {
    const open = run({ script: '${input:which}', args: ['${command:ask}', '${env:DATA}'], cwd: '${config:app.folder}/x' });
    assert.deepEqual([open.args, open.workingDirectory], [['${input:which}', '${command:ask}', '/data'], '${config:app.folder}/x']);
  });

  it('that makes no sense says why', () => {
    assert.equal(parseTaskDefinition({}), 'noProgram');
    assert.equal(parseTaskDefinition({ script: ' ' }), 'noProgram');
    assert.equal(parseTaskDefinition({ script: 'a.py', module: 'a' }), 'scriptAndModule');
    assert.deepEqual(parseTaskDefinition({ script: 1 }), { property: 'script' });
    assert.deepEqual(parseTaskDefinition({ script: 'a.py', args: '--x' }), { property: 'args' });
    assert.deepEqual(parseTaskDefinition({ script: 'a.py', env: { A: 1 } }), { property: 'env' });
    assert.deepEqual(parseTaskDefinition({ script: 'a.py', env: null }), { property: 'env' });
  });

  it('is made of what was run by other means, and runs the same', () => {
    for (const given of [
      { name: 'app.py', args: ['/w/app.py', '-x', ''], workingDirectory: '/w', environment: { A: '1' } },
      { name: 'pytest', args: ['-m', 'pytest', 'test_a.py::test_b'], workingDirectory: '/x', environment: {} },
    ]) {
      const { type, ...definition } = definitionOf(given);
      assert.equal(type, 'heatline');
      assert.deepEqual(taskRun(parseTaskDefinition(definition) as TaskDefinition, place, {}), given);
    }
  });
});
