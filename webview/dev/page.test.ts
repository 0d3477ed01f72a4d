import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { StoredView } from '../model/storedView.ts';
import { drawn, type DevPageOptions } from './devPage.ts';
import { DrivenPage, ROW } from './drivenPage.ts';

describe('The flame graph page in a browser', function () {
  this.timeout(60_000);
  const page = new DrivenPage();
  const { show, said, details, point, nameAt, zoomed } = page;
  let tab: Page;
  let graph: Locator;

  const open = async (options?: DevPageOptions): Promise<void> => {
    await page.open(options);
    ({ tab, graph } = page);
  };
  beforeEach(() => open());

  it('shows nothing, and no black, until there is a picture', async () => {
    await page.close();
    await page.openUntold();
    const visibility = (): Promise<string[]> =>
      page.tab
        .locator('.flame-canvas, .timeline-canvas')
        .evaluateAll((canvases) => canvases.map((canvas) => getComputedStyle(canvas).visibility));
    assert.deepEqual(await visibility(), ['hidden', 'hidden']);
    await show(8);
    // What each draws has come to it by a message of its own.
    for (const canvas of ['.flame-canvas', '.timeline-canvas']) await page.tab.locator(canvas).waitFor();
    assert.deepEqual(await visibility(), ['visible', 'visible']);
  });

  for (const [width, height] of [
    [540, 470],
    [370, 370],
    [220, 270],
  ] as const)
    it(`has room for the graph, and nothing over another, in a panel of ${width} by ${height}`, async () => {
      await page.close();
      await open({ width, height });
      await tab.locator('.timeline-canvas').waitFor();
      const parts = tab.locator('.toolbar, .timeline, .flame-scroller, .details, .table-section, .status-bar');
      const places = await parts.evaluateAll((elements) =>
        elements.map((one) => one.getBoundingClientRect()).map(({ top, bottom }) => ({ top: Math.round(top), bottom: Math.round(bottom) })),
      );
      assert.equal(places.length, 6);
      for (const [at, { bottom }] of places.entries()) if (at > 0) assert.ok(places[at - 1]!.bottom <= places[at]!.top && bottom > 0);
      const graphAt = places[2]!;
      assert.ok(graphAt.bottom - graphAt.top >= 100, `${graphAt.bottom - graphAt.top}`);
      await tab.locator('.status-bar').scrollIntoViewIfNeeded();
      const end = (await tab.locator('.status-bar').boundingBox())!;
      assert.ok(end.y + end.height <= height);
    });

  it('shows what is under the pointer', async () => {
    await graph.hover({ position: await point(0.2, 7) });
    assert.deepEqual(
      await tab.locator('.graph .tooltip').innerText(),
      [
        'Basket.total',
        '/home/ada/shop/shop/basket.py:41',
        'Total',
        '6.08 s',
        '35.5%',
        'Self',
        '456 ms',
        '2.7%',
        'Of the box above',
        '',
        '67.6%',
        'Samples',
        '6,080',
      ]
        .filter(Boolean)
        .join('\n'),
    );
  });

  it('selects a clicked box and asks for its source line', async () => {
    await said('open');
    await graph.click({ position: await point(0.2, 6) });
    assert.equal(await details(), 'show_basket');
    const [message, ...more] = await said('open');
    assert.deepEqual(more, []);
    assert.equal(message!.line, 0);
    assert.equal(message!.path!.length, 12);
    assert.equal(message!.path!.at(-2), message!.func);
    await graph.click({ position: await point(0.2, 5), modifiers: ['Alt'] });
    assert.equal(await details(), 'Router.dispatch');
    assert.deepEqual(await said('open'), []);
  });

  it('is operated by the keyboard, and tells screen readers', async () => {
    await graph.focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await tab.keyboard.press(key);
    assert.equal(await details(), 'show_basket');
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('ArrowRight');
    assert.equal(await details(), 'Session.execute');
    assert.match(
      await tab.locator('[aria-live]').innerText(),
      /^Session\.execute, session\.py:2263, total [\d.]+ s, [\d.]+%, self 32\.0 ms, [\d.]+% of the box above, level 7, 1 box inside$/,
    );
    await said('open');
    await tab.keyboard.press('Enter');
    assert.equal((await said('open')).length, 1);
    await tab.keyboard.press('z');
    assert.equal(await zoomed(), true);
    assert.equal(await nameAt(0.99, 7), 'Session.execute');
    await tab.keyboard.press('0');
    assert.equal(await zoomed(), false);
    await tab.keyboard.press('Home');
    assert.equal(await details(), 'All threads');
  });

  it('zooms by double click and wheel, and back step by step', async () => {
    await graph.dblclick({ position: await point(0.2, 7) });
    assert.equal(await nameAt(0.98, 7), 'Basket.total');
    await graph.focus();
    await tab.keyboard.press('Escape');
    await drawn(tab);
    assert.equal(await nameAt(0.98, 6), 'show_basket');
    await tab.keyboard.press('0');
    await drawn(tab);
    await graph.hover({ position: await point(0.2, 7) });
    await tab.mouse.wheel(0, -300);
    await drawn(tab);
    assert.equal(await zoomed(), true);
    assert.equal(await nameAt(0.2, 7), 'Basket.total', 'what is under the pointer stays there');
  });

  it('keeps zoom, selection and marks while samples come in', async () => {
    await graph.click({ position: await point(0.2, 8) });
    await tab.keyboard.press('z');
    await tab.locator('.search-input').fill('tax');
    for (const scale of [9, 13, 40]) {
      await show(scale);
      assert.equal(await details(), 'Basket.total.<locals>.<genexpr>');
      assert.equal(await nameAt(0.98, 8), 'Basket.total.<locals>.<genexpr>');
      assert.match(await tab.locator('.search-matches').innerText(), /^1 box · 16\.0%$/);
    }
  });

  it('keeps the tooltip of a resting pointer up to date', async () => {
    await graph.hover({ position: await point(0.2, 7) });
    await show(16);
    assert.match(await tab.locator('.graph .tooltip').innerText(), /^Basket\.total\n[^]*\n12\.2 s\n/);
    await tab.mouse.move(5, 5);
    assert.equal(await tab.locator('.graph .tooltip').isVisible(), false);
  });

  it('searches, counts, filters the table and goes from match to match', async () => {
    await tab.keyboard.press('/');
    await tab.keyboard.type('basket');
    assert.equal(await tab.locator('.search-matches').innerText(), '3 boxes · 52.5%');
    await drawn(tab);
    assert.equal(await tab.locator('.table').getAttribute('aria-rowcount'), '4');
    await tab.keyboard.press('Enter');
    assert.equal(await details(), 'show_basket');
    await tab.keyboard.press('Enter');
    assert.equal(await details(), 'Basket.total');
    await tab.keyboard.press('Shift+Enter');
    assert.equal(await details(), 'show_basket');
    await tab.keyboard.type('xyz');
    assert.equal(await tab.locator('.search-matches').innerText(), '0 boxes · 0%');
    await tab.keyboard.press('Escape');
    assert.equal(await tab.locator('.search-matches').innerText(), '');
  });

  it('searches by regular expression and by case, and says which are none or take too long', async () => {
    const matches = tab.locator('.search-matches');
    const found = (text: RegExp | string): Promise<void> => matches.filter({ hasText: text }).waitFor();
    await tab.keyboard.press('/');
    await tab.keyboard.type('Basket');
    await found('3 boxes');
    await tab.getByRole('button', { name: 'Match case' }).click();
    await found('2 boxes'); // not show_basket
    await tab.keyboard.press('/');
    await tab.keyboard.press('Alt+c');
    await tab.keyboard.press('Alt+r');
    await tab.keyboard.type('^show_|^Basket.total$');
    await found('2 boxes');
    await drawn(tab);
    assert.equal(await tab.locator('.table').getAttribute('aria-rowcount'), '3');
    await tab.keyboard.press('/');
    await tab.keyboard.type('(');
    await found('Not a regular expression: Unterminated group');
    assert.equal(await tab.locator('.search-input').getAttribute('aria-invalid'), 'true');
    // Takes 2^n steps for n letters, of which the functions' names have enough.
    await tab.locator('.search-input').fill('(([^]?){20}){20}~');
    await found('takes too long');
    await tab.locator('.search-input').fill('^show');
    await found('1 box ');
    assert.equal(await tab.locator('.search-input').getAttribute('aria-invalid'), 'false');
  });

  it('has a table that sorts, marks boxes and opens sources', async () => {
    const rows = tab.locator('.table-space .table-row:visible');
    const first = (): Promise<string> => rows.first().locator('.name').innerText();
    await drawn(tab);
    assert.equal(await first(), 'Price.with_tax');
    await tab.getByRole('columnheader', { name: 'Total' }).getByRole('button').click();
    await drawn(tab);
    assert.equal(await first(), '<module>');
    await said('open');
    await rows.filter({ hasText: 'Session.execute' }).first().click();
    const [message] = await said('open');
    assert.equal(message!.path, null);
    assert.match(await tab.locator('.search-matches').innerText(), /^2 boxes/);
    await tab.keyboard.press('ArrowDown');
    assert.deepEqual(await said('open'), []);
    assert.notEqual(await details(), 'Session.execute');
    await tab.keyboard.press('Enter');
    assert.equal((await said('open')).length, 1);
  });

  it('asks what the controls say, and takes no answer to an older question', async () => {
    await said('query');
    await tab.getByRole('button', { name: 'On CPU' }).click();
    const threads = tab.getByRole('combobox', { name: 'Threads' });
    // Behind its name stands how much time it would leave.
    await threads.selectOption(await threads.locator('option', { hasText: 'rates (4155)' }).getAttribute('value'));
    await tab.keyboard.press('i');
    const queries = await said('query');
    assert.deepEqual(
      queries.map(({ query }) => [query.onCpuOnly, query.scope.kind, query.inverted]),
      [
        [true, 'all', false],
        [true, 'thread', false],
        [true, 'thread', true],
      ],
    );
    await drawn(tab);
    await tab.evaluate(
      (number) =>
        fakeHost.say({
          ...fakeHost.currentTree,
          query: number,
          nodes: { ...fakeHost.currentTree.nodes, func: fakeHost.currentTree.nodes.func.map((func) => (func === -1 ? -1 : 0)) },
        }),
      queries[0]!.number,
    );
    await drawn(tab);
    assert.notEqual(await nameAt(0.2, 3), '<module>');
  });

  it('says why it shows nothing', async () => {
    const none = (state: 'starting' | 'running' | 'paused' | 'ended'): Promise<void> =>
      tab.evaluate((now) => {
        const { nodes, functions } = fakeHost.currentTree;
        const empty = {
          parent: nodes.parent.slice(0, 1),
          func: nodes.func.slice(0, 1),
          line: nodes.line.slice(0, 1),
          self: new Float64Array(1),
          total: new Float64Array(1),
          samples: new Float64Array(1),
        };
        fakeHost.status(now);
        fakeHost.say({
          ...fakeHost.currentTree,
          nodes: empty,
          totalSamples: 0,
          functions: {
            func: functions.func.slice(0, 0),
            line: functions.line.slice(0, 0),
            self: functions.self.slice(0, 0),
            total: functions.total.slice(0, 0),
            samples: functions.samples.slice(0, 0),
          },
        });
      }, state);
    await none('running');
    await tab.getByText('Waiting for the first samples…').waitFor();
    await none('ended');
    await tab.getByText('The recording ended before anything was sampled.').waitFor();
    await tab.getByRole('button', { name: 'GIL' }).click();
    await drawn(tab);
    await none('ended');
    await tab.getByText('No samples match').waitFor();
    // There are none that it could show.
    await tab.evaluate(() => fakeHost.status('ended', '', { samples: 0 }));
    await tab.getByText('The recording ended before anything was sampled.').waitFor();
    await tab.getByRole('button', { name: 'Show All Samples' }).waitFor({ state: 'hidden' });
    await tab.evaluate(() => fakeHost.status('ended'));
    await tab.getByRole('button', { name: 'Show All Samples' }).click();
    await tab.locator('.placeholder').waitFor({ state: 'hidden' });
  });

  it('says how the recording went', async () => {
    await tab.evaluate(() => fakeHost.status('ended', 'The process ended.', { lost: 5000, partial: 0 }));
    await tab.getByText('The process ended.').waitFor();
    const status = await tab.locator('.status-bar').innerText();
    assert.match(status, /Ended/);
    assert.match(status, /48,212 samples \(3,994\/s\)/);
    assert.match(status, /5,000 lost \(9\.4%\)/);
    assert.doesNotMatch(status, /partial/);
    assert.equal(await tab.locator('.worrying').count(), 1);
  });

  it('is as it was when it is shown again', async () => {
    await graph.click({ position: await point(0.2, 7) });
    await tab.keyboard.press('z');
    await tab.keyboard.press('t');
    await tab.waitForFunction(() => (fakeHost.stored as Partial<StoredView> | undefined)?.tableShown === false);
    const stored = await tab.evaluate(() => fakeHost.stored);
    await tab.context().close();
    await open({ stored });
    assert.equal(await details(), 'Basket.total');
    assert.equal(await nameAt(0.98, 7), 'Basket.total');
    assert.equal(await tab.locator('.table').isVisible(), false);
  });

  it('takes on another theme at once', async () => {
    const background = (): Promise<number[]> =>
      tab
        .locator('.flame-canvas')
        .evaluate((canvas) => [
          ...(canvas as HTMLCanvasElement).getContext('2d')!.getImageData(3, (canvas as HTMLCanvasElement).height - 3, 1, 1).data,
        ]);
    assert.deepEqual(await background(), [31, 31, 31, 255]);
    await tab.evaluate(() => fakeHost.theme('light'));
    await drawn(tab);
    assert.deepEqual(await background(), [255, 255, 255, 255]);
  });

  it('can be turned upside down', async () => {
    await tab.keyboard.press('f');
    await drawn(tab);
    const box = (await graph.boundingBox())!;
    await graph.hover({ position: { x: box.width / 2, y: box.height - ROW / 2 } });
    assert.equal(await tab.locator('.graph .tooltip-name').innerText(), 'All threads');
  });

  it('goes on after messages that make no sense', async () => {
    await tab.evaluate(() => {
      const junk: unknown[] = [
        null,
        7,
        'tree',
        { type: 'tree' },
        { type: 'setup' },
        { type: 'functions', first: 9 },
        { ...fakeHost.currentTree, nodes: { ...fakeHost.currentTree.nodes, parent: new Int32Array(3) } },
        { type: 'nonsense' },
      ];
      for (const message of junk) fakeHost.say(message);
    });
    await show(3);
    assert.equal(await nameAt(0.2, 7), 'Basket.total');
  });

  it('asks to start anew when names are missing', async () => {
    await said('ready');
    await tab.evaluate(() =>
      fakeHost.say({
        type: 'functions',
        first: 999_999,
        firstFile: 0,
        names: [],
        newFiles: [],
        files: new Int32Array(0),
        firstLines: new Int32Array(0),
        native: new Uint8Array(0),
        libraries: new Int32Array(0),
        firstLibrary: 0,
        newLibraries: [],
      }),
    );
    await drawn(tab);
    assert.equal((await said('ready')).length, 1);
  });

  it('asks for more when it zooms in where boxes were left out', async () => {
    await tab.evaluate(() => fakeHost.say({ ...fakeHost.currentTree, hiddenNodes: 1234 }));
    await tab.getByText('1,234 boxes left out').waitFor();
    await said('detail');
    await graph.dblclick({ position: await point(0.2, 7) });
    // The whole tree may be asked for first: what was left out was, too, before the zoom.
    await tab.waitForFunction(() => fakeHost.received.some((message) => message.type === 'detail' && message.path.length > 0));
    const detail = (await said('detail')).at(-1)!;
    assert.equal(detail.path.length, 14);
    assert.equal(Math.round(detail.span), 6_080_000);
  });

  it('shows which buttons are pressed, in every theme', async () => {
    const look = (button: Locator): Promise<string> =>
      button.evaluate((element) => {
        const { backgroundColor, borderColor, color } = getComputedStyle(element);
        return [backgroundColor, borderColor, color].join();
      });
    for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
      await tab.context().close();
      await open({ theme });
      await tab.getByRole('button', { name: 'GIL' }).click();
      await tab.mouse.move(5, 300);
      assert.notEqual(await look(tab.getByRole('button', { name: 'GIL' })), await look(tab.getByRole('button', { name: 'Lines' })), theme);
    }
  });

  it('has a menu and a help that keys open and close', async () => {
    await graph.click({ button: 'right', position: await point(0.2, 7) });
    await tab.getByRole('menu').waitFor();
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('Enter');
    assert.equal(await zoomed(), true);
    assert.equal(await tab.getByRole('menu').isVisible(), false);
    await tab.keyboard.press('?');
    await tab.getByRole('dialog').waitFor();
    await tab.keyboard.press('Escape');
    await tab.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.equal(await zoomed(), true, 'Escape closed the dialog only');
  });
});
