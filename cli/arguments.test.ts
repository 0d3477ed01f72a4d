import assert from 'node:assert/strict';
import { elevateArguments } from '../native/index.ts';
import { parseArguments, UsageError } from './arguments.ts';

const defaults = { duration: undefined, rate: 1000, format: 'firefox', subprocesses: false, blocking: false };
const runs = { name: 'run', ...defaults, output: undefined, quiet: false, allow: undefined, events: undefined, commands: undefined };
const helper = ['--pid', '7', '--start-time', '123', '--rate', 'max'];

describe('the command line', () => {
  it('is understood', () => {
    const cases: readonly (readonly [string, unknown])[] = [
      ['record -p 7', { name: 'record', pid: 7, ...defaults, output: 'heatline-7.heatline.json.gz' }],
      ['record -p 7 -d 0.5 -r max -f raw -s -o -', { name: 'record', pid: 7, duration: 500, rate: 'max', format: 'raw', subprocesses: true, blocking: false, output: '-' }],
      ['record -b -p 7', { name: 'record', pid: 7, ...defaults, blocking: true, output: 'heatline-7.heatline.json.gz' }],
      ['record -b -r max -p 7', { name: 'record', pid: 7, ...defaults, rate: 'max', blocking: true, output: 'heatline-7.heatline.json.gz' }],
      ['record --never-stop -p 7', { name: 'record', pid: 7, ...defaults, maxStopped: 0, output: 'heatline-7.heatline.json.gz' }],
      ['record --max-stop 2.5 -b -p 7', { name: 'record', pid: 7, ...defaults, blocking: true, maxStopped: 0.025, output: 'heatline-7.heatline.json.gz' }],
      ['run -b -- a', { ...runs, blocking: true, program: ['a'] }],
      ['run --nonblocking -- a', { ...runs, maxStopped: 0, program: ['a'] }],
      ['run --max-stop 0 -- a', { ...runs, maxStopped: 0, program: ['a'] }],
      ['tasks -p 7', { name: 'tasks', pid: 7, json: false }],
      ['tasks --json -p 7', { name: 'tasks', pid: 7, json: true }],
      ['greenlets -p 7', { name: 'greenlets', pid: 7, json: false }],
      ['run -- python -p x -- y', { ...runs, program: ['python', '-p', 'x', '--', 'y'] }],
      ['run --tasks -- a', { ...runs, tasks: true, program: ['a'] }],
      ['record -i -p 7', { name: 'record', pid: 7, ...defaults, instructions: true, output: 'heatline-7.heatline.json.gz' }],
      ['run --instructions -- a', { ...runs, instructions: true, program: ['a'] }],
      ['run -q -r 10 --allow 5 -- a', { ...runs, rate: 10, quiet: true, allow: 5, program: ['a'] }],
      ['run --events /e --commands /c -- a', { ...runs, events: '/e', commands: '/c', program: ['a'] }],
      ['allow 5 -- a -h', { name: 'allow', pid: 5, program: ['a', '-h'] }],
      ['-h', { name: 'help' }],
      ['run --help', { name: 'help' }],
      [['helper', ...helper].join(' '), { name: 'helper', options: { pid: 7, startTime: 123, rate: 'max', subprocesses: false } }],
      [['helper', ...helper, '--instructions'].join(' '), { name: 'helper', options: { pid: 7, startTime: 123, rate: 'max', subprocesses: false, instructions: true } }],
      ['helper --pid 7 --start-time 123 --rate 5 --tasks', { name: 'helper', options: { pid: 7, startTime: 123, rate: 5, subprocesses: false, tasks: true } }],
      ['helper --pid 7 --start-time 123 --look tasks', { name: 'helper', options: { pid: 7, startTime: 123, look: 'tasks' } }],
      ['elevate --pid 7 --start-time 123 --look greenlets --events /e --commands /c', {
        name: 'elevate', options: { pid: 7, startTime: 123, look: 'greenlets' }, events: '/e', commands: '/c',
      }],
      [['elevate', ...helper, '--subprocesses', '--duration 2 --events /e --commands /c'].join(' '), {
        name: 'elevate', options: { pid: 7, startTime: 123, rate: 'max', subprocesses: true, duration: 2000 }, events: '/e', commands: '/c',
      }],
    ];
    for (const [line, command] of cases) assert.deepEqual(parseArguments(line.split(' ')), command, line);
  });

  it('is understood as the editor gives it to the helper', () => {
    for (const options of [{ subprocesses: false }, { subprocesses: true, instructions: true, duration: 1500, maxStopped: 0.025 }]) {
      const all = { pid: 7, startTime: 123, rate: 1000, ...options };
      assert.deepEqual(parseArguments(elevateArguments(all, { events: '/e', commands: '/c' })), { name: 'elevate', options: all, events: '/e', commands: '/c' });
    }
  });

  it('is refused when it makes no sense', () => {
    const lines = [
      '', 'what', 'record', 'record -p', 'record -p 0', 'record -p 1.5', 'record -p 7 x', 'record -p 7 -- x', 'record -p 7 --quiet', 'record -p 7 --nothing',
      'record -p 7 -r 0', 'record -p 7 -d 1s', 'record -p 7 -f pdf', 'record -p 7 -b --never-stop', 'run -b --nonblocking -- a', 'record -p 7 --max-stop 51', 'record -p 7 --max-stop -1', 'record -p 7 --max-stop 1%',
      'record -p 7 --max-stop 2 --never-stop', 'record -p 7 -b --max-stop 0', 'tasks -p 7 --never-stop',
      'tasks', 'tasks -p 7 x', 'tasks -p 7 -- x', 'tasks -p 7 -r 5', 'record -p 7 --json', 'run --json -- a',
      'run', 'run --', 'run python app.py', 'run -p 7 -- a', 'run --commands /c -- a', 'run --events /e -o x -- a', 'run --allow x -- a',
      'allow', 'allow 5', 'allow 5 6 -- a', 'allow x -- a',
      'helper', 'helper --pid 7', `helper ${helper.join(' ')} --pid 8`, `helper ${helper.join(' ')} 8`, `helper ${helper.join(' ')} -s`, `helper ${helper.join(' ')} --subprocesses --subprocesses`, `helper ${helper.join(' ')} -i`, `helper ${helper.join(' ')} --instructions true`,
      `helper ${helper.join(' ')} --instructions=true`, `helper ${helper.join(' ')} --instructions --instructions`, 'tasks -p 7 --instructions', `helper ${helper.join(' ')} --max-stopped 0.6`, `helper ${helper.join(' ')} --max-stopped 1e-3`, `helper ${helper.join(' ')} --max-stopped -0.1`, `helper ${helper.join(' ')} --max-stopped`, 'record -p 7 --instructions=1',
      `helper ${helper.join(' ')} --events /e`, `helper ${helper.slice(0, 5).join(' ')}`, `helper --pid=7 ${helper.slice(2).join(' ')}`,
      `helper ${helper.join(' ')} --look tasks`, 'helper --pid 7 --start-time 123 --look', 'helper --pid 7 --start-time 123 --look memory', 'helper --pid 7 --start-time 123 --look tasks --broker 3',
      'helper --pid 7 --start-time 123 --look tasks --tasks', 'helper --pid 7 --look tasks', `helper ${helper.join(' ')} --tasks --tasks`,
      `elevate ${helper.join(' ')}`, `elevate ${helper.join(' ')} --events /e`, `elevate ${helper.join(' ')} --events /e --commands /c --broker 3`,
    ];
    for (const line of lines) assert.throws(() => parseArguments(line === '' ? [] : line.split(' ')), UsageError, line);
  });
});
