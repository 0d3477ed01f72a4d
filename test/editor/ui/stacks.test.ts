import assert from 'node:assert/strict';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { root } from '../../../scripts/command.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { type Theme, themes, Workbench } from '../../support/workbench.ts';
import { newestPython } from '../demo.ts';
import { packedExtension } from '../packedExtension.ts';

const programsFolder = path.join(root, 'test/editor/programs');

/** A program that hangs, looked at from start to end: each step takes up where the one before ended. */
describe('looking at live stacks', () => {
  let workbench: Workbench;
  let target: Target;

  before(async () => {
    const sandbox = makeSandbox();
    await installVsix(sandbox, packedExtension);
    target = await startTarget(newestPython(), path.join(programsFolder, 'hanging.py'));
    workbench = await Workbench.open(sandbox, programsFolder);
  });
  after(async () => {
    await workbench.close();
    await target.kill();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  const header = (): Locator => workbench.page.locator('.pane-header', { hasText: 'Live Stacks' });
  const pane = (): Locator => workbench.page.locator('.pane', { has: header() });
  const row = (text: string | RegExp): Locator => pane().locator('.monaco-list-row', { hasText: text }).first();
  const button = async (name: string): Promise<void> => {
    await header().hover();
    await header().getByRole('button', { name }).click(); // behind its name may be its key
  };

  it('is two clicks away: the list of processes, and its button', async () => {
    await workbench.page.locator('.activitybar').getByLabel('Heatline').first().click();
    await workbench.page.getByRole('button', { name: 'Profile Running Python Process' }).first().click();
    await workbench.quickInput.fill(String(target.pid));
    await workbench.quickPickRow(`${target.pid} ·`).hover();
    await workbench.quickPickRow(`${target.pid} ·`).getByRole('button', { name: 'Show Live Stacks' }).click();
    await row('MainThread').waitFor();
    await pane()
      .getByText(/^hanging\.py \(process \d+\), Python 3\./)
      .waitFor();
    // Threads take their time until they wait.
    while (
      !(await pane()
        .getByText(/Deadlock, each waits for the next: /)
        .isVisible())
    )
      await button('Look at Stacks Again');
  });

  it('says who waits for whom, and leads there', async () => {
    // Rows out of sight are not in the page: all the height is for these.
    await workbench.page.locator('.pane-header', { hasText: 'Profiles' }).click();
    await row('asyncio tasks').waitFor();
    await row('12 threads').waitFor();
    assert.match((await row(/^ann/).getAttribute('aria-label'))!, /^ann, transfer · hanging\.py:16 · waiting · id \d+/);
    await workbench.screenshot('stacks');
    const wait = row(/^waits for bob/);
    await wait.click();
    await pane().locator('.monaco-list-row.selected', { hasText: /^bob/ }).waitFor();
  });

  it('opens the line of a frame, by keyboard alone', async () => {
    // From bob, which is open: what it waits for, and its innermost frame.
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await workbench.page.keyboard.press(key);
    await workbench.page.locator('.tab.active', { hasText: 'hanging.py' }).waitFor();
    await workbench.statusBarItem(/^Ln 16, Col 1$/).waitFor();
  });

  it('shows variables when that is wanted', async () => {
    await button('Show Variables of Stacks');
    await header().getByRole('button', { name: 'Hide Variables of Stacks', exact: true }).waitFor();
    // Once they are there: before, there is nothing below a frame.
    await pane()
      .locator('.monaco-list-row[aria-expanded="false"]', { hasText: /^transfer/ })
      .first()
      .locator('.monaco-tl-twistie')
      .click();
    await row(/^amount10$/).waitFor();
    await workbench.screenshot('stacks-variables');
  });

  it('looks again each second, and keeps what is open and selected', async () => {
    await row(/^amount10$/).click();
    await button('Look at Stacks Every Second');
    await header().getByRole('button', { name: 'Stop Looking Every Second', exact: true }).waitFor();
    assert.equal(await target.ask('go on'), 'moved on');
    await row('listen_second').waitFor();
    await pane()
      .locator('.monaco-list-row.selected', { hasText: /^amount10$/ })
      .waitFor();
    await button('Stop Looking Every Second');
    await header().getByRole('button', { name: 'Look at Stacks Every Second', exact: true }).waitFor();
  });

  it('looks again by a key', async () => {
    const message = pane().getByText(/^hanging\.py \(process \d+\), Python 3\./);
    const before = await message.innerText();
    await row('12 threads').click();
    // The heading has the second in which it was looked at.
    while ((await message.innerText()) === before) await workbench.page.keyboard.press('Control+Shift+R');
    await row('listen_second').waitFor();
  });

  it('can be read in each theme, also in a narrow bar', async () => {
    await workbench.page.setViewportSize({ width: 800, height: 1000 });
    for (const theme of Object.keys(themes) as Theme[]) {
      await workbench.theme(theme);
      await row('12 threads').waitFor();
      await workbench.screenshot(`stacks-${theme}`);
    }
    const { width } = (await pane().boundingBox())!;
    assert.ok(width <= 330, `${width} pixels`);
  });

  it('says so when the process is gone, and keeps what it shows', async () => {
    await target.kill();
    await button('Look at Stacks Again');
    await workbench.notification(`Process ${target.pid} is gone`).waitFor();
    await row('MainThread').waitFor();
    await workbench.command('Heatline: Close Live Stacks');
    await header().waitFor({ state: 'detached' });
  });
});
