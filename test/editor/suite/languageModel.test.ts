import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HeatlineApi } from '../../../src/api.ts';
import type { ProfileSource } from '../../../src/profileSource.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { newestPython, startDemo } from '../demo.ts';
import { event, hasEnded, hasSamples, until } from './waiting.ts';

/** What the tools answer, as far as is looked at here. */
interface ReportData {
  readonly profile: { readonly id: string; readonly state: string };
  readonly seconds: number;
  readonly countedSamples: number;
  readonly thread?: string;
  readonly threads: readonly { readonly name: string; readonly pid: number; readonly waiting: number }[];
  readonly functions: readonly { readonly function: string; readonly file: string; readonly total: number }[];
  readonly lines: readonly { readonly file: string; readonly line: number; readonly source: string | null }[];
  readonly notes: readonly string[];
}

const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;

/** Calls a tool as an agent outside of a chat does. In tests the editor confirms by itself what the user would be asked. */
async function call(name: string, input: object, token?: vscode.CancellationToken): Promise<readonly string[]> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined }, token);
  return content.map((part) => {
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    return part.value;
  });
}

async function report(name: string, input: object): Promise<ReportData> {
  const [summary, json] = await call(name, input);
  assert.ok(json !== undefined, summary);
  return JSON.parse(json) as ReportData;
}

async function errorOf(name: string, input: object): Promise<string> {
  const texts = await call(name, input);
  assert.equal(texts.length, 1, texts.join('\n'));
  return texts[0]!;
}

describe('tools for language models', () => {
  let api: HeatlineApi;

  before(async () => {
    api = await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('are all there, with a schema that takes nothing else', () => {
    const tools = vscode.lm.tools.filter(({ name }) => name.startsWith('heatline_'));
    assert.deepEqual(tools.map(({ name }) => name).sort(), [
      'heatline_compare',
      'heatline_list_processes',
      'heatline_profile',
      'heatline_report',
      'heatline_stacks',
    ]);
    for (const { inputSchema, description } of tools) {
      assert.equal((inputSchema as { additionalProperties?: unknown }).additionalProperties, false);
      assert.ok(description.length > 50);
    }
  });

  describe('of a process', () => {
    let target: Target;
    before(async () => {
      target = await startDemo(folder);
    });
    after(async () => {
      await target.kill();
    });

    it('list it among those of the workspace', async () => {
      const [, json] = await call('heatline_list_processes', {});
      const { processes } = JSON.parse(json!) as { processes: { pid: number; name: string; script: string; inWorkspace: boolean }[] };
      const own = processes.find(({ pid }) => pid === target.pid);
      assert.deepEqual([own?.name, own?.script, own?.inWorkspace], ['main.py', path.join(folder, 'main.py'), true]);
      assert.ok(!json!.includes('commandLine'));
    });

    it('profile it, say what its lines are, and leave it running', async () => {
      const data = await report('heatline_profile', { pid: target.pid, seconds: 2, limit: 50 });
      assert.equal(data.profile.state, 'ended');
      assert.ok(data.countedSamples > 0);
      assert.ok(data.threads.every(({ pid }) => pid === target.pid));
      const main = path.join(folder, 'main.py');
      const indexer = data.functions.find(({ function: name }) => name === 'index_forever');
      assert.ok(indexer?.file === main && indexer.total > 0, JSON.stringify(data.functions));
      const lines = data.lines.filter(({ file }) => file.startsWith(folder));
      assert.ok(lines.length > 0);
      for (const { file, line, source } of lines) assert.equal(source, fs.readFileSync(file, 'utf8').split('\n')[line - 1]!.trim());
      assert.ok(process.kill(target.pid, 0));

      const again = await report('heatline_report', { profile: data.profile.id, count: 'all', thread: 'indexer', limit: 3 });
      assert.deepEqual([again.profile.id, again.thread, again.seconds], [data.profile.id, 'indexer', data.seconds]);
      assert.ok(again.functions.length <= 3 && again.countedSamples > 0);
      assert.match(
        await errorOf('heatline_report', { profile: data.profile.id, thread: 'nobody' }),
        /no thread "nobody".*"indexer" \(\d+\)/,
      );
      assert.match(await errorOf('heatline_report', { profile: 'no such' }), /^Error: There is no such profile; there are "profile-/);
    });

    it('compare the last two runs, of which nothing is known to differ, with what is asked for', async () => {
      const first = await report('heatline_profile', { pid: target.pid, seconds: 1 });
      const second = await report('heatline_profile', { pid: target.pid, seconds: 1 });
      const [summary, json] = await call('heatline_compare', {});
      const data = JSON.parse(json!) as { before: { id: string }; after: { id: string; samples: number }; of: string; notes: string[] };
      assert.deepEqual([data.before.id, data.after.id, data.of], [first.profile.id, second.profile.id, 'functions'], summary);
      assert.deepEqual(data.notes, [`Both are runs of ${JSON.stringify(path.join(folder, 'main.py'))}.`]);
      const [, lines] = await call('heatline_compare', { before: second.profile.id, after: first.profile.id, lines: true, by: 'seconds' });
      const swapped = JSON.parse(lines!) as typeof data & { program: { after: number } };
      assert.deepEqual([swapped.before.id, swapped.of, swapped.program.after > 0], [second.profile.id, 'lines', true]);
      assert.match(await errorOf('heatline_compare', { before: 'no such' }), /^Error: There is no profile "no such"; there are "profile-/);
    });

    it('end measuring when the caller gives it up', async () => {
      const source = new vscode.CancellationTokenSource();
      const begun = event(api.onDidAddProfile);
      const called = call('heatline_profile', { pid: target.pid, seconds: 60 }, source.token).then(
        () => 'answered',
        () => 'given up',
      );
      const profile: ProfileSource = await begun;
      await until(profile, hasSamples(1));
      assert.match(
        await errorOf('heatline_profile', { pid: target.pid }),
        new RegExp(`being profiled already\\. Call heatline_report with "profile": "${profile.id}"`),
      );
      source.cancel();
      assert.equal(await called, 'given up');
      await until(profile, hasEnded);
    });
  });

  it('show where threads are, and which lines these are', async () => {
    const program = path.resolve(folder, '../editor/programs/awaiting.py');
    await using target = await startTarget(newestPython(), program);
    const [summary, json] = await call('heatline_stacks', { pid: target.pid, frames: 100 });
    const { threads } = JSON.parse(json!) as { threads: { name: string; state: string; frames: string[]; source: string | null }[] };
    const [main] = threads;
    assert.deepEqual([threads.length, main?.name, main?.state], [1, 'MainThread', 'waiting'], summary);
    assert.match(main!.frames[0]!, /^select \(.*selectors\.py:\d+\)$|^EpollSelector\.select \(/);
    assert.ok(main!.frames.at(-1)!.startsWith(`<module> (${program}:`), json);
    assert.match(main!.source!, /poll\(/);
  });

  it('start a script of the workspace, and say how it went on', async () => {
    const settings = vscode.workspace.getConfiguration('heatline');
    await settings.update('run.python', newestPython().path, vscode.ConfigurationTarget.Global);
    try {
      const begun = event(api.onDidAddProfile);
      const data = await report('heatline_profile', { script: 'main.py', args: [], seconds: 2, limit: 50 });
      const profile = await begun;
      assert.equal(data.profile.id, profile.id);
      assert.deepEqual(profile.profile.processes[0]?.commandLine, [newestPython().path, path.join(folder, 'main.py')]);
      assert.match(data.notes.join(), /the program goes on in its terminal/);
      const ended = event(vscode.tasks.onDidEndTaskProcess);
      for (const execution of vscode.tasks.taskExecutions) execution.terminate();
      await ended;
    } finally {
      await settings.update('run.python', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('say why a script that was started is not sampled', async () => {
    const settings = vscode.workspace.getConfiguration('heatline');
    await settings.update('run.python', '/bin/false', vscode.ConfigurationTarget.Global);
    try {
      const ended = event(vscode.tasks.onDidEndTaskProcess);
      assert.match(await errorOf('heatline_profile', { script: 'main.py' }), /^Error: .*(?:ended before a sample|no Python interpreter)/);
      await ended;
    } finally {
      await settings.update('run.python', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('say what is wrong, and start nothing', async () => {
    const before = api.profiles.length;
    const stranger = spawn('sleep', ['600']);
    try {
      await once(stranger, 'spawn');
      assert.match(await errorOf('heatline_profile', { pid: stranger.pid! }), /no Python interpreter/);
      assert.match(await errorOf('heatline_stacks', { pid: stranger.pid! }), /no Python interpreter/);
    } finally {
      stranger.kill('SIGKILL');
    }
    assert.match(await errorOf('heatline_profile', { pid: 2 ** 22 + 1 }), /is gone/);
    assert.match(await errorOf('heatline_profile', {}), /either "pid".*or "script"/);
    assert.match(await errorOf('heatline_profile', { script: '../editor/programs/until.py' }), /outside of the workspace/);
    assert.match(await errorOf('heatline_profile', { script: 'nothing.py' }), /no file "nothing\.py" in the workspace/);
    assert.match(await errorOf('heatline_profile', { pid: 1, seconds: 1e9 }), /"seconds" has to be a number from 0\.1 to 60/);
    assert.equal(api.profiles.length, before);
    assert.equal(vscode.tasks.taskExecutions.length, 0);
  });
});
