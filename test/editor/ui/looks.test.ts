import assert from 'node:assert/strict';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { root } from '../../../scripts/command.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { newestPython } from '../demo.ts';
import { packedExtension } from '../packedExtension.ts';

const programsFolder = path.join(root, 'test/editor/programs');

/** One look from start to end: each step takes up where the one before ended. */
describe('looking at asyncio tasks', () => {
  let workbench: Workbench;
  let target: Target;

  before(async () => {
    const sandbox = makeSandbox();
    await installVsix(sandbox, packedExtension);
    target = await startTarget(newestPython(), path.join(programsFolder, 'awaiting.py'));
    workbench = await Workbench.open(sandbox, programsFolder);
  });
  after(async () => {
    await workbench.close();
    await target.kill();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  const header = (): Locator => workbench.page.locator('.pane-header', { hasText: 'asyncio Tasks' });
  const row = (text: string | RegExp): Locator =>
    workbench.page.locator('.pane', { has: header() }).locator('.monaco-list-row', { hasText: text }).first();

  it('takes no room before it is asked for', async () => {
    await workbench.page.locator('.activitybar').getByLabel('Heatline').first().click();
    await workbench.page.getByText('See where a running Python program spends its time').waitFor();
    assert.equal(await header().count(), 0);
  });

  it('shows who awaits whom', async () => {
    await workbench.command('Heatline: Show asyncio Tasks');
    await workbench.page.locator('.quick-input-title', { hasText: 'Show asyncio Tasks of a Python Process' }).waitFor();
    await workbench.quickInput.fill(String(target.pid));
    await workbench.quickPickRow(`${target.pid} ·`).waitFor();
    await workbench.page.keyboard.press('Enter');
    await row('crawler').waitFor();
    await row('fetch-2').waitFor();
    assert.equal(await row('crawler').getAttribute('aria-level'), '1');
    for (const name of ['fetch-0', 'fetch-1', 'fetch-2']) assert.equal(await row(name).getAttribute('aria-level'), '2');
    assert.match((await row('fetch-0').getAttribute('aria-label'))!, /^fetch-0, waiting for Future · Event\.wait · locks\.py:\d+/);
    await workbench.page.locator('.pane', { has: header() }).getByText('4 tasks: 0 running, 4 waiting, 0 ready to go on.').waitFor();
    await workbench.screenshot('tasks');
  });

  it('opens the line of a frame, by keyboard alone', async () => {
    // The view has the focus: to the first task, and to the frame below its first one.
    await workbench.page.keyboard.press('Home');
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await workbench.page.keyboard.press(key);
    await workbench.page.locator('.tab.active', { hasText: 'awaiting.py' }).waitFor();
    await workbench.statusBarItem(/^Ln 20, Col 1$/).waitFor();
    await row('fetch-1').click();
    await row('answer').click();
    await workbench.statusBarItem(/^Ln 8, Col 1$/).waitFor();
    await workbench.screenshot('tasks-frame');
  });

  it('finds a task by its name', async () => {
    await row('fetch-1').click();
    await workbench.page.keyboard.press('Control+Alt+F');
    await workbench.page.locator('.pane', { has: header() }).locator('.monaco-findInput input').waitFor();
    await workbench.page.keyboard.type('fetch-2');
    await row('fetch-2').locator('.highlight', { hasText: 'fetch-2' }).waitFor();
    await workbench.screenshot('tasks-find');
    await workbench.page.keyboard.press('Escape');
  });

  it('looks again, and copies what it saw', async () => {
    assert.equal(await target.ask('go on'), 'done');
    await header().hover();
    await header().getByRole('button', { name: 'Look at asyncio Tasks Again' }).click();
    await row('fetch-0').waitFor({ state: 'detached' });
    await header().getByRole('button', { name: 'Copy asyncio Tasks as Text' }).click();
    await workbench.statusBarItem('Tasks copied as text').waitFor();
    assert.match(
      await workbench.page.evaluate<string>('navigator.clipboard.readText()'),
      /crawler – waiting for Future · main · awaiting\.py:31\n {2}main \(.*awaiting\.py:31\)\n$/,
    );
  });

  it('says so when the process is gone, and keeps what it shows', async () => {
    await target.kill();
    await header().getByRole('button', { name: 'Look at asyncio Tasks Again' }).click();
    await workbench.notification(`Process ${target.pid} is gone`).waitFor();
    await row('crawler').waitFor();
    await workbench.command('Heatline: Close asyncio Tasks');
    await header().waitFor({ state: 'detached' });
  });
});
