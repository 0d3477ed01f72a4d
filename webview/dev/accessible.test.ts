import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { ThemeName } from '../themes.ts';
import { drawn, launchBrowser, openDevPage } from './devPage.ts';

declare global {
  var axe: { readonly run: (options: RunOptions) => Promise<AxeResults> };
}

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

describe('The flame graph page: what axe finds', function () {
  this.timeout(60_000);
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  const assertAccessible = async (tab: Page, view: string): Promise<void> => {
    await drawn(tab);
    const { violations, passes } = await tab.evaluate(() =>
      axe.run({
        resultTypes: ['violations'],
        // The rows of a table lie in a grid that has the focus and scrolls them by its keys (page.test.ts, tables.test.ts).
        rules: { 'scrollable-region-focusable': { enabled: false } },
      }),
    );
    assert.notEqual(passes.length, 0);
    assert.deepEqual(
      violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary = '' }) => `${id}: ${target.join(' ')}\n${failureSummary}`),
      ),
      [],
      view,
    );
  };

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as ThemeName[]) {
    it(`is nothing in any view (${theme})`, async () => {
      const tab = await openDevPage(browser, { theme, reducedMotion: true });
      await tab.evaluate(AXE); // as a tool of the browser, for which the page's policy does not count
      await tab.evaluate(() => {
        fakeHost.status('running');
        fakeHost.show('small', 8);
      });
      await assertAccessible(tab, 'flame graph and functions');
      await tab.getByRole('tab', { name: 'Call tree' }).click();
      await tab.locator('.table').focus();
      await tab.keyboard.press('e');
      await assertAccessible(tab, 'call tree');
      await tab.getByRole('tab', { name: 'Modules' }).click();
      await assertAccessible(tab, 'modules');
      await tab.locator('.table-space .table-row:visible').first().click({ button: 'right' });
      await assertAccessible(tab, 'menu');
      await tab.keyboard.press('Escape');
      await tab.keyboard.press('/');
      await tab.keyboard.type('basket');
      await assertAccessible(tab, 'search');
      await tab.keyboard.press('Escape');
      await tab.keyboard.press('Escape');
      await tab.locator('.flame-scroller').focus();
      await tab.keyboard.press('w');
      await tab.locator('.sandwich-title').waitFor();
      await assertAccessible(tab, 'callers and callees');
      await tab.keyboard.press('?');
      await assertAccessible(tab, 'help');
      await tab.context().close();
    });

    it(`is nothing where profiles are compared (${theme})`, async () => {
      const tab = await openDevPage(browser, { theme, compares: true });
      await tab.locator('.compare-table').waitFor();
      await tab.evaluate(AXE);
      await assertAccessible(tab, 'comparison');
      await tab.context().close();
    });
  }
});
