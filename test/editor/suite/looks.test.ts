import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HeatlineApi } from '../../../src/api.ts';
import { since } from '../../support/interpreters.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { newestPython, startDemo } from '../demo.ts';

const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
const program = path.resolve(folder, '../editor/programs/awaiting.py');
const greenletProgram = path.resolve(folder, '../integration/asyncio/targets/greenlets.py');

/** Looks by the command, and gives what the view shows as text; null where nothing could be seen. */
async function look(what: 'Tasks' | 'Greenlets', pid: number): Promise<string | null> {
  if ((await vscode.commands.executeCommand(`heatline.show${what}`, pid)) === undefined) return null;
  return copy(what);
}

async function copy(what: 'Tasks' | 'Greenlets'): Promise<string> {
  await vscode.env.clipboard.writeText('');
  await vscode.commands.executeCommand(`heatline.copy${what}`);
  return vscode.env.clipboard.readText();
}

describe('looking at tasks and greenlets', () => {
  before(async () => {
    await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
  });
  afterEach(async () => {
    for (const what of ['Tasks', 'Greenlets']) await vscode.commands.executeCommand(`heatline.close${what}`);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('shows who awaits whom and where each task is, and looks again', async () => {
    await using target = await startTarget(newestPython(), program);
    const text = (await look('Tasks', target.pid))!;
    assert.match(
      text,
      new RegExp(
        `^process ${target.pid} \\(process ${target.pid}\\), Python 3\\.[^]*, at [^]*4 tasks: 0 running, 4 waiting, 0 ready to go on\\.\n\ncrawler – waiting for `,
      ),
    );
    const lines = text.split('\n');
    const crawler = lines.findIndex((line) => line.startsWith('crawler'));
    const [main, crawl] = lines.slice(crawler + 1).map((line) => line.trim());
    assert.deepEqual([main, crawl], [`main (${program}:29)`, `crawl (${program}:20)`]);
    assert.equal(lines.filter((line) => /^ {2}fetch-\d – waiting for Future · .+ · .+:\d+$/.test(line)).length, 3, text);
    assert.ok(lines.includes(`    answer (${program}:8)`), text);
    assert.equal(await target.ask('go on'), 'done');
    await vscode.commands.executeCommand('heatline.refreshTasks');
    assert.match(
      await copy('Tasks'),
      /One task: waiting for Future\.\n\ncrawler – waiting for Future · main · awaiting\.py:31\n {2}main \(.*:31\)\n$/,
    );
  });

  it('shows greenlets below their parents', async function () {
    const interpreter = since(3, 8).findLast(({ greenlet, freeThreaded }) => greenlet !== null && !freeThreaded);
    if (interpreter === undefined) this.skip();
    await using target = await startTarget(interpreter, greenletProgram);
    const text = (await look('Greenlets', target.pid))!;
    const [, count] = /(\d+) greenlets: 2 running, \d+ suspended\./.exec(text) ?? [];
    assert(Number(count) > 200, text.slice(0, 500));
    assert.match(text, /\n {2}greenlet 0x[0-9a-f]+ – suspended · leaf · greenlets\.py:\d+\n {4}down \(/);
  });

  it('says that a program has none', async () => {
    const target: Target = await startDemo(folder);
    try {
      assert.match((await look('Tasks', target.pid))!, /No unfinished tasks\. The program has not imported asyncio\.\n\n\n$/);
      assert.match((await look('Greenlets', target.pid))!, /No unfinished greenlets\. The program has not imported greenlet or gevent\./);
    } finally {
      await target.kill();
    }
  });

  it('shows nothing of what is no Python, or of nothing at all, and what it had stays', async () => {
    await using target = await startTarget(newestPython(), program);
    const before = await look('Tasks', target.pid);
    const stranger = spawn('sleep', ['600']);
    try {
      await once(stranger, 'spawn');
      assert.equal(await look('Tasks', stranger.pid!), null);
      assert.equal(await look('Tasks', 2 ** 22 + 1), null);
      assert.equal(await copy('Tasks'), before);
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});
