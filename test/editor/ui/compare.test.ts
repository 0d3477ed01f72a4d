import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { startTarget, type Target } from '../../support/target.ts';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { newestPython, startDemo } from '../demo.ts';
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

  it('a recording is shown in speedscope, which is part of the extension', async () => {
    await workbench.command('Heatline: Open in Speedscope');
    await workbench.acceptQuickPick('main.py');
    const frame = await workbench.webview('text=Left Heavy');
    await frame.locator('text=/\\w+ \\(\\d\\/4\\)/').first().waitFor(); // which of the four threads it shows
    await frame.getByText('Sandwich').first().click();
    await frame.locator('tr', { hasText: 'Thread.run' }).first().waitFor();
    await workbench.screenshot('speedscope');
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

/** A program is changed, and run once more. */
describe('lines that became slower, in the workbench', () => {
  let workbench: Workbench;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-slower-'));

  before(async () => {
    const sandbox = makeSandbox();
    await installVsix(sandbox, packedExtension);
    write(1);
    workbench = await Workbench.open(sandbox, folder);
  });
  after(async () => {
    await workbench.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  /** @param times how much slower it is than what does not change */
  function write(times: number): void {
    const source = `print("true", flush=True)

def same():
    return sum(number * number for number in range(20_000))

def changed():
    return sum(number * number for number in range(${2_500 * times}))

while True:
    same()
    changed()
`;
    fs.writeFileSync(path.join(folder, 'work.py'), source);
  }

  async function profile(): Promise<void> {
    await using target = await startTarget(newestPython(), path.join(folder, 'work.py'));
    await workbench.command('Heatline: Profile Running Python Process');
    await workbench.quickInput.fill(String(target.pid));
    await workbench.acceptQuickPick(`${target.pid} ·`);
    await workbench.statusBarItem(/work\.py: [1-9][\d.,]*k?\/s/i).waitFor();
    await workbench.command('Heatline: Stop Profiling');
    await workbench.statusBarItem(/work\.py: [\d.,]+k?\/s/i).waitFor({ state: 'detached' });
  }

  it('are marked with by how much, where they are now', async () => {
    await workbench.openFile('work.py');
    await profile();
    write(64);
    await profile();
    await workbench.command('Heatline: Compare with Last Run of This Program');
    const frame = await workbench.webview('.compare-table');
    await frame.locator('tbody tr .slower').first().waitFor();
    await workbench.textAfterLines('▲ +');
    await workbench.textAfterLines('▼ −');
    await workbench.screenshot('lines-that-became-slower');
    await workbench.theme('dark');
    await workbench.screenshot('lines-that-became-slower-dark');
  });
});
