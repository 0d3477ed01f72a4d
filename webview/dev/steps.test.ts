import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { drawn } from './devPage.ts';
import { DrivenPage } from './drivenPage.ts';

describe('The flame graph page: steps', function () {
  this.timeout(60_000);
  const page = new DrivenPage();
  const { details, point, nameAt } = page;
  let tab: Page;
  let graph: Locator;

  beforeEach(async () => {
    await page.open();
    ({ tab, graph } = page);
  });

  const crumbs = async (): Promise<string[]> => {
    await drawn(tab);
    return tab.locator('.crumb').allInnerTexts();
  };
  const left = async (): Promise<string> => {
    await drawn(tab);
    return tab.locator('.crumbs-left').innerText();
  };
  const select = async (share: number, row: number): Promise<void> => {
    await graph.click({ position: await point(share, row), modifiers: ['Alt'] });
  };

  it('are taken from the menu of a box, and taken back one by one', async () => {
    assert.equal(await tab.locator('.breadcrumbs').isVisible(), false);
    await graph.click({ button: 'right', position: await point(0.2, 7) });
    await tab.getByRole('menuitem', { name: 'Focus on Subtree' }).click();
    assert.deepEqual(await crumbs(), ['Everything', 'Subtree of Basket.total']);
    assert.equal(await nameAt(0.5, 1), 'Basket.total');
    assert.match(await left(), /^35\.\d% of the samples$/);
    await graph.click({ button: 'right', position: await point(0.2, 3) });
    await tab.getByRole('menuitem', { name: 'Merge Function into Callers' }).click();
    assert.equal((await crumbs()).length, 3);
    await tab.getByRole('button', { name: 'Take this step back: Subtree of Basket.total' }).click();
    assert.equal((await crumbs()).length, 2);
    await tab.getByRole('button', { name: 'Everything', exact: true }).click();
    assert.equal(await tab.locator('.breadcrumbs').isVisible(), false);
    assert.equal(await nameAt(0.2, 7), 'Basket.total');
  });

  it('are taken by keys, from the selected box', async () => {
    await select(0.2, 6);
    assert.equal(await details(), 'show_basket');
    await tab.keyboard.press('Shift+S');
    assert.deepEqual(await crumbs(), ['Everything', 'From show_basket on']);
    assert.equal(await nameAt(0.5, 1), 'show_basket');
    await tab.keyboard.press('u');
    assert.equal(await tab.locator('.breadcrumbs').isVisible(), false);
    await select(0.2, 6);
    await tab.keyboard.press('d');
    assert.deepEqual(await crumbs(), ['Everything', 'Without show_basket']);
  });

  it('fold all but the program’s own code into boxes that can be opened', async () => {
    await tab.getByRole('button', { name: 'My code' }).click();
    assert.deepEqual(await crumbs(), ['Everything', 'Only my code']);
    assert.equal(await tab.getByRole('button', { name: 'My code', exact: true }).getAttribute('aria-pressed'), 'true');
    const rows = (): Promise<string[]> => tab.locator('.table-space .table-row:visible .name').allInnerTexts();
    assert.ok((await rows()).includes('▸ sqlalchemy'));
    assert.ok(!(await rows()).includes('Session.execute'));
    await tab.locator('.table-space .table-row:visible', { hasText: '▸ sqlalchemy' }).click({ button: 'right' });
    await tab.getByRole('menuitem', { name: 'Open sqlalchemy' }).click();
    assert.deepEqual(await crumbs(), ['Everything', 'Only my code', 'sqlalchemy open']);
    await drawn(tab);
    assert.ok((await rows()).includes('Session.execute'));
    await graph.focus();
    await tab.keyboard.press('o');
    assert.equal(await tab.locator('.breadcrumbs').isVisible(), false);
  });

  it('are copied as a text that shows the same when it is pasted', async () => {
    await tab.getByRole('button', { name: 'My code' }).click();
    await select(0.2, 2);
    await tab.keyboard.press('s');
    const before = await crumbs();
    assert.equal(before.length, 3);
    await tab.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: (text: string) => Promise.resolve(void (fakeHost.copied = text)) },
      });
    });
    await tab.getByRole('button', { name: /^Copy this view/ }).click();
    await tab.getByText('Copied', { exact: true }).waitFor();
    await tab.getByRole('button', { name: 'Everything', exact: true }).click();
    const paste = (text: string): Promise<void> =>
      tab.evaluate((pasted) => {
        const data = new DataTransfer();
        data.setData('text/plain', pasted);
        document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }));
      }, text);
    const copied = await tab.evaluate(() => fakeHost.copied);
    assert.match(copied, /^heatline-view:\?fn=/);
    await paste(copied);
    assert.deepEqual(await crumbs(), before);
    await paste('heatline-view:?fn=gone@app.py:1');
    assert.match(await tab.locator('.crumbs-notice').innerText(), /about gone@app\.py:1, which this profile does not have/);
    assert.deepEqual(await crumbs(), before);
  });

  it('do what commands of the editor say', async () => {
    await select(0.2, 6);
    await tab.evaluate(() => fakeHost.say({ type: 'act', action: 'mergeFunction' }));
    assert.deepEqual(await crumbs(), ['Everything', 'show_basket merged']);
    await tab.evaluate(() => fakeHost.say({ type: 'act', action: 'undoStep' }));
    await drawn(tab);
    assert.equal(await tab.locator('.breadcrumbs').isVisible(), false);
    await tab.evaluate(() => fakeHost.say({ type: 'view', text: 'heatline-view:?step=only-mine' }));
    assert.deepEqual(await crumbs(), ['Everything', 'Only my code']);
  });

  it('say so where they leave nothing', async () => {
    await tab.evaluate(() =>
      fakeHost.say({ type: 'view', text: 'heatline-view:?fn=main@serve.py:88&step=drop-function:0&step=focus-function:0' }),
    );
    await tab.getByText('The steps that were taken leave none.').waitFor();
    await tab.getByRole('button', { name: 'Show All Samples' }).click();
    await drawn(tab);
    assert.equal(await nameAt(0.2, 7), 'Basket.total');
  });
});
