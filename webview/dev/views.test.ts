import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { drawn } from './devPage.ts';
import { DrivenPage } from './drivenPage.ts';

describe('The flame graph page: what is in sight', function () {
  this.timeout(60_000);
  const page = new DrivenPage();
  const { show, showTree, said, details, point, nameAt, zoomed } = page;
  let tab: Page;
  let graph: Locator;

  beforeEach(async () => {
    await page.open();
    ({ tab, graph } = page);
  });

  it('shows everything until it is zoomed, whatever fills it for a while', async () => {
    await showTree([0, 0, 100e3], [1, 1, 100e3], [2, 2, 100e3]);
    assert.equal(await zoomed(), false);
    await graph.dblclick({ position: await point(0.5, 2) }); // as wide as the view: nothing to zoom to
    await showTree([0, 3, 200e3], [0, 0, 100e3], [2, 1, 100e3], [3, 2, 100e3]);
    assert.equal(await zoomed(), false);
    assert.deepEqual([await nameAt(0.1, 1), await nameAt(0.9, 1)], ['Application.__call__', '<module>']);
  });

  it('stays on the box it was zoomed to when that calls something else', async () => {
    await showTree([0, 0, 100e3], [1, 1, 100e3], [0, 3, 50e3]);
    await graph.dblclick({ position: await point(0.2, 1) });
    await showTree([0, 0, 300e3], [1, 4, 200e3], [1, 1, 100e3], [0, 3, 50e3]);
    assert.equal(await zoomed(), true);
    assert.deepEqual([await nameAt(0.1, 2), await nameAt(0.9, 2)], ['Router.dispatch', 'main']);
  });

  /** A function that calls itself so often that its tower is far higher than the view. */
  const showTower = (): Promise<void> => showTree(...Array.from({ length: 800 }, (_, depth) => [depth, depth % 2, 100e3] as const));
  const scrolled = (): Promise<number> => graph.evaluate((scroller) => scroller.scrollTop);

  it('shows callers and lines from their root, wherever it was scrolled to', async () => {
    await tab.evaluate(() => fakeHost.show(100_000));
    await drawn(tab);
    for (const name of ['Callers', 'Lines']) {
      await graph.evaluate((scroller) => (scroller.scrollTop = 500));
      assert.equal(await scrolled(), 500);
      await tab.getByRole('button', { name }).click();
      await drawn(tab);
      assert.equal(await scrolled(), 0, name);
    }
  });

  it('scrolls with the wheel where it is higher than the view, and zooms with Ctrl and the wheel', async () => {
    await showTower();
    await graph.hover({ position: await point(0.5, 3) });
    await tab.mouse.wheel(0, 300);
    await tab.waitForFunction(() => document.querySelector('.flame-scroller')!.scrollTop > 0);
    assert.equal(await zoomed(), false);
    await tab.keyboard.down('Control');
    await tab.mouse.wheel(0, -300);
    await tab.keyboard.up('Control');
    assert.equal(await zoomed(), true);
  });

  it('keeps its width when a function is chosen in the table, however narrow its boxes are', async () => {
    // The function 2 has fifty boxes, none of them wide enough to be seen well.
    await showTree(
      ...Array.from(
        { length: 50 },
        (_, at) =>
          [
            [0, 3 + (at % 30), 10e3],
            [2 * at + 1, 2, 1e3 + at],
          ] as const,
      ).flat(),
    );
    await tab.locator('.table-space .table-row:visible', { hasText: 'Server.serve_forever' }).click();
    assert.equal(await zoomed(), false);
    assert.match(await tab.locator('.search-matches').innerText(), /^50 boxes/);
    assert.equal(await details(), 'Server.serve_forever');
  });

  it('shows everything when a function is chosen that is out of view', async () => {
    await showTree([0, 0, 100e3], [0, 2, 50e3]);
    await graph.dblclick({ position: await point(0.1, 1) });
    assert.equal(await zoomed(), true);
    await tab.locator('.table-space .table-row:visible', { hasText: 'Server.serve_forever' }).click();
    assert.equal(await zoomed(), false);
  });

  it('goes from match to match by size', async () => {
    await showTree([0, 0, 100e3], [1, 6, 10e3], [1, 7, 20e3], [0, 1, 90e3], [4, 7, 80e3]);
    await tab.locator('.search-input').fill('basket');
    const sizes: string[] = [];
    for (let match = 0; match < 3; match++) {
      await tab.keyboard.press('Enter');
      sizes.push((await tab.locator('.details-figures').innerText()).replace(/ \(.*/, ''));
    }
    assert.deepEqual(sizes, ['Total 80.0 ms', 'Total 20.0 ms', 'Total 10.0 ms']);
  });

  it('has a row for each line where boxes are lines, marks its boxes and opens it', async () => {
    await tab.getByRole('button', { name: 'Lines' }).click();
    await drawn(tab);
    await tab.evaluate(() => {
      const self = Float64Array.of(40e3, 10e3);
      fakeHost.say({
        ...fakeHost.currentTree,
        nodes: {
          parent: Int32Array.of(-1, 0, 0),
          func: Int32Array.of(-1, 6, 6),
          line: Int32Array.of(0, 42, 47),
          self: Float64Array.of(0, 40e3, 10e3),
          total: Float64Array.of(50e3, 40e3, 10e3),
          samples: Float64Array.of(50, 40, 10),
        },
        functions: { func: Int32Array.of(6, 6), line: Int32Array.of(42, 47), self, total: self, samples: self },
      });
    });
    await drawn(tab);
    const rows = tab.locator('.table-space .table-row:visible');
    assert.deepEqual(await rows.locator('.place').allInnerTexts(), ['basket.py:42', 'basket.py:47']);
    await said('open');
    await rows.nth(1).click();
    await drawn(tab);
    assert.deepEqual(
      (await said('open')).map(({ func, line }) => [func, line]),
      [[6, 47]],
    );
    assert.match(await tab.locator('.search-matches').innerText(), /^1 box · 20/);
    assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-selected'))), ['false', 'true']);
    await graph.click({ position: await point(0.2, 1) });
    await tab.keyboard.press('Escape');
    await graph.click({ position: await point(0.2, 1) });
    await drawn(tab);
    assert.deepEqual(
      await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-selected'))),
      ['true', 'false'],
      'a box chooses the row of its line',
    );
  });

  it('has a menu of its own for rows, and the editor’s only where text is typed', async () => {
    /** Whether a right click was left to the editor, which then shows Cut, Copy and Paste. */
    const left = (target: Locator): Promise<boolean> =>
      target.evaluate((element) => element.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true, button: 2 })));
    for (const part of ['.status-bar', '.toolbar', '.overview', '.details', '.table-header', '.table-body'])
      assert.equal(await left(tab.locator(part)), false, part);
    assert.equal(await left(tab.locator('.search-input')), true);
    await tab.setViewportSize({ width: 1280, height: 840 }); // a row out of view would become another when it is scrolled to
    await drawn(tab);
    const row = tab.locator('.table-space .table-row:visible', { hasText: 'Session.execute' });
    await said('open');
    await row.click({ button: 'right' });
    assert.deepEqual(await tab.getByRole('menuitem').allInnerTexts(), [
      'Go to Source\nEnter',
      'Zoom to Its Largest Box',
      'Focus on Function\nShift+S',
      'Drop Samples with Function\nD',
      'Merge Function into Callers\nM',
      'Collapse Recursion\nX',
      'Hide sqlalchemy\nH',
      'Fold sqlalchemy\nB',
      'Show Callers and Callees\nW',
      'Only My Code\nO',
      'Copy Name',
      'Copy Table as Text',
      'Copy Table as CSV',
      'Copy Table as Markdown',
    ]);
    assert.deepEqual(await said('open'), []);
    await tab.keyboard.press('Enter');
    assert.deepEqual(
      (await said('open')).map(({ path }) => path),
      [null],
    );
    await row.click({ button: 'right' });
    await tab.getByRole('menuitem', { name: 'Zoom' }).click();
    assert.equal(await zoomed(), true);
    await tab.keyboard.press('ContextMenu');
    await tab.getByRole('menu').waitFor();
  });

  it('shows no tooltip while a menu or the help is open', async () => {
    const tooltip = tab.locator('.graph .tooltip');
    await graph.hover({ position: await point(0.2, 7) });
    assert.equal(await tooltip.isVisible(), true);
    await graph.click({ button: 'right', position: await point(0.2, 7) });
    assert.equal(await tooltip.isVisible(), false);
    await show(9);
    assert.equal(await tooltip.isVisible(), false, 'samples came');
    await tab.mouse.move(30, 400);
    assert.equal(await tooltip.isVisible(), false, 'the pointer went on');
    await tab.keyboard.press('Escape');
    await graph.hover({ position: await point(0.2, 6) });
    assert.equal(await tooltip.isVisible(), true);
    await tab.getByRole('button', { name: 'Keys and mouse (?)' }).focus();
    await tab.keyboard.press('?');
    await show(10);
    assert.equal(await tooltip.isVisible(), false);
    await tab.keyboard.press('Escape');
  });

  it('says that a recording starts, or waits for samples, only when it was told so', async () => {
    await tab.context().close();
    await page.openUntold();
    ({ tab } = page);
    const placeholder = tab.locator('.placeholder');
    await drawn(tab);
    assert.equal(await placeholder.isVisible(), false, 'before anything is known');
    await tab.evaluate(() => fakeHost.status('starting', '', { samples: 0 }));
    await tab.getByText('Starting…').waitFor();
    // Heat shows samples already; the tree of them is on its way.
    await tab.evaluate(() => fakeHost.status('running', '', { samples: 900 }));
    await placeholder.waitFor({ state: 'hidden' });
    await tab.evaluate(() => fakeHost.status('running', '', { samples: 0 }));
    await tab.getByText('Waiting for the first samples…').waitFor();
  });

  it('keeps every button and all that is said of a box in sight, however narrow', async () => {
    for (const width of [220, 300, 520, 780]) {
      await tab.setViewportSize({ width, height: 700 });
      await graph.click({ position: await point(0.2, 3) });
      await drawn(tab);
      // The button for the source may go: the place beside it does the same.
      const outside = await tab.locator('.toolbar button, .toolbar select, .details > :not(.stretch, .go-to-source)').evaluateAll((parts) =>
        parts
          .filter((part) => part.checkVisibility())
          .flatMap((part) => {
            const { left, right } = part.getBoundingClientRect();
            return left < 0 || right > innerWidth || part.scrollWidth > part.clientWidth + 1 ? [part.outerHTML] : [];
          }),
      );
      assert.deepEqual(outside, [], `${width} px`);
    }
  });

  it('has room for names and for long times in the table', async () => {
    await show(700); // minutes and hours
    for (const width of [220, 300, 520, 780, 1280]) {
      await tab.setViewportSize({ width, height: 700 });
      await drawn(tab);
      const rows = tab.locator('.table-space .table-row:visible');
      const rooms = await rows.locator('.cell-name').evaluateAll((cells) => cells.map((cell) => cell.clientWidth));
      assert.ok(Math.min(...rooms) >= 90, `${width} px: ${rooms.join()}`);
      const cut = await rows
        .locator('.cell-time')
        .evaluateAll((cells) =>
          cells
            .filter((cell) =>
              [...cell.children].some(
                (text) => text.checkVisibility() && text.getBoundingClientRect().left < cell.getBoundingClientRect().left,
              ),
            )
            .map((cell) => cell.textContent),
        );
      assert.deepEqual(cut, [], `${width} px`);
    }
  });
});
