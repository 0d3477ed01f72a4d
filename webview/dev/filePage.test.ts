import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { formatOf } from '../../profile/formats/registry.ts';
import { profileOf } from '../../profile/testing/build.ts';
import { pageBundle, pageTemplate } from '../../scripts/pageTemplate.ts';
import { findChromium, launchBrowser } from './devPage.ts';

const hostile = '</script><img/src=x/onerror=alert(1)>';
const waiting = 0;
const profile = profileOf({
  startedAtEpoch: Date.UTC(2026, 0, 31, 12),
  processes: [{ name: hostile, pid: 77 }],
  threads: [{ name: hostile }, { name: 'idle' }],
  files: { [hostile]: `/srv/${hostile}.py` },
  runs: [
    { stack: `main:3 ${hostile}:7`, count: 60 },
    { stack: 'main:4 helper:9', count: 40 },
    { stack: 'waits:1', thread: 1, count: 100, flags: waiting },
  ],
});

describe('A profile as a page by itself', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'heatline-test-'));
  const file = path.join(folder, 'profile.html');
  let browser: Browser | undefined;
  let tab: Page;
  let wrong: string[];

  before(async function () {
    if (findChromium() === undefined) this.skip();
    const { outputFiles } = await esbuild.build(pageBundle);
    const template = pageTemplate(outputFiles);
    const setup = { language: 'de', translations: { 'All threads': 'Alle Threads' }, idle: false };
    writeFileSync(file, [...formatOf('html').write(profile, { page: () => ({ template, setup }) })].join(''));
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  const open = async (colorScheme: 'light' | 'dark', forcedColors: 'active' | 'none' = 'none'): Promise<void> => {
    const context = await browser!.newContext({ colorScheme, forcedColors, reducedMotion: 'reduce' });
    tab = await context.newPage();
    wrong = [];
    tab.on('pageerror', (error) => wrong.push(error.stack ?? error.message));
    tab.on('console', (message) => wrong.push(message.text()));
    tab.on('request', (request) => request.url().startsWith('file:') || wrong.push(request.url()));
    await tab.goto(pathToFileURL(file).href);
    await tab.locator('.flame-scroller').waitFor();
  };
  afterEach(async () => {
    await tab.context().close();
    // Nothing went wrong, was refused by the policy or asked of anyone.
    assert.deepEqual(wrong, []);
  });
  const rows = (): Promise<string[]> => tab.locator('.table-section [role=row]').allInnerTexts();

  it('shows those who ran, and all of them when asked to', async () => {
    await open('light');
    assert.equal(await tab.title(), `${hostile} (77)`);
    assert.equal(await tab.locator('html').getAttribute('lang'), 'de');
    assert.equal(await tab.locator('select option').first().innerText(), 'Alle Threads');
    const table = await rows();
    assert.ok(table.some((row) => row.includes(hostile)) && !table.some((row) => row.includes('waits')), table.join('\n'));
    assert.equal(await tab.locator('img').count(), 0);
    for (const name of ['On CPU', 'Ready']) await tab.getByRole('button', { name, exact: true }).click();
    await tab.locator('.table-section', { hasText: 'waits' }).waitFor();
  });

  it('is operated by the keyboard, and offers nothing that takes an editor', async () => {
    await open('dark');
    await tab.locator('.flame-scroller').focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'Enter']) await tab.keyboard.press(key);
    assert.equal(await tab.locator('.details-name').innerText(), hostile);
    assert.equal(await tab.locator('.details-place').innerText(), 'onerror=alert(1)>.py:20');
    for (const name of ['Go to Source', 'Save the profile', 'Stop recording', 'Export the profile for other tools'])
      assert.equal(await tab.getByRole('button', { name }).count(), 0, name);
    await tab.keyboard.press('/');
    await tab.keyboard.type('helper');
    assert.match(await tab.locator('.search-matches').innerText(), /^1 box · 40\s?%|40,0\s?%/);
  });

  it('has the colours that its reader has', async () => {
    const background = (): Promise<string> => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await open('light');
    assert.equal(await background(), 'rgb(255, 255, 255)');
    await tab.emulateMedia({ colorScheme: 'dark' });
    await tab.waitForFunction(() => getComputedStyle(document.body).backgroundColor === 'rgb(31, 31, 31)');
    assert.deepEqual(wrong, []);
    await tab.context().close();
    await open('dark', 'active');
    assert.equal(await tab.locator('body').getAttribute('class'), 'vscode-high-contrast');
  });
});
