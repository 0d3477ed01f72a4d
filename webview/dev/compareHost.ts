import { profileOf } from '../../profile/testing/build.ts';
import { compareProfiles } from '../../src/compare/compareMessage.ts';
import type { CompareMessage, ComparePageMessage, CompareQuery } from '../compareMessages.ts';
import { applyTheme, type ThemeName } from '../themes.ts';

const files = {
  main: '/srv/shop/serve.py',
  dispatch: '/srv/shop/router.py',
  show_basket: '/srv/shop/views.py',
  total: '/srv/shop/basket.py',
  round_price: '/srv/shop/basket.py',
  query: '/srv/shop/storage.py',
  cached: '/srv/shop/storage.py',
  log: '/usr/lib/python3.12/logging/__init__.py',
  render: '/srv/venv/lib/python3.12/site-packages/jinja2/environment.py',
};
const web = 'main:4 dispatch:20 show_basket:31';
const before = profileOf({
  files,
  runs: [
    { stack: `${web} total:12 round_price:40`, count: 2400 },
    { stack: `${web} total:12`, count: 1500 },
    { stack: `${web} query:8`, count: 3600 },
    { stack: `${web} render:77`, count: 1900 },
    { stack: 'main:4 dispatch:21 log:300', count: 60 },
    { stack: 'main:5 dispatch:24', count: 540 },
    { stack: 'main:6', count: 4000, flags: 0 },
  ],
});
const after = profileOf({
  files,
  runs: [
    { stack: `${web} total:12 round_price:40`, count: 5400 },
    { stack: `${web} total:12`, count: 1450 },
    { stack: `${web} cached:20`, count: 500 },
    { stack: `${web} render:77`, count: 1950 },
    { stack: 'main:4 dispatch:21 log:300', count: 70 },
    { stack: 'main:5 dispatch:24', count: 630 },
    { stack: 'main:6', count: 5000, flags: 0 },
  ],
});

/** Stands for VS Code and the extension in a page that compares: two runs of a web service, of which one has become slower and one faster part. */
class CompareHost {
  /** Everything the page said. */
  readonly received: ComparePageMessage[] = [];
  stored: unknown;
  #query: CompareQuery = { by: 'share', lines: false, count: 'running' };
  #sides = [
    { title: 'serve.py, 3:04 PM', profile: before },
    { title: 'serve.py, 3:11 PM', profile: after },
  ];

  readonly api = {
    postMessage: (message: unknown): void => this.#receive(message as ComparePageMessage),
    getState: (): unknown => null,
    setState: (state: unknown): unknown => state,
  };

  theme(name: ThemeName): void {
    applyTheme(name);
  }

  #receive(message: ComparePageMessage): void {
    this.received.push(message);
    if (message.type === 'compareQuery') this.#query = message.query;
    if (message.type === 'swap') this.#sides.reverse();
    if (message.type === 'openPlace') return;
    const compared: CompareMessage = {
      type: 'compare',
      language: 'en',
      translations: {},
      ...compareProfiles(this.#sides[0]!, this.#sides[1]!, this.#query),
    };
    setTimeout(() => window.postMessage(compared, '*'));
  }
}

const host = new CompareHost();
Object.assign(window, { fakeHost: host, acquireVsCodeApi: () => host.api });
