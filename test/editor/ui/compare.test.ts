import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { Target } from '../../support/target.ts';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { startDemo } from '../demo.ts';
import { demoFolder, packedExtension } from '../packedExtension.ts';

/** Comparing recordings, and the history of them, as a person sees it: each step takes up where the one before ended. */
describe('comparisons and history in the workbench', () => {
  let workbench: Workbench;
  let target: Target;
  const row = (text: string | RegExp): Locator => workbench.page.locator('.pane-body .monaco-list-row', { hasText: text }).first();

  before(async () => {
    const sandbox = makeSandbox();
    await installVsix(sandbox, packedExtension);
    target = await startDemo(demoFolder);
    workbench = await Workbench.open(sandbox, demoFolder);
  });
  after(async () => {
    await workbench.close();
    await target.kill();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  async function record(): Promise<void> {
    await workbench.command('Heatline: Profile Running Python Process');
    await workbench.quickInput.fill(String(target.pid));
    await workbench.acceptQuickPick(`${target.pid} ·`);
    await workbench.statusBarItem(/main\.py: [1-9][\d.,]*k?\/s/i).waitFor();
    await workbench.command('Heatline: Stop Profiling');
    await workbench.statusBarItem(/main\.py: [\d.,]+k?\/s/i).waitFor({ state: 'detached' });
  }

  it('a recording is compared with the last one of the same program', async () => {
    await workbench.openFile('index.py');
    await record();
    await record();
    await workbench.command('Heatline: Compare with Last Run of This Program');
    const frame = await workbench.webview('.compare-table');
    await frame.getByRole('button', { name: 'Maybe chance' }).click();
    await frame.locator('tbody tr', { hasText: 'tokenize' }).waitFor();
    assert.match(await frame.locator('.compare-title').last().innerText(), /main\.py.*no\. 2/);
    await workbench.screenshot('comparison');
  });

  it('what is pinned stays in the history when it is discarded, with what was hot in it', async () => {
    await workbench.page.locator('.activitybar').getByLabel('Heatline').first().click();
    await row(/main\.py/).waitFor();
    await workbench.command('Heatline: Pin Profile');
    await workbench.acceptQuickPick('main.py');
    await workbench.command('Heatline: Discard All Ended Profiles…');
    await workbench.page.getByRole('button', { name: 'Discard All', exact: true }).click();
    await row('History').waitFor();
    await workbench.page.reload();
    await row('History').click();
    await row(/main\.py.*\d%.*samples/).waitFor();
    await workbench.screenshot('history');
  });

  it('what is in the history is opened, and deleted after a question', async () => {
    await row(/main\.py.*samples/).click();
    await workbench.webview('.flame-canvas');
    await workbench.command('Heatline: Delete from History…');
    await workbench.acceptQuickPick('main.py');
    await workbench.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await row('History').waitFor({ state: 'detached' });
  });
});
