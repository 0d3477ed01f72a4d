import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { isKernel, isNative } from '../../../profile/delta.ts';
import type { Profile } from '../../../profile/profile.ts';
import type { ProfileSource } from '../../../src/profileSource.ts';
import type { HeatlineApi } from '../../../src/api.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { newestPython } from '../demo.ts';
import { hasEnded, hasSamples, until } from './waiting.ts';

const program = [
  'import os, zlib',
  'data = os.urandom(1 << 18)',
  'noise = open("/dev/urandom", "rb", 0)',
  'print("0", flush=True)',
  'while True:',
  '    zlib.compress(data, 6)',
  '    for _ in range(8): noise.read(1 << 18)',
].join('\n');

describe('native frames', () => {
  let api: HeatlineApi;
  let folder: string;
  let script: string;
  let target: Target;

  before(async () => {
    api = await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-native-'));
    script = path.join(folder, 'packing.py');
    fs.writeFileSync(script, program);
    target = await startTarget(newestPython(), script);
  });
  after(async () => {
    await vscode.workspace.getConfiguration('heatline').update('native', undefined, vscode.ConfigurationTarget.Global);
    await target.kill();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    fs.rmSync(folder, { recursive: true });
  });

  const hasNames =
    (isIt: (func: Profile['functions'][number]) => boolean) =>
    ({ profile }: ProfileSource): boolean =>
      profile.functions.some(isIt);

  async function hover(line: number): Promise<string> {
    const document = await vscode.workspace.openTextDocument(script);
    await vscode.window.showTextDocument(document);
    await api.heatSettled();
    const place = new vscode.Position(line, 6);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, place);
    const texts = hovers.flatMap(({ contents }) => contents.map((content) => (content as vscode.MarkdownString).value));
    return texts.find((text) => text.includes('Heatline')) ?? '';
  }

  it('are read once the setting says so, by a process of ours, and hovers split lines by them', async () => {
    await vscode.commands.executeCommand('heatline.readNative');
    assert.equal(vscode.workspace.getConfiguration('heatline').get('native'), true);
    const session = (await api.profileProcess(target.pid))!;
    await until(session, hasNames(isNative));
    await until(session, hasNames(isKernel));
    await until(session, hasSamples(100));
    await vscode.commands.executeCommand('heatline.stop', session.id);
    await until(session, hasEnded);
    assert.equal(session.profile.quality.requestedRate, 100);
    assert.ok(session.profile.quality.native!.stops > 0);
    assert.match(await hover(5), /of it in native code[^]*Of the line’s own time\\: \d+(\.\d+)?% `/);
    assert.match(await hover(6), /of it in the system[^]*Of the line’s own time\\: \d+(\.\d+)?% /);
  });

  it('are left out again', async () => {
    await vscode.commands.executeCommand('heatline.leaveNative');
    const session = (await api.profileProcess(target.pid))!;
    await until(session, hasSamples(10));
    await vscode.commands.executeCommand('heatline.stop', session.id);
    await until(session, hasEnded);
    assert.equal(session.profile.quality.native, undefined);
    assert.ok(!session.profile.functions.some(isNative));
    assert.doesNotMatch(await hover(5), /of it/);
  });
});
