import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HeatlineApi } from '../../../src/api.ts';
import type { Target } from '../../support/target.ts';
import { startDemo } from '../demo.ts';
import { hasEnded, hasSamples, hasSeen, until } from './waiting.ts';

describe('profiling from the extension host', () => {
  let api: HeatlineApi;
  let folder: string;
  let target: Target;

  before(async () => {
    api = await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
    folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
  });
  beforeEach(async () => {
    target = await startDemo(folder);
  });
  afterEach(async () => {
    await target.kill();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('finds functions, lines and threads of a live process, and leaves it running', async () => {
    const session = (await api.profileProcess(target.pid))!;
    for (const name of ['index_forever', 'tokenize', 'Segment.remove']) await until(session, hasSeen(name));
    await until(session, ({ profile: { threads } }) => threads.length >= 4 && threads.every(({ name }) => name !== ''));
    await vscode.commands.executeCommand('heatline.stop', session.id);
    await until(session, hasEnded);

    const { profile } = session;
    const places = profile.functions.map(
      ({ name, file, firstLine }) => `${name} ${path.relative(folder, path.resolve(folder, file))}:${firstLine}`,
    );
    for (const place of ['index_forever main.py:24', 'tokenize library/text.py:9', 'Segment.remove library/index.py:21'])
      assert.ok(places.includes(place), `${place} in\n${places.join('\n')}`);
    assert.deepEqual(new Set(profile.threads.map(({ name }) => name)), new Set(['MainThread', 'indexer', 'compactor', 'journal']));
    assert.equal(profile.processes[0]?.pid, target.pid);
    assert.equal(session.endMessage, undefined);

    assert.ok(process.kill(target.pid, 0));
  });

  it('opens the flame graph', async () => {
    const hasWebview = (all: readonly vscode.Tab[]): boolean => all.some(({ input }) => input instanceof vscode.TabInputWebview);
    assert.ok(!hasWebview(tabs()));
    const session = (await api.profileProcess(target.pid))!;
    await tabsAre(hasWebview);
    await vscode.commands.executeCommand('heatline.stop', session.id);
    await until(session, hasEnded);
  });

  it('tells of hot lines when they are hovered', async () => {
    const session = (await api.profileProcess(target.pid))!;
    await until(session, hasSeen('Index.add'));
    const document = await vscode.workspace.openTextDocument(path.join(folder, 'main.py'));
    await vscode.window.showTextDocument(document);
    await api.heatSettled();
    const call = document
      .getText()
      .split('\n')
      .findIndex((line) => line.includes('index.add(document)'));
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      new vscode.Position(call, 10),
    );
    const text = hovers.flatMap(({ contents }) => contents.map((content) => (content as vscode.MarkdownString).value)).join('\n');
    assert.match(text, /Heatline/);
    assert.match(text, /Total/);
    await vscode.commands.executeCommand('heatline.stop', session.id);
    await until(session, hasEnded);
  });

  it('keeps what it has when the process is killed, and says so', async () => {
    const session = (await api.profileProcess(target.pid))!;
    await until(session, hasSamples(500));
    await target.kill();
    await until(session, hasEnded);
    assert.ok(session.profile.quality.samples >= 500);
    assert.match(session.endMessage!, /process has ended/);
  });

  it('profiles two processes at once', async () => {
    await using other = await startDemo(folder);
    const sessions = [(await api.profileProcess(target.pid))!, (await api.profileProcess(other.pid))!];
    await Promise.all(sessions.map(async (session) => until(session, hasSamples(500))));
    assert.deepEqual(
      sessions.map(({ profile }) => profile.processes[0]?.pid),
      [target.pid, other.pid],
    );
    for (const session of sessions) await vscode.commands.executeCommand('heatline.stop', session.id);
    await Promise.all(sessions.map(async (session) => until(session, hasEnded)));
  });

  it('tells profiles of one process apart by their tabs', async () => {
    await using fresh = await startDemo(folder);
    const titles: string[] = [];
    for (let time = 0; time < 3; time++) {
      const session = (await api.profileProcess(fresh.pid))!;
      await until(session, hasSamples(20));
      await vscode.commands.executeCommand('heatline.stop', session.id);
      await until(session, hasEnded);
      titles.push(session.title);
    }
    const [name] = titles;
    assert.deepEqual(titles, [name, `${name}, no. 2`, `${name}, no. 3`]);
    await tabsAre((all) => titles.every((title) => all.some(({ label }) => label === title)));
  });

  it('has nothing to say about a process that is not Python', async () => {
    const stranger = spawn('sleep', ['600']);
    try {
      await once(stranger, 'spawn');
      const before = api.profiles.length;
      assert.equal(await api.profileProcess(stranger.pid!), undefined);
      assert.equal(api.profiles.length, before);
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});

function tabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs);
}

/** Waits until the tabs are as they should be. */
async function tabsAre(wanted: (all: readonly vscode.Tab[]) => boolean): Promise<void> {
  if (wanted(tabs())) return;
  await new Promise<void>((resolve) => {
    const subscription = vscode.window.tabGroups.onDidChangeTabs(() => {
      if (!wanted(tabs())) return;
      subscription.dispose();
      resolve();
    });
  });
}
