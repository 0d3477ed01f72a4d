import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { drawn } from './devPage.ts';
import { DrivenPage, ROW } from './drivenPage.ts';

describe('The flame graph page: callers and callees of a function', function () {
  this.timeout(60_000);
  const page = new DrivenPage();
  const { point, nameAt } = page;
  let tab: Page;
  let graph: Locator;

  beforeEach(async () => {
    await page.open();
    tab = page.tab;
    graph = tab.locator('.graph:not(.sandwich) .flame-scroller');
  });

  const half = (name: string): Locator => tab.getByRole('group', { name, exact: true }).locator('.flame-scroller');
  /** What is in the row next to the middle, or so many rows from it. */
  const boxAt = async (name: 'Callers' | 'Callees', row: number): Promise<string> => {
    await drawn(tab);
    const scroller = half(name);
    const { width, height } = (await scroller.boundingBox())!;
    const y = row * ROW + ROW / 2;
    await scroller.hover({ position: { x: width * 0.1, y: name === 'Callers' ? height - y : y } });
    return tab.getByRole('group', { name, exact: true }).locator('.tooltip').innerText();
  };
  const title = async (): Promise<string> => {
    await drawn(tab);
    return tab.locator('.sandwich-title').innerText();
  };

  it('shows who calls it above and what it calls below, and shares of the whole', async () => {
    await graph.click({ button: 'right', position: await point(0.2, 7) });
    await tab.getByRole('menuitem', { name: 'Show Callers and Callees' }).click();
    assert.match(await title(), /^Basket\.total: 6\.08 s of 17\.1 s$/);
    assert.equal(await graph.isVisible(), false);
    assert.match(await boxAt('Callers', 0), /^Basket\.total\n[^]*6\.08 s\n35\.5%/);
    assert.match(await boxAt('Callers', 1), /^show_basket\n/);
    assert.match(await boxAt('Callees', 0), /^Basket\.total\n/);
    assert.match(await boxAt('Callees', 1), /^Basket\.total\.<locals>\.<genexpr>\n/);
    await tab.getByRole('button', { name: 'Show all calls (Escape)' }).click();
    assert.equal(await nameAt(0.2, 7), 'Basket.total');
  });

  it('goes on to other functions, back and forward, by keys and from the table', async () => {
    await graph.click({ position: await point(0.2, 7), modifiers: ['Alt'] });
    await tab.keyboard.press('w');
    assert.match(await title(), /^Basket\.total:/);
    await half('Callees').focus();
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('w');
    assert.match(await title(), /^Basket\.total\.<locals>\.<genexpr>:/);
    await tab.keyboard.press('Alt+ArrowLeft');
    assert.match(await title(), /^Basket\.total:/);
    await tab.keyboard.press('Alt+ArrowRight');
    assert.match(await title(), /genexpr/);
    await tab.locator('.table-space .table-row:visible', { hasText: 'Session.execute' }).click();
    assert.match(await title(), /^Session\.execute:/);
    await tab.getByRole('button', { name: 'Back (Alt+←)' }).click();
    assert.match(await title(), /genexpr/);
    await half('Callees').focus();
    await tab.keyboard.press('Escape'); // what the table marked
    await tab.keyboard.press('Escape');
    await drawn(tab);
    assert.equal(await graph.isVisible(), true);
  });

  it('is about what the steps that were taken left', async () => {
    await tab.evaluate(() =>
      fakeHost.say({
        type: 'view',
        text: 'heatline-view:?fn=show_basket@views.py:101&fn=Basket.total@basket.py:41&step=merge-function:0&sandwich=1',
      }),
    );
    assert.match(await title(), /^Basket\.total:/);
    assert.match(await boxAt('Callers', 1), /^Router\.dispatch\n/);
  });
});
