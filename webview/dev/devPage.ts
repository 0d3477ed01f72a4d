import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { FakeHost } from './fakeHost.ts';
import type { ThemeName } from '../themes.ts';

/** In functions that run in the page. */
declare global {
  var fakeHost: FakeHost;
}

const ADDRESS = 'http://heatline.test/';
const CSP = "default-src 'none'; script-src 'nonce-dev'; style-src 'self'; worker-src blob:";

async function bundle(entry: string): Promise<{ js: string; css: string }> {
  const result = await esbuild.build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    outdir: 'out',
    format: 'iife',
    target: 'es2022',
    sourcemap: 'inline',
  });
  const text = (extension: string): string => result.outputFiles.find((file) => file.path.endsWith(extension))?.text ?? '';
  return { js: text('.js'), css: text('.css') };
}

/** A Chromium that can be driven; undefined if there is none. */
export function findChromium(): string | undefined {
  return [process.env['HEATLINE_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (file) => file !== undefined && existsSync(file),
  );
}

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium() ?? 'chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--host-resolver-rules=MAP * ~NOTFOUND',
    ],
  });
}

export interface DevPageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scale?: number;
  readonly theme?: ThemeName;
  /** Two profiles are compared (compareHost.ts). */
  readonly compares?: boolean;
  readonly reducedMotion?: boolean;
  /** What the page stored before. */
  readonly stored?: unknown;
  /** Gets what goes wrong in the page; without it, that is printed. */
  readonly onError?: (error: string) => void;
}

/** The real page in a browser, with a fake host. Nothing is served: requests are answered from memory. */
export async function openDevPage(browser: Browser, options: DevPageOptions = {}): Promise<Page> {
  const [page, host] = await Promise.all([bundle('../main.ts'), bundle(options.compares === true ? './compareHost.ts' : './fakeHost.ts')]);
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 760 },
    deviceScaleFactor: options.scale ?? 1,
    reducedMotion: options.reducedMotion === true ? 'reduce' : 'no-preference',
  });
  const tab = await context.newPage();
  const answers: Record<string, { contentType: string; body: string }> = {
    [`${ADDRESS}page.js`]: { contentType: 'text/javascript', body: page.js },
    [`${ADDRESS}host.js`]: { contentType: 'text/javascript', body: host.js },
    [`${ADDRESS}page.css`]: { contentType: 'text/css', body: page.css },
    [ADDRESS]: {
      contentType: 'text/html',
      body: `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Heatline</title><meta http-equiv="Content-Security-Policy" content="${CSP}"><link rel="stylesheet" href="page.css"></head>
<body><main id="app"></main><script nonce="dev" src="host.js"></script><script nonce="dev">fakeHost.theme('${options.theme ?? 'dark'}'); fakeHost.stored = ${JSON.stringify(options.stored ?? null)};</script><script nonce="dev" src="page.js"></script></body></html>`,
    },
  };
  await tab.route('**/*', (route) => {
    const answer = answers[route.request().url()];
    return answer === undefined ? route.fulfill({ status: 404 }) : route.fulfill(answer);
  });
  const report = options.onError ?? ((error: string) => console.error(error));
  tab.on('pageerror', (error) => report(error.stack ?? error.message));
  tab.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('404')) report(message.text());
  });
  await tab.goto(ADDRESS);
  await tab.locator('.flame-scroller').waitFor();
  return tab;
}

/** Resolves when all that the host has said so far has arrived and has been drawn. */
export async function drawn(tab: Page): Promise<void> {
  await tab.evaluate(
    () =>
      new Promise<void>((resolve) => {
        // Goes the way of the host's messages, and so comes after them; what they ask to be drawn is drawn a frame later.
        const marker = `marker ${Math.random()}`;
        const listener = ({ data }: MessageEvent<unknown>): void => {
          if (data !== marker) return;
          window.removeEventListener('message', listener);
          requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
        };
        window.addEventListener('message', listener);
        setTimeout(() => window.postMessage(marker, '*'));
      }),
  );
}
