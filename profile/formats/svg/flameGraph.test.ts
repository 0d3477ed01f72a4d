import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { chromium, type Browser, type Page } from 'playwright-core';
import { callTree } from '../../callTree.ts';
import { SampleFlag } from '../../delta.ts';
import type { Profile } from '../../profile.ts';
import { anyProfile } from '../../testing/arbitrary.ts';
import { profileOf } from '../../testing/build.ts';
import { StackWeights } from '../../weights.ts';
import type { WrittenSamples } from '../format.ts';
import { TransformedStacks } from '../../transforms/transformedStacks.ts';
import { flameGraphSvg, weighedSvg } from './flameGraph.ts';
import { layout, LIMITS } from './layout.ts';

const svgOf = (profile: Profile, samples: WrittenSamples = {}): string => [...flameGraphSvg(profile, samples)].join('');

const hostile = '</text><script>window.broken=1</script>]]>&"\u0000\ud800';
const example = profileOf({
  files: { f: '/work/lib.py', [hostile]: 'a"b&<c>.py' },
  runs: [
    { stack: 'main:1 f:2 g:3', count: 60 },
    { stack: `main:1 ${hostile}:7`, count: 30 },
    { stack: 'main:9', count: 10, flags: 0 },
  ],
});

describe('the layout of a flame graph', () => {
  const exact = { ...LIMITS, share: 0 };

  it('places each call within its caller, beside its siblings', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const tree = callTree(new StackWeights(profile), { by: 'line' });
        const { boxes } = layout(tree, exact);
        const byNode = new Map(boxes.map((box) => [box.node, box]));
        for (const { node, start, share, depth } of boxes) {
          const above = byNode.get(tree.parent[node]!);
          assert.equal(depth, tree.depth[node]);
          if (above === undefined) continue;
          assert.ok(start >= above.start - 1e-9 && start + share <= above.start + above.share + 1e-9);
          const beside = boxes.filter((other) => other.node < node && other.depth === depth);
          assert.ok(beside.every((other) => other.start + other.share <= start + 1e-9));
        }
      }),
    );
  });

  it('leaves out what is too narrow, too deep or too much, and counts it', () => {
    const tree = callTree(new StackWeights(example), { by: 'line' });
    assert.equal(layout(tree, exact).leftOut, 0);
    assert.deepEqual([layout(tree, { ...exact, share: 0.2 }).boxes.length, layout(tree, { ...exact, share: 0.2 }).leftOut], [5, 1]);
    assert.equal(layout(tree, { ...exact, levels: 2 }).levels, 2);
    const few = layout(tree, { ...exact, boxes: 3 });
    assert.deepEqual([few.boxes.length, few.leftOut], [3, 3]);
  });
});

describe('the SVG flame graph', () => {
  it('has a box of every call with its figures', () => {
    const svg = svgOf(example);
    assert.match(svg, /<title>f \(\/work\/lib\.py:2\)&#10;60\.00 % · 60\.0 ms · 60 samples<\/title>/);
    assert.match(svg, /<title>main \(\/work\/app\.py:9\)&#10;10\.00 % · 10\.0 ms, 10\.0 ms of it itself · 10 samples<\/title>/);
    assert.ok(!svgOf(example, { onCpuOnly: true, readyOnly: true }).includes('app.py:9'), 'idle threads can be left out');
    assert.equal(example.runs.flags[2]! & SampleFlag.OnCpu, 0);
  });

  it('has a box of every process, where there are several', () => {
    const two = profileOf({
      processes: [{}, { pid: 5, name: 'worker' }],
      threads: [{}, { process: 1 }],
      runs: [{ stack: 'a:1' }, { stack: 'a:1', thread: 1 }],
    });
    assert.match(svgOf(two), /<title>worker \(5\)&#10;50\.00 %/);
  });

  describe('in a browser', function () {
    this.timeout(60_000);
    let folder: string;
    let browser: Browser;
    let page: Page;
    const errors: Error[] = [];
    const widthOf = async (name: string): Promise<number> =>
      (await page.locator('#frames > g', { hasText: name }).first().locator('rect').boundingBox())!.width;

    before(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'heatline-'));
      await writeFile(path.join(folder, 'a.svg'), svgOf(example));
      const executablePath = process.env['HEATLINE_CHROMIUM'] ?? '/usr/bin/chromium';
      browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox'] });
      page = await browser.newPage({ viewport: { width: 1000, height: 400 } });
      page.on('pageerror', (error) => errors.push(error));
    });
    beforeEach(() => page.goto(pathToFileURL(path.join(folder, 'a.svg')).href));
    after(async () => {
      await browser.close();
      await rm(folder, { recursive: true });
    });

    it('is well formed whatever names are, and runs none of them', async () => {
      assert.equal(await page.locator('#frames > g').count(), 6);
      assert.equal(await page.evaluate(() => 'broken' in globalThis), false);
      assert.match(
        (await page.locator('#frames title').allTextContents()).join(),
        /<\/text><script>window\.broken=1<\/script>\]\]>&"\uFFFD\uFFFD/,
      );
      assert.deepEqual(errors, []);
    });

    it('zooms by click and keys, and back', async () => {
      assert.ok(Math.abs((await widthOf('f (/work/lib.py:2)')) - 980 * 0.6) < 2);
      await page.locator('#frames > g', { hasText: 'f (/work/lib.py:2)' }).first().click();
      assert.ok(Math.abs((await widthOf('f (/work/lib.py:2)')) - 980) < 2);
      assert.equal(await page.locator('#frames > g:visible').count(), 4); // all, main, f, g
      await page.locator('#reset').click();
      assert.equal(await page.locator('#frames > g:visible').count(), 6);
      await page.locator('#frames > g').first().focus();
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
      assert.match((await page.locator('#details').textContent())!, /broken/);
      assert.equal(await page.locator('#frames > g:visible').count(), 3);
      await page.keyboard.press('Escape');
      assert.equal(await page.locator('#frames > g:visible').count(), 6);
    });

    it('finds names and says how much of the time they have, nested ones once', async () => {
      page.once('dialog', (dialog) => void dialog.accept('work/(lib|app)'));
      await page.locator('#search').click();
      assert.equal(await page.locator('#matched').textContent(), 'Matched: 100.0 %');
      assert.equal(await page.locator('#frames > g.hit').count(), 4);
      await page.locator('#search').click();
      assert.equal(await page.locator('#frames > g.hit').count(), 0);
      page.once('dialog', (dialog) => void dialog.accept('window.broken=1<(')); // no regular expression
      await page.locator('#search').click();
      assert.equal(await page.locator('#frames > g.hit').count(), 0);
      assert.equal(await page.locator('#matched').textContent(), 'Matched: 0.0 %');
    });
  });
});

describe('a flame graph of what is shown', () => {
  it('has the stacks as steps left them: a library that is folded is one box', () => {
    const profile = profileOf({
      files: { get: '/v/lib/python3.12/site-packages/requests/api.py', send: '/v/lib/python3.12/site-packages/requests/sessions.py' },
      runs: [{ stack: 'main:1 get:2 send:3', count: 60 }],
    });
    const weights = new TransformedStacks(profile, { transforms: [{ kind: 'foldLibrary', library: 'requests' }] });
    const svg = [...weighedSvg(weights, { by: 'function' })].join('');
    assert.match(svg, /data-n="main/);
    assert.match(svg, /data-n="▸ requests"/);
    assert.doesNotMatch(svg, /data-n="(get|send)/);
  });
});
