import assert from 'node:assert/strict';
import type { Browser, Locator, Page } from 'playwright-core';
import type { PageMessage } from '../messages.ts';
import { drawn, findChromium, launchBrowser, openDevPage, type DevPageOptions } from './devPage.ts';

/**
 * Rows of the small sample: 0 all, 1 <module>, 2 main, 3 serve_forever, 4 __call__, 5 dispatch, 6 show_basket | list_orders, 7
 * Basket.total | …
 */
export const ROW = 20;

/** The page as tests operate it. Made within a `describe`, it opens a browser for its tests, which each open a page and close it. */
export class DrivenPage {
  tab!: Page;
  graph!: Locator;
  #browser: Browser | undefined;
  #errors: string[] = [];

  constructor() {
    const setUp = async (): Promise<boolean> => {
      if (findChromium() === undefined) return false;
      this.#browser = await launchBrowser();
      return true;
    };
    before(async function () {
      if (!(await setUp())) this.skip();
    });
    after(() => this.#browser?.close());
    afterEach(() => this.close());
  }

  /** A page that was told what it shows, but not of any recording. */
  async openUntold(options: DevPageOptions = {}): Promise<void> {
    this.#errors = [];
    this.tab = await openDevPage(this.#browser!, { reducedMotion: true, onError: (error) => this.#errors.push(error), ...options });
    this.graph = this.tab.locator('.flame-scroller');
  }

  async open(options: DevPageOptions = {}): Promise<void> {
    await this.openUntold(options);
    await this.show(8);
  }

  /** Nothing may have gone wrong in it. */
  async close(): Promise<void> {
    await this.tab.context().close();
    assert.deepEqual(this.#errors, []);
  }

  readonly show = async (scale: number): Promise<void> => {
    await this.tab.evaluate((factor) => {
      fakeHost.status('running');
      fakeHost.show('small', factor);
    }, scale);
    await this.tab.locator('.placeholder').waitFor({ state: 'hidden' });
    await drawn(this.tab);
  };

  /** A tree of the small sample's functions: (parent, function, total in µs) of each node but the root. */
  readonly showTree = async (...nodes: readonly (readonly [parent: number, func: number, total: number])[]): Promise<void> => {
    await this.tab.evaluate((given) => {
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
    await drawn(this.tab);
  };

  /** What the page said since the last time, of one kind. */
  readonly said = async <T extends PageMessage['type']>(type: T): Promise<Extract<PageMessage, { type: T }>[]> => {
    const messages = await this.tab.evaluate(() => fakeHost.received.splice(0));
    return messages.filter((message): message is Extract<PageMessage, { type: T }> => message.type === type);
  };

  readonly details = (): Promise<string> => this.tab.locator('.details-name').innerText();

  /** A point of the graph: a share of its width, in the middle of a row. */
  readonly point = async (share: number, row: number): Promise<{ x: number; y: number }> => {
    const box = (await this.graph.boundingBox())!;
    return { x: Math.round(box.width * share), y: row * ROW + ROW / 2 };
  };

  readonly nameAt = async (share: number, row: number): Promise<string> => {
    await drawn(this.tab);
    await this.graph.hover({ position: await this.point(share, row) });
    return this.tab.locator('.graph .tooltip-name').innerText();
  };

  /** The class follows with the next frame that is drawn. */
  readonly zoomed = async (): Promise<boolean> => {
    await drawn(this.tab);
    return this.tab.locator('.overview').evaluate((overview) => overview.classList.contains('zoomed'));
  };
}
