import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HeatlineApi } from '../../../src/api.ts';
import type { ProfileSource } from '../../../src/profileSource.ts';
import { startTarget } from '../../support/target.ts';
import { newestPython, startDemo } from '../demo.ts';
import { event, hasEnded, hasSeen, until } from './waiting.ts';

describe('what the editor does with profiles', () => {
  let api: HeatlineApi;
  let scratch: string;
  let profile: ProfileSource;
  const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;

  before(async () => {
    api = await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-features-'));
    await using target = await startDemo(folder);
    profile = (await api.profileProcess(target.pid))!;
    await until(profile, hasSeen('Segment.remove'));
    await vscode.commands.executeCommand('heatline.stop', profile.id);
    await until(profile, hasEnded);
  });
  after(async () => {
    await vscode.workspace.getConfiguration('heatline.run').update('python', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    fs.rmSync(scratch, { recursive: true, force: true });
  });

  async function show(file: string): Promise<vscode.TextEditor> {
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(file));
    await api.heatSettled();
    return editor;
  }

  it('copies what is hot as Markdown, without the folders of this machine', async () => {
    await vscode.commands.executeCommand('heatline.copyForIssue', profile.id);
    const text = await vscode.env.clipboard.readText();
    assert.match(text, /^\*\*`main\.py`\*\*, Python 3\./);
    assert.match(text, /`Segment\.remove \(library\/index\.py:\d+\)`/);
    assert.ok(!text.includes(folder), text);
  });

  it('goes from hot line to hot line', async () => {
    const editor = await show(path.join(folder, 'library/index.py'));
    const lines: number[] = [];
    for (let step = 0; step < 2; step++) {
      await vscode.commands.executeCommand('heatline.nextHotLine');
      lines.push(editor.selection.active.line);
    }
    assert.ok(lines[0]! < lines[1]!, String(lines));
    await vscode.commands.executeCommand('heatline.previousHotLine');
    assert.equal(editor.selection.active.line, lines[0]);
  });

  it('says which files were changed after they were profiled', async () => {
    const file = path.join(scratch, 'late.py');
    fs.writeFileSync(file, 'print("true", flush=True)\ndef work():\n    return sum(range(100))\nwhile True:\n    work()\n');
    const lenses = async (): Promise<string[]> => {
      const uri = vscode.Uri.file(file);
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
      return all.map(({ command }) => command?.title ?? '').filter((title) => title.includes('marks may be on other lines'));
    };
    await using target = await startTarget(newestPython(), file);
    const session = (await api.profileProcess(target.pid))!;
    await until(session, hasSeen('work'));
    await vscode.commands.executeCommand('heatline.stop', session.id);
    await until(session, hasEnded);
    const now = new Date();
    fs.utimesSync(file, now, now);
    await show(file);
    assert.equal((await lenses()).length, 1);
  });

  it('counts calls exactly, and says so above the functions', async () => {
    const file = path.join(scratch, 'counted.py');
    fs.writeFileSync(file, 'def leaf():\n    return sum(range(2000))\n\ndef main():\n    for _ in range(321):\n        leaf()\n\nmain()\n');
    await vscode.workspace.getConfiguration('heatline.run').update('python', newestPython().path, vscode.ConfigurationTarget.Global);
    const opened = event(api.onDidAddProfile, ({ title }) => title.includes('counted-exact'));
    await vscode.commands.executeCommand('heatline.countExactly', vscode.Uri.file(file));
    const counted = await opened;
    assert.match(counted.title, /\(exact counts\)$/);
    assert.equal(counted.profile.exactCounts?.of, 'calls');
    await vscode.commands.executeCommand('heatline.showHeat', counted.id);
    await show(file);
    const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', vscode.Uri.file(file));
    const titles = all.map(({ command }) => command?.title ?? '').filter((title) => title.includes('calls'));
    assert.match(titles.join('\n'), /^321 calls · [\d.,]+ \S+ each/m);
  });
});
