import { t } from '../l10n.ts';
import type { PageCommand, RecordingState } from '../messages.ts';
import { isOnlyMine, toggledOnlyMine } from '../model/steps.ts';
import type { Store } from '../model/store.ts';
import type { Query } from '../query.ts';
import { element, setText } from './dom.ts';
import { Filters } from './filters.ts';
import { icon, type IconName } from './icons.ts';

export interface ToolbarEvents {
  readonly nextMatch: (by: 1 | -1) => void;
  /** Leave the search box for the graph. */
  readonly leaveSearch: () => void;
  readonly reset: () => void;
  readonly flip: () => void;
  readonly toggleTable: () => void;
  readonly help: () => void;
}

/** Search, questions and view switches above the graph. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  readonly #store: Store;
  readonly #events: ToolbarEvents;
  readonly #matches = element('span', { class: 'search-matches' });
  readonly #case: HTMLButtonElement;
  readonly #pattern: HTMLButtonElement;
  readonly #clear: HTMLButtonElement;
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #pause: HTMLButtonElement;
  readonly #resume: HTMLButtonElement;
  readonly #reset: HTMLButtonElement;
  readonly #flip: HTMLButtonElement;
  readonly #table: HTMLButtonElement;
  readonly #timeline: HTMLButtonElement;
  /** `alone`: only of all calls, not of one function's callers and callees. */
  readonly #toggles: readonly { readonly button: HTMLButtonElement; readonly on: (query: Query) => boolean; readonly alone?: boolean }[];

  constructor(store: Store, events: ToolbarEvents) {
    this.#store = store;
    this.#events = events;
    const command = (name: PageCommand): void => store.post({ type: 'command', command: name });
    this.search = element('input', {
      'type': 'text',
      'class': 'search-input',
      'placeholder': t('Search functions and files (/)'),
      'aria-label': t('Search functions and files'),
      'spellcheck': 'false',
      'autocomplete': 'off',
      'maxlength': 1000,
      'value': store.kept.search,
    });
    this.search.addEventListener('input', () => store.search(this.search.value));
    this.search.addEventListener('keydown', (event) => this.#onSearchKey(event));
    this.#case = button('case', t('Match case (Alt+C)'), () => this.#toggleSearch('searchCase'));
    this.#pattern = button('pattern', t('Regular expression, of a name or a file (Alt+R)'), () => this.#toggleSearch('searchPattern'));
    for (const option of [this.#case, this.#pattern]) option.classList.add('search-option');
    this.#previous = button('up', t('Previous match (Shift+Enter)'), () => events.nextMatch(-1));
    this.#next = button('down', t('Next match (Enter)'), () => events.nextMatch(1));
    this.#clear = button('close', t('Clear (Escape)'), () => store.clearMark());
    const lines = toggle(t('Lines'), t('A box for every line instead of every function'), () =>
      store.ask({ by: store.query.by === 'line' ? 'function' : 'line' }),
    );
    const callers = toggle(t('Callers'), t('Inverted: from the functions where time is spent to their callers (I)'), () =>
      store.ask({ inverted: !store.query.inverted }),
    );
    const mine = toggle(t('My code'), t('Folds libraries, the standard library, imports and native code into boxes (O)'), () =>
      store.ask(toggledOnlyMine(store.query)),
    );
    this.#toggles = [
      { button: lines, on: (asked) => asked.by === 'line', alone: true },
      { button: callers, on: (asked) => asked.inverted, alone: true },
      { button: mine, on: isOnlyMine },
    ];
    this.#stop = button('stop', t('Stop recording'), () => command('stop'));
    this.#pause = button('pause', t('Pause recording'), () => command('pause'));
    this.#resume = button('resume', t('Go on recording'), () => command('resume'));
    const save = button('save', t('Save the profile'), () => command('save'));
    const exporting = button('export', t('Export the profile for other tools'), () => command('export'));
    this.#reset = button('reset', t('Show everything (0)'), () => events.reset());
    this.#flip = button('flip', t('Root at the bottom (F)'), () => events.flip());
    this.#table = button('table', t('Tables (T)'), () => events.toggleTable());
    this.#timeline = button('timeline', t('Timeline (Y)'), () => store.keep({ timelineShown: !store.kept.timelineShown }));
    this.element = element(
      'div',
      { 'class': 'toolbar', 'role': 'toolbar', 'aria-label': t('Flame graph') },
      element(
        'div',
        { class: 'search' },
        icon('search'),
        this.search,
        this.#case,
        this.#pattern,
        this.#matches,
        this.#previous,
        this.#next,
        this.#clear,
      ),
      ...(store.isEditor ? [element('div', { class: 'group' }, this.#pause, this.#resume, this.#stop, save, exporting)] : []),
      new Filters(store).element,
      element('div', { class: 'group' }, lines, callers, mine),
      element(
        'div',
        { class: 'group group-end' },
        this.#reset,
        this.#flip,
        this.#timeline,
        this.#table,
        button('help', t('Keys and mouse (?)'), () => events.help()),
      ),
    );
    this.#showState('ended');
    this.showMatches('', false);
    this.#showQuery();
    this.#showView();
    store.listen('query', () => this.#showQuery());
    store.listen('status', () => this.#showState(store.status!.state));
    store.listen('kept', () => this.#showView());
    store.listen('mark', () => {
      if (store.mark.kind !== 'none') return;
      this.search.value = store.kept.search;
      this.showMatches('', false);
    });
  }

  /** What can be done with the recording now. */
  #showState(state: RecordingState): void {
    this.#stop.hidden = state === 'ended';
    this.#pause.hidden = state !== 'running';
    this.#resume.hidden = state !== 'paused';
  }

  /** @param text for instance "12 matches · 34.5%" */
  showMatches(text: string, some: boolean): void {
    const { searchError } = this.#store;
    setText(this.#matches, searchError === '' ? text : searchError);
    this.#matches.title = searchError;
    this.search.setAttribute('aria-invalid', String(searchError !== ''));
    this.#matches.classList.toggle('none', (text !== '' && !some) || searchError !== '');
    this.#previous.disabled = this.#next.disabled = !some;
    this.#clear.disabled = text === '' && this.search.value === '';
  }

  #showView(): void {
    const { zoomed, kept } = this.#store;
    this.#reset.disabled = !zoomed;
    press(this.#flip, kept.rootBelow);
    press(this.#table, kept.tableShown);
    press(this.#timeline, kept.timelineShown);
    press(this.#case, kept.searchCase);
    press(this.#pattern, kept.searchPattern);
  }

  #showQuery(): void {
    for (const { button: target, on, alone } of this.#toggles) {
      press(target, on(this.#store.query));
      target.disabled = alone === true && this.#store.query.sandwich !== null;
    }
  }

  #toggleSearch(option: 'searchCase' | 'searchPattern'): void {
    this.#store.search(this.search.value, { [option]: !this.#store.kept[option] });
    this.#showView();
  }

  #onSearchKey(event: KeyboardEvent): void {
    if (event.altKey && event.code === 'KeyC') this.#toggleSearch('searchCase');
    else if (event.altKey && event.code === 'KeyR') this.#toggleSearch('searchPattern');
    else if (event.key === 'Enter' || event.key === 'F3') this.#events.nextMatch(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape' && this.search.value !== '') this.#store.clearMark();
    else if (event.key === 'Escape' || event.key === 'ArrowDown') this.#events.leaveSearch();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

export function button(name: IconName, title: string, action: () => void): HTMLButtonElement {
  const result = element('button', { 'type': 'button', 'class': 'icon-button', title, 'aria-label': title }, icon(name));
  result.addEventListener('click', action);
  return result;
}

function toggle(label: string, title: string, action: () => void): HTMLButtonElement {
  const result = element('button', { type: 'button', class: 'toggle', title, text: label });
  result.addEventListener('click', action);
  return result;
}

function press(target: HTMLButtonElement, on: boolean): void {
  target.setAttribute('aria-pressed', String(on));
}
