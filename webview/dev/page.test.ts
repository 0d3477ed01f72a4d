import assert from 'node:assert/strict';
import type { Browser, Locator, Page } from 'playwright-core';
import type { PageMessage } from '../messages.ts';
import type { StoredView } from '../model/storedView.ts';
import { drawn, findChromium, launchBrowser, openDevPage, type DevPageOptions } from './devPage.ts';

/** Rows of the small sample: 0 all, 1 <module>, 2 main, 3 serve_forever, 4 __call__, 5 dispatch, 6 show_basket | list_orders, 7 Basket.total | … */
const ROW = 20;

describe('The flame graph page in a browser', function () {
  this.timeout(60_000);
  let browser: Browser | undefined;
  let tab: Page;
  let graph: Locator;
  let errors: string[];

  before(async function () {
    if (findChromium() === undefined) this.skip();
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  async function open(options: DevPageOptions = {}): Promise<void> {
    errors = [];
    tab = await openDevPage(browser!, { reducedMotion: true, onError: (error) => errors.push(error), ...options });
    graph = tab.locator('.flame-scroller');
    await show(8);
  }
  const show = async (scale: number): Promise<void> => {
    await tab.evaluate((factor) => {
      fakeHost.status('running');
      fakeHost.show('small', factor);
    }, scale);
    await tab.locator('.placeholder').waitFor({ state: 'hidden' });
    await drawn(tab);
  };
  /** What the page said since the last time, of one kind. */
  const said = async <T extends PageMessage['type']>(type: T): Promise<Extract<PageMessage, { type: T }>[]> => {
    const messages = await tab.evaluate(() => fakeHost.received.splice(0));
    return messages.filter((message): message is Extract<PageMessage, { type: T }> => message.type === type);
  };
  const details = (): Promise<string> => tab.locator('.details-name').innerText();
  /** A point of the graph: a share of its width, in the middle of a row. */
  const point = async (share: number, row: number): Promise<{ x: number; y: number }> => {
    const box = (await graph.boundingBox())!;
    return { x: Math.round(box.width * share), y: row * ROW + ROW / 2 };
  };
  const nameAt = async (share: number, row: number): Promise<string> => {
    await drawn(tab);
    await graph.hover({ position: await point(share, row) });
    return tab.locator('.tooltip-name').innerText();
  };
  /** The class follows with the next frame that is drawn. */
  const zoomed = async (): Promise<boolean> => {
    await drawn(tab);
    return tab.locator('.overview').evaluate((overview) => overview.classList.contains('zoomed'));
  };

  beforeEach(() => open());
  afterEach(async () => {
    await tab.context().close();
    assert.deepEqual(errors, []);
  });

  it('shows what is under the pointer', async () => {
    await graph.hover({ position: await point(0.2, 7) });
    assert.deepEqual(await tab.locator('.tooltip').innerText(), ['Basket.total', '/home/ada/shop/shop/basket.py:41', 'Total', '6.08 s', '35.5%', 'Self', '456 ms', '2.7%', 'Of the box above', '', '67.6%', 'Samples', '6,080'].filter(Boolean).join('\n'));
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
    assert.match(await tab.locator('[aria-live]').innerText(), /^Session\.execute, session\.py:2263, total [\d.]+ s, [\d.]+%, self 32\.0 ms, [\d.]+% of the box above, level 7, 1 box inside$/);
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

  /** A tree of the small sample's functions: (parent, function, total in µs) of each node but the root. */
  const showTree = async (...nodes: readonly (readonly [parent: number, func: number, total: number])[]): Promise<void> => {
    await tab.evaluate((given) => {
      const whole = given.reduce((sum, [parent, , total]) => (parent === 0 ? sum + total : sum), 0);
      const all = [[-1, -1, whole] as const, ...given];
      fakeHost.say({
        ...fakeHost.currentTree,
        nodes: {
          parent: Int32Array.from(all, ([parent]) => parent),
          func: Int32Array.from(all, ([, func]) => func),
          line: new Int32Array(all.length),
          self: new Float64Array(all.length),
          total: Float64Array.from(all, ([, , total]) => total),
          samples: Float64Array.from(all, ([, , total]) => total / 1000),
        },
      });
    }, nodes);
    await drawn(tab);
  };

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

  it('keeps the tooltip of a resting pointer up to date', async () => {
    await graph.hover({ position: await point(0.2, 7) });
    await show(16);
    assert.match(await tab.locator('.tooltip').innerText(), /^Basket\.total\n[^]*\n12\.2 s\n/);
    await tab.mouse.move(5, 5);
    assert.equal(await tab.locator('.tooltip').isVisible(), false);
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

  it('keeps its width when a function is chosen in the table, however narrow its boxes are', async () => {
    // The function 2 has fifty boxes, none of them wide enough to be seen well.
    await showTree(...Array.from({ length: 50 }, (_, at) => [[0, 3 + at % 30, 10e3], [2 * at + 1, 2, 1e3 + at]] as const).flat());
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
        nodes: { parent: Int32Array.of(-1, 0, 0), func: Int32Array.of(-1, 6, 6), line: Int32Array.of(0, 42, 47), self: Float64Array.of(0, 40e3, 10e3), total: Float64Array.of(50e3, 40e3, 10e3), samples: Float64Array.of(50, 40, 10) },
        functions: { func: Int32Array.of(6, 6), line: Int32Array.of(42, 47), self, total: self, samples: self },
      });
    });
    await drawn(tab);
    const rows = tab.locator('.table-space .table-row:visible');
    assert.deepEqual(await rows.locator('.place').allInnerTexts(), ['basket.py:42', 'basket.py:47']);
    await said('open');
    await rows.nth(1).click();
    await drawn(tab);
    assert.deepEqual((await said('open')).map(({ func, line }) => [func, line]), [[6, 47]]);
    assert.match(await tab.locator('.search-matches').innerText(), /^1 box · 20/);
    assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-selected'))), ['false', 'true']);
    await graph.click({ position: await point(0.2, 1) });
    await tab.keyboard.press('Escape');
    await graph.click({ position: await point(0.2, 1) });
    await drawn(tab);
    assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-selected'))), ['true', 'false'], 'a box chooses the row of its line');
  });

  it('has a menu of its own for rows, and the editor’s only where text is typed', async () => {
    /** Whether a right click was left to the editor, which then shows Cut, Copy and Paste. */
    const left = (target: Locator): Promise<boolean> => target.evaluate((element) => element.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true, button: 2 })));
    for (const part of ['.status-bar', '.toolbar', '.overview', '.details', '.table-header', '.table-body']) assert.equal(await left(tab.locator(part)), false, part);
    assert.equal(await left(tab.locator('.search-input')), true);
    const row = tab.locator('.table-space .table-row:visible', { hasText: 'Session.execute' });
    await said('open');
    await row.click({ button: 'right' });
    assert.deepEqual(await tab.getByRole('menuitem').allInnerTexts(), ['Go to Source\nEnter', 'Zoom to Its Largest Box', 'Copy Name']);
    assert.deepEqual(await said('open'), []);
    await tab.keyboard.press('Enter');
    assert.deepEqual((await said('open')).map(({ path }) => path), [null]);
    await row.click({ button: 'right' });
    await tab.getByRole('menuitem', { name: 'Zoom' }).click();
    assert.equal(await zoomed(), true);
    await tab.keyboard.press('ContextMenu');
    await tab.getByRole('menu').waitFor();
  });

  it('shows no tooltip while a menu or the help is open', async () => {
    const tooltip = tab.locator('.tooltip');
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

  it('asks what the controls say, and takes no answer to an older question', async () => {
    await said('query');
    await tab.getByRole('button', { name: 'On CPU' }).click();
    await tab.getByRole('combobox', { name: 'Threads' }).selectOption({ label: 'rates (4155)' });
    await tab.keyboard.press('i');
    const queries = await said('query');
    assert.deepEqual(queries.map(({ query }) => [query.onCpuOnly, query.scope.kind, query.inverted]), [[true, 'all', false], [true, 'thread', false], [true, 'thread', true]]);
    await drawn(tab);
    await tab.evaluate((number) => fakeHost.say({ ...fakeHost.currentTree, query: number, nodes: { ...fakeHost.currentTree.nodes, func: fakeHost.currentTree.nodes.func.map((func) => (func === -1 ? -1 : 0)) } }), queries[0]!.number);
    await drawn(tab);
    assert.notEqual(await nameAt(0.2, 3), '<module>');
  });

  it('says why it shows nothing', async () => {
    const none = (state: 'starting' | 'running' | 'paused' | 'ended'): Promise<void> =>
      tab.evaluate((now) => {
        const { nodes, functions } = fakeHost.currentTree;
        const empty = { parent: nodes.parent.slice(0, 1), func: nodes.func.slice(0, 1), line: nodes.line.slice(0, 1), self: new Float64Array(1), total: new Float64Array(1), samples: new Float64Array(1) };
        fakeHost.status(now);
        fakeHost.say({ ...fakeHost.currentTree, nodes: empty, totalSamples: 0, functions: { func: functions.func.slice(0, 0), line: functions.line.slice(0, 0), self: functions.self.slice(0, 0), total: functions.total.slice(0, 0), samples: functions.samples.slice(0, 0) } });
      }, state);
    await none('running');
    await tab.getByText('Waiting for the first samples…').waitFor();
    await none('ended');
    await tab.getByText('The recording ended before anything was sampled.').waitFor();
    await tab.getByRole('button', { name: 'GIL' }).click();
    await drawn(tab);
    await none('ended');
    await tab.getByRole('button', { name: 'Show All Samples' }).click();
    await tab.locator('.placeholder').waitFor({ state: 'hidden' });
  });

  it('says that a recording starts, or waits for samples, only when it was told so', async () => {
    await tab.context().close();
    tab = await openDevPage(browser!, { reducedMotion: true });
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
      tab.locator('.flame-canvas').evaluate((canvas) => [...(canvas as HTMLCanvasElement).getContext('2d')!.getImageData(3, (canvas as HTMLCanvasElement).height - 3, 1, 1).data]);
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
    assert.equal(await tab.locator('.tooltip-name').innerText(), 'All threads');
  });

  it('goes on after messages that make no sense', async () => {
    await tab.evaluate(() => {
      const junk: unknown[] = [null, 7, 'tree', { type: 'tree' }, { type: 'setup' }, { type: 'functions', first: 9 }, { ...fakeHost.currentTree, nodes: { ...fakeHost.currentTree.nodes, parent: new Int32Array(3) } }, { type: 'nonsense' }];
      for (const message of junk) fakeHost.say(message);
    });
    await show(3);
    assert.equal(await nameAt(0.2, 7), 'Basket.total');
  });

  it('asks to start anew when names are missing', async () => {
    await said('ready');
    await tab.evaluate(() => fakeHost.say({ type: 'functions', first: 999_999, firstFile: 0, names: [], newFiles: [], files: new Int32Array(0), firstLines: new Int32Array(0) }));
    await drawn(tab);
    assert.equal((await said('ready')).length, 1);
  });

  it('asks for more when it zooms in where boxes were left out', async () => {
    await tab.evaluate(() => fakeHost.say({ ...fakeHost.currentTree, hiddenNodes: 1234 }));
    await tab.getByText('1,234 tiny boxes left out').waitFor();
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

  it('keeps every button and all that is said of a box in sight, however narrow', async () => {
    for (const width of [220, 300, 520, 780]) {
      await tab.setViewportSize({ width, height: 700 });
      await graph.click({ position: await point(0.2, 3) });
      await drawn(tab);
      // The button for the source may go: the place beside it does the same.
      const outside = await tab.locator('.toolbar button, .toolbar select, .details > :not(.stretch, .go-to-source)').evaluateAll((parts) =>
        parts.filter((part) => part.checkVisibility()).flatMap((part) => {
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
      const cut = await rows.locator('.cell-time').evaluateAll((cells) =>
        cells.filter((cell) => [...cell.children].some((text) => text.checkVisibility() && text.getBoundingClientRect().left < cell.getBoundingClientRect().left)).map((cell) => cell.textContent),
      );
      assert.deepEqual(cut, [], `${width} px`);
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
