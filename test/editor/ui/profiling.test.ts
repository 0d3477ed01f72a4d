import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { Target } from '../../support/target.ts';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { themes, Workbench, type Theme } from '../../support/workbench.ts';
import { startDemo } from '../demo.ts';
import { demoFolder, packedExtension } from '../packedExtension.ts';

/** The whole way, as a person goes it: each step takes up where the one before ended. */
describe('profiling a running program in the workbench', () => {
  let workbench: Workbench;
  let target: Target;

  before(async () => {
    const sandbox = makeSandbox();
    await installVsix(sandbox, packedExtension);
    target = await startDemo(demoFolder);
    workbench = await Workbench.open(sandbox, demoFolder);
  });
  after(async () => {
    await workbench.close();
    await target.kill();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  it('lists the process under its script and takes a typed process id', async () => {
    await workbench.openFile('index.py');
    await workbench.command('Heatline: Profile Running Python Process');
    await workbench.quickPickRow('main.py').waitFor();
    await workbench.screenshot('picker');
    await workbench.quickInput.fill(String(target.pid));
    const row = workbench.quickPickRow(`${target.pid} ·`);
    await row.waitFor();
    assert.match(await row.innerText(), /main\.py/);
    await workbench.acceptQuickPick(`${target.pid} ·`);
  });

  it('shows its pace in the status bar', async () => {
    await workbench.statusBarItem(/main\.py: [\d.,]+k?\/s/i).waitFor();
  });

  it('warms up the lines that are busy', async () => {
    const hot = 'term for term, entries in self.postings.items()';
    await workbench.until(`(${heatOfLines})().length > 3`);
    const heat = await workbench.page.evaluate<HeatOfLine[]>(`(${heatOfLines})()`);
    const lines = fs.readFileSync(path.join(demoFolder, 'library/index.py'), 'utf8').split('\n');
    const hotLine = lines.findIndex((line) => line.includes(hot)) + 1;
    assert.ok(
      heat.some(({ line }) => line === hotLine),
      `line ${hotLine} in ${JSON.stringify(heat)}`,
    );
    // Blank lines, "else:" and the like never run: a mark there is a wrong one.
    for (const { line } of heat) assert.notEqual(lines[line - 1]!.trim(), '');
    await workbench.page
      .locator('.view-line', { hasText: hot })
      .locator('xpath=self::*[contains(., "self") or contains(., "total")]')
      .waitFor();
  });

  it('draws the flame graph; a click on a frame opens its line', async () => {
    const frame = await workbench.webview('.flame-canvas');
    // Held still, so that what is under the pointer stays there.
    await workbench.command('Heatline: Pause Profiling');
    await workbench.statusBarItem(/main\.py: paused/).waitFor();

    // The search sees to it that the box is in sight, and wide enough to be hit by steps of half its width.
    await frame.locator('.search-input').fill('tokenize');
    await frame.locator('.search-input').press('Enter');
    await frame.locator('.details-name', { hasText: /^tokenize$/ }).waitFor();
    await frame.locator('.search-input').press('Escape');
    const box = (await frame.locator('.flame-scroller').boundingBox())!;
    let place = '';
    let at = { x: 0, y: 0 };
    for (let y = BOX_HEIGHT / 2; y < box.height && !/text\.py:\d+/.test(place); y += BOX_HEIGHT) {
      for (let x = 10; x < box.width && !/text\.py:\d+/.test(place); x += 20) {
        at = { x: Math.round(box.x + x), y: Math.round(box.y + y) }; // whole pixels: clicks come in those
        await workbench.page.mouse.move(at.x, at.y);
        place = await frame.evaluate<string>(
          `document.querySelector('.graph .tooltip').hidden ? '' : document.querySelector('.graph .tooltip-place')?.textContent ?? ''`,
        );
      }
    }
    const first = Number(/text\.py:(\d+)/.exec(place)?.[1]);
    assert.ok(first > 0, 'no frame of library/text.py is in the picture');
    await workbench.screenshot('flame-graph-tooltip');
    await workbench.page.mouse.click(at.x, at.y);
    await workbench.page.locator('.tab.active', { hasText: 'text.py' }).waitFor();
    // The hottest line of the function that was clicked, which starts at the line that its box names.
    const lines = fs.readFileSync(path.join(demoFolder, 'library/text.py'), 'utf8').split('\n');
    const after = lines.findIndex((line, index) => index >= first && line.startsWith('def '));
    const inside = lines.map((_, index) => index + 1).slice(first - 1, after === -1 ? undefined : after);
    await workbench.statusBarItem(new RegExp(`^Ln (${inside.join('|')}), `)).waitFor();
    const line = Number(/\d+/.exec(await workbench.statusBarItem(/^Ln \d+/).innerText())?.[0]);
    await workbench.until(`(${heatOfLines})().some(({ line }) => line === ${line})`);
  });

  it('folds all but the program’s own code by a command, shows a function’s callers by a key, and goes back', async () => {
    const frame = await workbench.webview('.flame-canvas');
    const command = (name: string): Promise<void> => workbench.command(`Heatline Flame Graph: ${name}`);
    await command('Only My Code');
    await frame.locator('.crumb', { hasText: /^Only my code$/ }).waitFor();
    await frame.locator('.crumbs-left', { hasText: /% of the samples$/ }).waitFor();
    await frame.locator('.search-input').fill('tokenize');
    await frame.locator('.search-input').press('Enter');
    await frame.locator('.details-name', { hasText: /^tokenize$/ }).waitFor();
    await frame.locator('.search-input').press('Escape');
    await frame.locator('.flame-scroller').focus();
    await frame.locator('.flame-scroller').press('w');
    await frame.locator('.sandwich-title', { hasText: /^tokenize: / }).waitFor();
    await workbench.screenshot('flame-graph-sandwich');
    await frame.getByRole('button', { name: 'Show all calls (Escape)' }).click();
    await command('Take Back Last Step');
    await frame.locator('.crumb').first().waitFor({ state: 'hidden' });
  });

  it('shows what threads did when, and makes everything about a time that is selected there', async () => {
    const frame = await workbench.webview('.timeline-canvas');
    const texts = await workbench.page.evaluate<string>(textsAfterLines);
    assert.notEqual(texts, '');
    await frame.locator('.lane-head', { hasText: 'MainThread' }).click();
    const box = (await frame.locator('.timeline-canvas').boundingBox())!;
    const drag = async (from: number, to: number): Promise<void> => {
      const y = Math.round(box.y + 30);
      await workbench.page.mouse.move(Math.round(box.x + box.width * from), y);
      await workbench.page.mouse.down();
      await workbench.page.mouse.move(Math.round(box.x + (box.width * (from + to)) / 2), y);
      await workbench.page.mouse.move(Math.round(box.x + box.width * to), y);
      await workbench.page.mouse.up();
    };
    await drag(0.4, 0.6);
    await frame.locator('.chip', { hasText: '–' }).waitFor();
    // The heat of the editor is about that time, too.
    await workbench.statusBarItem(/ s – .* s/).waitFor();
    await workbench.until(`${textsAfterLines} !== ${JSON.stringify(texts)}`);
    await workbench.screenshot('timeline');
    await frame.locator('.chip').click();
    await frame.locator('.chip').waitFor({ state: 'hidden' });
    await workbench.until(`${textsAfterLines} === ${JSON.stringify(texts)}`);
  });

  it('keeps times on their lines while one types at either end of them', async () => {
    await workbench.command('View: Focus First Editor Group');
    await workbench.openFile('index.py');
    const lines = fs.readFileSync(path.join(demoFolder, 'library/index.py'), 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('term for term, entries in self.postings.items()')) + 1;
    await workbench.textAfterLines('self');
    for (const [end, column] of [
      ['End', /\d+/],
      ['Home', /9/],
    ] as const) {
      await workbench.page.keyboard.press('Control+G');
      await workbench.quickInput.fill(`:${line}`);
      await workbench.page.keyboard.press('Enter');
      await workbench.quickInput.waitFor({ state: 'hidden' });
      await workbench.page.keyboard.press(end);
      await workbench.statusBarItem(new RegExp(`^Ln ${line}, Col ${column.source}$`)).waitFor();
      await workbench.page.evaluate(watchNextBlankLine);
      await workbench.page.keyboard.press('Enter');
      await workbench.statusBarItem(new RegExp(`^Ln ${line + 1}, `)).waitFor();
      await workbench.until('heatlineStrays !== undefined');
      assert.deepEqual(await workbench.page.evaluate('heatlineStrays'), [], end);
      await workbench.until(`${timesOfBlankLines}.length === 0`);
      await workbench.page.keyboard.press('Control+Z');
      await workbench.statusBarItem(new RegExp(`^Ln ${line}, `)).waitFor();
    }
    await workbench.page.locator('.tab.active:not(.dirty)', { hasText: 'index.py' }).waitFor();
  });

  for (const theme of Object.keys(themes) as Theme[]) {
    it(`is readable in the ${theme} theme`, async () => {
      await workbench.theme(theme);
      await workbench.until(`(${heatOfLines})().length > 3`);
      await workbench.screenshot(`profiling-${theme}`);
    });
  }

  it('goes on when told to, and stops when told to', async () => {
    await workbench.command('Heatline: Resume Profiling');
    await workbench.statusBarItem(/main\.py: [\d.,]+k?\/s/i).waitFor();
    await workbench.command('Heatline: Stop Profiling');
    await workbench.statusBarItem(/main\.py: [\d.,]+k?\/s/i).waitFor({ state: 'detached' });
    assert.ok(process.kill(target.pid, 0), 'the program is still running');
  });

  it('says so when the program is killed while it is profiled', async () => {
    await workbench.command('Heatline: Profile Running Python Process');
    await workbench.quickPickRow('main.py').waitFor();
    await workbench.quickInput.fill(String(target.pid));
    await workbench.acceptQuickPick(`${target.pid} ·`);
    await workbench.statusBarItem(/main\.py: [1-9][\d.,]*k?\/s/i).waitFor();
    await target.kill();
    const message = workbench.notification(/main\.py.*The process has ended/);
    await message.waitFor();
    assert.deepEqual(await message.locator('.monaco-button').allInnerTexts(), ['Save…'], 'the flame graph is in sight');
    await workbench.statusBarItem(/main\.py: /).waitFor({ state: 'detached' });
    await workbench.screenshot('program-killed');
  });
});

interface HeatOfLine {
  readonly line: number;
}

/** Pixels of a row of the flame graph. */
const BOX_HEIGHT = 20;

/**
 * Runs in the page: the numbers of the visible lines that have a mark in the gutter. Marks and line
 * numbers are in layers of their own, so they are matched by height.
 */
const heatOfLines = `() => {
  const numbers = [...document.querySelectorAll('.line-numbers')].map((element) => ({ top: Math.round(element.getBoundingClientRect().top), line: Number(element.textContent) }));
  return [...document.querySelectorAll('.glyph-margin-widgets .cgmr')]
    .filter((element) => getComputedStyle(element).backgroundImage.includes('svg'))
    .map((element) => ({ line: numbers.find(({ top }) => top === Math.round(element.getBoundingClientRect().top))?.line ?? 0 }));
}`;

/** In the page: what stands after the visible lines. */
const textsAfterLines = `[...document.querySelectorAll('.view-line span')].map((element) => getComputedStyle(element, '::after').content).filter((text) => /self|total/.test(text)).join()`;

/** In the page: the times that stand after blank lines. */
const timesOfBlankLines = `[...document.querySelectorAll('.view-line')].filter((line) => line.textContent.trim() === '').flatMap((line) => [...line.querySelectorAll('span')].map((span) => getComputedStyle(span, '::after').content)).filter((text) => /self|total/.test(text))`;

/**
 * Runs in the page: remembers the times that stand after blank lines when there is first one more of those. What comes later are
 * marks that were on their way when that line came, if there were any.
 */
const watchNextBlankLine = `(() => {
  const count = () => [...document.querySelectorAll('.view-line')].filter((line) => line.textContent.trim() === '').length;
  const before = count();
  window.heatlineStrays = undefined;
  const observer = new MutationObserver(() => {
    if (count() <= before) return;
    observer.disconnect();
    window.heatlineStrays = ${timesOfBlankLines};
  });
  for (const lines of document.querySelectorAll('.view-lines')) observer.observe(lines, { subtree: true, childList: true, characterData: true, attributes: true });
})()`;
