import assert from 'node:assert/strict';
import { elevateArguments } from '../native/index.ts';
import { hintFor, parseArguments, UsageError } from './commandLine.ts';

const view = { lines: 'current', threads: false, gil: false, idle: false, fullFilenames: false };
const defaults = {
  duration: undefined,
  rate: 1000,
  format: 'firefox',
  subprocesses: false,
  blocking: false,
  view,
  quiet: false,
  hidesProgress: false,
  output: undefined,
};
const records = { name: 'record', pid: 7, ...defaults };
const runs = { name: 'run', ...defaults, allow: undefined, events: undefined, commands: undefined };
const helper = ['--pid', '7', '--start-time', '123', '--rate', 'max'];

describe('the command line', () => {
  it('is understood', () => {
    const cases: readonly (readonly [string, unknown])[] = [
      ['record -p 7', { ...records }],
      [
        'record -p 7 -d 0.5 -r max -f raw -s -o -',
        { ...records, duration: 500, rate: 'max', format: 'raw', subprocesses: true, output: '-' },
      ],
      ['record -b -p 7', { ...records, blocking: true }],
      ['record -b -r max -p 7', { ...records, rate: 'max', blocking: true }],
      ['record --never-stop -p 7', { ...records, maxStopped: 0 }],
      ['record --max-stop 2.5 -b -p 7', { ...records, blocking: true, maxStopped: 0.025 }],
      ['run -b -- a', { ...runs, blocking: true, program: ['a'] }],
      ['run --nonblocking -- a', { ...runs, maxStopped: 0, program: ['a'] }],
      ['run --max-stop 0 -- a', { ...runs, maxStopped: 0, program: ['a'] }],
      ['tasks -p 7', { name: 'tasks', pid: 7, json: false }],
      ['tasks --json -p 7', { name: 'tasks', pid: 7, json: true }],
      ['install-helper', { name: 'install-helper' }],
      ['remove-helper', { name: 'remove-helper' }],
      ['greenlets -p 7', { name: 'greenlets', pid: 7, json: false }],
      ['run -- python -p x -- y', { ...runs, program: ['python', '-p', 'x', '--', 'y'] }],
      ['run --tasks -- a', { ...runs, tasks: true, program: ['a'] }],
      ['record --instructions -p 7', { ...records, instructions: true }],
      ['run --instructions -- a', { ...runs, instructions: true, program: ['a'] }],
      ['run -q -r 10 --allow 5 -- a', { ...runs, rate: 10, quiet: true, allow: 5, program: ['a'] }],
      ['run --events /e --commands /c -- a', { ...runs, events: '/e', commands: '/c', program: ['a'] }],
      ['allow 5 -- a -h', { name: 'allow', pid: 5, program: ['a', '-h'] }],
      ['record -p 0x7 -d unlimited', records],
      ['run -p 7', records],
      ['record -- a', { ...runs, program: ['a'] }],
      ['record -o x.txt a b', { ...runs, format: 'raw', output: 'x.txt', program: ['a', 'b'] }],
      ['record -p 7 -tgiF', { ...records, view: { ...view, threads: true, gil: true, idle: true, lines: 'first' } }],
      ['record -p 7 --nolineno -F --full-filenames', { ...records, view: { ...view, lines: 'none', fullFilenames: true } }],
      ['record -p 7 --hideprogress --color never', { ...records, hidesProgress: true }],
      ['record -p 7 --quiet', { ...records, quiet: true }],
      ['record -p 7 -f folded -o -', { ...records, format: 'raw', output: '-' }],
      ['record -p 7 -o a.speedscope.json', { ...records, format: 'speedscope', output: 'a.speedscope.json' }],
      ['record -p 7 -o a.JSON', { ...records, output: 'a.JSON' }],
      ['record -p 7 -o a.svg', { ...records, format: 'flamegraph', output: 'a.svg' }],
      ['record -p 7 -f chrometrace -o a', { ...records, format: 'chrometrace', output: 'a' }],
      ['convert a.json.gz b.svg', { input: 'a.json.gz', output: 'b.svg', format: 'flamegraph' }],
      ['convert a - -f collapsed', { input: 'a', output: '-', format: 'raw' }],
      ['record -p 7 -o a.heatline.json.gz', { ...records, output: 'a.heatline.json.gz' }],
      ['record -p 7 -o a', { ...records, output: 'a' }],
      ['record -p 7 -o a.json -f raw', { ...records, format: 'raw', output: 'a.json' }],
      ['list', { name: 'list', form: 'text' }],
      ['list --json', { name: 'list', form: 'json' }],
      ['list --pids', { name: 'list', form: 'pids' }],
      ['report x.json.gz --top 3 -i', { name: 'report', source: { file: 'x.json.gz' }, top: 3, idle: true, gil: false, json: false }],
      [
        'report -p 7 -j -g',
        {
          name: 'report',
          source: { pid: 7, duration: 10_000, rate: 1000, subprocesses: false },
          top: 10,
          idle: false,
          gil: true,
          json: true,
        },
      ],
      ['completion zsh', { name: 'completion', shell: 'zsh' }],
      ['-h', { name: 'help' }],
      ['--version', { name: 'help' }],
      ['help record', { name: 'help' }],
      ['run --help', { name: 'help' }],
      [['helper', ...helper].join(' '), { name: 'helper', options: { pid: 7, startTime: 123, rate: 'max', subprocesses: false } }],
      [
        ['helper', ...helper, '--instructions'].join(' '),
        { name: 'helper', options: { pid: 7, startTime: 123, rate: 'max', subprocesses: false, instructions: true } },
      ],
      [
        'helper --pid 7 --start-time 123 --rate 5 --tasks',
        { name: 'helper', options: { pid: 7, startTime: 123, rate: 5, subprocesses: false, tasks: true } },
      ],
      ['helper --pid 7 --start-time 123 --look tasks', { name: 'helper', options: { pid: 7, startTime: 123, look: 'tasks' } }],
      [
        'elevate --pid 7 --start-time 123 --look greenlets --events /e --commands /c',
        {
          name: 'elevate',
          options: { pid: 7, startTime: 123, look: 'greenlets' },
          events: '/e',
          commands: '/c',
        },
      ],
      [
        ['elevate', ...helper, '--subprocesses', '--duration 2 --events /e --commands /c'].join(' '),
        {
          name: 'elevate',
          options: { pid: 7, startTime: 123, rate: 'max', subprocesses: true, duration: 2000 },
          events: '/e',
          commands: '/c',
        },
      ],
    ];
    for (const [line, command] of cases) assert.deepEqual(parseArguments(line.split(' ')).command, command, line);
  });

  it('is understood as the editor gives it to the helper', () => {
    for (const options of [{ subprocesses: false }, { subprocesses: true, instructions: true, duration: 1500, maxStopped: 0.025 }]) {
      const all = { pid: 7, startTime: 123, rate: 1000, ...options };
      assert.deepEqual(parseArguments(elevateArguments(all, { events: '/e', commands: '/c' })).command, {
        name: 'elevate',
        options: all,
        events: '/e',
        commands: '/c',
      });
    }
  });

  it('is refused when it makes no sense', () => {
    const lines = [
      '--',
      '-- a',
      '--nothing',
      'what',
      'record',
      'record -p',
      'record -p 0',
      'record -p 1.5',
      'record -p 7 x',
      'record -p 7 -- x',
      'record -p 7 --nothing',
      'record -p 7 -r 0',
      'record -p 7 -d 1s',
      'record -p 7 -f pdf',
      'record -p 7 -b --never-stop',
      'run -b --nonblocking -- a',
      'record -p 7 --max-stop 51',
      'record -p 7 --max-stop -1',
      'record -p 7 --max-stop 1%',
      'record -p 7 --max-stop 2 --never-stop',
      'record -p 7 -b --max-stop 0',
      'tasks -p 7 --never-stop',
      'install-helper x',
      'install-helper -p 7',
      'remove-helper -- x',
      'remove-helper --json',
      'tasks',
      'tasks -p 7 x',
      'tasks -p 7 -- x',
      'tasks -p 7 -r 5',
      'record -p 7 --json',
      'run --json -- a',
      'run',
      'run --',
      'run python -- app.py',
      'record -p 7 -f pdf',
      'convert a',
      'convert a b',
      'convert a - ',
      'convert a b.svg c.svg',
      'record -p 7 -n',
      'record -p 7 -V',
      'record -p 7 --color sometimes',
      'record -p 7 --allow 5',
      'record -p 7 --events /e',
      'report',
      'report a b',
      'report a -p 7',
      'report a -d 5',
      'report a -s',
      'report -p 7 --top 0',
      'list x',
      'list --pids --json',
      'completion',
      'completion csh',
      'completion bash zsh',
      'run -p 7 -- a',
      'run --commands /c -- a',
      'run --events /e -o x -- a',
      'run --allow x -- a',
      'allow',
      'allow 5',
      'allow 5 6 -- a',
      'allow x -- a',
      'helper',
      'helper --pid 7',
      `helper ${helper.join(' ')} --pid 8`,
      `helper ${helper.join(' ')} 8`,
      `helper ${helper.join(' ')} -s`,
      `helper ${helper.join(' ')} --subprocesses --subprocesses`,
      `helper ${helper.join(' ')} -i`,
      `helper ${helper.join(' ')} --instructions true`,
      `helper ${helper.join(' ')} --instructions=true`,
      `helper ${helper.join(' ')} --instructions --instructions`,
      'tasks -p 7 --instructions',
      `helper ${helper.join(' ')} --max-stopped 0.6`,
      `helper ${helper.join(' ')} --max-stopped 1e-3`,
      `helper ${helper.join(' ')} --max-stopped -0.1`,
      `helper ${helper.join(' ')} --max-stopped`,
      'record -p 7 --instructions=1',
      `helper ${helper.join(' ')} --events /e`,
      `helper ${helper.slice(0, 5).join(' ')}`,
      `helper --pid=7 ${helper.slice(2).join(' ')}`,
      `helper ${helper.join(' ')} --look tasks`,
      'helper --pid 7 --start-time 123 --look',
      'helper --pid 7 --start-time 123 --look memory',
      'helper --pid 7 --start-time 123 --look tasks --broker 3',
      'helper --pid 7 --start-time 123 --look tasks --tasks',
      'helper --pid 7 --look tasks',
      `helper ${helper.join(' ')} --tasks --tasks`,
      `elevate ${helper.join(' ')}`,
      `elevate ${helper.join(' ')} --events /e`,
      `elevate ${helper.join(' ')} --events /e --commands /c --broker 3`,
    ];
    for (const line of lines) assert.throws(() => parseArguments(line.split(' ')), UsageError, line);
  });

  it('says what is near what was mistyped', () => {
    const cases = [
      ['reocrd -p 7', /unknown command 'reocrd'\n\(Did you mean record\?\)/],
      ['record --durtion 5', /unknown option '--durtion'\n\(Did you mean --duration\?\)/],
      ['record -d 1s -p 7', /^--duration: '1s' is not a number of seconds$/],
      ['record -p 7 -f pdf', /^--format: unknown format 'pdf'\. There are: firefox, /],
    ] as const;
    for (const [line, message] of cases) assert.throws(() => parseArguments(line.split(' ')), { name: 'UsageError', message });
    assert.equal(hintFor(['run', '--what']), 'heatline record --help says how it is used.');
    assert.equal(hintFor(['reocrd']), 'heatline --help says how it is used.');
  });
});
