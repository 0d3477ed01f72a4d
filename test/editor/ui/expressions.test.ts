import assert from 'node:assert/strict';
import path from 'node:path';
import { startTarget, type Target } from '../../support/target.ts';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { newestPython } from '../demo.ts';
import { packedExtension, programsFolder } from '../packedExtension.ts';

/** A line of which some expressions take longer than others is looked at: each step takes up where the one before ended. */
describe('expressions of a hot line in the workbench', () => {
  let workbench: Workbench;
  let target: Target;

  before(async () => {
    const sandbox = makeSandbox({ 'heatline.instructions': true, 'heatline.flameGraph.openOnStart': false });
    await installVsix(sandbox, packedExtension);
    target = await startTarget(newestPython(), path.join(programsFolder, 'expressions.py'));
    workbench = await Workbench.open(sandbox, programsFolder);
  });
  after(async () => {
    await workbench.close();
    await target.kill();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  it('underlines the hottest one, and no more than that', async () => {
    await workbench.openFile('expressions.py');
    await workbench.command('Heatline: Profile Running Python Process');
    await workbench.quickPickRow('expressions.py').waitFor();
    await workbench.quickInput.fill(String(target.pid));
    await workbench.quickPickRow(`${target.pid} ·`).waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.until(`(${underlined})().length > 0`);
    await workbench.command('Heatline: Stop Profiling');
    await workbench.statusBarItem(/expressions\.py: [\d.,]+k?\/s/i).waitFor({ state: 'detached' });
    const [place, ...others] = await workbench.page.evaluate<string[]>(`(${underlined})()`);
    assert.deepEqual(others, []);
    const hot = /^(gewicht \+ stück \* stück|stück \* stück|sum\(range\(3000\)\))$/;
    assert.match(place!.replaceAll('\u00a0', ' '), hot);
  });

  it('names them in the hover, with opcodes', async () => {
    const line = workbench.page.locator('.view-line', { hasText: 'summe = max' });
    await line.locator('span', { hasText: 'max' }).last().hover();
    const hover = workbench.page.locator('.monaco-hover', { hasText: 'Heatline' });
    await hover.locator('code', { hasText: 'lager.gewicht(lager.größe)' }).waitFor();
    await hover
      .locator('code', { hasText: /^CALL_/ })
      .first()
      .waitFor();
    await workbench.screenshot('expressions');
  });
});

/** Runs in the page: the text above each underlining, found by where it is. */
const underlined = `() => {
  const range = document.createRange();
  const texts = [...document.querySelectorAll('.view-line')].flatMap((line) => {
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      for (let i = 0; i < walker.currentNode.length; i++) {
        range.setStart(walker.currentNode, i);
        range.setEnd(walker.currentNode, i + 1);
        const box = range.getBoundingClientRect();
        found.push({ character: walker.currentNode.data[i], x: box.x + box.width / 2, y: box.y + box.height / 2 });
      }
    }
    return found;
  });
  return [...document.querySelectorAll('.view-overlays .cdr')]
    .filter((element) => getComputedStyle(element).borderBottomStyle === 'dotted')
    .map((element) => {
      const box = element.getBoundingClientRect();
      return texts.filter(({ x, y }) => x > box.left && x < box.right && y > box.top && y < box.bottom).map(({ character }) => character).join('');
    });
}`;
