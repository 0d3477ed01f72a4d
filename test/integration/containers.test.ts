import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openSystem } from '../../native/os/index.ts';
import type { System } from '../../native/os/system.ts';
import { SampleFlag } from '../../profile/delta.ts';
import type { Profile } from '../../profile/profile.ts';
import { type Interpreter, interpreters, since, title } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';
import { sample } from './sample.ts';

const script = path.join(import.meta.dirname, 'targets', 'container.py');

interface Ready {
  /** As the target sees it. */
  readonly pid: number;
  readonly prefix: string;
}

/**
 * Ids in data-stack versions come from the thread state, to 3.10 from the C library: two of each; and a Python in a library and
 * one that is its own.
 */
const chosen = [
  ...new Set([
    interpreters.find(({ major }) => major === 3),
    since(3, 11)[0],
    interpreters.find(({ major, minor }) => major === 3 && minor === 13),
    interpreters.at(-1),
  ]),
].filter((one) => one !== undefined);

const namespaces: readonly { readonly name: string; readonly wrapper: readonly string[]; readonly ownIds: boolean }[] = [
  { name: 'a pid namespace', wrapper: ['unshare', '--pid', '--fork', '--mount-proc'], ownIds: true },
  { name: 'a user namespace', wrapper: ['unshare', '--user', '--map-root-user'], ownIds: false },
  {
    name: 'a pid namespace inside another one',
    wrapper: ['unshare', '--pid', '--fork', '--mount-proc', 'unshare', '--pid', '--fork', '--mount-proc'],
    ownIds: true,
  },
  {
    name: 'namespaces of its own for mounts, pids, users, names and communication',
    wrapper: ['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', '--mount-proc', '--uts', '--ipc'],
    ownIds: true,
  },
];

describe('A process in a container', function () {
  this.timeout(60_000);
  let system: System;
  let folder: string;
  before(async function () {
    // Containers are Linux's, and root's to make.
    if (process.platform !== 'linux' || process.getuid?.() !== 0 || !fs.existsSync('/usr/bin/unshare')) this.skip();
    system = await openSystem();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-containers-'));
    fs.chmodSync(folder, 0o755);
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** The pid, as we see it, of the Python that was started by a command which may be its parent. */
  function pidOf(pid: number): number {
    const [child] = system.childIds(pid);
    return child === undefined ? pid : pidOf(child);
  }

  /** The file of the library that the interpreter of a process is in; null when it is in its executable. */
  function libraryOf(pid: number): string | null {
    return system.mappedFiles(pid).find(({ path: file }) => path.basename(file).startsWith('libpython'))?.path ?? null;
  }

  for (const interpreter of chosen) {
    describe(title(interpreter), () => {
      for (const { name, wrapper, ownIds } of namespaces) {
        it(`is sampled in ${name}`, async () => {
          await using target = await startTarget(interpreter, script, { wrapper });
          const pid = pidOf(target.pid);
          assert.equal((target.ready as unknown as Ready).pid === pid, !ownIds);
          check((await sample({ pid, rate: 500 }, 300)).profile, pid, interpreter, script);
        });
      }

      it('is found from outside when it starts in one', async () => {
        const shell = spawn('sh', ['-c', 'read go; unshare --pid --fork --mount-proc "$0" "$1"; :', interpreter.path, script], {
          stdio: ['pipe', 'ignore', 'inherit'],
          detached: true,
          env: { ...process.env, ...interpreter.environment },
        });
        try {
          const recording = sample({ pid: shell.pid!, rate: 500, subprocesses: true, launched: true }, 300);
          shell.stdin.write('\n');
          const { profile } = await recording;
          check(profile, pidOf(shell.pid!), interpreter, script, true);
        } finally {
          process.kill(-shell.pid!, 'SIGKILL');
        }
      });

      it('is sampled where nobody else has its interpreter (chroot)', async () => {
        await using plain = await startTarget(interpreter, script);
        const { prefix } = plain.ready as unknown as Ready;
        const library = libraryOf(plain.pid);
        const root = path.join(folder, `root of ${interpreter.version}`);
        fs.mkdirSync(root);
        const enter =
          'mount -t tmpfs none "$0"; cd "$0"; mkdir py proc; for one in usr lib lib64; do mkdir $one; mount --rbind /$one $one; done; mkdir -p "./$1"; mount --rbind "$1" "./$1"; ' +
          'if [ -n "$2" ]; then cp "$2" py; fi; cp "$3" py/python; cp "$4" program.py; exec chroot . /py/python /program.py';
        const environment = { PYTHONHOME: prefix, LD_LIBRARY_PATH: '/py' };
        await using target = await startTarget(interpreter, script, {
          wrapper: ['unshare', '--mount', 'sh', '-ec', enter, root, prefix, library ?? ''],
          environment,
        });
        assert.deepEqual(fs.readdirSync(root), [], 'what is mounted there nobody else sees');
        check((await sample({ pid: target.pid, rate: 500 }, 300)).profile, target.pid, interpreter, '/program.py');
        assert.deepEqual(fs.readFileSync(`/proc/${target.pid}/root/program.py`), fs.readFileSync(script));
      });

      it('is sampled after its files were replaced by another version’s', async () => {
        const other = chosen.find((one) => one.version !== interpreter.version)!;
        await using plain = await startTarget(interpreter, script);
        const { prefix } = plain.ready as unknown as Ready;
        const library = libraryOf(plain.pid);
        const place = path.join(folder, `place of ${interpreter.version}`);
        fs.mkdirSync(place);
        const put = (from: string, name: string): void => {
          fs.copyFileSync(from, path.join(place, 'new'));
          fs.renameSync(path.join(place, 'new'), path.join(place, name));
        };
        put(interpreter.path, 'python');
        if (library !== null) put(library, path.basename(library));
        await using target = await startTarget({ ...interpreter, path: path.join(place, 'python') }, script, {
          environment: { PYTHONHOME: prefix, LD_LIBRARY_PATH: place },
        });
        put(other.path, 'python');
        if (library !== null) put(other.path, path.basename(library));
        check((await sample({ pid: target.pid, rate: 500 }, 300)).profile, target.pid, interpreter, script);
      });
    });
  }

  /** @param fromStart it was sampled while its threads began to wait, which may be seen */
  function check(profile: Profile, pid: number, interpreter: Interpreter, file: string, fromStart = false): void {
    const process_ = profile.processes.findIndex((one) => one.pid === pid);
    assert.notEqual(process_, -1, `${pid} is not among ${profile.processes.map((one) => one.pid).join()}`);
    assert.equal(profile.processes[process_]!.pythonVersion, `${interpreter.version}${interpreter.freeThreaded ? 't' : ''}`);
    const threads = profile.threads.flatMap((thread, id) => (thread.process === process_ ? [{ ...thread, id }] : []));
    assert.deepEqual(threads.map(({ osThreadId }) => osThreadId).sort(), fs.readdirSync(`/proc/${pid}/task`).map(Number).sort());
    for (const { id, name } of threads) {
      const seen = { running: 0, waiting: 0, functions: new Set<string>() };
      const { runs } = profile;
      for (let run = 0; run < runs.length; run++) {
        if (runs.threads[run] !== id) continue;
        seen[(runs.flags[run]! & (SampleFlag.OnCpu | SampleFlag.Ready)) !== 0 ? 'running' : 'waiting'] += runs.counts[run]!;
        for (let at = runs.stacks[run]!; at !== 0; at = profile.stackParent(at)) {
          const { name: one, file: from } = profile.functions[profile.frameFunction(profile.stackFrame(at))]!;
          if (from === file) seen.functions.add(one);
        }
      }
      const said = `${name}: ${seen.running} running, ${seen.waiting} waiting, ${[...seen.functions].join()}`;
      if (name === 'MainThread') assert.ok(seen.running > 0 && seen.functions.has('work'), said);
      else assert.ok((seen.running === 0 || fromStart) && seen.waiting > 0 && seen.functions.has(name), said);
    }
    assert.deepEqual(threads.map(({ name }) => name).sort(), ['MainThread', 'until_told', 'wait']);
  }
});
