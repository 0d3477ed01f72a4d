import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { drawn } from './devPage.ts';
import { DrivenPage } from './drivenPage.ts';

describe('The flame graph page: call tree and modules', function () {
  this.timeout(60_000);
  const page = new DrivenPage();
  const { said, details, point } = page;
  let tab: Page;

  beforeEach(async () => {
    await page.open();
    tab = page.tab;
  });

  const show = async (name: string): Promise<void> => {
    await tab.getByRole('tab', { name }).click();
    await tab.locator('.table').focus();
    await drawn(tab);
  };
  const rows = async (): Promise<string[]> => {
    await drawn(tab);
    const shown = await tab.locator('.table-space .table-row:visible').all();
    const told = await Promise.all(
      shown.map(async (row) => ({
        at: Number(await row.getAttribute('aria-rowindex')),
        text: `${'  '.repeat(Number((await row.getAttribute('aria-level')) ?? 1) - 1)}${await row.locator('.name').innerText()}`,
      })),
    );
    return told.sort((a, b) => a.at - b.at).map(({ text }) => text);
  };
  const chosen = (): Locator => tab.locator('.table-row[aria-selected="true"]');
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await tab.keyboard.press(key);
    await drawn(tab);
  };
  const clipboard = async (item: string): Promise<string> => {
    await tab.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: (text: string) => Promise.resolve(void (fakeHost.copied = text)) },
      });
    });
    await tab.getByRole('menuitem', { name: item }).click();
    return tab.evaluate(() => fakeHost.copied);
  };

  it('are chosen by tabs, also with keys, and stay chosen', async () => {
    await tab.getByRole('tab', { name: 'Functions' }).focus();
    await press('ArrowRight');
    assert.equal(await tab.getByRole('treegrid').getAttribute('aria-label'), 'Call tree');
    assert.equal(await tab.getByRole('tab', { name: 'Call tree' }).getAttribute('aria-selected'), 'true');
    await tab.waitForFunction(() => (fakeHost.stored as { sideView?: string } | null)?.sideView === 'callTree');
    await press('End');
    assert.equal(await tab.getByRole('tabpanel').getByRole('grid').getAttribute('aria-label'), 'Modules by time');
  });

  it('has a tree that keys open and close, and that selects in the graph what it selects', async () => {
    await show('Call tree');
    await press('ArrowDown', 'ArrowRight', 'ArrowRight');
    assert.deepEqual((await rows()).slice(0, 3), ['<module>', '  main', 'Thread._bootstrap']);
    assert.equal(await details(), 'main');
    assert.equal(await chosen().getAttribute('aria-level'), '2');
    assert.equal(await chosen().getAttribute('aria-expanded'), 'false');
    await press('ArrowLeft', 'ArrowLeft');
    assert.equal((await rows())[1], 'Thread._bootstrap');
    await said('open');
    await press('Enter');
    const [open] = await said('open');
    assert.deepEqual(open?.path, [0, 0]);
  });

  it('expands the hottest path, and what leads to what is selected in the graph', async () => {
    await show('Call tree');
    await press('e');
    assert.equal(await chosen().locator('.name').innerText(), 'Price.with_tax');
    assert.equal(await details(), 'Price.with_tax');
    await page.graph.click({ position: await point(0.6, 7), modifiers: ['Alt'] });
    await drawn(tab);
    assert.equal(await chosen().locator('.name').innerText(), 'Session.execute');
    await tab.evaluate(() => fakeHost.show('small', 9)); // newer samples
    await drawn(tab);
    assert.equal(await chosen().locator('.name').innerText(), 'Session.execute');
  });

  it('shows of a search what it found and what leads there, and copies that', async () => {
    await show('Call tree');
    await press('/');
    await tab.keyboard.type('session.execute');
    assert.deepEqual((await rows()).map((row) => row.trim()).slice(-3), ['Session.execute', 'list_orders', 'Session.execute']);
    await tab.locator('.table-space .table-row:visible', { hasText: 'Session.execute' }).first().click({ button: 'right' });
    assert.match(await clipboard('Copy Table as Text'), /^ +Self .*Call[^]* {12}show_basket .*\n.* {14}Session\.execute /);
  });

  it('has callers and callees of the function of a sandwich', async () => {
    await show('Call tree');
    await press('e', 'w');
    assert.deepEqual(await rows(), ['Callers', '  Basket.total.<locals>.<genexpr>', 'Callees']);
    await press('Home', 'e');
    assert.equal((await rows()).at(-2)!.trim(), '<module>');
  });

  it('has modules with their times, whose functions stand out when they are chosen', async () => {
    await show('Modules');
    const row = (name: string): Locator => tab.locator('.table-space .table-row:visible', { hasText: name });
    assert.match(
      await row('basket.py').getAttribute('title').then(String),
      /basket\.py\n.*basket\.py\nSelf 1\.98 s \(11\.5%\) · Total 6\.08 s \(35\.5%\)/,
    );
    await row('basket.py').click();
    assert.match(await tab.locator('.search-matches').innerText(), /^2 boxes · 35\.5%$/);
    await tab.getByRole('tab', { name: 'Functions' }).click();
    assert.deepEqual((await rows()).sort(), ['Basket.total', 'Basket.total.<locals>.<genexpr>']);
    await tab.getByRole('tab', { name: 'Modules' }).click();
    await press('/');
    await tab.keyboard.type('with_tax');
    assert.deepEqual(await rows(), ['price.py']);
  });

  it('filters by module, and says before and after how much that leaves', async () => {
    await show('Modules');
    const row = (name: string): Locator => tab.locator('.table-space .table-row:visible', { hasText: name });
    await row('basket.py').click({ button: 'right' });
    assert.deepEqual((await tab.getByRole('menuitem').allInnerTexts()).slice(0, 2), [
      'Focus on Module\nleaves 6.08 s',
      'Drop Samples with Module\nleaves 11.0 s',
    ]);
    await press('Enter');
    await tab.getByText('From basket.py on').waitFor();
    await drawn(tab);
    assert.match(await row('price.py').getAttribute('title').then(String), /Total 2\.74 s \(45\.0%\)/);
    assert.equal(await row('router.py').count(), 0);
  });
});
