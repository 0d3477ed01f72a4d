import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { hasIpykernel, jupyterEnvironment, notebooksFolder, packJupyter } from '../jupyter.ts';
import { packedExtension } from '../packedExtension.ts';

/** A notebook is profiled, as a person does it: each step takes up where the one before ended. */
describe('profiling a notebook in the workbench', () => {
  let workbench: Workbench;
  let end: string;

  before(async function () {
    if (!hasIpykernel) this.skip();
    const sandbox = makeSandbox();
    end = path.join(sandbox.folder, 'end');
    await installVsix(sandbox, packedExtension);
    await installVsix(sandbox, await packJupyter());
    const folder = path.join(sandbox.folder, 'project');
    fs.cpSync(notebooksFolder, folder, { recursive: true });
    fs.copyFileSync(path.join(folder, 'squares.ipynb'), path.join(folder, 'first.ipynb'));
    workbench = await Workbench.open(sandbox, folder, { environment: { ...jupyterEnvironment, HEATLINE_TEST_END: end } });
  });
  after(async () => {
    if (hasIpykernel) await workbench.close();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  /** A cell of the notebook in front: those behind it stay in the page. */
  const cell = (text: string): Locator => workbench.page.locator('.code-cell-row:not([inert] *)', { hasText: text });

  /** Opens a notebook and waits until it has its kernel, with which its toolbar comes. */
  async function open(name: string): Promise<void> {
    await workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick();
    await workbench.page.locator('.tab.active', { hasText: name }).waitFor();
    await workbench.page.locator('.notebook-toolbar-container:not([inert] *)').getByText('Python for tests').waitFor();
  }

  it('begins in the toolbar of a cell, also of a notebook that is not the first one', async () => {
    await open('first.ipynb');
    await cell('import os').waitFor();
    await open('squares.ipynb');
    await cell('import os').locator('.view-line').first().click();
    const flame = cell('import os').locator('.cell-title-toolbar .codicon-flame');
    await flame.waitFor();
    await workbench.screenshot('notebook-cell');
    await flame.click();
    await workbench.statusBarItem(/Cell 2 of squares\.ipynb: [1-9][\d.,]*k?\/s/i).waitFor();
  });

  it('shows heat in the cell while it runs', async () => {
    await cell('import os').locator('.glyph-margin-widgets .cgmr').nth(2).waitFor();
    await workbench.textAfterLines('self');
    const page = await workbench.webview('.table-body .table-row');
    const functions = page.locator('.table-body .table-row:not([hidden]) .cell-name');
    await functions.filter({ hasText: /^square_sum\s*squares\.ipynb, Cell 2:6$/ }).waitFor();
    await functions.filter({ hasText: /^Cell 2\s*squares\.ipynb, Cell 2:1$/ }).waitFor();
    assert.deepEqual(
      (await functions.allInnerTexts()).filter((name) => name.includes('ipykernel')),
      [],
    );
    await workbench.screenshot('notebook-running');
  });

  it('ends with the cell', async () => {
    fs.writeFileSync(end, '');
    await workbench.statusBarItem(/Cell 2 of squares/).waitFor({ state: 'detached' });
    const page = await workbench.webview('.table-body .table-row');
    await page.getByText('Ended').waitFor();
  });

  it('opens a function’s cell from the table', async () => {
    const page = await workbench.webview('.table-body .table-row');
    await cell('%%time').locator('.view-line').first().click();
    await workbench.statusBarItem('Cell 4 of 4').waitFor();
    await page
      .locator('.table-body .table-row:not([hidden])', { hasText: /square_sum/ })
      .first()
      .click();
    await workbench.statusBarItem('Cell 2 of 4').waitFor();
    await cell('import os').locator('.monaco-editor.focused').waitFor(); // its group, not the flame graph's, is the one to be kept below
    await workbench.screenshot('notebook-opened');
  });

  it('begins for the kernel in the toolbar of the notebook', async () => {
    await workbench.command('View: Close Editors in Other Groups'); // there is room for all of the toolbar then
    await workbench.page.locator('.notebook-toolbar-container:not([inert] *) .codicon-flame').click();
    await workbench.statusBarItem(/squares\.ipynb: /).waitFor();
    await workbench.screenshot('notebook-kernel');
  });
});
