import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/command.ts';
import { since, title } from '../support/interpreters.ts';
import { startTarget, type Target } from '../support/target.ts';

const cli = path.join(root, 'dist/cli.js');
const program = [
  'import json, os',
  'parent = os.getppid()',
  'def one(): return sum(range(300))',
  'def two(): return sum(range(300))',
  'print(json.dumps(True), flush=True)',
  'while os.getppid() == parent: one(); two()',
].join('\n');

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const [interpreter] = since(3, 11);

(interpreter === undefined ? describe.skip : describe)(
  `a recording of ${interpreter === undefined ? 'Python' : title(interpreter)}`,
  function () {
    this.timeout(60_000);
    let folder: string;
    let target: Target;
    const inside = (name: string): string => path.join(folder, name);
    const kept = (): string[] => {
      const place = inside('state/heatline/recordings');
      return fs.existsSync(place) ? fs.readdirSync(place) : [];
    };
    const environment = (): NodeJS.ProcessEnv => ({ ...process.env, NO_COLOR: '1', XDG_STATE_HOME: inside('state') });

    function heatline(args: readonly string[], wrapper: readonly string[] = [], more: NodeJS.ProcessEnv = {}): Outcome {
      const [file, ...others] = [...wrapper, process.execPath, cli, ...args];
      const { status, stdout, stderr } = spawnSync(file!, others, { cwd: folder, env: { ...environment(), ...more }, encoding: 'utf8' });
      return { code: status, stdout, stderr };
    }

    before(async function () {
      if (process.platform !== 'linux' || process.arch !== 'x64' || !fs.existsSync(cli)) return this.skip();
      folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-kept-')));
      fs.writeFileSync(inside('app.py'), program);
      target = await startTarget(interpreter!, inside('app.py'), { workingDirectory: folder });
    });
    after(async () => {
      await (target as Target | undefined)?.kill();
      if ((folder as string | undefined) !== undefined) fs.rmSync(folder, { recursive: true, force: true });
    });
    afterEach(() => {
      if ((folder as string | undefined) !== undefined) fs.rmSync(inside('state'), { recursive: true, force: true });
    });

    /** Starts a recording, and waits until something of it is on the disk. */
    async function begun(...args: string[]): Promise<ChildProcess> {
      const child = spawn(process.execPath, [cli, ...args], { cwd: folder, env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
      const place = inside('state/heatline/recordings');
      fs.mkdirSync(place, { recursive: true, mode: 0o700 });
      fs.chmodSync(inside('state/heatline'), 0o700);
      const seen = (): boolean => kept().some((name) => (fs.statSync(path.join(place, name), { throwIfNoEntry: false })?.size ?? 0) > 2000);
      const watcher = fs.watch(place);
      while (!seen()) await once(watcher, 'change');
      watcher.close();
      return child;
    }

    it('that is killed is told of by the next command, and its profile can be made', async () => {
      const child = await begun('record', '-p', String(target.pid), '-o', 'app.svg');
      // Meanwhile it is nobody else's.
      assert.deepEqual(heatline(['list']).stderr, '');
      assert.equal(heatline(['recover']).stdout, 'Nothing was left.\n');
      child.kill('SIGKILL');
      await once(child, 'exit');
      // Completions ask for this, and show nothing of what is said.
      assert.equal(heatline(['list', '--pids']).stderr, '');
      const { stderr } = heatline(['list']);
      const [, file] =
        /^heatline: the recording of app\.py \(process \d+\) broke off at .* What it had is in (\S+)\nheatline recover -o FILE makes/.exec(
          stderr,
        ) ?? [];
      assert.ok(file !== undefined, stderr);
      assert.equal(fs.statSync(file).mode & 0o777, 0o600);
      assert.equal(heatline(['list']).stderr, '', 'it is said once');
      assert.match(
        heatline(['recover']).stdout,
        new RegExp(`^app\\.py \\(process ${target.pid}\\): .*was to go to ${inside('app.svg')}\\n  ${file}\\n$`),
      );
      const stacks = heatline(['convert', file, '-', '-f', 'raw']).stdout;
      for (const name of ['one', 'two']) assert.match(stacks, new RegExp(`;${name} \\(`));
      assert.match(heatline(['report', file]).stdout, new RegExp(`process ${target.pid}`));
      const { code, stderr: said } = heatline(['recover', '-o', 'app.txt', '-F']);
      assert.deepEqual([code, said.endsWith('→ app.txt\n')], [0, true], said);
      assert.match(fs.readFileSync(inside('app.txt'), 'utf8'), /^<module> \(app\.py:\d+\);one \(app\.py:3\) \d+$/m);
      assert.deepEqual(kept(), []);
    });

    it('leaves nothing when its profile is written, and nothing when it was short', async () => {
      const child = await begun('record', '-p', String(target.pid), '-o', 'whole.txt', '-q');
      child.kill('SIGINT');
      assert.deepEqual(await once(child, 'exit'), [0, null]);
      assert.deepEqual(kept(), []);
      fs.rmSync(inside('state'), { recursive: true });
      assert.equal(heatline(['record', '-p', String(target.pid), '-d', '0.5', '-o', 'short.txt']).code, 0);
      assert.equal(fs.existsSync(inside('state')), false);
    });

    it('of a program that is started is kept, too', async () => {
      const child = await begun('run', '-q', '-o', 'run.svg', '--', interpreter!.path, 'app.py');
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.equal(heatline(['recover', '--discard']).stderr, 'One recording was removed.\n');
      assert.match(heatline(['recover', '-o', 'x.svg']).stderr, /nothing was left/);
    });

    describe('that finds no room', () => {
      const args = (output: string, format = 'raw'): string[] => [
        'record',
        '-p',
        String(target.pid),
        '-d',
        '1',
        '-q',
        '-f',
        format,
        '-o',
        output,
      ];

      it('on standard output says so, and keeps the profile elsewhere', function () {
        if (!fs.existsSync('/dev/full')) return this.skip();
        const command = `exec "$@" > /dev/full`;
        fs.mkdirSync(inside('tmp'));
        const { code, stderr } = heatline(args('-'), ['sh', '-c', command, 'sh'], { TMPDIR: inside('tmp') });
        const [, file] =
          /^heatline: can't write standard output: no space left on device\. The profile is in (\S+)\.\n$/.exec(stderr) ?? [];
        assert.deepEqual([code, file !== undefined], [1, true], stderr);
        assert.ok(file!.startsWith(inside('tmp')));
        assert.match(fs.readFileSync(file!, 'utf8'), /one \(app\.py/);
        assert.equal(fs.statSync(file!).mode & 0o777, 0o600);
      });

      it('for so long a file keeps what can be kept of it, packed, and says so where nothing can', function () {
        if (spawnSync('prlimit', ['--version']).status !== 0) return this.skip();
        const limited = (bytes: number): Outcome =>
          heatline(args('long.svg', 'flamegraph'), ['prlimit', `--fsize=${bytes}`, '--'], { TMPDIR: inside('tmp') });
        fs.mkdirSync(inside('tmp'), { recursive: true });
        const packed = limited(5000);
        const [, file] =
          /^heatline: can't write long\.svg: file too large\. The profile is in (\S+\.heatline\.json\.gz)\.\n$/.exec(packed.stderr) ?? [];
        assert.deepEqual([packed.code, file !== undefined], [1, true], packed.stderr);
        assert.equal(heatline(['convert', file!, 'x.svg']).code, 0);
        const nothing = limited(10);
        assert.deepEqual(
          [nothing.code, nothing.stderr],
          [1, "heatline: can't write long.svg: file too large. It could be kept nowhere else either, and is lost.\n"],
        );
        assert.deepEqual([fs.existsSync(inside('long.svg')), kept()], [false, []]);
      });
    });
  },
);
