import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isPythonName, parseCommandLine } from './commandLine.ts';

const python = '/usr/bin/python3.12';

describe('parseCommandLine', () => {
  const cases: readonly (readonly [line: string | readonly string[], name: string, script: string | null, executable?: string])[] = [
    ['python script.py a b', 'script.py', 'script.py'],
    ['/opt/venv/bin/python /opt/app/run.py', 'run.py', '/opt/app/run.py'],
    ['python -X dev -W ignore -m pkg.mod args', 'pkg.mod', '-m pkg.mod'],
    ['python -Xdev -Wignore -mpkg.mod -c x', 'pkg.mod', '-m pkg.mod'],
    ['python -uBm http.server 80', 'http.server', '-m http.server'],
    ['python -bbWerror script.py', 'script.py', 'script.py'],
    ['python -IsS -u ./a.py -m other', 'a.py', './a.py'],
    ['python3 --check-hash-based-pycs always app.py', 'app.py', 'app.py'],
    ['python -Q new old.py', 'old.py', 'old.py'],
    ['python -- -odd.py', '-odd.py', '-odd.py'],
    ['python -', 'python3.12', null],
    ['python', 'python3.12', null],
    ['python -i', 'python3.12', null],
    ['python -m', 'python3.12', null],
    ['python -W', 'python3.12', null],
    [['python', '-c', 'import time; time.sleep(1)', 'x.py'], 'python3.12 -c', null],
    [['python', '-cimport time'], 'python3.12 -c', null],
    [
      ['python', '-c', 'from multiprocessing.spawn import spawn_main; spawn_main(5)', '--multiprocessing-fork'],
      'multiprocessing.spawn',
      null,
    ],
    ['python /srv/app/__main__.py', 'app', '/srv/app/__main__.py'],
    ['python __main__.py', '__main__.py', '__main__.py'],
    ['python /srv/app', 'app', '/srv/app'],
    ['/opt/venv/bin/python3 /opt/venv/bin/gunicorn app:app', 'gunicorn', '/opt/venv/bin/gunicorn'],
    ['myname script.py', 'script.py', 'script.py'], // exec -a myname python script.py
    ['-python3', 'python3.12', null], // as a login shell starts it
    [['gunicorn: master [app]'], 'gunicorn: master [app]', null],
    ['uwsgi --ini app.ini', 'uwsgi', null, '/usr/sbin/uwsgi'],
    ['/opt/app/myapp --serve', 'myapp', null, '/opt/app/myapp'],
    [
      '/lib64/ld-linux-x86-64.so.2 --library-path /a:/b /opt/python3.14 -m mod',
      'mod',
      '-m mod',
      '/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
    ],
    ['/lib/ld-musl-x86_64.so.1 --argv0 x python3 run.py', 'run.py', 'run.py', '/lib/ld-musl-x86_64.so.1'],
    ['python -m debugpy --listen 127.0.0.1:5678 --wait-for-client /srv/app.py --debug', 'app.py', '/srv/app.py'],
    ['python -Xfrozen_modules=off -mdebugpy --listen 5678 --configure-subProcess False -m shop.web x', 'shop.web', '-m shop.web'],
    ['python /x/debugpy/launcher/../../debugpy --connect 127.0.0.1:4711 --adapter-access-token abc app.py', 'app.py', 'app.py'],
    [['python', '/x/debugpy/__main__.py', '--connect', '1', '-c', 'import x'], 'python3.12 -c', null],
    ['python /x/pydevd.py --port 4711 --multiprocess --client 127.0.0.1 --file /srv/worker.py a', 'worker.py', '/srv/worker.py'],
    ['python -m debugpy --listen', 'debugpy', '-m debugpy'],
    ['python /x/debugpy/adapter --port 1', 'adapter', '/x/debugpy/adapter'],
    ['python pydevd.py --file', 'pydevd.py', 'pydevd.py'],
    [[], 'python3.12', null],
    [[''], '', null],
    [['python', ''], 'python3.12', null],
  ];
  for (const [line, name, script, executable = python] of cases) {
    const commandLine = typeof line === 'string' ? line.split(' ') : line;
    it(`reads ${JSON.stringify(commandLine)}`, () => {
      assert.deepEqual(parseCommandLine(commandLine, executable), { name, script });
    });
  }

  it('goes by the command line where the executable is hidden', () => {
    assert.deepEqual(parseCommandLine(['python3', 'x.py'], null), { name: 'x.py', script: 'x.py' });
    assert.deepEqual(parseCommandLine(['daemon', 'x.py'], null), { name: 'daemon', script: null });
    assert.deepEqual(parseCommandLine([], null), { name: '', script: null });
  });

  it('takes any arguments', () => {
    const argument = fc.oneof(fc.string(), fc.constantFrom('-', '--', '-m', '-c', '-X', '-Wm', '--argv0', 'ld.so', '/lib/ld-linux.so.2'));
    fc.assert(
      fc.property(fc.array(argument), fc.option(fc.constant(python)), (commandLine, executable) => {
        const { name, script } = parseCommandLine(commandLine, executable);
        return typeof name === 'string' && script !== '';
      }),
    );
  });
});

describe('isPythonName', () => {
  it('knows the names Pythons go by', () => {
    for (const name of [
      'python',
      'python3',
      '/usr/bin/python3.12',
      'python3.13t',
      'python3.12-dbg',
      'python3.11d',
      'pythonw.exe',
      'Python',
    ])
      assert.ok(isPythonName(name), name);
    for (const name of ['pythonize', 'ipython', 'python-config', 'python3-config', '/usr/lib/python3/x', 'pypy3', ''])
      assert.ok(!isPythonName(name), name);
  });
});
