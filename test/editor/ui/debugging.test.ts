import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { hasDebugpy, packDebugAdapter } from '../debugAdapter.ts';
import { packedExtension, programsFolder } from '../packedExtension.ts';

const launch = {
  version: '0.2.0',
  configurations: [
    { name: 'Spin', type: 'debugpy', request: 'launch', program: '${workspaceFolder}/spin.py', console: 'internalConsole' },
    { name: 'Node', type: 'node', request: 'launch', program: 'x.js' },
  ],
  compounds: [{ name: 'All', configurations: ['Spin', 'Node'] }],
};

/** A program is debugged and profiled, as a person does it: each step takes up where the one before ended. */
describe('profiling what is debugged', () => {
  let workbench: Workbench;

  before(async function () {
    if (!hasDebugpy) this.skip();
    const sandbox = makeSandbox();
    const folder = path.join(sandbox.folder, 'project');
    fs.mkdirSync(path.join(folder, '.vscode'), { recursive: true });
    fs.copyFileSync(path.join(programsFolder, 'spin.py'), path.join(folder, 'spin.py'));
    fs.writeFileSync(path.join(folder, '.vscode/launch.json'), JSON.stringify(launch, null, 2));
    await installVsix(sandbox, await packDebugAdapter());
    workbench = await Workbench.open(sandbox, folder, { withoutHeatline: true });
    await workbench.openFile('spin.py');
    await workbench.page.keyboard.press('F5');
    await workbench.page
      .locator('.repl-tree')
      .getByText(/^process \d+/)
      .waitFor();
    await installVsix(sandbox, packedExtension);
    await workbench.heatlineIsKnown();
  });
  after(async () => {
    if (hasDebugpy) await workbench.close();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  it('finds the program of a session that is older than Heatline, and says that its times are distorted', async () => {
    await workbench.command('Heatline: Profile Debugged Program');
    await workbench.statusBarItem(/Spin: [1-9][\d.,]*k?\/s/i).waitFor();
    await workbench.showNotifications();
    await workbench.notification(/The debugger traces Spin, which slows Python code down/).waitFor();
    const page = await workbench.webview('.table-body .table-row');
    const functions = await page.locator('.table-body .table-row:not([hidden]) .cell-name').allInnerTexts();
    assert.ok(
      functions.some((name) => /^work\s+spin\.py:10$/.test(name)),
      functions.join('\n'),
    );
    assert.deepEqual(
      functions.filter((name) => /pydev|debugpy/.test(name)),
      [],
    );
    await workbench.screenshot('debug-distorted');
  });

  it('runs it without the debugger at a click', async () => {
    await workbench
      .notification(/The debugger traces Spin/)
      .getByRole('button', { name: 'Run Without Debugging and Profile' })
      .click();
    await workbench.statusBarItem(/Spin: /).waitFor({ state: 'detached' });
    await workbench.statusBarItem(/spin\.py: [1-9][\d.,]*k?\/s/i).waitFor();
    await workbench.page.locator('.debug-toolbar').waitFor();
    await workbench.screenshot('debug-without-debugger');
    await stop();
  });

  it('lists the configurations of launch.json and runs the chosen one', async () => {
    await workbench.command('Heatline: Profile with Launch Configuration…');
    await workbench.quickPickRow('Spin').waitFor();
    const names = await workbench.page
      .locator('.quick-input-list .monaco-list-row .quick-input-list-row:first-child .label-name')
      .allInnerTexts();
    assert.deepEqual(names, ['Spin', 'Node', 'All']);
    await workbench.screenshot('launch-configurations');
    await workbench.acceptQuickPick('Spin');
    await workbench.statusBarItem(/spin\.py: [1-9][\d.,]*k?\/s/i).waitFor();
    await stop();
  });

  /** Ends the session, and with it what VS Code does then: it moves the focus. */
  async function stop(): Promise<void> {
    await workbench.command('Debug: Stop');
    await workbench.statusBarItem(/spin\.py: /).waitFor({ state: 'detached' });
    await workbench.page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
    await workbench.page.locator('.statusbar.debugging').waitFor({ state: 'detached' });
  }
});
