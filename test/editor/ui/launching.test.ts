import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { newestPython } from '../demo.ts';
import { packedExtension, programsFolder } from '../packedExtension.ts';

/** A file is run from its CodeLens, as a person does it: each step takes up where the one before ended. */
describe('profiling a script from its CodeLens', () => {
  let workbench: Workbench;
  let terminal: Locator;

  before(async () => {
    const settings = { 'heatline.run.args': ['3'], 'terminal.integrated.gpuAcceleration': 'off' }; // a terminal's text is in the page then
    const sandbox = makeSandbox(settings, { 'heatline.run.python': newestPython().path });
    await installVsix(sandbox, packedExtension);
    workbench = await Workbench.open(sandbox, programsFolder);
    terminal = workbench.page.locator('.terminal-wrapper.active .xterm-rows');
  });
  after(async () => {
    await workbench.close();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  it('has one lens, at the main guard', async () => {
    await workbench.openFile('burn.py');
    const lens = workbench.page.locator('.codelens-decoration a', { hasText: 'Profile this script' });
    // It may be drawn anew while the file is looked at, and be there twice or not at all for a moment.
    await workbench.until(
      `[...document.querySelectorAll('.codelens-decoration a')].filter((one) => one.textContent.includes('Profile this script')).length === 1`,
    );
    await workbench.screenshot('lens');
    await lens.click();
  });

  it('runs the file in the terminal, where it can be typed to', async () => {
    await terminal.getByText('For how many seconds?').waitFor();
    await workbench.statusBarItem(/burn\.py: /).waitFor();
    await workbench.terminalHasFocus();
    await workbench.page.keyboard.type('8\n');
    await terminal.getByText(`working with Python ${newestPython().version}`).waitFor();
  });

  it('shows heat and the flame graph while it runs', async () => {
    await workbench.page.locator('.glyph-margin-widgets .cgmr').first().waitFor();
    await workbench.textAfterLines('total');
    const frame = await workbench.webview('.flame-canvas');
    await frame.locator('.flame-canvas').waitFor();
    await workbench.screenshot('launched-running');
  });

  it('ends with the program and says its exit code', async () => {
    await terminal.getByText("done with ['3']").waitFor();
    await terminal.getByText('exit code: 3').waitFor();
    // The editor's own line names what failed: the program, and of ours one name.
    const said = (await terminal.textContent())?.replaceAll(/\s/g, '') ?? '';
    assert.match(said, /heatline-run/);
    assert.doesNotMatch(said, /cli\.js/);
    const frame = await workbench.webview('.flame-canvas');
    await frame.getByText('The program ended with exit code 3.').waitFor(); // a notification says so, too, but not for long
    await workbench.statusBarItem(/burn\.py: /).waitFor({ state: 'detached' });
    await workbench.screenshot('launched-ended');
  });
});
