import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HeatlineApi } from '../../../src/api.ts';
import type { ProfileSource } from '../../../src/profileSource.ts';
import { interpreters } from '../../support/interpreters.ts';
import { findPythonTools } from '../../support/pythonTools.ts';
import { hasEnded, hasSeen, until } from './waiting.ts';

const tools = findPythonTools(interpreters);
const folder = path.resolve(vscode.workspace.workspaceFolders![0]!.uri.fsPath, '../editor/pythonTests');
const numbers = path.join(folder, 'test_numbers.py');
const letters = path.join(folder, 'test_letters.py');

describe('profiling tests', function () {
  if (tools === null) {
    it('needs pytest (npm run setup)', function () {
      this.skip();
    });
    return;
  }

  let api: HeatlineApi;
  let scratch: string;
  let end: string;
  /** Stands for the Python extension's. */
  let controller: vscode.TestController;
  const settings = vscode.workspace.getConfiguration('heatline');

  before(async () => {
    api = await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
    controller = vscode.tests.createTestController('python-tests', 'Python Tests');
    await settings.update('run.python', tools.python, vscode.ConfigurationTarget.Global);
  });
  beforeEach(async () => {
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-tests-'));
    end = path.join(scratch, 'end');
    await settings.update('run.env', { ...tools.environment, HEATLINE_TEST_END: end }, vscode.ConfigurationTarget.Global);
  });
  afterEach(async () => {
    fs.writeFileSync(end, '');
    for (const profile of api.profiles) await until(profile, hasEnded);
    fs.rmSync(scratch, { recursive: true, force: true });
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(async () => {
    controller.dispose();
    await settings.update('run.python', undefined, vscode.ConfigurationTarget.Global);
    await settings.update('run.env', undefined, vscode.ConfigurationTarget.Global);
  });

  /** An item of a file, and those below it by their ids. */
  function itemOf(file: string, ...ids: readonly string[]): vscode.TestItem {
    const uri = vscode.Uri.file(file);
    const item = controller.createTestItem(file, path.basename(file), uri);
    for (const id of ids) item.children.add(controller.createTestItem(id, path.basename(id), uri));
    controller.items.replace([item]);
    return item;
  }

  /** Profiles until it is known what runs, lets it end, and tells how that was. */
  async function profiled(...args: readonly unknown[]): Promise<{ functions: Set<string>; commandLine: string; endMessage: string }> {
    const profile = await vscode.commands.executeCommand<ProfileSource | undefined>('heatline.profileTest', ...args);
    assert.ok(profile !== undefined, 'no profile was begun');
    await until(profile, hasSeen('square_sum'));
    const running = new Set(profile.profile.functions.filter(({ file }) => path.dirname(file) === folder).map(({ name }) => name));
    fs.writeFileSync(end, '');
    await until(profile, hasEnded);
    const [, ...commandLine] = profile.profile.processes[0]!.commandLine;
    return { functions: running, commandLine: commandLine.join(' '), endMessage: profile.endMessage! };
  }

  it('runs a test of pytest that the Test Explorer lists', async () => {
    const item = itemOf(numbers, `${numbers}::test_sum`, `${numbers}::TestSquares`);
    const { functions, commandLine, endMessage } = await profiled(item.children.get(`${numbers}::test_sum`));
    assert.equal(commandLine, '-m pytest test_numbers.py::test_sum');
    assert.ok(
      [...functions].some((name) => name.endsWith('test_sum')),
      [...functions].join(', '),
    );
    assert.equal(endMessage, 'The program ended with exit code 0.');
  });

  it('runs one case of a test with parameters', async () => {
    const item = itemOf(numbers, `${numbers}::test_sums[4-14]`);
    const { commandLine, endMessage } = await profiled(item.children.get(`${numbers}::test_sums[4-14]`));
    assert.equal(commandLine, '-m pytest test_numbers.py::test_sums[4-14]');
    assert.equal(endMessage, 'The program ended with exit code 0.');
  });

  it('says with which exit code a test failed', async () => {
    const { commandLine, endMessage } = await profiled(vscode.Uri.file(numbers), ['TestSquares', 'test_wrong']);
    assert.equal(commandLine, '-m pytest test_numbers.py::TestSquares::test_wrong');
    assert.equal(endMessage, 'The program ended with exit code 1.');
  });

  it('runs a test of unittest that the Test Explorer lists', async () => {
    const item = itemOf(letters, `${letters}\\Letters\\test_upper`);
    const { commandLine, endMessage } = await profiled(item.children.get(`${letters}\\Letters\\test_upper`));
    assert.equal(commandLine, '-m unittest test_letters.Letters.test_upper');
    assert.equal(endMessage, 'The program ended with exit code 0.');
  });

  it('takes unittest for a file that uses it, and the test around the cursor', async () => {
    const document = await vscode.workspace.openTextDocument(letters);
    const line = document
      .getText()
      .split('\n')
      .findIndex((text) => text.includes('assertEqual'));
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(line, 0, line, 0) });
    const { commandLine } = await profiled();
    assert.equal(commandLine, '-m unittest test_letters.Letters.test_upper');
  });

  it('has a lens above each test and class, and none for a script there', async () => {
    const lenses = async (file: string): Promise<string[]> => {
      const uri = (await vscode.workspace.openTextDocument(file)).uri;
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
      return all.map(({ range, command }) => `${range.start.line + 1} ${command?.title}`);
    };
    assert.deepEqual(await lenses(numbers), [
      '8 $(flame) Profile test',
      '13 $(flame) Profile test',
      '23 $(flame) Profile tests',
      '24 $(flame) Profile test',
    ]);
    assert.deepEqual(await lenses(letters), ['8 $(flame) Profile tests', '9 $(flame) Profile test', '13 $(flame) Profile test']);
    assert.deepEqual(await lenses(path.join(folder, 'work.py')), ['3 $(flame) Profile this script']);
    await settings.update('codeLens.tests', false, vscode.ConfigurationTarget.Global);
    try {
      assert.deepEqual(await lenses(letters), []);
    } finally {
      await settings.update('codeLens.tests', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
