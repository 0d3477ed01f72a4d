import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { drawn } from './devPage.ts';
import { DrivenPage } from './drivenPage.ts';

/** What the fake host covers, µs. */
const UNTIL = 12_432_000;

describe('The timeline of the page', function () {
  this.timeout(60_000);
  const page = new DrivenPage();
  const { said } = page;
  let tab: Page;
  let lanes: Locator;
  let scroller: Locator;

  /** Resolves when all that is in view was asked for and answered. */
  const answered = async (): Promise<void> => {
    await tab.waitForFunction(() => fakeHost.timelineQuiet());
    await drawn(tab);
  };

  beforeEach(async () => {
    await page.open();
    ({ tab } = page);
    lanes = tab.locator('.timeline-canvas');
    scroller = tab.locator('.timeline-scroller');
    await answered();
  });

  /** A point of the lanes in the window: a share of their width, so many pixels from the top. */
  const point = async (share: number, y: number): Promise<[number, number]> => {
    const box = (await lanes.boundingBox())!;
    return [Math.round(box.x + box.width * share), box.y + y];
  };

  const drag = async (from: number, to: number, y = 30): Promise<void> => {
    await tab.mouse.move(...(await point(from, y)));
    await tab.mouse.down();
    await tab.mouse.move(...(await point((from + to) / 2, y)));
    await tab.mouse.move(...(await point(to, y)));
    await tab.mouse.up();
  };

  /** The range of the last query, once one was asked. */
  const asked = async (): Promise<{ start: number; end: number } | null> => {
    await tab.waitForFunction(() => fakeHost.received.some(({ type }) => type === 'query'));
    return (await said('query')).at(-1)!.query.range;
  };

  const close = (value: number, share: number): void => assert.ok(Math.abs(value / UNTIL - share) < 0.01, `${value / UNTIL}, not ${share}`);

  it('has a lane for each thread, asked for in one question', async () => {
    assert.deepEqual(await tab.locator('.lane-head').allInnerTexts(), ['MainThread', 'rates', 'indexer']);
    const [first] = await said('timeline');
    assert.deepEqual([first?.range, first?.threads, first?.open], [null, [0, 1, 2], []]);
  });

  it('selects by dragging what everything else is about, says so, and forgets it with a click', async () => {
    await said('query');
    await drag(0.25, 0.5);
    const range = (await asked())!;
    close(range.start, 0.25);
    close(range.end, 0.5);
    const chip = tab.locator('.chip');
    assert.match(await chip.innerText(), /^3\.1\d s – 6\.2\d s$/);
    // One edge is moved on its own.
    await drag(0.5, 0.75);
    const longer = (await asked())!;
    assert.equal(longer.start, range.start);
    close(longer.end, 0.75);
    await chip.click();
    assert.equal(await asked(), null);
    assert.equal(await chip.isVisible(), false);
  });

  it('does all of that with keys', async () => {
    await said('query');
    await scroller.focus();
    for (const key of ['Home', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight']) await tab.keyboard.press(key);
    const range = (await asked())!;
    close(range.start, 0.02);
    close(range.end, 0.08);
    assert.match(await tab.locator('[role=status]').innerText(), /^MainThread, 0\.99 s, .*On CPU \d+%/);
    await tab.keyboard.press('Shift+ArrowLeft');
    close((await asked())!.end, 0.06);
    await tab.keyboard.press('Escape');
    assert.equal(await asked(), null);
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('ArrowDown');
    await said('timeline');
    await tab.keyboard.press('Enter');
    assert.equal(await tab.locator('.lane-head').nth(1).getAttribute('aria-expanded'), 'true');
    await answered();
    assert.deepEqual((await said('timeline')).at(-1)?.open, [1]);
    await tab.keyboard.press('l');
    assert.equal(await scroller.isVisible(), false);
    await page.graph.focus();
    await tab.keyboard.press('l');
    assert.equal(await scroller.isVisible(), true);
  });

  it('zooms with the wheel around the pointer, and asks for what is in view then', async () => {
    await tab.mouse.move(...(await point(0.5, 30)));
    await said('timeline');
    await tab.keyboard.down('Control');
    for (let notch = 0; notch < 6; notch++) await tab.mouse.wheel(0, -300);
    await tab.keyboard.up('Control');
    await answered();
    const { range, columns } = (await said('timeline')).at(-1)!;
    assert.ok(range!.end - range!.start < UNTIL / 20);
    assert.ok(range!.start < UNTIL / 2 && UNTIL / 2 < range!.end);
    const { width } = (await lanes.boundingBox())!;
    assert.ok(columns > width * 1.5, 'what is beside the view, too');
    await scroller.focus();
    await tab.keyboard.press('0');
    await answered();
    assert.deepEqual(await said('timeline'), [], 'all of the time is known');
  });

  it('names the call under the pointer, and lets it stand out everywhere with a click', async () => {
    await tab.locator('.lane-head').first().click();
    await answered();
    await tab.mouse.move(...(await point(0.5, 20 + 18 + 3 + 8)));
    const name = await tab.locator('.timeline .tooltip-name').innerText();
    assert.match(await tab.locator('.timeline .tooltip').innerText(), /Thread\s+MainThread/);
    await tab.mouse.click(...(await point(0.5, 20 + 18 + 3 + 8)));
    await drawn(tab);
    assert.equal(await tab.locator('.table-row[aria-selected=true] .name').innerText(), name);
    assert.match(await tab.locator('.search-matches').innerText(), /box/);
  });

  it('says what threads did where there is no call', async () => {
    await tab.mouse.move(...(await point(0.5, 30)));
    assert.equal(await tab.locator('.timeline .tooltip-name').innerText(), 'MainThread');
    assert.match(await tab.locator('.timeline .tooltip').innerText(), /Time\s+6\.2\d+ s/);
  });

  it('asks again when samples came, but not for another range of time', async () => {
    await said('timeline');
    await drag(0.25, 0.5);
    await asked();
    await drawn(tab);
    await answered();
    assert.deepEqual(await said('timeline'), []);
    await tab.evaluate(() => fakeHost.status('running', '', { samples: 50_000 }));
    await tab.evaluate(() => fakeHost.show('small', 9));
    await tab.waitForFunction(() => fakeHost.received.some(({ type }) => type === 'timeline'));
  });

  it('fades the lanes of threads that do not count', async () => {
    await tab.locator('.scope').selectOption('thread:1');
    await drawn(tab);
    const left = await tab.locator('.lane-head').evaluateAll((heads) => heads.map((head) => head.classList.contains('left-out')));
    assert.deepEqual(left, [true, false, true]);
  });

  it('keeps what it showed for when the page is made anew', async () => {
    await tab.locator('.lane-head').nth(1).click();
    await scroller.focus();
    await tab.keyboard.press('+');
    await tab.waitForFunction(() => Boolean((fakeHost.stored as { timelineView?: unknown } | undefined)?.timelineView));
    const stored = await tab.evaluate(() => fakeHost.stored);
    await tab.context().close();
    await page.open({ stored });
    ({ tab } = page);
    await answered();
    assert.equal(await tab.locator('.lane-head').nth(1).getAttribute('aria-expanded'), 'true');
    const { range } = (await said('timeline')).at(-1)!;
    assert.ok(range !== null && range.end - range.start < UNTIL);
  });
});
