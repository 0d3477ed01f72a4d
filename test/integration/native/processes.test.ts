import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { listPythonProcesses, type PythonProcess } from '../../../native/processes.ts';
import { interpreters, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';

const targets = path.join(import.meta.dirname, '..', 'targets');
const script = path.join(targets, 'interpreter.py');
const newest = interpreters.at(-1)!;

async function find(pid: number): Promise<PythonProcess | undefined> {
  return (await listPythonProcesses()).find((process) => process.pid === pid);
}

describe('listPythonProcesses', () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-processes-'))));
  after(() => fs.rmSync(folder, { recursive: true }));

  it('lists every version with what there is to say', async () => {
    for (const interpreter of interpreters) {
      const before = Date.now();
      await using target = await startTarget(interpreter, script, { workingDirectory: folder });
      const process_ = await find(target.pid);
      assert.ok(process_, title(interpreter));
      const { startedAt, cpuPercent, ...facts } = process_;
      assert.deepEqual(facts, {
        pid: target.pid,
        parentPid: process.pid,
        name: 'interpreter.py',
        script,
        commandLine: [interpreter.path, script],
        executable: interpreter.path,
        workingDirectory: folder,
        version: interpreter.version,
        user: os.userInfo().username,
        isOwn: true,
      });
      // The kernel counts starts in 10 ms.
      assert.ok(startedAt > before - 50 && startedAt <= Date.now(), `${startedAt - before}`);
      assert.ok(cpuPercent >= 0);
    }
  });

  it('tells modules and options', async () => {
    const environment = { PYTHONPATH: targets };
    await using target = await startTarget(newest, 'interpreter', { interpreterOptions: ['-X', 'dev', '-Bm'], environment });
    const found = await find(target.pid);
    assert.deepEqual([found?.name, found?.script], ['interpreter', '-m interpreter']);
  });

  it('finds a Python by any name, with any title', async () => {
    await using plain = await startTarget(newest, script);
    const copy = path.join(folder, 'some app');
    fs.copyFileSync(newest.path, copy);
    const environment = { PYTHONHOME: (plain.ready as { readonly prefix: string }).prefix };
    await using target = await startTarget({ ...newest, path: copy }, script, { environment });
    const found = await find(target.pid);
    assert.deepEqual([found?.executable, found?.version, found?.name], [copy, newest.version, 'some app']);
  });

  it('leaves out what is not Python, and ourselves', async () => {
    const child = spawn('sleep', ['100']);
    await once(child, 'spawn');
    const pids = (await listPythonProcesses()).map((process) => process.pid);
    assert.ok(!pids.includes(child.pid!) && !pids.includes(process.pid));
    child.kill('SIGKILL');
  });

  it('sees an exec of the same process', async () => {
    const shell = spawn('sh', ['-c', 'read line; exec "$0" -c "print(1, flush=True); input()"', newest.path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(shell, 'spawn');
    assert.equal(await find(shell.pid!), undefined);
    shell.stdin.write('go\n');
    await once(shell.stdout, 'data');
    assert.equal((await find(shell.pid!))?.version, newest.version);
    shell.kill('SIGKILL');
    await once(shell, 'exit');
    assert.equal(await find(shell.pid!), undefined);
  });

  it('tells the busy from the idle', async () => {
    await using idle = await startTarget(newest, script);
    const busy = spawn(newest.path, ['-c', 'print(1, flush=True)\nwhile True: pass'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(busy.stdout, 'data');
    const list = await listPythonProcesses();
    const percent = (pid: number): number => list.find((process) => process.pid === pid)!.cpuPercent;
    assert.ok(percent(busy.pid!) > percent(idle.pid));
    assert.ok(percent(busy.pid!) <= 110, `one thread, ${percent(busy.pid!)} %`);
    busy.kill('SIGKILL');
  });

  it('survives processes that end while it looks', async () => {
    for (let round = 0; round < 5; round++) {
      const children = Array.from({ length: 10 }, () => spawn(newest.path, ['-c', 'pass'], { stdio: 'ignore' }));
      const ended = children.map((child) => once(child, 'exit'));
      await listPythonProcesses();
      await Promise.all(ended);
    }
  });

  it('says whose a process is', async function () {
    if (process.getuid?.() !== 0 || !fs.existsSync('/usr/bin/python3')) this.skip();
    const nobody = 65534;
    const child = spawn('/usr/bin/python3', ['-c', 'print(1, flush=True); input()'], {
      uid: nobody,
      gid: nobody,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const asRoot = await find(child.pid!);
    assert.deepEqual(
      [asRoot?.user, asRoot?.isOwn, asRoot?.name],
      ['nobody', false, `${path.basename(fs.realpathSync('/usr/bin/python3'))} -c`],
    );
    child.kill('SIGKILL');
  });
});
