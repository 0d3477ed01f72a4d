import assert from 'node:assert/strict';
import path from 'node:path';
import { startTarget, type Target } from '../../support/target.ts';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { newestPython } from '../demo.ts';
import { packedExtension, programsFolder } from '../packedExtension.ts';

/** A program with two worker processes is picked and looked at: each step takes up where the one before ended. */
describe('profiling a process tree', () => {
  let workbench: Workbench;
  let target: Target;

  before(async () => {
    const sandbox = makeSandbox();
    await installVsix(sandbox, packedExtension);
    target = await startTarget(newestPython(), path.join(programsFolder, 'pool.py'));
    workbench = await Workbench.open(sandbox, programsFolder);
  });
  after(async () => {
    await workbench.close();
    await target.kill(); // its children end with it
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  it('lists processes below the one that started them', async () => {
    await workbench.command('Heatline: Profile Running Python Process');
    await workbench.quickPickRow(`${target.pid} ·`).waitFor();
    const names = await workbench.page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'pool.py' })
      .locator('.quick-input-list-row:first-child .label-name')
      .allInnerTexts();
    assert.deepEqual(names, ['pool.py', '↳ pool.py', '↳ pool.py']);
    assert.match(await workbench.quickPickRow(`${target.pid} ·`).innerText(), /2 child processes/);
    await workbench.screenshot('process-tree-picker');
    await workbench.quickInput.fill(String(target.pid));
    await workbench.acceptQuickPick(`${target.pid} ·`);
  });

  it('draws a box for each process, which says whose it is and shows it alone', async () => {
    const page = await workbench.webview('.flame-canvas');
    const scopes = page.locator('select.scope optgroup');
    await scopes.nth(2).waitFor({ state: 'attached' });
    const labels = await page.evaluate<string[]>(`[...document.querySelectorAll('select.scope optgroup')].map((group) => group.label)`);
    assert.deepEqual(labels.slice(0, 1), [`pool.py (${target.pid})`]);
    await workbench.command('Heatline: Pause Profiling');
    await workbench.statusBarItem(/pool\.py: paused/).waitFor();
    // The second row: the busiest process comes first, and it is a child.
    const graph = (await page.locator('.flame-scroller').boundingBox())!;
    await workbench.page.mouse.click(graph.x + 40, graph.y + 28);
    await workbench.screenshot('process-tree');
    const name = await page.locator('.details-name').innerText();
    assert.ok(labels.slice(1).includes(name), `${name} in ${labels.join()}`);
    await workbench.page.mouse.click(graph.x + 40, graph.y + 28, { button: 'right' });
    await page.getByRole('menuitem', { name: 'Show Only This Process' }).click();
    await workbench.page.mouse.click(graph.x + 40, graph.y + 8);
    await page.locator('.details-name', { hasText: name }).waitFor(); // it is the root now
    await workbench.screenshot('process-alone');
  });
});
