import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { Target } from '../../support/target.ts';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { startDemo } from '../demo.ts';
import { demoFolder, packedExtension } from '../packedExtension.ts';

/** What becomes of a recording, as a person sees it: each step takes up where the one before ended. */
describe('recordings in the workbench', () => {
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

  async function profile(): Promise<void> {
    await workbench.command('Heatline: Profile Running Python Process');
    await workbench.quickInput.fill(String(target.pid));
    await workbench.acceptQuickPick(`${target.pid} ·`);
    await workbench.statusBarItem(/main\.py: [1-9][\d.,]*k?\/s/i).waitFor();
  }

  it('show in the editor the samples that are chosen in the flame graph', async () => {
    await workbench.openFile('index.py');
    await profile();
    // The thread "compactor" merges segments and never gets there.
    // What stands after a line is in no element's text.
    const isMarked = `[...document.querySelectorAll('.view-line')].filter((line) => line.textContent.includes('self.postings.setdefault(term'))
      .some((line) => [...line.querySelectorAll('span')].some((span) => getComputedStyle(span, '::after').content.includes('%')))`;
    await workbench.until(isMarked);
    const frame = await workbench.webview('.flame-canvas');
    const option = frame.locator('.scope option', { hasText: 'compactor' });
    await option.waitFor({ state: 'attached' });
    await frame.locator('.scope').selectOption(await option.getAttribute('value'));
    await workbench.statusBarItem(/compactor · On CPU/).waitFor();
    await workbench.until(`!(${isMarked})`);
    await workbench.screenshot('heat-of-one-thread');
  });

  it('are paused and stopped from the flame graph’s own toolbar', async () => {
    const frame = await workbench.webview('.flame-canvas');
    await frame.getByRole('button', { name: 'Pause recording' }).click();
    await workbench.statusBarItem(/main\.py: paused/).waitFor();
    await frame.getByRole('button', { name: 'Go on recording' }).click();
    await workbench.statusBarItem(/main\.py: [\d.,]+k?\/s/i).waitFor();
    await frame.getByRole('button', { name: 'Stop recording' }).click();
    await workbench.statusBarItem(/main\.py: [\d.,]+k?\/s/i).waitFor({ state: 'detached' });
    await frame.getByRole('button', { name: 'Stop recording' }).waitFor({ state: 'hidden' });
  });

  it('are there after the window was reloaded, marked as not saved', async () => {
    await workbench.page.locator('.activitybar').getByLabel('Heatline').first().click();
    await row(/main\.py.*not saved/).waitFor();
    const before = await row(/main\.py.*not saved/).innerText();
    await workbench.page.reload();
    await workbench.page.locator('.activitybar').getByLabel('Heatline').first().waitFor();
    await row(/main\.py.*not saved/).waitFor();
    assert.equal(await row(/main\.py.*not saved/).innerText(), before.replace(' · heat shown', '').replace(' · compactor · On CPU', ''));
    await workbench.screenshot('restored');
  });

  it('that are in front are the ones that are saved', async () => {
    await profile();
    await workbench.command('Heatline: Stop Profiling');
    await workbench.statusBarItem(/main\.py: [\d.,]+k?\/s/i).waitFor({ state: 'detached' });
    await row(/main\.py.*no\. 2|main\.py/).waitFor();
    await workbench.command('Heatline: Save Profile…');
    await workbench.until(
      `[...document.querySelectorAll('.quick-input-widget .quick-input-box input')].some((input) => input.value.endsWith('.heatline.json.gz'))`,
    );
    await workbench.page.keyboard.press('Escape');
  });

  it('are discarded all at once, after a question', async () => {
    await workbench.command('Heatline: Discard All Ended Profiles…');
    await workbench.page.getByRole('button', { name: 'Discard All', exact: true }).click();
    await row(/main\.py/).waitFor({ state: 'detached' });
    await workbench.page.reload();
    await workbench.page.locator('.pane-body .welcome-view').first().waitFor();
    await row(/main\.py/).waitFor({ state: 'detached' });
  });
});
