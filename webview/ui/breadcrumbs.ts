import { t } from '../l10n.ts';
import { share } from '../model/format.ts';
import type { Store } from '../model/store.ts';
import { stepLabel } from '../model/steps.ts';
import { parseViewText, viewText } from '../model/viewText.ts';
import { element, setText } from './dom.ts';
import { button } from './toolbar.ts';

/** The steps that were taken, each to go back to or to take back by itself; and the view as a text. */
export class Breadcrumbs {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #steps = element('ol', { class: 'crumbs' });
  readonly #left = element('span', { class: 'crumbs-left' });
  readonly #notice = element('span', { class: 'crumbs-notice', role: 'alert' });
  readonly #copy: HTMLButtonElement;
  #shown = '';

  constructor(store: Store) {
    this.#store = store;
    this.#copy = button('copy', t('Copy this view as a text; Ctrl+V shows it here or in another window'), () => this.copy());
    this.element = element(
      'nav',
      { 'class': 'breadcrumbs', 'aria-label': t('Steps'), 'hidden': true },
      this.#steps,
      this.#left,
      this.#notice,
      element('span', { class: 'stretch' }),
      this.#copy,
    );
    for (const news of ['query', 'functions', 'setup'] as const) store.listen(news, () => this.#show());
    store.listen('tree', () => this.#showLeft());
    document.addEventListener('paste', (event) => {
      if (event.target instanceof HTMLInputElement) return;
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (text.trim().startsWith('heatline-view:')) this.paste(text);
    });
    this.#show();
  }

  /** The view as a text that `paste` takes. */
  copy(): void {
    const text = viewText(this.#store.query, this.#store.functions);
    navigator.clipboard.writeText(text).then(
      () => this.#say(t('Copied')),
      () => this.#say(t('The view could not be copied: the editor did not allow it. Click into the graph and try again.')),
    );
  }

  paste(text: string): void {
    const { processes, threads } = this.#store.participants;
    const parsed = parseViewText(text, this.#store.functions, { processes: processes.length, threads: threads.length });
    if ('error' in parsed) this.#say(parsed.error);
    else {
      this.#store.ask(parsed);
      this.#say('');
    }
  }

  #say(text: string): void {
    setText(this.#notice, text);
    this.#showBar();
  }

  #showBar(): void {
    this.element.hidden = this.#store.query.transforms.length === 0 && this.#notice.textContent === '';
  }

  #show(): void {
    const { transforms } = this.#store.query;
    const labels = transforms.map((transform) => stepLabel(transform, this.#store.functions));
    const key = JSON.stringify(labels);
    if (key === this.#shown) return;
    this.#shown = key;
    setText(this.#notice, '');
    const crumb = (label: string, to: number, title: string): HTMLElement => {
      const isLast = to === transforms.length;
      const result = element('button', { 'type': 'button', 'class': 'crumb', title, 'aria-current': isLast && 'step', 'text': label });
      result.addEventListener('click', () => this.#store.ask({ transforms: transforms.slice(0, to) }));
      return result;
    };
    this.#steps.replaceChildren(
      element('li', {}, crumb(t('Everything'), 0, t('Take all steps back'))),
      ...labels.map((label, at) => {
        const without = button('close', t('Take this step back: {0}', label), () =>
          this.#store.ask({ transforms: this.#store.query.transforms.filter((_, other) => other !== at) }),
        );
        const title = at === labels.length - 1 ? label : t('Back to this step: {0}', label);
        return element('li', {}, crumb(label, at + 1, title), without);
      }),
    );
    this.#showBar();
  }

  #showLeft(): void {
    const { tree, query, format } = this.#store;
    if (tree === undefined || query.transforms.length === 0) setText(this.#left, '');
    else setText(this.#left, t('{0} of the samples', format.percent(share(tree.totalSamples, tree.samplesBeforeSteps))));
  }
}
