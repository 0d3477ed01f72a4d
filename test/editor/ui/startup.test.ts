import assert from 'node:assert/strict';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { packDebugAdapter } from '../debugAdapter.ts';
import { demoFolder, packedExtension } from '../packedExtension.ts';

describe('Heatline in the workbench', () => {
  let workbench: Workbench;

  before(async () => {
    const sandbox = makeSandbox();
    await installVsix(sandbox, packedExtension);
    await installVsix(sandbox, await packDebugAdapter()); // or nobody could debug Python here
    workbench = await Workbench.open(sandbox, demoFolder);
  });
  after(async () => {
    await workbench.close();
  });

  it('offers its commands in the palette', async () => {
    const titles = await workbench.commandsFor('Heatline: Profile Running Python Process');
    assert.ok(
      titles.some((title) => title.startsWith('Heatline: Profile Running Python Process')),
      titles.join(', '),
    );
  });

  it('leaves a workbench alone that profiles nothing', async () => {
    await workbench.openFile('main.py');
    assert.equal(await workbench.statusBarItem(/heatline/i).count(), 0);
    assert.equal(await workbench.notification(/./).count(), 0);
    await workbench.screenshot('idle');
  });

  it('says in its view what can be done', async () => {
    await workbench.page.locator('.activitybar').getByLabel('Heatline').first().click();
    const welcome = workbench.page.locator('.welcome-view-content', { hasText: 'See where a running Python program spends its time' });
    await welcome.waitFor();
    const buttons = await welcome.locator('.monaco-button').allInnerTexts();
    assert.deepEqual(buttons, [
      'Profile Running Python Process',
      'Profile Python File',
      'Profile with Launch Configuration',
      'Show Live Stacks',
      'Open Profile',
    ]);
    await workbench.screenshot('welcome');
  });

  it('says where one debugs how to run without the debugger', async () => {
    await workbench.page
      .locator('.activitybar')
      .getByLabel(/^Run and Debug/)
      .first()
      .click();
    await workbench.page
      .locator('.welcome-view-content', { hasText: 'run it without the debugger' })
      .getByRole('button', { name: 'Profile Python File' })
      .waitFor();
    await workbench.screenshot('welcome-debug');
  });

  it('shows the documents that come with it', async () => {
    await workbench.command('Heatline: Open Documentation');
    await workbench.page.locator('.quick-input-list .monaco-list-row .label-name', { hasText: 'How a sample is taken' }).click();
    const frame = await workbench.webview('h1');
    assert.match(await frame.locator('h1').innerText(), /^How a sample is taken/);
    await workbench.screenshot('documentation');
  });

  it('has a walkthrough with a picture for each step', async () => {
    await workbench.command('Welcome: Open Walkthrough...');
    const row = workbench.page.locator('.quick-input-list .monaco-list-row .label-name', { hasText: 'Profile a Python Program' });
    await row.click();
    const steps = [
      ['Pick a running process', 'pick'],
      ['Or start it from here', 'run'],
      ['Watch heat appear on your lines', 'heat'],
      ['Explore the flame graph', 'flame'],
      ['Keep what you found', 'save'],
      ['When the system says no', 'rights'],
    ] as const;
    for (const [title, picture] of steps) {
      await workbench.page.locator('.getting-started-step', { hasText: title }).click();
      const frame = await workbench.webview(`svg#${picture}`);
      // VS Code heeds no style sheets in these pictures: what relies on one is black.
      const colours = await frame.evaluate<string[]>(
        `[...document.querySelectorAll('svg *')].map((element) => getComputedStyle(element).fill)`,
      );
      assert.ok(colours.length > 3);
      assert.deepEqual(
        colours.filter((colour) => colour === 'rgb(0, 0, 0)'),
        [],
        picture,
      );
      await workbench.screenshot(`walkthrough-${picture}`);
    }
  });
});
