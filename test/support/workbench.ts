import fs from 'node:fs';
import path from 'node:path';
import { chromium, type BrowserContext, type Frame, type Locator, type Page } from 'playwright-core';
import { root } from '../../scripts/command.ts';
import { findChromium } from '../../scripts/setup/system.ts';
import { removeSandbox, startServer, workbenchUrl, type Sandbox, type ServerOptions, type VSCodeServer } from './vscodeServer.ts';

/** Where pictures of the editor go; CI keeps them. */
export const screenshots = path.join(root, 'out', 'screenshots');

/** ms to wait for anything to happen in VS Code, where start-up under load can take a minute. Only what never comes takes this long. */
const patience = 150_000;

/**
 * ms between two looks at the page. Never on each of its animation frames, as Playwright's waitForFunction does unless told: that keeps
 * Chromium so busy that the service worker, without which no webview loads, took 15 to 60 s to start on two cores.
 */
const interval = 100;

/** Colour themes by their labels, and the class that the workbench has under them. */
export const themes = {
  'light': { label: 'Light Modern', className: 'vs' },
  'dark': { label: 'Dark Modern', className: 'vs-dark' },
  'high-contrast': { label: 'Dark High Contrast', className: 'hc-black' },
} as const;
export type Theme = keyof typeof themes;

/** Starts a Chromium whose profile is in the sandbox. It reaches nothing but this machine. */
export async function startBrowser(sandbox: Sandbox): Promise<BrowserContext> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('There is no Chromium here: npm run setup says why.');
  const context = await chromium.launchPersistentContext(path.join(sandbox.folder, 'chromium'), {
    executablePath,
    headless: true,
    viewport: { width: 1600, height: 1000 },
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    ],
  });
  context.setDefaultTimeout(patience);
  context.setDefaultNavigationTimeout(patience);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  return context;
}

/** A VS Code with a folder open in a browser window, and what a person does in it. */
export class Workbench implements AsyncDisposable {
  readonly page: Page;
  readonly server: VSCodeServer;
  private readonly sandbox: Sandbox;
  private readonly context: BrowserContext;

  private constructor(sandbox: Sandbox, server: VSCodeServer, context: BrowserContext) {
    this.sandbox = sandbox;
    this.server = server;
    this.context = context;
    this.page = context.pages()[0]!;
  }

  /**
   * Starts server and browser and waits until the folder's files are listed and Heatline is known, if it is installed. Owns the
   * sandbox from here on.
   */
  static async open(
    sandbox: Sandbox,
    folder: string,
    options: ServerOptions & { readonly withoutHeatline?: true } = {},
  ): Promise<Workbench> {
    const server = await startServer(sandbox, options);
    try {
      const workbench = new Workbench(sandbox, server, await startBrowser(sandbox));
      await workbench.page.goto(workbenchUrl(server, folder));
      await workbench.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
      if (options.withoutHeatline !== true) await workbench.heatlineIsKnown();
      return workbench;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.server.stop();
    removeSandbox(this.sandbox);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A palette that is opened before an extension is known does not show its commands even later. */
  async heatlineIsKnown(): Promise<void> {
    await this.page.locator('.activitybar').getByLabel('Heatline').first().waitFor();
  }

  /**
   * Runs a command from the Command Palette by its full title. Comes back when the palette is gone: what is typed into it before
   * that makes it one of files (QuickAccessController.show()), which closes what the command asks.
   */
  async command(title: string): Promise<void> {
    await this.typeIntoPalette(title);
    // The first row need not be it: others may match better.
    await this.page
      .locator('.quick-input-list .monaco-list-row', { has: this.page.getByText(title, { exact: true }) })
      .first()
      .click();
    await this.until(
      `![...document.querySelectorAll('.quick-input-widget .quick-input-box input')].some((input) => input.checkVisibility() && input.value.startsWith('>'))`,
    );
  }

  /** What takes the focus meanwhile, as an editor that was opened a moment ago, closes the palette: then it is opened again. */
  private async typeIntoPalette(text: string): Promise<void> {
    do {
      await this.page.keyboard.press('F1');
      await this.quickInput.waitFor();
      // Without waiting: it may be gone by now.
      if (await this.quickInput.isVisible()) await this.quickInput.fill(`>${text}`, { force: true });
    } while (!(await this.quickInput.isVisible()) || (await this.quickInput.inputValue()) !== `>${text}`);
  }

  /** Titles of commands the palette offers for a text. */
  async commandsFor(text: string): Promise<string[]> {
    await this.typeIntoPalette(text);
    await this.quickPickRow(text).first().waitFor();
    const titles = await this.page.locator('.quick-input-list .monaco-list-row .label-name').allInnerTexts();
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /** Opens a file of the folder by name and waits for its text, and the focus: what opens before that comes is closed by it. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.quickInput.waitFor();
    await this.quickInput.fill(name);
    await this.quickPickRow(path.basename(name)).click(); // Enter would take whatever is in front of a list that is not filtered yet
    await this.page.locator('.tab.active', { hasText: path.basename(name) }).waitFor();
    await this.page.locator('.editor-instance .monaco-editor.focused .view-line').first().waitFor();
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-box input');
  }

  quickPickRow(text: string | RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  /** Presses Enter as soon as that takes the entry with the text. */
  async acceptQuickPick(text: string): Promise<void> {
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: text }).waitFor();
    await this.page.keyboard.press('Enter');
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-list-item', { hasText: text }).first();
  }

  /** Opens the list of notifications, in which they stay; alone they go after some seconds. Whatever takes the focus closes it. */
  async showNotifications(): Promise<void> {
    await this.command('Notifications: Show Notifications');
    await this.page.locator('.notifications-center.visible').waitFor();
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text }).first();
  }

  /** Waits until an expression is true in the page; where it is that of a function, until that returns true for the argument. */
  async until(expression: string, argument?: unknown): Promise<void> {
    await this.page.waitForFunction(expression, argument, { polling: interval });
  }

  /** Waits until a text is written after some line, where it is not in the line's own text. */
  async textAfterLines(text: string): Promise<void> {
    await this.until(
      `[...document.querySelectorAll('.view-line span')].some((element) => getComputedStyle(element, '::after').content.includes(${JSON.stringify(text)}))`,
    );
  }

  /** Waits until what is typed goes to the terminal. */
  async terminalHasFocus(): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm.focus').waitFor();
  }

  /** The page of a webview: the frame in which the selector matches. */
  async webview(selector: string): Promise<Frame> {
    return frameWith(this.page, selector);
  }

  /** Switches the colour theme and waits for the new colours. */
  async theme(theme: Theme): Promise<void> {
    const { label, className } = themes[theme];
    await this.command('Preferences: Color Theme');
    await this.quickInput.fill(label);
    await this.quickPickRow(label).click();
    await this.quickInput.waitFor({ state: 'hidden' });
    await this.page.locator(`.monaco-workbench.${className}`).waitFor();
  }

  /** Takes a picture of the window: out/screenshots/NAME.png. */
  async screenshot(name: string): Promise<string> {
    fs.mkdirSync(screenshots, { recursive: true });
    const file = path.join(screenshots, `${name}.png`);
    await this.page.screenshot({ path: file, animations: 'disabled' });
    return file;
  }
}

/** Waits for the frame of a page in which the selector matches; webviews are frames in frames. */
export async function frameWith(page: Page, selector: string): Promise<Frame> {
  const deadline = AbortSignal.timeout(patience);
  for (;;) {
    for (const frame of page.frames()) {
      const found = await frame
        .locator(selector)
        .count()
        .catch(() => 0); // a frame may go away while we ask
      if (found > 0) return frame;
    }
    if (deadline.aborted)
      throw new Error(
        `No frame has ${selector}: ${page
          .frames()
          .map((frame) => frame.url())
          .join(', ')}`,
      );
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
