import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { findInterpreter, type InterpreterSources } from './interpreter.ts';

describe('findInterpreter', () => {
  const said: string[] = [];
  const find = (programs: readonly string[], given: Partial<InterpreterSources> = {}) => {
    said.length = 0;
    return findInterpreter({
      setting: '',
      extensions: [],
      defaultPath: '',
      folders: ['/w/app', '/w'],
      environment: {},
      platform: 'linux',
      isProgram: (path) => Promise.resolve(programs.includes(path)),
      log: (message) => said.push(message),
      ...given,
    });
  };
  const all = ['/own', '/chosen', '/default', '/w/app/.venv/bin/python', '/w/venv/bin/python', '/conda/bin/python', 'python3', 'python'];
  const chosen = () => Promise.resolve(['/chosen', '-E'] as const);

  it('goes from what was said most clearly to what is just there', async () => {
    const given = { setting: '/own', extensions: [chosen], defaultPath: '/default', environment: { CONDA_PREFIX: '/conda' } };
    const found = [];
    for (let first = 0; first <= all.length; first++) found.push(await find(all.slice(first), given));
    assert.deepEqual(found, [
      ['/own'],
      ['/chosen', '-E'],
      ['/default'],
      ['/w/app/.venv/bin/python'],
      ['/w/venv/bin/python'],
      ['/conda/bin/python'],
      ['python3'],
      ['python'],
      undefined,
    ]);
  });

  it('takes an environment’s folder for its Python', async () => {
    assert.deepEqual(await find(['/w/env311/bin/python'], { setting: '/w/env311' }), ['/w/env311/bin/python']);
  });

  it('says which setting leads nowhere', async () => {
    assert.deepEqual(await find(['python3'], { setting: '/gone', defaultPath: '/gone too' }), ['python3']);
    assert.deepEqual(
      said.map((text) => /heatline\.run\.python|defaultInterpreterPath/.exec(text)?.[0]),
      ['heatline.run.python', 'defaultInterpreterPath'],
    );
  });

  it('goes on when an extension fails', async () => {
    const broken = () => Promise.reject(new Error('boom'));
    const absent = () => Promise.resolve(undefined);
    assert.deepEqual(await find(['/chosen'], { extensions: [broken, absent, chosen] }), ['/chosen', '-E']);
    assert.match(said[0]!, /boom/);
  });

  it('goes on when an extension never answers', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      let found: ReturnType<typeof find> | undefined;
      await new Promise<void>((resolve) => {
        const silent = () => {
          setImmediate(resolve); // when the patience for us has begun
          return new Promise<undefined>(() => undefined);
        };
        found = find(['/chosen'], { extensions: [silent, chosen] });
      });
      mock.timers.tick(60_000);
      assert.deepEqual(await found, ['/chosen', '-E']);
    } finally {
      mock.timers.reset();
    }
  });

  it('knows where Python is on Windows', async () => {
    const windows = { platform: 'win32', folders: [], environment: { CONDA_PREFIX: '/conda' } } as const;
    assert.deepEqual(await find(['/conda/python.exe', 'py.exe'], windows), ['/conda/python.exe']);
    assert.deepEqual(await find(['py.exe'], windows), ['py.exe']);
  });
});
