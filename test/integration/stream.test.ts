import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { StreamReader } from '../../cli/stream/testing/streamReader.ts';
import { root } from '../../scripts/command.ts';
import { since, title } from '../support/interpreters.ts';

const cli = path.join(root, 'dist/cli.js');
/** Goes on until it is told to end, by its input. */
const program = [
  'import sys, threading',
  'def work():',
  '    while not over: sum(range(200))',
  'over = False',
  "thread = threading.Thread(target=work, name='worker')",
  'thread.start()',
  "print('ready', flush=True)",
  'sys.stdin.read()',
  'over = True',
  'thread.join()',
  'raise SystemExit(3)',
].join('\n');

const [interpreter] = since(3, 12);

(interpreter === undefined ? describe.skip : describe)(
  `--stream with ${interpreter === undefined ? 'Python' : title(interpreter)}`,
  function () {
    this.timeout(60_000);
    let folder: string;
    before(function () {
      if (process.platform !== 'linux' || process.arch !== 'x64' || !fs.existsSync(cli)) return this.skip();
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-stream-'));
      fs.writeFileSync(path.join(folder, 'app.py'), program);
    });
    after(() => {
      if ((folder as string | undefined) !== undefined) fs.rmSync(folder, { recursive: true, force: true });
    });

    const run = (...options: string[]) =>
      spawn(process.execPath, [cli, 'run', '-q', '--stream', ...options, '--', interpreter!.path, 'app.py'], {
        cwd: folder,
        env: { ...process.env, NO_COLOR: '1' },
        stdio: 'pipe',
      });

    it('tells all while it goes on, as it is documented', async () => {
      const child = run('-o', 'out.txt');
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
      const exit = once(child, 'exit');
      const reader = new StreamReader();
      for await (const line of createInterface(child.stdout)) {
        reader.read(line);
        // It has not ended when that is heard of.
        if ([...reader.times.keys()].some((key) => /^worker\|.*work\|running$/.test(key))) child.stdin.end();
      }
      assert.deepEqual(await exit, [3, null]);
      assert.equal(said, 'ready\n');
      assert.equal(reader.events[0], 'started');
      assert.deepEqual(reader.ended, {
        event: 'ended',
        reason: 'exited',
        problem: null,
        profile: 'out.txt',
        exit: { code: 3, signal: null },
      });
      assert.deepEqual(reader.threads.map(({ name }) => name).sort(), ['MainThread', 'worker']);
      assert.equal(reader.processes.length, 1);
      assert.equal(reader.samples, reader.quality.samples);
      assert.ok(reader.share('work') > 0);
      assert.match(fs.readFileSync(path.join(folder, 'out.txt'), 'utf8'), /work \(app\.py/);
    });

    it('tells the end of a program’s threads, whoever hears of it first', async () => {
      for (let round = 0; round < 6; round++) {
        const child = spawn(process.execPath, [cli, 'run', '-q', '--stream', '--', interpreter!.path, '-c', 'sum(range(9_000_000))'], {
          cwd: folder,
          stdio: 'pipe',
        });
        const events: string[] = [];
        for await (const line of createInterface(child.stdout)) events.push((JSON.parse(line) as { event: string }).event);
        assert.deepEqual(
          events.filter((event) => event.endsWith('ended')),
          ['thread-ended', 'process-ended', 'ended'],
        );
      }
    });

    it('whose reader ends leaves the profile, and the program goes on', async () => {
      const child = run('-o', 'closed.txt');
      const exit = once(child, 'exit');
      let text = '';
      for await (const chunk of child.stdout.setEncoding('utf8')) {
        text += String(chunk);
        if (text.includes('"samples"')) break; // which closes it
      }
      assert.equal(child.exitCode, null);
      // The profile is written when the program has ended, which it does when it is told.
      child.stdin.end();
      assert.deepEqual(await exit, [3, null]);
      assert.match(fs.readFileSync(path.join(folder, 'closed.txt'), 'utf8'), /app\.py/);
    });

    it('says what failed', async () => {
      const child = spawn(process.execPath, [cli, 'record', '-p', '4194304', '--stream'], { stdio: 'pipe' });
      const exit = once(child, 'exit');
      const reader = new StreamReader();
      for await (const line of createInterface(child.stdout)) reader.read(line);
      assert.deepEqual(await exit, [1, null]);
      assert.deepEqual(reader.ended, { event: 'ended', reason: 'no-such-process', problem: 'There is no process 4194304.', profile: null });
    });
  },
);
