import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as vscode from 'vscode';
import { toFirefox } from '../../../profile/formats/firefox.ts';
import type { HeatlineApi } from '../../../src/api.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { newestPython } from '../demo.ts';
import { event, hasEnded, hasSamples, until } from './waiting.ts';

describe('expressions of hot lines', () => {
  let api: HeatlineApi;
  let folder: string;
  let script: string;
  let target: Target;
  const heatline = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('heatline');

  before(async () => {
    api = await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
    // A copy, since it is edited; its folder belongs to nobody's workspace.
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-expressions-'));
    script = path.join(folder, 'expressions.py');
    fs.copyFileSync(path.join(__dirname, '..', '..', 'test', 'editor', 'programs', 'expressions.py'), script);
    target = await startTarget(newestPython(), script);
  });
  after(async () => {
    await heatline().update('instructions', undefined, vscode.ConfigurationTarget.Global);
    await target.kill();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    fs.rmSync(folder, { recursive: true });
  });

  async function profile(): Promise<void> {
    const session = (await api.profileProcess(target.pid))!;
    await until(session, hasSamples(3000));
    await vscode.commands.executeCommand('heatline.stop', session.id);
    await until(session, hasEnded);
  }

  async function hover(document: vscode.TextDocument): Promise<string> {
    await api.heatSettled();
    const line = document
      .getText()
      .split('\n')
      .findIndex((text) => text.includes('summe = max('));
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      new vscode.Position(line, 12),
    );
    return (
      hovers
        .flatMap(({ contents }) => contents.map((content) => (content as vscode.MarkdownString).value))
        .find((text) => text.includes('Heatline')) ?? ''
    );
  }

  async function edit(document: vscode.TextDocument, change: (text: string) => string): Promise<void> {
    const edits = new vscode.WorkspaceEdit();
    edits.replace(document.uri, document.validateRange(new vscode.Range(0, 0, document.lineCount, 0)), change(document.getText()));
    await vscode.workspace.applyEdit(edits);
  }

  it('are not told apart unless asked for, and the hover says where that is done', async () => {
    await profile();
    const document = await vscode.workspace.openTextDocument(script);
    await vscode.window.showTextDocument(document);
    const text = await hover(document);
    assert.match(text, /Total/);
    assert.doesNotMatch(text, /Instruction/);
    assert.match(text, /command:workbench\.action\.openSettings\?%5B%22heatline\.instructions%22%5D/);
  });

  it('are in the hover with their opcodes, also after edits that leave the line as it was', async () => {
    await heatline().update('instructions', true, vscode.ConfigurationTarget.Global);
    await profile();
    const document = await vscode.workspace.openTextDocument(script);
    await vscode.window.showTextDocument(document);
    // Where it calls a Python function the time is that function's; sum() is C, so its own.
    const call = /^\| `lager\.gewicht\(lager\.größe\)` \| `CALL\w*` \| .*\d%/m;
    const own = /^\| `sum\(range\(3000\)\)` \| `\w*CALL\w*` \| \*\*\d[\d.]*%\*\* \|/m;
    const before = await hover(document);
    assert.match(before, call);
    assert.match(before, own);
    assert.doesNotMatch(before, /openSettings/);

    await edit(document, (text) => `import sys\n${text.replaceAll(/^/gm, '  ')}`);
    const moved = await hover(document);
    assert.match(moved, call);
    assert.match(moved, own);

    await edit(document, (text) => text.replace('sum(range(3000))', 'sum(range(30))'));
    const changed = await hover(document);
    assert.match(changed, /Total/);
    assert.doesNotMatch(changed, /Instruction|gewicht/);
  });

  it('come back with a saved profile', async () => {
    const saved = path.join(folder, 'saved.heatline.json.gz');
    fs.writeFileSync(saved, gzipSync(JSON.stringify(toFirefox(api.profiles.at(-1)!.profile))));
    const opened = event(api.onDidAddProfile);
    await vscode.commands.executeCommand('heatline.openProfile', vscode.Uri.file(saved));
    const { profile } = await opened;
    assert.ok(profile.instructions.isPresent);
    const document = await vscode.workspace.openTextDocument(script);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    assert.match(await hover(document), /^\| `sum\(range\(3000\)\)` \| `\w*CALL\w*` \|/m);
  });
});
