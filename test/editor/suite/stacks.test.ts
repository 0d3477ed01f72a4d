import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HeatlineApi } from '../../../src/api.ts';
import { writeLiveCore } from '../../support/liveCore.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { newestPython } from '../demo.ts';

const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
const program = path.resolve(folder, '../editor/programs/hanging.py');

async function run(command: string, ...args: readonly unknown[]): Promise<unknown> {
  return vscode.commands.executeCommand(`heatline.${command}`, ...args);
}

/** What the view shows, as text. */
async function shown(): Promise<string> {
  await vscode.env.clipboard.writeText('');
  await run('copyStacks');
  return vscode.env.clipboard.readText();
}

/** Does something until the view shows what it has to: threads take their time until they wait. */
async function until(isThere: (text: string) => boolean, act: () => Promise<unknown> = () => Promise.resolve()): Promise<string> {
  for (;;) {
    await act();
    const text = await shown();
    if (isThere(text)) return text;
  }
}

/** All threads have come to what they wait for. */
const hangs = (text: string): boolean =>
  text.includes('Deadlock') &&
  /\n12 threads – .+ · waiting\n/.test(text) &&
  text.includes('fetch-1 – waiting for Future') &&
  text.includes('listen_first');

describe('live stacks', () => {
  let target: Target;
  before(async () => {
    await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
  });
  beforeEach(async () => {
    target = await startTarget(newestPython(), program);
  });
  afterEach(async () => {
    for (const command of ['unfollowStacks', 'hideVariables', 'foldStacks', 'closeStacks']) await run(command);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await target.kill();
  });

  const look = async (): Promise<unknown> => run('showStacks', target.pid, 'hanging.py');

  it('show what every thread does, who waits for whom, and tasks', async () => {
    const text = await until(hangs, look);
    assert.match(
      text,
      new RegExp(
        `^hanging\\.py \\(process ${target.pid}\\), Python 3\\.\\S+, at .+\\. 17 threads: 0 running, 0 ready to run, 17 waiting\\. `,
      ),
    );
    assert.match(text, /Deadlock, each waits for the next: (ann → bob → ann|bob → ann → bob)\. Read at one instant\./);
    assert.match(text, /\nMainThread – .+ · waiting · id \d+\n {2}waits for ann – the end of Thread 0x[0-9a-f]+ · id \d+\n/);
    assert.match(
      text,
      /\nann – transfer · hanging\.py:16 · waiting · id \d+\n {2}waits for bob – RLock 0x[0-9a-f]+ · id \d+\n {2}transfer \(.*hanging\.py:16\)\n/,
    );
    assert.match(text, /\nasyncio tasks – 3 tasks: 0 running, 3 waiting, 0 ready to go on\.\n {2}crawler – /);
    assert.ok(!text.includes('amount = '));
    const group = /\n12 threads – .+\n((?: .+\n)+)/.exec(text)![1]!.split('\n');
    assert.match(
      group.find((line) => line.includes('worker ('))!,
      /hanging\.py:22/,
    );
    assert.equal(group.filter((line) => /^ {2}worker-\d+ – id \d+$/.test(line)).length, 12);
  });

  it('show threads apart, and variables, if that is wanted', async () => {
    await until(hangs, look);
    await run('unfoldStacks');
    const apart = await shown();
    assert.equal([...apart.matchAll(/\nworker-\d+ – .+ · waiting/g)].length, 12, apart);
    await run('foldStacks');
    assert.match(await shown(), /\n12 threads – /);
    await run('showVariables');
    const text = await shown();
    assert.match(text, /\n {2}transfer \(.*hanging\.py:16\)\n {4}mine = <[^\n]*RLock[^\n]*\n {4}other = [^\n]*\n {4}amount = 10\n/);
    await run('hideVariables');
    assert.ok(!(await shown()).includes('amount = '));
  });

  it('are looked at again by hand, and each second', async () => {
    await until(hangs, look);
    assert.equal(await target.ask('go on'), 'moved on');
    assert.match(await shown(), /listen_first/); // until it is looked at again
    await until(
      (text) => text.includes('listen_second'),
      () => run('refreshStacks'),
    );
    await run('followStacks');
    await target.kill();
    const last = await until((text) => text.startsWith('It has ended; this is what it did last. hanging.py'));
    assert.match(last, /listen_second/);
  });

  it('go on each second with what is looked at next', async () => {
    await until(hangs, look);
    await run('followStacks');
    await using other = await startTarget(newestPython(), program);
    await until(hangs, () => run('showStacks', other.pid, 'another.py'));
    assert.equal(await other.ask('go on'), 'moved on');
    const text = await until((now) => now.includes('listen_second'));
    assert.match(text, /^another\.py /);
  });

  it('are not there of what is no Python, and what was shown stays', async () => {
    await until(hangs, look);
    const before = await shown();
    const stranger = spawn('sleep', ['600']);
    try {
      await once(stranger, 'spawn');
      assert.equal(await run('showStacks', stranger.pid!), undefined);
      assert.equal(await run('showStacks', 2 ** 22 + 1), undefined);
      assert.equal(await shown(), before);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('are those in a core dump, with variables, and say what is no dump', async () => {
    await until(hangs, look);
    const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-core-'));
    try {
      const file = path.join(scratch, `core.${target.pid}`);
      writeLiveCore(target.pid, file);
      await target.kill();
      assert.notEqual(await run('openCoreDump', vscode.Uri.file(file)), undefined);
      const text = await shown();
      assert.ok(text.startsWith(`Core dump ${file} of process ${target.pid}, Python 3.`), text.slice(0, 300));
      assert.match(text, /17 threads: /);
      assert.match(text, /\n {2}transfer \(.*hanging\.py:16\)\n {4}mine = [^\n]+\n {4}other = [^\n]+\n {4}amount = 10\n/);
      assert.match(text, /\nasyncio tasks – 3 tasks: /);

      fs.writeFileSync(path.join(scratch, 'not'), 'nothing of the kind');
      assert.equal(await run('openCoreDump', vscode.Uri.file(path.join(scratch, 'not'))), undefined);
      assert.equal(await run('openCoreDump', vscode.Uri.file(path.join(scratch, 'nowhere'))), undefined);
      fs.truncateSync(file, 20_000);
      assert.equal(await run('openCoreDump', vscode.Uri.file(file)), undefined);
      assert.equal(await shown(), text);
    } finally {
      fs.rmSync(scratch, { recursive: true });
    }
  });
});
