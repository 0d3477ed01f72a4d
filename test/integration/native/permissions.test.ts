import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { locateInterpreter } from '../../../native/cpython/locate.ts';
import { openSystem } from '../../../native/os/index.ts';
import { type Interpreter, since } from '../../support/interpreters.ts';

const nobody = 65534;
const helper = path.join(import.meta.dirname, 'lookAs.ts');
const notDumpable = 'import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)'; // PR_SET_DUMPABLE

/** A Python that everybody may start, a copy if need be. */
const common: Interpreter | undefined = since(3, 11).find((one) => one.path.startsWith('/usr/'));

describe('as another user', function () {
  const children: ChildProcess[] = [];
  let folder: string;
  before(function () {
    // Needs root to become someone else, and that user must be able to read this tree.
    if (process.getuid?.() !== 0 || common === undefined || !isReadableByAll(helper) || !isReadableByAll(process.execPath)) this.skip();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-permissions-'));
    fs.chmodSync(folder, 0o755);
  });
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function start(user: number, prelude: string, executable = common!.path): Promise<number> {
    const code = `${prelude}\nprint(1, flush=True)\ninput()`;
    const child = spawn(executable, ['-c', code], { uid: user, gid: user, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child.pid!;
  }

  function lookAsNobody(...pids: number[]): { seen: unknown[]; listed: { pid: number; version: string | null; isOwn: boolean }[] } {
    const output = execFileSync(process.execPath, [helper, ...pids.map(String)], { uid: nobody, gid: nobody, cwd: '/', encoding: 'utf8' });
    return JSON.parse(output) as ReturnType<typeof lookAsNobody>;
  }

  it('sees what it may, and says why not the rest', async () => {
    const own = await start(nobody, '');
    const notReadable = await start(nobody, notDumpable);
    const others = await start(0, '');
    const scope = fs.existsSync('/proc/sys/kernel/yama/ptrace_scope')
      ? Number(fs.readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'latin1'))
      : 0;
    const yama = ['unknown', 'ptrace-scope', 'ptrace-scope-root', 'ptrace-scope-nobody'][scope];
    const { seen, listed } = lookAsNobody(own, notReadable, others);
    assert.deepEqual(seen, [
      scope === 0 ? { version: common!.version } : { code: 'permission-denied', pid: own, owner: 'nobody', reason: yama },
      { code: 'permission-denied', pid: notReadable, owner: 'nobody', reason: scope >= 3 ? yama : 'not-dumpable' },
      { code: 'permission-denied', pid: others, owner: 'root', reason: scope >= 3 ? yama : 'other-user' },
    ]);
    const found = (pid: number): unknown[] => listed.filter((process) => process.pid === pid).map(({ isOwn }) => isOwn);
    assert.deepEqual([found(own), found(notReadable), found(others)], [[true], [true], [false]]);
    assert.equal(listed.find((process) => process.pid === own)?.version, common!.version);
  });

  it('says when the system hides other users’ processes', async function () {
    if (!fs.existsSync('/usr/bin/unshare') || !fs.existsSync('/usr/bin/setpriv')) this.skip();
    const others = await start(0, '');
    const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', process.execPath, helper, String(others)];
    const output = execFileSync('unshare', ['-m', 'sh', '-c', 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', 'sh', ...asNobody], {
      encoding: 'utf8',
    });
    const { seen } = JSON.parse(output) as { readonly seen: unknown };
    assert.deepEqual(seen, [{ code: 'permission-denied', pid: others, owner: null, reason: 'hidden' }]);
  });

  it('finds a deleted interpreter that root alone could open', async function () {
    if (fs.existsSync('/proc/sys/kernel/yama/ptrace_scope')) this.skip();
    const copy = path.join(folder, 'app');
    fs.copyFileSync(common!.path, copy);
    const pid = await start(nobody, '', copy);
    fs.rmSync(copy);
    const { seen, listed } = lookAsNobody(pid);
    assert.deepEqual(seen, [{ version: common!.version }]);
    assert.equal(listed.find((process) => process.pid === pid)?.version, common!.version);
    const system = await openSystem();
    assert.equal(locateInterpreter(system, system.openMemory(pid), pid).binary, copy);
  });
});

function isReadableByAll(file: string): boolean {
  for (let at = file; at !== '/'; at = path.dirname(at)) {
    const wanted = at === file ? 0o004 : 0o005;
    if ((fs.statSync(at).mode & wanted) !== wanted) return false;
  }
  return true;
}
