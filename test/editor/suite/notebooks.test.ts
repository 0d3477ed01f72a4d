import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { HeatlineApi } from '../../../src/api.ts';
import type { ProfileSource } from '../../../src/profileSource.ts';
import { hasBridge, screenshot } from './bridge.ts';
import { event, hasEnded, hasSamples, hasSeen, until } from './waiting.ts';

const hasIpykernel = process.env['HEATLINE_TOOLS_PYTHON'] !== undefined;
const folder = path.resolve(vscode.workspace.workspaceFolders![0]!.uri.fsPath, '../editor/notebooks');

/** What the extension in ../jupyter gives out beyond what the Jupyter extension does. */
interface JupyterForTests {
  readonly giveKernels: (gives: boolean) => void;
  readonly putElsewhere: (isElsewhere: boolean) => void;
  readonly endKernels: () => Promise<void>;
}

describe('profiling notebooks', function () {
  if (!hasIpykernel) {
    it('needs ipykernel (npm run setup)', function () {
      this.skip();
    });
    return;
  }

  let api: HeatlineApi;
  let jupyter: JupyterForTests;
  let scratch: string;
  let end: string;
  let notebook: vscode.NotebookDocument;

  before(async () => {
    api = await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
    jupyter = await vscode.extensions.getExtension<JupyterForTests>('ms-toolsai.jupyter')!.activate();
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-notebooks-'));
    end = path.join(scratch, 'end');
    process.env['HEATLINE_TEST_END'] = end; // the kernel inherits it
    fs.cpSync(path.join(folder, 'squares.ipynb'), path.join(scratch, 'squares.ipynb'));
    notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(path.join(scratch, 'squares.ipynb')));
    await vscode.window.showNotebookDocument(notebook);
  });
  beforeEach(() => {
    fs.rmSync(end, { force: true });
    jupyter.giveKernels(true);
    jupyter.putElsewhere(false);
  });
  afterEach(async () => {
    fs.writeFileSync(end, '');
    for (const profile of api.profiles) await vscode.commands.executeCommand('heatline.stop', profile.id);
    for (const profile of api.profiles) await until(profile, hasEnded);
  });
  after(async () => {
    await jupyter.endKernels();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    fs.rmSync(scratch, { recursive: true, force: true });
    delete process.env['HEATLINE_TEST_END'];
  });

  const isWorking = (source: ProfileSource): boolean => hasSamples(1000)(source) && hasSeen('square_sum')(source);

  /** Profiles a cell until it works, lets it end, and resolves when the profile has ended with it. */
  async function profiledCell(index: number): Promise<ProfileSource> {
    const profile = await vscode.commands.executeCommand<ProfileSource | undefined>('heatline.profileCell', notebook.cellAt(index));
    assert.ok(profile !== undefined, 'no profile was begun');
    await until(profile, isWorking);
    assert.equal(profile.state, 'running');
    fs.writeFileSync(end, '');
    await until(profile, hasEnded);
    assert.equal(profile.endMessage, undefined, 'the kernel was not asked to end');
    return profile;
  }

  /** The lines of a cell, which need not be in sight, that have a hover of ours. */
  async function hotLines(index: number): Promise<string[]> {
    const { document } = notebook.cellAt(index);
    await api.heatSettled();
    const hot: string[] = [];
    for (let line = 0; line < document.lineCount; line++) {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        new vscode.Position(line, 0),
      );
      if (hovers.some(({ contents }) => contents.some((content) => (content as vscode.MarkdownString).value.includes('**Heatline**'))))
        hot.push(document.lineAt(line).text.trim());
    }
    return hot;
  }

  const pidOf = (profile: ProfileSource): number => profile.profile.processes[0]!.pid;
  let kernel: number;

  it('catches the kernel that a cell starts, and ends with the cell', async () => {
    const profile = await profiledCell(1);
    assert.match(profile.title, /^Cell 2 of squares\.ipynb \(process \d+\)$/);
    kernel = pidOf(profile);
    assert.match(profile.profile.processes[0]!.commandLine.join(' '), /ipykernel_launcher/);
    assert.ok(process.kill(kernel, 0), 'the kernel is still there');
    const hot = await hotLines(1);
    for (const line of ['for number in range(count):', 'total += number * number', 'square_sum(2000)'])
      assert.ok(hot.includes(line), `${line} in ${hot.join(' | ')}`);
    assert.ok(!hot.includes(''), hot.join(' | '));
    await screenshotIfAny('notebook-heat');
  });

  it('finds a kernel that runs, and lines below empty ones', async () => {
    const profile = await profiledCell(2);
    assert.equal(pidOf(profile), kernel);
    const hot = await hotLines(2);
    assert.ok(hot.includes('square_sum(2000)'), hot.join(' | '));
    assert.ok(!hot.includes(''), hot.join(' | '));
    // What the cell calls is in another cell.
    assert.ok((await hotLines(1)).includes('total += number * number'));
  });

  it('finds the lines below a magic that measures', async () => {
    await profiledCell(3);
    const hot = await hotLines(3);
    assert.ok(hot.includes('square_sum(2000)'), hot.join(' | '));
    assert.ok(hot.includes('%%time'), 'the magic calls them');
  });

  it('finds the kernel without the Jupyter extension’s help', async () => {
    jupyter.giveKernels(false);
    const profile = await vscode.commands.executeCommand<ProfileSource | undefined>('heatline.profileKernel', notebook);
    assert.ok(profile !== undefined, 'no profile was begun');
    await until(profile, ({ profile: { processes } }) => processes.length > 0);
    assert.equal(pidOf(profile), kernel);
    assert.match(profile.title, /^squares\.ipynb \(process \d+\)$/);
    // A cell that is profiled now does not end it.
    assert.equal(await vscode.commands.executeCommand('heatline.profileCell', notebook.cellAt(2)), profile);
    await until(profile, isWorking);
    const ran = event(vscode.workspace.onDidChangeNotebookDocument, ({ cellChanges }) =>
      cellChanges.some(({ cell, executionSummary }) => cell === notebook.cellAt(2) && executionSummary?.success === true),
    );
    fs.writeFileSync(end, '');
    await ran;
    assert.equal(profile.state, 'running');
  });

  it('finds a kernel that is busy, without waiting for its answer', async () => {
    const begun = event(vscode.workspace.onDidChangeNotebookDocument, ({ cellChanges }) =>
      cellChanges.some(({ cell, executionSummary }) => cell === notebook.cellAt(2) && executionSummary !== undefined),
    );
    const run = vscode.commands.executeCommand('notebook.cell.execute', { ranges: [{ start: 2, end: 3 }], document: notebook.uri });
    await begun;
    const profile = await vscode.commands.executeCommand<ProfileSource | undefined>('heatline.profileKernel', notebook);
    assert.ok(profile !== undefined, 'no profile was begun');
    await until(profile, isWorking); // so the cell still runs
    assert.equal(pidOf(profile), kernel);
    fs.writeFileSync(end, '');
    await run;
  });

  it('leaves kernels on other machines alone', async () => {
    jupyter.putElsewhere(true);
    const count = api.profiles.length;
    assert.equal(await vscode.commands.executeCommand('heatline.profileKernel', notebook), undefined);
    assert.equal(await vscode.commands.executeCommand('heatline.profileCell', notebook.cellAt(2)), undefined);
    assert.equal(api.profiles.length, count);
  });

  it('opens the cell of a frame, and follows its lines when they move', async () => {
    const profile = await profiledCell(1);
    const work = profile.profile.functions.find(({ name }) => name === 'square_sum')!;
    const { document } = notebook.cellAt(1);
    const line =
      document
        .getText()
        .split('\n')
        .findIndex((text) => text.includes('total += number')) + 1;
    await vscode.window.showTextDocument(
      await vscode.workspace.openTextDocument(path.join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, 'main.py')),
    );
    await vscode.commands.executeCommand('heatline.openFrame', profile.id, work.file, line);
    assert.equal(vscode.window.activeNotebookEditor?.notebook, notebook);
    assert.equal(vscode.window.activeNotebookEditor.selection.start, 1);
    await until_(
      () => vscode.window.activeTextEditor?.document === document && vscode.window.activeTextEditor.selection.active.line === line - 1,
    );

    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '# more\n# lines\n');
    await vscode.workspace.applyEdit(edit);
    assert.ok((await hotLines(1)).includes('total += number * number'));
    await vscode.commands.executeCommand('heatline.openFrame', profile.id, work.file, line);
    await until_(
      () => vscode.window.activeTextEditor?.document === document && vscode.window.activeTextEditor.selection.active.line === line + 1,
    );
  });

  it('opens the line of a cell that shows no heat, below empty ones', async () => {
    await vscode.commands.executeCommand('heatline.toggleHeat');
    try {
      const profile = await profiledCell(2);
      const { document } = notebook.cellAt(2);
      const { file } = profile.profile.functions.find((func) => func.name === '<module>' && /ipykernel_\d+/.test(func.file))!;
      const call = document.getText().split('\n').indexOf('while True:');
      assert.equal(call, 2);
      await vscode.commands.executeCommand('heatline.openFrame', profile.id, file, 1); // IPython takes empty lines away
      await until_(
        () => vscode.window.activeTextEditor?.document === document && vscode.window.activeTextEditor.selection.active.line === call,
      );
    } finally {
      await vscode.commands.executeCommand('heatline.toggleHeat');
    }
  });

  async function screenshotIfAny(name: string): Promise<void> {
    if (hasBridge) await screenshot(name);
  }

  /** Resolves when it is true of the editor in front. */
  async function until_(isTrue: () => boolean): Promise<void> {
    while (!isTrue())
      await Promise.race([event(vscode.window.onDidChangeTextEditorSelection), event(vscode.window.onDidChangeActiveTextEditor)]);
  }
});
