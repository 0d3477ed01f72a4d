import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { parseFirefox } from '../../profile/formats/firefox.ts';
import type { SpeedscopeFile } from '../../profile/formats/speedscope.ts';
import { since } from '../support/interpreters.ts';
import { startTarget, type Target } from '../support/target.ts';

const cli = path.resolve(import.meta.dirname, '../../cli/main.ts');
const python = since(3, 12)[0];
const script = ['import json', 'def busy():', '    while True: sum(range(100))', 'print(json.dumps(True), flush=True)', 'busy()'].join(
  '\n',
);

/** The command line as others see it: by its files, what it says, and how it ends. */
describe('heatline record', function () {
  this.timeout(120_000);
  let folder: string;
  let target: Target;
  before(async function () {
    if (process.platform !== 'linux' || process.arch !== 'x64' || python === undefined) return this.skip();
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-record-target-')), 'busy.py');
    fs.writeFileSync(file, script);
    target = await startTarget(python, file);
    fs.rmSync(path.dirname(file), { recursive: true });
  });
  after(() => (target as Target | undefined)?.kill());
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-record-test-'));
    fs.mkdirSync(inside('kept'));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  function inside(name: string): string {
    return path.join(folder, name);
  }

  /** What can't be written where it was to go goes to the folder `kept`. */
  const environment = (): NodeJS.ProcessEnv => ({ ...process.env, TMPDIR: inside('kept'), HOME: inside('kept') });

  function start(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return spawn(process.execPath, [cli, 'record', '-p', String(target.pid), ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(),
      ...options,
    });
  }

  /** Runs what a shell makes of a line in which "$@" is heatline record. */
  function shell(line: string, ...args: string[]): ChildProcess {
    const command = [process.execPath, cli, 'record', '-p', String(target.pid), ...args];
    return spawn('bash', ['-c', line, 'bash', ...command], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  }

  async function begun(child: ChildProcess): Promise<void> {
    let seen = '';
    for await (const piece of child.stderr!.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      seen += piece.toString();
      if (seen.includes('Press Ctrl-C')) return;
    }
    throw new Error(`it ended: ${seen}`);
  }

  async function finish(child: ChildProcess): Promise<{ readonly end: number | string; readonly stdout: string; readonly stderr: string }> {
    const texts = [text(child.stdout), text(child.stderr)] as const;
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { end: signal ?? code!, stdout: await texts[0], stderr: await texts[1] };
  }

  /** Names of the functions in a saved profile. */
  function functionsIn(file: string): string[] {
    return parseFirefox(gunzipSync(fs.readFileSync(file)).toString()).functions.map(({ name }) => name);
  }

  /** `sampled`: unless it was ended as soon as it began. */
  function assertSaved({ sampled = true } = {}): void {
    const name = 'out.heatline.json.gz';
    const functions = functionsIn(inside(name));
    assert.ok(functions.includes('busy') || !sampled);
    assert.deepEqual(fs.readdirSync(folder).sort(), ['kept', name].sort(), 'nothing else is left');
  }

  describe('writes files that are', () => {
    it('folded stacks', async () => {
      assert.equal((await finish(start(['-d', '0.5', '-f', 'raw', '-o', 'out.txt']))).end, 0);
      const written = fs.readFileSync(inside('out.txt'), 'utf8');
      assert.match(written, /^([^\n]+ \(.+:\d+\)(;.+ \(.+:\d+\))* \d+\n)+$/);
      assert.match(written, /;busy \(.*busy\.py:3\) \d+\n/);
    });

    it('speedscope’s', async () => {
      assert.equal((await finish(start(['-d', '0.5', '-f', 'speedscope', '-o', 'out.json']))).end, 0);
      const { shared, profiles } = JSON.parse(fs.readFileSync(inside('out.json'), 'utf8')) as SpeedscopeFile;
      assert.ok(shared.frames.some(({ name }) => name === 'busy'));
      assert.ok(profiles[0]!.samples.length > 0);
    });

    it('Heatline’s', async () => {
      const { end, stdout, stderr } = await finish(start(['-d', '0.5', '-o', 'out.heatline.json.gz']));
      assert.deepEqual([end, stdout], [0, '']);
      assert.match(stderr, /\(done\) → out\.heatline\.json\.gz\n$/);
      assertSaved();
    });

    it('the same on standard output', async () => {
      const { end, stdout } = await finish(start(['-d', '0.5', '-f', 'raw', '-o', '-']));
      assert.equal(end, 0);
      assert.match(stdout, /^([^\n]+ \d+\n)+$/);
    });
  });

  describe('loses nothing', () => {
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGUSR1', 'SIGXCPU'] as const) {
      it(`when it is ended by ${signal}`, async () => {
        const child = start(['-o', 'out.heatline.json.gz']);
        await begun(child);
        child.kill(signal);
        const { end, stderr } = await finish(child);
        assert.equal(end, 0);
        assert.match(stderr, /\(stopped\) → out\.heatline\.json\.gz\n$/);
        assertSaved({ sampled: false });
      });
    }

    it('when a signal comes to it and to its group', async () => {
      const child = start(['-o', 'out.heatline.json.gz']);
      await begun(child);
      for (const signal of ['SIGTERM', 'SIGTERM', 'SIGHUP', 'SIGTERM'] as const) child.kill(signal);
      assert.equal((await finish(child)).end, 0);
      assertSaved({ sampled: false });
    });

    it('when a signal comes as sampling ends', async () => {
      const child = start(['-d', '0.3', '-o', 'out.heatline.json.gz']);
      await begun(child);
      // Whenever that is: it is sent all the time.
      const timer = setInterval(() => child.kill('SIGHUP'), 1);
      const { end } = await finish(child).finally(() => clearInterval(timer));
      assert.ok(end === 0 || end === 'SIGHUP', String(end)); // the latter once the file was complete
      assertSaved({ sampled: false });
    });

    it('when nobody reads what it says', async () => {
      const { end } = await finish(shell('set -o pipefail; "$@" 2>&1 | true', '-d', '0.3', '-o', 'out.heatline.json.gz'));
      assert.equal(end, 0);
      assertSaved();
      fs.rmSync(inside('out.heatline.json.gz'));
      assert.equal((await finish(shell('exec "$@" >&- 2>&-', '-d', '0.3', '-o', 'out.heatline.json.gz'))).end, 0);
      assertSaved();
    });

    it('when its terminal is closed', async function () {
      if (!fs.existsSync('/usr/bin/script')) return this.skip();
      const command = [process.execPath, cli, 'record', '-p', String(target.pid), '-o', 'out.heatline.json.gz']
        .map((word) => `'${word}'`)
        .join(' ');
      // A shell that leads the session, as in an editor or by SSH.
      const terminal = spawn('/usr/bin/script', ['-qec', `${command}; true`, '/dev/null'], {
        cwd: folder,
        stdio: 'pipe',
        env: { ...environment(), SHELL: '/bin/bash' },
      });
      let seen = '';
      for await (const piece of terminal.stdout as AsyncIterable<Buffer>) {
        seen += piece.toString();
        if (seen.includes('Press Ctrl-C')) break;
      }
      const watcher = fs.watch(folder);
      const written = new Promise<void>((resolve) =>
        watcher.on('change', () => fs.existsSync(inside('out.heatline.json.gz')) && resolve()),
      );
      terminal.kill('SIGKILL');
      await written;
      watcher.close();
      assertSaved({ sampled: false });
    });

    it('and waits for nobody when it is told twice', async () => {
      execFileSync('mkfifo', [inside('full')]);
      const { O_RDWR, O_NONBLOCK } = fs.constants;
      const filler = fs.openSync(inside('full'), O_RDWR | O_NONBLOCK);
      assert.throws(
        () => {
          for (;;) fs.writeSync(filler, Buffer.alloc(4096));
        },
        { code: 'EAGAIN' },
      );
      const output = fs.openSync(inside('full'), 'r+');
      const child = start(['-f', 'speedscope', '-o', '-'], { stdio: ['ignore', output, 'pipe'] });
      await begun(child);
      // As someone does who loses patience.
      const timer = setInterval(() => child.kill('SIGINT'), 10);
      try {
        const { end, stderr } = await finish(child);
        assert.equal(end, 'SIGINT');
        assert.match(stderr, /heatline: ended by a second signal \(SIGINT\): the profile is not written\.\n$/);
      } finally {
        clearInterval(timer);
        child.kill('SIGKILL');
        for (const fd of [filler, output]) fs.closeSync(fd);
      }
    });
  });

  describe('replaces a file', () => {
    const old = 'what was there';
    it('as a whole, with its rights, and where a link leads', async () => {
      fs.mkdirSync(inside('real'));
      fs.writeFileSync(inside('real/file'), old, { mode: 0o640 });
      fs.symlinkSync('real/file', inside('link'));
      fs.linkSync(inside('real/file'), inside('kept/same'));
      assert.equal((await finish(start(['-d', '0.3', '-o', 'link']))).end, 0);
      assert.equal(fs.readlinkSync(inside('link')), 'real/file');
      assert.ok(functionsIn(inside('real/file')).includes('busy'));
      assert.equal(fs.statSync(inside('real/file')).mode & 0o777, 0o640);
      assert.equal(fs.readFileSync(inside('kept/same'), 'utf8'), old);
      assert.deepEqual(fs.readdirSync(inside('real')), ['file']);
    });

    it('or not at all', async () => {
      fs.writeFileSync(inside('out'), old);
      const { end, stderr } = await finish(shell('ulimit -f 0; exec "$@"', '-d', '1', '-r', '20000', '-f', 'speedscope', '-o', 'out'));
      assert.equal(end, 1);
      assert.match(stderr, /heatline: can't write out: file too large\. It could be kept nowhere else either, and is lost\.\n$/);
      assert.equal(fs.readFileSync(inside('out'), 'utf8'), old);
      assert.deepEqual([fs.readdirSync(folder).sort(), fs.readdirSync(inside('kept'))], [['kept', 'out'], []]);
    });
  });

  describe('says before it begins that it can’t write', () => {
    async function refused(name: string, why: RegExp): Promise<void> {
      const { end, stderr } = await finish(start(['-d', '0.3', '-o', name]));
      assert.equal(end, 1, stderr);
      assert.match(stderr, /^heatline: can't write [^\n]*\n$/);
      assert.match(stderr, why);
    }
    it('to a pipe, a device, a folder, nothing', async () => {
      execFileSync('mkfifo', [inside('pipe')]);
      fs.symlinkSync('nowhere', inside('link'));
      await refused('pipe', /is a pipe, not a file\. With -o - the profile goes to standard output/);
      await refused('/dev/null', /is a device/);
      await refused('kept', /is a folder/);
      await refused('new/', /is a folder/);
      await refused('link', /is a link to something that is not there/);
      await refused('nowhere/out', /there is no folder .*nowhere\. Make it/);
      await refused('pipe/out', /is no folder/);
      await refused('/proc/out', /can't write/);
      assert.deepEqual(fs.readdirSync(folder).sort(), ['kept', 'link', 'pipe']);
    });
  });

  describe('keeps a profile elsewhere', () => {
    function kept(stderr: string): string {
      const match = /heatline: can't write [^\n]+ The profile is in (\S+)\.\n$/.exec(stderr);
      assert.ok(match, stderr);
      assert.equal(path.dirname(match[1]!), inside('kept'));
      return match[1]!;
    }
    it('when its folder has gone, or has become something else', async () => {
      fs.mkdirSync(inside('gone'));
      const child = start(['-o', 'gone/out']);
      await begun(child);
      fs.rmdirSync(inside('gone'));
      child.kill('SIGINT');
      const { end, stderr } = await finish(child);
      assert.equal(end, 1);
      functionsIn(kept(stderr)); // throws for what is none
      const other = start(['-o', 'pipe']);
      await begun(other);
      execFileSync('mkfifo', [inside('pipe')]);
      other.kill('SIGINT');
      functionsIn(kept((await finish(other)).stderr));
      assert.ok(fs.statSync(inside('pipe')).isFIFO());
    });

    it('when nobody reads standard output', async () => {
      const { end, stderr } = await finish(shell('set -o pipefail; "$@" | true', '-d', '0.3', '-o', '-'));
      assert.equal(end, 1);
      assert.ok(functionsIn(kept(stderr)).includes('busy'));
    });
  });

  it('works where the working directory was deleted', async () => {
    const inNothing = 'mkdir gone; cd gone; rmdir ../gone; exec "$@"';
    assert.equal((await finish(shell(inNothing, '-d', '0.3', '-o', inside('out.heatline.json.gz')))).end, 0);
    assertSaved();
    const { end, stderr } = await finish(shell(inNothing, '-d', '0.3', '-o', 'out'));
    assert.equal(end, 1);
    assert.match(stderr, /heatline: can't write out: the working directory has been deleted\. Give -o an absolute path\.\n$/);
  });
});

describe('heatline', () => {
  it('does not break down when nobody reads its help', async () => {
    const child = spawn('bash', ['-c', 'set -o pipefail; "$@" | true', 'bash', process.execPath, cli, '--help'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said = text(child.stderr);
    await once(child, 'close');
    assert.equal(await said, '');
  });
});

async function text(stream: Readable | null): Promise<string> {
  let all = '';
  if (stream !== null) for await (const piece of stream as AsyncIterable<Buffer>) all += piece.toString();
  return all;
}
