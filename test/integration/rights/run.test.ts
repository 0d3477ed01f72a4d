import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { decodeMessage, MessageReader, type HelperMessage } from '../../../native/helper/messages.ts';
import { Profile } from '../../../profile/profile.ts';
import { since } from '../../support/interpreters.ts';

const cli = path.resolve(import.meta.dirname, '../../../cli/main.ts');
const python = since(3, 12)[0]?.path ?? '';
/** Long enough to be sampled, however slow the machine: until it has used this much of the CPU. */
const busy = 'import time\ndef busy():\n  while time.process_time() < 0.4: sum(range(100))\nbusy()\n';

describe('heatline run', function () {
  this.timeout(120_000);
  let folder: string;
  before(function () {
    if (process.platform !== 'linux' || process.arch !== 'x64' || python === '') this.skip();
  });
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-run-test-'));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  function start(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return spawn(process.execPath, [cli, 'run', ...args], { cwd: folder, stdio: 'pipe', ...options });
  }

  async function finish(
    child: ChildProcess,
    input: string | Buffer = '',
  ): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
    child.stdin?.on('error', () => undefined).end(input);
    const [stdout, stderr] = [text(child.stdout!), text(child.stderr!)];
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { code, signal, stdout: await stdout, stderr: await stderr };
  }

  /** Lines of the folded stacks that were written. */
  function stacks(): string[] {
    const file = fs.readdirSync(folder).find((name) => name.endsWith('.txt'));
    assert(file !== undefined, 'nothing was written');
    const lines = fs.readFileSync(path.join(folder, file), 'utf8').split('\n');
    assert.equal(lines.pop(), '');
    assert.ok(!lines.includes(''), 'lines that are empty');
    return lines;
  }

  it('names what Python does before the first line and after the last', async () => {
    // Things that take Python long to take down.
    const { code } = await finish(start(['-q', '-r', 'max', '-f', 'raw', '--', python, '-c', 'x = [[i] for i in range(2000000)]']));
    assert.equal(code, 0);
    const all = stacks();
    assert.ok(
      all.some((line) => /^\(Python starts or ends\) \d+$/.test(line)),
      all.join('\n'),
    );
    assert.ok(
      all.every((line) => /^\S/.test(line)),
      'no stack is without a name',
    );
  });

  it('leaves input, output, arguments and exit code as they are, and writes a profile', async () => {
    const program = `import sys\n${busy}data = sys.stdin.buffer.read()\nsys.stdout.buffer.write(data[::-1])\nsys.stderr.write(repr(sys.argv[1:]))\nsys.exit(7)`;
    const odd = ['-r', '--pid', 'a b', '$HOME', '*', '', '--'];
    const { code, stdout, stderr } = await finish(start(['-f', 'raw', '--', python, '-c', program, ...odd]), 'abc\n\0');
    assert.equal(code, 7);
    assert.equal(stdout, '\0\ncba');
    const said = `['-r', '--pid', 'a b', '$HOME', '*', '', '--']`;
    assert.ok(stderr.startsWith(said), stderr);
    assert.match(stderr.slice(said.length), /^heatline: \d+ samples of 1 threads .* → python[\d.]*-\d+-[\dT-]+\.collapsed\.txt\n$/);
    assert.ok(
      stacks().some((line) => /^<module> \(<string>:\d+\);busy \(<string>:4\) \d+$/.test(line)),
      stacks().join('\n'),
    );
  });

  it('says nothing when it shall be quiet', async () => {
    const { code, stdout, stderr } = await finish(start(['-q', '-f', 'raw', '-o', 'out.txt', '--', python, '-c', busy]));
    assert.deepEqual([code, stdout, stderr], [0, '', '']);
    assert.ok(stacks().length > 0);
  });

  it('ends by the signal that ended the program', async () => {
    for (const signal of ['SIGTERM', 'SIGKILL', 'SIGSEGV', 'SIGPIPE', 'SIGINT', 'SIGUSR1'] as const) {
      const program = `import os, signal\nsignal.signal(${signal === 'SIGKILL' ? 'signal.SIGUSR2' : `signal.${signal}`}, signal.SIG_DFL)\nos.kill(os.getpid(), signal.${signal})`;
      const ended = await finish(start(['-q', '--', python, '-c', program]));
      assert.deepEqual([ended.signal, ended.code], [signal, null]);
    }
  });

  it('passes on what is sent to it alone', async () => {
    const program =
      'import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\nprint(1, flush=True)\nwhile True: time.sleep(0.01)';
    const child = start(['-q', '--', python, '-c', program]);
    await once(child.stdout!, 'data');
    child.kill('SIGTERM');
    assert.equal((await finish(child)).code, 5);
  });

  it('lets the terminal’s Ctrl-C go to the program, once, and waits for what it makes of it', async function () {
    if (!fs.existsSync('/usr/bin/script')) this.skip();
    fs.writeFileSync(
      path.join(folder, 'app.py'),
      [
        'import os, signal, sys, time',
        'assert sys.stdin.isatty() and sys.stdout.isatty() and os.tcgetpgrp(0) == os.getpgrp()',
        'count = 0',
        'def interrupted(*_):',
        '    global count',
        '    count += 1',
        '    print("interrupted", count, flush=True)',
        'signal.signal(signal.SIGINT, interrupted)',
        'print("ready", flush=True)',
        'while count < 2: time.sleep(0.01)',
        'sys.exit(3)',
      ].join('\n'),
    );
    const command = [process.execPath, cli, 'run', '-f', 'raw', '--', python, 'app.py'].map((word) => `'${word}'`).join(' ');
    const terminal = spawn('/usr/bin/script', ['-qec', `exec ${command}`, '/dev/null'], {
      cwd: folder,
      stdio: 'pipe',
      env: { ...process.env, SHELL: '/bin/sh' },
    });
    let seen = '';
    let pressed = 0;
    terminal.stdout.setEncoding('utf8').on('data', (more: string) => {
      seen += more;
      // The next one when the program has said, to the end of the line, that it had the last: Ctrl-C drops what is still unread.
      const expected = seen.includes('ready') ? 1 + (seen.match(/interrupted \d\r\n/g)?.length ?? 0) : 0;
      if (expected > pressed && pressed < 2) {
        pressed++;
        terminal.stdin.write('\x03');
      }
    });
    const [code] = (await once(terminal, 'close')) as [number];
    assert.equal(code, 3, seen);
    assert.deepEqual(seen.match(/interrupted \d/g), ['interrupted 1', 'interrupted 2']);
    assert.match(stripVTControlCharacters(seen), /heatline: \d+ samples/);
  });

  it('finds a Python that a launcher becomes, and with -s one that it starts', async () => {
    const replaced = await finish(start(['-f', 'raw', '--', 'sh', '-c', 'exec "$@"', 'sh', python, '-c', busy]));
    assert.match(replaced.stderr, /^heatline: \d+ samples/);
    assert.ok(stacks().some((line) => line.includes(';busy ')));
    fs.rmSync(folder, { recursive: true });
    fs.mkdirSync(folder);
    const started = await finish(start(['-s', '-f', 'raw', '--', 'sh', '-c', '"$@"; exit 9', 'sh', python, '-c', busy]));
    assert.equal(started.code, 9);
    assert.ok(stacks().some((line) => line.includes(';busy ')));
  });

  it('goes on when the program becomes another Python', async () => {
    const first = `${busy}import os, sys\nos.execv(sys.executable, [sys.executable, '-c', '''def second():\n  import time\n  while time.process_time() < 0.9: sum(range(100))\nsecond()'''])`;
    const { code } = await finish(start(['-f', 'raw', '--', python, '-c', first]));
    assert.equal(code, 0);
    assert.ok(
      ['busy', 'second'].every((name) => stacks().some((line) => line.includes(`;${name} `))),
      stacks().join('\n'),
    );
  });

  it('runs what is not Python, too, and says so', async () => {
    const { code, stdout, stderr } = await finish(start(['--', 'sh', '-c', 'cat; exit 4']), 'x');
    assert.deepEqual([code, stdout], [4, 'x']);
    assert.match(
      stderr,
      /^heatline: nothing was profiled: (Process \d+ \(.*\) is not Python|the program ended before it could be looked at)\.\n$/,
    );
    assert.deepEqual(fs.readdirSync(folder), []);
  });

  it('runs nothing when it could not write the profile', async () => {
    for (const name of ['nowhere/out', '.', '/dev/null']) {
      const { code, stdout, stderr } = await finish(start(['-o', name, '--', python, '-c', 'print(1)']));
      assert.deepEqual([code, stdout], [2, ''], name);
      assert.match(stderr, /^heatline: can't write .* Nothing was run\.\n$/);
    }
  });

  it('keeps the profile elsewhere when it can’t write it in the end, and does not end as if all were well', async () => {
    const kept = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-run-kept-'));
    try {
      for (const [asked, expected] of [
        [0, 1],
        [7, 7],
      ] as const) {
        fs.mkdirSync(path.join(folder, 'gone'));
        const child = start(
          ['-q', '-f', 'raw', '-o', 'gone/out', '--', python, '-c', `${busy}import os, sys\nos.rmdir('gone')\nsys.exit(${asked})`],
          { env: { ...process.env, TMPDIR: kept } },
        );
        const { code, stderr } = await finish(child);
        assert.equal(code, expected);
        const match =
          /^heatline: can't write gone\/out: there is no folder \S+\. Make it, or give another file with -o\. The profile is in (\S+)\.\n$/.exec(
            stderr,
          );
        assert.ok(match, stderr);
        assert.equal(path.dirname(match[1]!), kept);
        assert.match(fs.readFileSync(match[1]!, 'utf8'), /;busy /);
      }
    } finally {
      fs.rmSync(kept, { recursive: true });
    }
  });

  it('ends the program when its terminal is closed, or its task ended, of which nobody else is told', async function () {
    if (!fs.existsSync('/usr/bin/script')) this.skip();
    fs.writeFileSync(path.join(folder, 'app.py'), 'print("ready", flush=True)\nwhile True: sum(range(100))\n');
    // It leads the terminal's session, as what is run as a task without a shell does.
    const command = [process.execPath, cli, 'run', '-q', '-f', 'raw', '--', python, 'app.py'].map((word) => `'${word}'`).join(' ');
    const terminal = spawn('/usr/bin/script', ['-qec', `exec ${command}`, '/dev/null'], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, SHELL: '/bin/sh' },
    });
    const closed = once(terminal, 'close');
    await once(terminal.stdout, 'data');
    const [leader] = fs.readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'latin1').split(' ').map(Number);
    process.kill(leader!, 'SIGHUP');
    assert.deepEqual(await closed, [128 + os.constants.signals.SIGHUP, null]);
  });

  it('starts the program where it was started itself, also where that was deleted', async () => {
    const line = 'mkdir gone; cd gone; rmdir ../gone; exec "$@"';
    const program = `${busy}import os\nprint(os.readlink('/proc/self/cwd'))`;
    const child = spawn(
      'bash',
      ['-c', line, 'bash', process.execPath, cli, 'run', '-f', 'raw', '-o', path.join(folder, 'out.txt'), '--', python, '-c', program],
      { cwd: folder, stdio: 'pipe' },
    );
    const { code, stdout } = await finish(child);
    assert.deepEqual([code, stdout], [0, `${path.join(folder, 'gone')} (deleted)\n`]);
    assert.ok(stacks().some((line) => line.includes(';busy ')));
  });

  it('writes the profile whatever signals come when the program has ended, and ends at a second one', async () => {
    execFileSync('mkfifo', [path.join(folder, 'full')]);
    const filler = fs.openSync(path.join(folder, 'full'), fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    assert.throws(
      () => {
        for (;;) fs.writeSync(filler, Buffer.alloc(4096));
      },
      { code: 'EAGAIN' },
    );
    const output = fs.openSync(path.join(folder, 'full'), 'r+');
    const child = start(
      [
        '-f',
        'raw',
        '-o',
        '-',
        '--',
        python,
        '-c',
        `import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nimport sys\nprint('ready', file=sys.stderr, flush=True)\n${busy}`,
      ],
      { stdio: ['ignore', output, 'pipe'] },
    );
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (more: string) => (said += more));
    await once(child.stderr!, 'data'); // the program, which takes no notice of what is sent to it
    const timer = setInterval(() => child.kill('SIGTERM'), 10);
    try {
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      assert.deepEqual([code, signal], [null, 'SIGTERM']);
      assert.match(said, /^ready\nheatline: ended by a second signal \(SIGTERM\): the profile is not written\.\n$/);
    } finally {
      clearInterval(timer);
      child.kill('SIGKILL');
      for (const fd of [filler, output]) fs.closeSync(fd);
    }
  });

  it('says as shells do what can not be started', async () => {
    assert.equal((await finish(start(['--', './nothing']))).code, 127);
    fs.writeFileSync(path.join(folder, 'plain'), '');
    const { code, stderr } = await finish(start(['--', './plain']));
    assert.equal(code, 126);
    assert.match(stderr, /^heatline: \.\/plain: /);
  });

  it('gives the program the limit on open files that it would have had', () => {
    const show = ['-c', 'import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])'];
    const commands = [
      ['run', '-q', '--', python, ...show],
      ['allow', '1', '--', python, ...show],
    ];
    for (const args of commands) {
      const output = execFileSync('sh', ['-c', 'ulimit -Sn 500; "$@"; exit $?', 'sh', process.execPath, cli, ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
      assert.equal(output, '500\n', args[0]);
    }
  });

  it('becomes the program with allow, which has no trace of us', async () => {
    const program = [
      'import os, sys',
      'status = open("/proc/self/status").read()',
      'print(os.getpid(), sys.argv[1:], [line for line in status.split("\\n") if line.startswith(("SigBlk", "Threads"))], sorted(os.listdir("/proc/self/fd"))[:3], flush=True)',
      'os.execv("/bin/grep", ["grep", "-E", "^SigIgn", "/proc/self/status"])',
    ].join('\n');
    const child = spawn(
      process.execPath,
      [
        cli,
        'allow',
        String(process.pid),
        '--',
        python,
        '-I',
        '-c',
        `import signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n${program}`,
        'a b',
        '',
      ],
      { stdio: 'pipe' },
    );
    const { stdout, code } = await finish(child);
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `${child.pid} ['a b', ''] ['Threads:\\t1', 'SigBlk:\\t0000000000000000'] ['0', '1', '2']\nSigIgn:\t0000000000000000\n`,
    );
    const missing = spawn(process.execPath, [cli, 'allow', '1', '--', './nothing'], { cwd: folder, stdio: 'pipe' });
    assert.equal((await finish(missing)).code, 127);
  });

  describe('with an editor at the other end of named pipes', () => {
    let reader: Socket;
    let commands: number;
    let profile: Profile;
    const messages: HelperMessage[] = [];
    let heard: Promise<void>;
    const args = (): string[] => ['--events', path.join(folder, 'events'), '--commands', path.join(folder, 'commands')];
    beforeEach(() => {
      for (const name of ['events', 'commands']) execFileSync('mkfifo', ['-m', '600', path.join(folder, name)]);
      const fd = fs.openSync(path.join(folder, 'events'), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
      const held = fs.openSync(path.join(folder, 'events'), 'w');
      commands = fs.openSync(path.join(folder, 'commands'), 'r+');
      reader = new Socket({ fd, readable: true, writable: false });
      profile = new Profile();
      messages.length = 0;
      const whole = new MessageReader();
      let isFirst = true;
      reader.on('data', (bytes: Buffer) => {
        if (isFirst) fs.closeSync(held);
        isFirst = false;
        for (const message of whole.push(bytes).map(decodeMessage)) {
          messages.push(message);
          if (message.type === 'delta') profile.append(message.delta);
        }
        reader.emit('heard');
      });
      heard = once(reader, 'close').then(() => undefined);
    });
    afterEach(() => {
      reader.destroy();
      fs.closeSync(commands);
    });
    async function until(type: HelperMessage['type']): Promise<void> {
      while (!messages.some((message) => message.type === type)) await once(reader, 'heard');
    }

    it('tells it what is sampled, and how the program ended', async () => {
      const { code, stderr } = await finish(start([...args(), '--', python, '-c', `${busy}raise SystemExit(6)`]));
      await heard;
      assert.deepEqual([code, stderr], [6, '']);
      assert.deepEqual([messages[0]?.type, messages.at(-1)], ['started', { type: 'left', code: 6, signal: null }]);
      assert.equal(messages.filter(({ type }) => type === 'ended').length, 1);
      assert.ok(profile.quality.samples > 0);
      assert.ok(profile.functions.some(({ name }) => name === 'busy'));
      assert.deepEqual(fs.readdirSync(folder).sort(), ['commands', 'events']);
    });

    it('tells it which signal ended the program, and the terminal by an exit code and a line', async () => {
      const { code, signal, stderr } = await finish(
        start([...args(), '--', python, '-c', `import os, signal\n${busy}os.kill(os.getpid(), signal.SIGSEGV)`]),
      );
      await heard;
      assert.deepEqual([code, signal, stderr], [139, null, `heatline: ${python} was ended by SIGSEGV\n`]);
      assert.deepEqual(messages.at(-1), { type: 'left', code: null, signal: 'SIGSEGV' });
    });

    it('takes its options from the environment, so that a terminal shows the program alone, and keeps them from the program', async () => {
      const program = 'import os, sys\nprint([name for name in os.environ if name in ("HEATLINE_RUN", "HEATLINE_NODE")], sys.argv[1:])';
      const env = { ...process.env, HEATLINE_RUN: JSON.stringify(args()), HEATLINE_NODE: process.execPath };
      const child = spawn(process.execPath, [cli, python, '-c', program, 'run', '--'], { cwd: folder, stdio: 'pipe', env });
      const { code, stdout } = await finish(child);
      await heard;
      assert.deepEqual([code, stdout], [0, "[] ['run', '--']\n"]);
      assert.deepEqual(messages.at(-1), { type: 'left', code: 0, signal: null });
    });

    it('stops sampling when told to or when the editor goes, and the program goes on', async () => {
      const waits = 'print(1, flush=True)\nimport sys\nsys.stdin.read()\nprint(2)';
      const told = start([...args(), '--', python, '-c', waits]);
      await until('started');
      fs.writeSync(commands, 's');
      await until('ended');
      assert.deepEqual(
        messages.find(({ type }) => type === 'ended'),
        { type: 'ended', reason: 'stopped' },
      );
      assert.equal((await finish(told)).stdout, '1\n2\n');
      await heard;
    });

    it('survives the editor’s end', async () => {
      const waits = 'import sys\nprint(1, flush=True)\nsys.stdin.read()\nprint(2)';
      const left = start([...args(), '--', python, '-c', waits]);
      await until('delta');
      reader.destroy();
      await heard;
      const { code, stdout, stderr } = await finish(left);
      assert.deepEqual([code, stdout, stderr], [0, '1\n2\n', '']);
    });

    it('runs the program without it when nobody listens', async () => {
      const other = fs.mkdtempSync(path.join(folder, 'x'));
      execFileSync('mkfifo', ['-m', '600', path.join(other, 'events')]);
      for (const name of ['events', 'nothing']) {
        const { code, stdout, stderr } = await finish(start(['--events', path.join(other, name), '--', python, '-c', 'print(1)']));
        assert.deepEqual([code, stdout], [0, '1\n']);
        assert.match(stderr, /^heatline: nothing was profiled: /);
      }
    });

    it('refuses what is no pipe of ours in a folder of ours', async () => {
      const inside = (name: string): string => path.join(folder, name);
      fs.writeFileSync(inside('file'), '', { mode: 0o600 });
      fs.symlinkSync(inside('events'), inside('link'));
      fs.mkdirSync(inside('open'), { mode: 0o700 });
      execFileSync('mkfifo', ['-m', '600', inside('open/events')]);
      fs.chmodSync(inside('open'), 0o755);
      execFileSync('mkfifo', ['-m', '666', inside('shared')]);
      fs.chmodSync(inside('shared'), 0o666);
      const reading = fs.openSync(inside('shared'), 'r+');
      for (const name of ['file', 'link', 'open/events', 'shared']) {
        const { code, stdout, stderr } = await finish(start(['--events', inside(name), '--', python, '-c', 'print(1)']));
        assert.deepEqual([code, stdout], [2, ''], name);
        assert.match(stderr, /^heatline: /);
      }
      fs.closeSync(reading);
      assert.equal((await finish(start(['--events', 'events', '--', python, '-c', 'print(1)']))).code, 2, 'relative');
      assert.equal(fs.readFileSync(inside('file'), 'utf8'), '');
    });
  });
});

async function text(stream: Readable): Promise<string> {
  let all = '';
  for await (const piece of stream.setEncoding('utf8')) all += piece as string;
  return all;
}
