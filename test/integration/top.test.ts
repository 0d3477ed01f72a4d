import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/command.ts';
import { interpreters, since, title } from '../support/interpreters.ts';
import { startTarget, type Target } from '../support/target.ts';

const cli = path.join(root, 'dist/cli.js');
const script = '/usr/bin/script';
/** What puts a terminal into the state that it is in while it is drawn on, and takes it out of that (cli/top/terminal.ts). */
const entered = '\u001b[?1049h\u001b[?25l';
const left = '\u001b[?25h\u001b[?1049l';

/** A function that works, one that waits, and one whose file has a name that would change a terminal's title. */
const program = [
  'import sys, threading',
  'def spin():',
  '    for i in range(10000):',
  '        i * i',
  'def wait(): threading.Event().wait()',
  "waiter = threading.Thread(target=wait, name='waiter')",
  'waiter.daemon = True',
  'waiter.start()',
  "evil = compile('def f():\\n    for i in range(20000):\\n        i * i\\n', 'x\\x1b]0;evil\\x07.py', 'exec')",
  'names = {}',
  'exec(evil, names)',
  "sys.stdout.write('true\\n')",
  'sys.stdout.flush()',
  'while True:',
  '    spin()',
  "    names['f']()",
].join('\n');

describe('heatline top', function () {
  this.timeout(60_000);
  let folder: string;
  const inside = (name: string): string => path.join(folder, name);
  before(function () {
    if (process.platform !== 'linux' || process.arch !== 'x64' || !fs.existsSync(cli)) return this.skip();
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-top-')));
    fs.writeFileSync(inside('app.py'), program);
    fs.writeFileSync(inside('heatline'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`, { mode: 0o755 });
  });
  after(() => {
    if ((folder as string | undefined) !== undefined) fs.rmSync(folder, { recursive: true });
  });

  const oldest = interpreters[0];
  const middle = since(3, 9)[0];
  const newest = since(3, 12)[0];
  for (const interpreter of new Set([oldest, middle, newest]))
    if (interpreter !== undefined)
      it(`writes a line for each delay where there is no terminal, with ${title(interpreter)}`, async () => {
        await using target = await startTarget(interpreter, inside('app.py'), { workingDirectory: folder });
        const options = ['-p', String(target.pid), '-d', '1.6', '--delay', '0.5', '--color', 'always'];
        const { status, stdout, stderr } = spawnSync(inside('heatline'), ['top', ...options], { cwd: folder, encoding: 'utf8' });
        assert.deepEqual([status, stderr], [0, '']);
        const lines = stdout.trimEnd().split('\n');
        assert.ok(lines.length >= 3, stdout);
        for (const line of lines) assert.match(line, /^\d s \| CPU \d+ % \| GIL \d+ % \| [012] of 2 threads busy/);
        assert.match(stdout, / \| \d+\.\d % spin \(app\.py:2\)/);
        assert.match(stdout, / \| \d+\.\d % f \(x�\]0;evil�\.py:1\)/);
        assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f]/);
        assert.doesNotMatch(stdout, /wait/, 'threads that wait don’t count');
      });

  describe('on a terminal', () => {
    let target: Target;
    before(async function () {
      if (newest === undefined || !fs.existsSync(script)) return this.skip();
      target = await startTarget(newest, inside('app.py'), { workingDirectory: folder });
    });
    after(() => (target as Target | undefined)?.kill());

    it('shows a table that keys change, and goes without a trace', async () => {
      await using shown = onTerminal(folder, '-p', String(target.pid), '--delay', '0.3');
      await shown.until(/spin \(app\.py:2\)/);
      await shown.until(/f \(x�\]0;evil�\.py:1\)/);
      shown.type('?');
      await shown.until(/Any key goes back/);
      shown.type('\u001b[B');
      await shown.until(/1–3 of 3/);
      shown.type('l');
      await shown.until(/\[Lines\]/);
      await shown.until(/spin \(app\.py:[34]\)/);
      shown.type('t');
      await shown.until(/waiter \(\d+\)/);
      shown.type('f/sp');
      await shown.until(/with “sp”/);
      await shown.until(/Filter: sp▏/);
      shown.type('\r');
      await shown.until(/q quit {2}\? help/);
      shown.type(' ');
      await shown.until(/PAUSED/);
      shown.resize(40, 8);
      await shown.until(/PAUSED – app\.py, process \d[^\u001b]{1,20}…/);
      shown.type('q');
      assert.deepEqual(await shown.end(), { code: 0, isSane: true });
      assert.ok(shown.text.includes(entered) && shown.text.trimEnd().endsWith(left), JSON.stringify(shown.text.slice(-200)));
      assert.ok(!shown.text.includes('\u001b]'), 'names steer nothing');
    });

    for (const [how, end] of [
      ['Ctrl-C', (shown: Shown) => shown.type('\u0003')],
      ['SIGTERM', (shown: Shown) => process.kill(shown.pid, 'SIGTERM')],
      ['SIGHUP', (shown: Shown) => process.kill(shown.pid, 'SIGHUP')],
    ] as const)
      it(`gives it back at ${how}`, async () => {
        await using shown = onTerminal(folder, '-p', String(target.pid), '--delay', '0.3');
        await shown.until(/spin \(app\.py:2\)/);
        end(shown);
        assert.deepEqual(await shown.end(), { code: 0, isSane: true });
        assert.ok(shown.text.trimEnd().endsWith(left), JSON.stringify(shown.text.slice(-200)));
      });

    it('never takes it where there is nothing to show', async () => {
      await using shown = onTerminal(folder, '-p', '4194304');
      assert.deepEqual(await shown.end(), { code: 1, isSane: true });
      assert.match(shown.text, /heatline: There is no process 4194304\.\r\n/);
      assert.ok(!shown.text.includes(entered));
    });

    it('leaves its last picture when the process has ended', async () => {
      await using other = await startTarget(newest!, inside('app.py'), { workingDirectory: folder });
      await using shown = onTerminal(folder, '-p', String(other.pid), '--delay', '0.3');
      await shown.until(/spin \(app\.py:2\)/);
      await other.kill();
      assert.deepEqual(await shown.end(), { code: 0, isSane: true });
      const after = shown.text.slice(shown.text.lastIndexOf(left) + left.length);
      assert.match(after, / spin \(app\.py:2\)/);
      assert.match(after, /heatline: the process has ended/);
    });

    it('starts a program, whose output waits until the end, and whose exit code is its own', async () => {
      fs.writeFileSync(
        inside('short.py'),
        "print('said \\x1b[31m')\ndef spin():\n    for i in range(10000):\n        i * i\nfor _ in range(3000): spin()\nraise SystemExit(3)\n",
      );
      await using shown = onTerminal(folder, '--delay', '0.2', '--', newest!.path, 'short.py');
      await shown.until(/spin \(short\.py:2\)/);
      assert.deepEqual(await shown.end(), { code: 3, isSane: true });
      assert.match(shown.text.slice(shown.text.lastIndexOf(left) + left.length), /^said �\[31m\r\n/);
    });

    it('ends a program that it started, when it is left', async () => {
      await using shown = onTerminal(folder, '--delay', '0.2', '--', newest!.path, 'app.py');
      await shown.until(/spin \(app\.py:2\)/);
      const pid = Number(/process (\d+) \(Python/.exec(shown.text)![1]);
      shown.type('q');
      assert.deepEqual(await shown.end(), { code: 0, isSane: true });
      assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    });
  });
});

/** A `heatline top` on a terminal of its own. */
interface Shown extends AsyncDisposable {
  /** Of heatline. */
  readonly pid: number;
  /** All that the terminal got. */
  readonly text: string;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Waits for something that is drawn from the last key or other size on. */
  until(pattern: RegExp): Promise<void>;
  /** Waits for the end. @returns also whether the terminal echoes, and gives lines, as before */
  end(): Promise<{ readonly code: number; readonly isSane: boolean }>;
}

function onTerminal(folder: string, ...args: readonly string[]): Shown {
  // Its number is written down, and how it left the terminal, before that goes away.
  const line = [
    'stty cols 100 rows 30',
    `sh -c 'echo $$ > pid; exec ./heatline top "$@"' sh ${args.join(' ')}`,
    'echo $? > code',
    'stty -a > stty',
  ].join('; ');
  for (const file of ['pid', 'code', 'stty']) fs.rmSync(path.join(folder, file), { force: true });
  const child: ChildProcess = spawn(script, ['-qec', line, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm', NO_COLOR: '1' },
  });
  let text = '';
  let seen = 0;
  let changed: () => void = () => undefined;
  const closed = once(child, 'close').then(() => {
    changed();
    return true;
  });
  child.stdout!.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    changed();
  });
  const read = (name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');
  const pid = (): number => Number(read('pid'));
  return {
    get pid() {
      return pid();
    },
    get text() {
      return text;
    },
    type: (keys) => {
      seen = text.length;
      child.stdin!.write(keys);
    },
    resize: (columns, rows) => {
      seen = text.length;
      execFileSync('stty', ['-F', fs.readlinkSync(`/proc/${pid()}/fd/1`), 'cols', String(columns), 'rows', String(rows)]);
    },
    until: async (pattern) => {
      for (;;) {
        if (pattern.test(text.slice(seen))) return;
        assert.ok(child.exitCode === null, `it ended before ${String(pattern)}: ${JSON.stringify(text)}`);
        await new Promise<void>((resolve) => (changed = resolve));
      }
    },
    end: async () => {
      await closed;
      return { code: Number(read('code')), isSane: / icanon\b/.test(read('stty')) && / echo\b/.test(read('stty')) };
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
