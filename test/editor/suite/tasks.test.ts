import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HeatlineApi } from '../../../src/api.ts';
import { newestPython } from '../demo.ts';
import { event, hasEnded, hasSamples, hasSeen, until } from './waiting.ts';

const programsFolder = path.resolve(vscode.workspace.workspaceFolders![0]!.uri.fsPath, '../editor/programs');

describe('tasks', () => {
  let api: HeatlineApi;
  let scratch: string;

  before(async () => {
    api = await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-tasks-'));
    fs.cpSync(path.join(programsFolder, 'until.py'), path.join(scratch, 'until.py'));
  });
  afterEach(async () => {
    await setTasks(undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(() => {
    fs.rmSync(scratch, { recursive: true, force: true });
  });

  /** Writes them to the user's tasks.json. */
  async function setTasks(tasks: readonly object[] | undefined): Promise<void> {
    await vscode.workspace.getConfiguration('tasks').update('tasks', tasks, vscode.ConfigurationTarget.Global);
  }

  async function taskCalled(name: string): Promise<vscode.Task> {
    const tasks = await vscode.tasks.fetchTasks();
    const task = tasks.find((one) => one.name === name);
    assert.ok(task !== undefined, tasks.map((one) => one.name).join(', '));
    return task;
  }

  it('run a script with what tasks.json says, profile it and keep its exit code', async () => {
    await setTasks([
      {
        label: 'look',
        type: 'heatline',
        script: path.join(scratch, 'until.py'),
        args: ['end', '3', '${userHome}'],
        cwd: scratch,
        env: { GREETING: 'hello' },
        python: newestPython().path,
      },
    ]);
    const begun = event(api.onDidAddProfile);
    const ended = event(vscode.tasks.onDidEndTaskProcess);
    await vscode.tasks.executeTask(await taskCalled('look'));
    const profile = await begun;
    assert.match(profile.title, /^until\.py \(process \d+\)$/);
    await until(profile, hasSeen('work'));
    const { commandLine, workingDirectory } = profile.profile.processes[0]!;
    assert.deepEqual(commandLine, [newestPython().path, path.join(scratch, 'until.py'), 'end', '3', os.homedir()]);
    assert.equal(workingDirectory, fs.realpathSync(scratch));
    assert.equal(fs.readFileSync(path.join(scratch, 'end.started'), 'utf8'), 'hello');
    fs.writeFileSync(path.join(scratch, 'end'), '');
    assert.equal((await ended).exitCode, 3);
    await until(profile, hasEnded);
    assert.equal(profile.endMessage, 'The program ended with exit code 3.');
  });

  it('run a module', async () => {
    fs.rmSync(path.join(scratch, 'end'), { force: true });
    await setTasks([{ label: 'module', type: 'heatline', module: 'until', args: ['end', '0'], cwd: scratch, python: newestPython().path }]);
    const begun = event(api.onDidAddProfile);
    await vscode.tasks.executeTask(await taskCalled('module'));
    const profile = await begun;
    await until(profile, hasSamples(100));
    assert.deepEqual(profile.profile.processes[0]!.commandLine.slice(1), ['-m', 'until', 'end', '0']);
    fs.writeFileSync(path.join(scratch, 'end'), '');
    await until(profile, hasEnded);
  });

  it('offer the file that is open', async () => {
    await vscode.window.showTextDocument(
      await vscode.workspace.openTextDocument(path.join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, 'main.py')),
    );
    const tasks = await vscode.tasks.fetchTasks({ type: 'heatline' });
    assert.deepEqual(
      tasks.map(({ definition }) => definition),
      [{ type: 'heatline', script: 'main.py' }],
    );
  });
});
