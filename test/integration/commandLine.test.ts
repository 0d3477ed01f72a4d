import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseFirefox } from '../../profile/formats/firefox.ts';
import type { Report } from '../../profile/report.ts';
import { root } from '../../scripts/command.ts';
import { cacheFolder } from '../support/cache.ts';
import { type Interpreter, since, title } from '../support/interpreters.ts';
import { startTarget, type Target } from '../support/target.ts';

const cli = path.join(root, 'dist/cli.js');
const pySpy = path.join(cacheFolder, 'packages/py-spy/bin/py-spy');
const controls = /[\u0000-\u0009\u000b-\u001f]/;

/** A thread that works in a package, and one that waits for what never comes. */
const program = [
  'import json, threading',
  'from package.inner.work import spin',
  'def wait(): threading.Event().wait()',
  "threading.Thread(target=wait, name='waiter', daemon=True).start()",
  'print(json.dumps(True), flush=True)',
  'while True: spin()',
].join('\n');

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line that is built, as shells run it. */
describe('the built command line', function () {
  this.timeout(60_000);
  let folder: string;
  const inside = (name: string): string => path.join(folder, name);
  before(function () {
    if (process.platform !== 'linux' || process.arch !== 'x64' || !fs.existsSync(cli)) return this.skip();
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-cli-')));
    fs.mkdirSync(inside('package/inner'), { recursive: true });
    for (const name of ['package', 'package/inner']) fs.writeFileSync(inside(`${name}/__init__.py`), '');
    fs.writeFileSync(inside('package/inner/work.py'), 'def spin():\n    for i in range(10000):\n        i * i\n');
    fs.writeFileSync(inside('app.py'), program);
    fs.mkdirSync(inside('bin'));
    fs.writeFileSync(inside('bin/heatline'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`, { mode: 0o755 });
  });
  after(() => {
    if ((folder as string | undefined) !== undefined) fs.rmSync(folder, { recursive: true });
  });

  const environment = (): NodeJS.ProcessEnv => {
    return { ...process.env, NO_COLOR: '', PATH: `${inside('bin')}:${process.env['PATH'] ?? ''}`, TERM: 'xterm' };
  };

  function heatline(...args: string[]): Outcome {
    const { status, stdout, stderr } = spawnSync(inside('bin/heatline'), args, { cwd: folder, env: environment(), encoding: 'utf8' });
    return { code: status, stdout, stderr };
  }

  describe('helps', () => {
    it('with all commands, and with each', () => {
      const { code, stdout, stderr } = heatline('--help');
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /^Usage: heatline COMMAND/);
      assert.doesNotMatch(stdout, controls);
      assert.match(stdout, /Exit codes:\n {2}0 /);
      const commands = /Commands:\n((?: {2}.*\n)+)/
        .exec(stdout)![1]!
        .match(/^ {2}[\w-]+/gm)!
        .map((name) => name.trim());
      assert.ok(commands.includes('record') && commands.includes('completion'), stdout);
      for (const name of commands.filter((name) => name !== 'help')) {
        const help = heatline(name, '--help');
        assert.equal(help.code, 0);
        assert.match(help.stdout, new RegExp(`^Usage: heatline ${name}[^]*\\nExamples:\\n {2}.*heatline ${name}`), name);
      }
      assert.equal(heatline('help', 'record').stdout, heatline('run', '--help').stdout);
      // As with other commands of commands.
      assert.deepEqual(heatline(), { code: 2, stdout: '', stderr: stdout });
    });

    it('with colours for terminals alone, and when asked', () => {
      assert.match(heatline('--help', '--color', 'always').stdout, /^\u001b\[1mUsage:/);
      assert.match(heatline('recrd', '--color=always').stderr, controls);
      const shown = (...words: string[]): string =>
        execFileSync('/usr/bin/script', ['-qec', ['heatline', '--help', ...words].join(' '), '/dev/null'], {
          env: { ...environment(), SHELL: '/bin/sh' },
          encoding: 'utf8',
        });
      if (!fs.existsSync('/usr/bin/script')) return;
      const escape = '\u001b[1m';
      assert.ok(shown().includes(escape));
      assert.ok(!shown('--color', 'never').includes(escape));
      assert.ok(!shown('; NO_COLOR=1 heatline --help > /dev/tty').split('Usage')[2]!.includes(escape));
    });

    it('says what is near, and what the exit code means', () => {
      const { code, stdout, stderr } = heatline('reocrd');
      assert.deepEqual([code, stdout], [2, '']);
      assert.equal(stderr, "heatline: unknown command 'reocrd'\n(Did you mean record?)\nheatline --help says how it is used.\n");
      assert.match(heatline('record', '-p', '1', '--durtion', '5').stderr, /Did you mean --duration\?\)\nheatline record --help/);
      assert.match(heatline('record', '-p', '1', '-n', '--never-stop').stderr, /^heatline: --native makes no sense with --never-stop: /);
      const missing = heatline('record', '-p', '4194304');
      assert.deepEqual([missing.code, missing.stdout, missing.stderr], [1, '', 'heatline: There is no process 4194304.\n']);
      assert.match(heatline('--version').stdout, /^heatline \d+\.\d+\.\d+\n$/);
    });
  });

  describe('completes', () => {
    it('in bash', () => {
      const script = [
        'source <(heatline completion bash)',
        'try() { COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); COMPREPLY=(); _heatline 2>/dev/null; (IFS=,; echo "${COMPREPLY[*]}"); }',
        'try heatline comp',
        'try heatline record --fu',
        'try heatline run -f spe',
        "try heatline record -o ''",
        "try heatline completion ''",
        'try heatline record -- python ap',
        "try heatline record '$(touch evil)' --nol",
      ].join('\n');
      fs.mkdirSync(inside('files'), { recursive: true });
      fs.writeFileSync(inside('files/a b.txt'), '');
      fs.writeFileSync(inside('files/app.py'), '');
      const said = execFileSync('bash', ['--norc', '-c', script], { cwd: inside('files'), env: environment(), encoding: 'utf8' });
      assert.deepEqual(said.trim().split('\n'), [
        'completion',
        '--function,--full-filenames',
        'speedscope',
        'a b.txt,app.py',
        '--color,--help,bash,zsh,fish',
        'app.py',
        '--nolineno',
      ]);
      assert.deepEqual(fs.readdirSync(inside('files')).sort(), ['a b.txt', 'app.py']);
    });

    for (const shell of ['zsh', 'fish']) {
      it(`in ${shell}, whose syntax it has`, function () {
        if (spawnSync(shell, ['-c', 'true']).status !== 0) return this.skip();
        fs.writeFileSync(inside(`completion.${shell}`), heatline('completion', shell).stdout);
        execFileSync(shell, ['-n', inside(`completion.${shell}`)]);
        if (shell !== 'fish') return;
        const said = execFileSync('fish', ['-N', '-c', `source ${inside('completion.fish')}; complete -C 'heatline record --fu'`], {
          env: { ...environment(), HOME: folder },
          encoding: 'utf8',
        });
        assert.deepEqual(said.match(/^--[\w-]+/gm), ['--full-filenames', '--function']);
      });
    }
  });

  // py-spy, beside which they are run, reads no free-threaded ones.
  const withGil = since(3, 8).filter(({ freeThreaded }) => !freeThreaded);
  const [oldest] = withGil;
  const newest = withGil.find(({ minor }) => minor >= 12);
  for (const interpreter of [oldest, newest].filter((one) => one !== undefined))
    describe(`with ${title(interpreter)}`, () => recordings(interpreter));

  function recordings(interpreter: Interpreter): void {
    let target: Target;
    before(async () => (target = await startTarget(interpreter, inside('app.py'), { workingDirectory: folder })));
    after(() => (target as Target | undefined)?.kill());
    const record = (...args: string[]): Outcome => heatline('record', '-p', String(target.pid), ...args);

    it('lists the process, and that it can be read', () => {
      const { code, stdout, stderr } = heatline('list');
      assert.deepEqual([code, stderr], [0, '']);
      assert.doesNotMatch(stdout, controls);
      const line = stdout.split('\n').find((row) => row.trimStart().startsWith(`${target.pid} `));
      assert.match(line ?? stdout, / yes .*app\.py/);
      const all = JSON.parse(heatline('list', '--json').stdout) as {
        pid: number;
        readable: boolean;
        version: string;
        commandLine: string[];
      }[];
      const one = all.find(({ pid }) => pid === target.pid);
      assert.ok(one?.readable);
      assert.equal(one.version.split('.')[1], String(interpreter.minor));
      assert.ok(heatline('list', '--pids').stdout.split('\n').includes(`${target.pid}\tapp.py`));
    });

    /** What stands before the counts, of stacks that are there as good as always. */
    const stacks = (raw: string): string[] => {
      assert.match(raw, /^([^\n]+ \d+\n)+$/);
      const lines = raw.trim().split('\n');
      const texts = lines.map((line) => line.replace(/ \d+$/, ''));
      assert.equal(new Set(texts).size, texts.length, 'each stack has one line');
      return texts.filter((text) => /spin|wait/.test(text)).sort();
    };

    const cases: readonly (readonly string[])[] = [
      ['-F'],
      ['-F', '-i', '-t'],
      ['-F', '-s'],
      ['--nolineno', '-i', '--full-filenames'],
      ['-F', '-g'],
    ];
    it('writes the folded stacks that py-spy writes, with the same options', function () {
      if (!fs.existsSync(pySpy)) return this.skip();
      for (const options of interpreter === newest ? cases : cases.slice(0, 2)) {
        const ours = record('-d', '1', '-r', '200', ...options, '-f', 'raw', '-o', '-');
        assert.equal(ours.code, 0, ours.stderr);
        execFileSync(pySpy, ['record', '-p', String(target.pid), '-d', '1', ...options, '-f', 'raw', '-o', inside('theirs')], {
          stdio: 'pipe',
        });
        const hasIdle = options.includes('-i');
        // Now and then py-spy takes a thread that waits for one that runs.
        const theirs = stacks(fs.readFileSync(inside('theirs'), 'utf8')).filter((text) => hasIdle || !text.includes('wait'));
        assert.deepEqual(stacks(ours.stdout), theirs, options.join(' '));
        assert.equal(theirs.length, hasIdle ? 2 : 1, theirs.join('\n'));
      }
    });

    it('follows the ending of the file’s name, and makes a name where there is none', () => {
      assert.equal(record('-d', '0.2', '-o', 'out.speedscope.json').code, 0);
      const { profiles } = JSON.parse(fs.readFileSync(inside('out.speedscope.json'), 'utf8')) as {
        profiles: { name: string; samples: [] }[];
      };
      assert.equal(profiles.find(({ name }) => name === 'waiter')?.samples.length, 0);
      const { stderr } = record('-d', '0.2');
      const name = / → (\S+)\n$/.exec(stderr)![1]!;
      assert.match(name, new RegExp(`^${target.pid}-\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.heatline\\.json\\.gz$`));
      // States are in it, so that idle threads can be left out or not afterwards.
      const profile = parseFirefox(gunzipSync(fs.readFileSync(inside(name))).toString());
      assert.ok(profile.functions.some(({ name: func, file }) => func.endsWith('wait') && path.isAbsolute(file)));
      // What is saved and what is sampled now say the same.
      for (const from of [[name], ['-p', String(target.pid), '-d', '0.5']]) {
        const { code, stdout } = heatline('report', ...from, '--json', '--top', '1');
        const { functions, lines, threads } = JSON.parse(stdout) as Report;
        assert.equal(code, 0);
        assert.deepEqual([functions[0]!.function, functions[0]!.file], ['spin', inside('package/inner/work.py')]);
        assert.match(lines[0]!.source ?? '', /^(for i in range\(10000\):|i \* i)$/);
        assert.deepEqual(threads.map((thread) => [thread.name, thread.waiting === 1]).sort(), [
          ['MainThread', false],
          ['waiter', true],
        ]);
      }
      const refused = record('-o', 'out.xyz', '-f', 'xyz');
      assert.deepEqual([refused.code, fs.existsSync(inside('out.xyz'))], [2, false]);
    });

    if (interpreter !== newest) return;

    it('lasts as long as it is told, whatever the rate', () => {
      for (const rate of ['3', 'max']) {
        const { stderr, code } = record('-d', '1', '-r', rate, '-o', '-', '-f', 'raw');
        assert.equal(code, 0);
        assert.ok(Number(/ in (\d+\.\d) s .*\(done\)\n/.exec(stderr)?.[1]) >= 1, stderr);
      }
    });

    it('shows its progress on terminals, unless told not to, and nothing of it elsewhere', async function () {
      assert.doesNotMatch(record('-d', '0.6', '-o', 'out.txt').stderr, controls);
      if (!fs.existsSync('/usr/bin/script')) return this.skip();
      const shown = (...args: string[]): Promise<string> => {
        const line = ['heatline', 'record', '-p', String(target.pid), '-d', '0.8', '-o', 'out.txt', ...args].join(' ');
        return said(spawn('/usr/bin/script', ['-qec', line, '/dev/null'], { cwd: folder, env: { ...environment(), SHELL: '/bin/sh' } }));
      };
      const seen = await shown();
      assert.match(seen, /\r\u001b\[K\d s, \d+ samples, \d+ looks\/s, /);
      assert.match(seen, /\r\u001b\[K\d+ samples of 2 threads [^]* → out\.txt\r\n$/, 'it makes room for the summary');
      assert.ok(!(await shown('--hideprogress')).includes('\u001b[K'));
      assert.equal(await shown('-q'), '');
    });
  }

  it('starts a program by record and by run, whose exit code is its own', function () {
    if (newest === undefined) return this.skip();
    for (const words of [
      ['record', '-o', 'run.txt', '--'],
      ['run', '-o', 'run.txt', '--'],
      ['record', '-o', 'run.txt'],
    ]) {
      fs.rmSync(inside('run.txt'), { force: true });
      fs.writeFileSync(
        inside('short.py'),
        'from package.inner.work import spin\nfor _ in range(500): spin()\nprint(1)\nraise SystemExit(3)\n',
      );
      const { code, stdout, stderr } = heatline(...words, newest.path, 'short.py');
      assert.deepEqual([code, stdout], [3, '1\n'], stderr);
      assert.match(stderr, /^heatline: \d+ samples .* → run\.txt\n$/);
      assert.match(fs.readFileSync(inside('run.txt'), 'utf8'), /^<module> \(short\.py:2\);spin \(package\/inner\/work\.py:\d\) \d+$/m);
    }
  });
});

async function said(child: ChildProcess): Promise<string> {
  let all = '';
  child.stdout!.on('data', (piece: Buffer) => (all += piece.toString()));
  await once(child, 'close');
  return all;
}
