// Takes pictures of the flame graph page in all themes: node webview/dev/screenshots.ts FOLDER
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { drawn, launchBrowser, openDevPage } from './devPage.ts';
import type { ThemeName } from '../themes.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node webview/dev/screenshots.ts FOLDER');
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();

async function picture(tab: Page, name: string): Promise<void> {
  await drawn(tab);
  await tab.screenshot({ path: join(folder!, `${name}.png`) });
}

try {
  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as ThemeName[]) {
    const tab = await openDevPage(browser, { theme, reducedMotion: true });
    await tab.evaluate(() => fakeHost.status('starting', '', { samples: 0 }));
    await picture(tab, `${theme}-0-starting`);
    await tab.evaluate(() => {
      fakeHost.status('running');
      fakeHost.show('small', 8);
    });
    await drawn(tab);
    const canvas = tab.locator('.flame-scroller');
    await canvas.click({ position: { x: 200, y: 130 } });
    await canvas.hover({ position: { x: 120, y: 190 } });
    await picture(tab, `${theme}-1-hover`);
    await tab.keyboard.press('/');
    await tab.keyboard.type('basket');
    await picture(tab, `${theme}-2-search`);
    await tab.keyboard.press('Escape');
    await canvas.dblclick({ position: { x: 150, y: 170 } });
    await canvas.click({ button: 'right', position: { x: 300, y: 150 } });
    await picture(tab, `${theme}-3-zoom-menu`);
    await tab.keyboard.press('Escape');
    await tab.keyboard.press('?');
    await picture(tab, `${theme}-4-help`);
    await tab.keyboard.press('Escape');
    await tab.evaluate(() => {
      fakeHost.status('ended', 'The process ended.', { lost: 900 });
      fakeHost.show(100_000);
    });
    await picture(tab, `${theme}-5-large`);
    await tab.context().close();
  }
  const narrow = await openDevPage(browser, { theme: 'dark', width: 520, height: 700, scale: 2, reducedMotion: true });
  await narrow.evaluate(() => {
    fakeHost.status('paused');
    fakeHost.show('small', 8);
  });
  await narrow.keyboard.press('f');
  await picture(narrow, 'narrow');
} finally {
  await browser.close();
}
