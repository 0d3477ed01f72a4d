import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { helperCommand, namedHelperCommand, runCommandLine } from './commandLine.ts';

const onLinux = process.platform === 'linux';

(onLinux ? describe : describe.skip)('The command that runs the helper', () => {
  let folder: string;
  let cli: string;
  const options = { pid: 7, startTime: 99, rate: 100, subprocesses: true } as const;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline test-'));
    cli = path.join(folder, 'cli.js');
    fs.writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    fs.writeFileSync(cli, 'console.log(JSON.stringify([process.argv, Object.keys(process.env)]));');
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** What the helper would be run with, and in which environment. */
  function run([program, ...args]: readonly string[]): [string[], string[]] {
    return JSON.parse(execFileSync(program!, args, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '--no-warnings' } })) as [
      string[],
      string[],
    ];
  }

  it('has a name that says whose it is, and runs the same in an empty environment', () => {
    fs.copyFileSync(path.join(import.meta.dirname, 'heatline-helper.sh'), path.join(folder, 'heatline-helper'));
    const command = namedHelperCommand(cli, options);
    assert.equal(command[0], path.join(folder, 'heatline-helper'));
    const [args, environment] = run(command);
    assert.deepEqual(args.slice(1), [cli, 'helper', '--pid', '7', '--start-time', '99', '--rate', '100', '--subprocesses']);
    assert.deepEqual(
      environment.filter((name) => /NODE|PATH|HOME/.test(name)),
      [],
    );
    assert.deepEqual(run(helperCommand(cli, options))[0], args);
  });

  it('is another one where that can’t be executed', () => {
    fs.copyFileSync(path.join(import.meta.dirname, 'heatline-helper.sh'), path.join(folder, 'heatline-helper'));
    fs.chmodSync(path.join(folder, 'heatline-helper'), 0o644);
    assert.deepEqual(namedHelperCommand(cli, options), helperCommand(cli, options));
  });

  it('that runs a program for a terminal is a name and the program, and all else is in the environment', () => {
    fs.copyFileSync(path.join(import.meta.dirname, '../../cli/heatline-run.sh'), path.join(folder, 'heatline-run'));
    const { program, args, environment } = runCommandLine(cli, ['--rate', '7']);
    assert.deepEqual([program, args], [path.join(folder, 'heatline-run'), []]);
    const output = execFileSync(program, [...args, 'python', '--', 'a b'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...environment },
    });
    const [given, names] = JSON.parse(output) as [string[], string[]];
    assert.deepEqual(given.slice(1), [cli, 'python', '--', 'a b']);
    assert.deepEqual(names.filter((name) => name.startsWith('HEATLINE')).sort(), ['HEATLINE_NODE', 'HEATLINE_RUN']);
    fs.chmodSync(program, 0o644);
    assert.deepEqual(runCommandLine(cli, []).args, [cli]);
    assert.equal(runCommandLine(cli, []).program, process.execPath);
  });
});
