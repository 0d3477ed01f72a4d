import assert from 'node:assert/strict';
import { LastRuns } from './lastRuns.ts';
import { absolutePath, type FileFacts, fileRun, parseEnvironment, parseRunOptions } from './runOptions.ts';

const variables = { home: '/home/ann', environment: { DATA: '/data' } };
const facts = (given: Partial<FileFacts> = {}): FileFacts => ({
  file: '/w/tools/app.py',
  folder: '/w',
  module: undefined,
  variables,
  ...given,
});

describe('fileRun', () => {
  it('runs a script in its workspace folder', () => {
    assert.deepEqual(fileRun(facts(), {}, {}), { name: 'app.py', args: ['/w/tools/app.py'], workingDirectory: '/w', environment: {} });
  });

  it('runs a script that is in no workspace in its own folder', () => {
    assert.equal(fileRun(facts({ folder: undefined }), {}, {}).workingDirectory, '/w/tools');
  });

  it('prefers what was said the last time to settings', () => {
    const settings = { args: ['--all'], workingDirectory: '${fileDirname}', environment: { A: '1', B: '2' } };
    assert.deepEqual(fileRun(facts(), settings, {}), {
      name: 'app.py',
      args: ['/w/tools/app.py', '--all'],
      workingDirectory: '/w/tools',
      environment: { A: '1', B: '2' },
    });
    assert.deepEqual(fileRun(facts(), settings, { args: [], workingDirectory: '', environment: { B: '3' } }), {
      name: 'app.py',
      args: ['/w/tools/app.py'],
      workingDirectory: '/w',
      environment: { A: '1', B: '3' },
    });
  });

  it('runs a file of a package as a module when told, and __main__.py of itself', () => {
    const module = { name: 'shop.app', root: '/w/src' };
    assert.deepEqual(fileRun(facts({ module }), {}, {}).args, ['/w/tools/app.py']);
    assert.deepEqual(fileRun(facts({ module }), {}, { asModule: true, args: ['x'] }), {
      name: 'shop.app',
      args: ['-m', 'shop.app', 'x'],
      workingDirectory: '/w/src',
      environment: {},
    });
    const main = facts({ file: '/w/src/shop/__main__.py', module: { name: 'shop', root: '/w/src' } });
    assert.deepEqual(fileRun(main, {}, {}).args, ['-m', 'shop']);
    assert.deepEqual(fileRun(main, {}, { asModule: false }).args, ['/w/src/shop/__main__.py']);
    assert.deepEqual(fileRun(facts(), {}, { asModule: true }).args, ['/w/tools/app.py']);
  });
});

describe('absolutePath', () => {
  it('fills in what settings may say', () => {
    const filled = [
      '${workspaceFolder}/x',
      '~/x',
      '~',
      '${env:DATA}/x',
      '${env:NONE}x',
      'x',
      '${fileDirname}',
      '${unknown}/x',
      '${userHome}',
      'a~/x',
    ].map((path) => absolutePath(path, '/w/tools/app.py', '/w', variables));
    assert.deepEqual(filled, [
      '/w/x',
      '/home/ann/x',
      '/home/ann',
      '/data/x',
      '/w/x',
      '/w/x',
      '/w/tools',
      '/w/${unknown}/x',
      '/home/ann',
      '/w/a~/x',
    ]);
  });
});

describe('parseRunOptions', () => {
  it('takes what makes sense and drops the rest', () => {
    for (const nothing of [
      undefined,
      null,
      3,
      'x',
      [],
      { args: 'x', workingDirectory: 1, environment: { A: 1 }, asModule: 'yes' },
      { args: [1] },
    ])
      assert.deepEqual(parseRunOptions(nothing), {});
    const whole = { args: ['a'], workingDirectory: '/w', environment: { A: '1' }, asModule: false };
    assert.deepEqual(parseRunOptions({ ...whole, more: 1 }), whole);
  });
});

describe('parseEnvironment', () => {
  it('takes pairs', () => assert.deepEqual(parseEnvironment(['A=1', 'B=', 'C=x=y\nz']), { A: '1', B: '', C: 'x=y\nz' }));
  it('refuses what is none', () => assert.deepEqual([['A'], ['=1'], ['A B=1']].map(parseEnvironment), [undefined, undefined, undefined]));
});

describe('LastRuns', () => {
  it('remembers each file, and only so many', async () => {
    let stored: unknown;
    const runs = new LastRuns({ get: () => stored, update: (_key, value) => Promise.resolve(void (stored = value)) });
    assert.deepEqual(runs.of('/a.py'), {});
    await runs.remember('/a.py', { args: ['1'] });
    for (let i = 0; i < 198; i++) await runs.remember(`/${i}.py`, {});
    await runs.remember('/a.py', { args: ['2'] });
    await runs.remember('/z.py', {});
    assert.deepEqual(runs.of('/a.py'), { args: ['2'] });
    await runs.remember('/y.py', { args: ['y'] });
    assert.equal((stored as unknown[]).length, 200);
    assert.deepEqual(runs.of('/y.py'), { args: ['y'] });
    assert.deepEqual(runs.of('/a.py'), { args: ['2'] });
  });
  it('takes nothing from a storage that makes no sense', () => {
    for (const stored of [{ a: 1 }, 'x', [1, ['/a.py'], ['/a.py', 'x']]])
      assert.deepEqual(new LastRuns({ get: () => stored, update: () => Promise.resolve() }).of('/a.py'), {});
  });
});
