import type { CompareMessage, CompareQuery, CompareSide } from '../../compareMessages.ts';
import { t } from '../../l10n.ts';
import { css } from '../../model/color.ts';
import { diffPalette, type DiffWidth } from '../../model/diffPicture.ts';
import { element, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { readTheme } from '../theme.ts';
import type { DiffFormat } from './diffFormat.ts';

export interface CompareBarEvents {
  readonly ask: (change: Partial<CompareQuery>) => void;
  readonly swap: () => void;
  readonly width: (width: DiffWidth) => void;
  readonly search: (text: string) => void;
  /** Whether the table has what may be chance, too. */
  readonly all: (all: boolean) => void;
}

/** What is compared, in words, and the choices of how. */
export class CompareBar {
  readonly element: HTMLElement;
  query: CompareQuery = { by: 'share', lines: false, count: 'running' };
  readonly #before = element('span', { class: 'compare-title' });
  readonly #after = element('span', { class: 'compare-title' });
  readonly #program = element('span', { class: 'compare-program' });
  readonly #legend = element('span', { 'class': 'compare-legend', 'aria-hidden': 'true' });
  readonly #search = element('input', {
    'class': 'search-input',
    'type': 'text',
    'placeholder': t('Search functions and files'),
    'aria-label': t('Search functions and files'),
    'spellcheck': 'false',
  });
  readonly #choices: (() => void)[] = [];

  constructor(events: CompareBarEvents) {
    let width: DiffWidth = 'after';
    const widths = this.#choice<DiffWidth>(
      t('Width of boxes'),
      [
        ['after', t('After'), t('Boxes are as wide as after')],
        ['before', t('Before'), t('Boxes are as wide as before')],
        ['gone', t('Gone'), t('Only calls that there are no more, as wide as before')],
      ],
      () => width,
      (chosen) => {
        width = chosen;
        events.width(chosen);
        this.#press();
      },
    );
    const by = this.#choice<CompareQuery['by']>(
      t('Compare'),
      [
        ['share', t('Shares'), t('Compare shares of the time: for profiles of any length')],
        ['seconds', t('Seconds'), t('Compare times: for programs that did the same work')],
      ],
      () => this.query.by,
      (chosen) => events.ask({ by: chosen }),
    );
    const count = this.#choice<CompareQuery['count']>(
      t('Threads that count'),
      [
        ['running', t('CPU'), t('Threads that run, or could run')],
        ['gil', t('GIL'), t('Threads that hold the GIL')],
        ['all', t('All'), t('All threads, those that wait, too')],
      ],
      () => this.query.count,
      (chosen) => events.ask({ count: chosen }),
    );
    const rows = this.#choice<'functions' | 'lines'>(
      t('Rows of the table'),
      [
        ['functions', t('Functions'), t('A row for each function')],
        ['lines', t('Lines'), t('A row for each line')],
      ],
      () => (this.query.lines ? 'lines' : 'functions'),
      (chosen) => events.ask({ lines: chosen === 'lines' }),
    );
    let all = false;
    const chance = this.#toggle(t('Maybe chance'), t('Also list changes that chance may have made'), () => {
      all = !all;
      events.all(all);
      this.#press();
    });
    this.#choices.push(() => chance.setAttribute('aria-pressed', String(all)));
    const swap = element('button', { type: 'button', class: 'small-button', text: t('Swap'), title: t('Compare the other way round') });
    swap.addEventListener('click', () => events.swap());
    this.#search.addEventListener('input', () => events.search(this.#search.value));
    this.element = element(
      'header',
      {},
      element('div', { class: 'compare-sides' }, this.#before, element('span', { text: '→' }), this.#after, swap, this.#program),
      element(
        'div',
        { class: 'toolbar' },
        element('div', { class: 'search' }, icon('search'), this.#search),
        by,
        count,
        widths,
        rows,
        element('div', { class: 'group' }, chance),
        element('div', { class: 'group group-end' }, this.#legend),
      ),
    );
    this.readTheme();
  }

  show({ query, before, after, program }: CompareMessage, format: DiffFormat): void {
    this.query = query;
    showSide(this.#before, before, format);
    showSide(this.#after, after, format);
    setText(
      this.#program,
      program === null
        ? ''
        : program.isSignificant
          ? t('The program: {0} → {1}', format.value(program.before), format.value(program.after))
          : t('The program: {0} → {1}, which may be chance', format.value(program.before), format.value(program.after)),
    );
    this.#press();
  }

  focusSearch(): void {
    this.#search.focus();
    this.#search.select();
  }

  readTheme(): void {
    const { palette, highContrast } = readTheme();
    const { boxes } = diffPalette(palette, highContrast);
    this.#legend.replaceChildren(
      element('span', { text: t('faster') }),
      ...boxes.map((box) => {
        const step = element('span', { class: 'compare-step' });
        step.style.background = css(box);
        return step;
      }),
      element('span', { text: t('slower') }),
    );
  }

  #press(): void {
    for (const update of this.#choices) update();
  }

  /** Buttons of which one is pressed. */
  #choice<T extends string>(
    label: string,
    options: readonly (readonly [value: T, text: string, title: string])[],
    current: () => T,
    choose: (value: T) => void,
  ): HTMLElement {
    const buttons = options.map(([value, text, title]) => {
      const button = this.#toggle(text, title, () => choose(value));
      this.#choices.push(() => button.setAttribute('aria-pressed', String(current() === value)));
      return button;
    });
    return element('div', { 'class': 'group', 'role': 'group', 'aria-label': label }, ...buttons);
  }

  #toggle(text: string, title: string, action: () => void): HTMLButtonElement {
    const button = element('button', { type: 'button', class: 'toggle', text, title });
    button.addEventListener('click', action);
    return button;
  }
}

function showSide(target: HTMLElement, { title, seconds, samples }: CompareSide, { numbers }: DiffFormat): void {
  const figures = t('{0} samples, {1}', numbers.compact(samples), numbers.time(seconds * 1e6));
  target.replaceChildren(element('b', { text: title }), ` ${figures}`);
  target.title = `${title}\n${figures}`;
}
