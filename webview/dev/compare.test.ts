import assert from 'node:assert/strict';
import { drawn } from './devPage.ts';
import { DrivenPage, ROW } from './drivenPage.ts';

describe('The page that compares two profiles', function () {
  this.timeout(60_000);
  const page = new DrivenPage();

  beforeEach(async () => {
    await page.openUntold({ compares: true });
    await drawn(page.tab);
  });

  const press = async (name: string): Promise<void> => {
    await page.tab.getByRole('button', { name, exact: true }).click();
    await drawn(page.tab);
  };
  const names = (): Promise<string[]> => page.tab.locator('tbody .compare-name span').allInnerTexts();
  const cells = async (name: string): Promise<string[]> => {
    const row = page.tab.locator('tbody tr', { has: page.tab.getByText(name, { exact: true }) });
    return (await row.locator('.compare-number').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
  };
  const said = (type: string): Promise<unknown[]> =>
    page.tab.evaluate((wanted) => (fakeHost.received as readonly { type: string }[]).filter((message) => message.type === wanted), type);
  const details = (): Promise<string> => page.tab.locator('.details').innerText();
  /** Selects the box in a row of the graph, at a share of its width. */
  const click = async (at: number, row: number): Promise<void> => {
    const { width } = (await page.graph.boundingBox())!;
    await page.graph.click({ position: { x: at * width, y: row * ROW + ROW / 2 } });
    await drawn(page.tab);
  };

  it('lists what changed, the largest change first, and leaves out what may be chance until it is asked', async () => {
    assert.deepEqual(await names(), ['query', 'round_price', 'cached', 'total']);
    assert.deepEqual(await cells('round_price'), ['24.0%', '54.0%', '+30.0%×2.3', '24.0%', '54.0%', '+30.0%×2.3']);
    assert.deepEqual((await cells('query')).slice(0, 3), ['36.0%', '0%', '−36.0%gone']);
    assert.match(await page.tab.locator('.compare-note').innerText(), /more the difference may be chance/);
    await press('Maybe chance');
    assert.ok((await names()).includes('log'));
    assert.match((await cells('log'))[2]!, /\?/);
  });

  it('shows boxes as wide as after, as before, or those that are gone alone', async () => {
    await click(0.2, 5);
    assert.match(await details(), /^round_price\s.*Total 24\.0% → 54\.0% \+30\.0% ×2\.3/s);
    await press('Before');
    assert.match(await details(), /^round_price/, 'what is selected stays so');
    await click(0.6, 4);
    await press('Gone');
    await click(0.5, 4);
    assert.match(await details(), /^query\s.*Total 36\.0% → 0% −36\.0% gone/s);
  });

  it('asks for seconds, lines and other threads, and compares the other way round', async () => {
    await press('Seconds');
    assert.match((await cells('round_price'))[0]!, /2\.40 s/);
    await press('Lines');
    await press('All');
    assert.deepEqual((await said('compareQuery')).at(-1), { type: 'compareQuery', query: { by: 'seconds', lines: true, count: 'all' } });
    await press('Swap');
    assert.match(await page.tab.locator('.compare-title').first().innerText(), /3:11 PM/);
  });

  it('opens what is double-clicked in the table, entered there, or clicked in the graph', async () => {
    await page.tab.locator('tbody tr', { hasText: 'round_price' }).dblclick();
    await page.tab.keyboard.press('Tab');
    await page.tab.locator('tbody tr').first().focus();
    await page.tab.keyboard.press('ArrowDown');
    await page.tab.keyboard.press('Enter');
    await click(0.2, 4);
    const opened = (await said('openPlace')) as { file: string; line: number }[];
    assert.deepEqual(
      opened.map(({ file }) => file),
      ['/srv/shop/basket.py', '/srv/shop/basket.py', '/srv/shop/basket.py'],
    );
  });

  it('finds by words, in the table and in the graph', async () => {
    await page.tab.keyboard.press('/');
    await page.tab.keyboard.type('basket.py round');
    await drawn(page.tab);
    assert.deepEqual(await names(), ['round_price']);
  });

  it('sorts by any column, and says so', async () => {
    await press('Function');
    assert.deepEqual(await names(), (await names()).toSorted((a, b) => b.localeCompare(a)).toReversed());
    assert.equal(await page.tab.locator('th').last().getAttribute('aria-sort'), 'descending');
  });

  it('walks through the calls by keys, and zooms', async () => {
    await page.graph.focus();
    await page.tab.keyboard.press('Home');
    for (let step = 0; step < 4; step++) await page.tab.keyboard.press('ArrowDown');
    assert.match(await details(), /^total/);
    await page.tab.keyboard.press('z');
    await drawn(page.tab);
    await click(0.99, 4);
    assert.match(await details(), /^total/);
  });
});
