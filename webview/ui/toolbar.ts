import { t } from '../l10n.ts';
import type { PageCommand, ParticipantsMessage, RecordingState } from '../messages.ts';
import { isOnlyMine, toggledOnlyMine } from '../model/steps.ts';
import type { Store } from '../model/store.ts';
import { rangeText } from '../model/timeline/moments.ts';
import type { Query, Scope } from '../query.ts';
import { element, setText } from './dom.ts';
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
  readonly #scope: HTMLSelectElement;
  readonly #matches = element('span', { class: 'search-matches' });
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
  readonly #range: HTMLButtonElement;
  readonly #rangeText = element('span');
  /** `alone`: only of all calls, not of one function's callers and callees. */
  readonly #toggles: readonly { readonly button: HTMLButtonElement; readonly on: (query: Query) => boolean; readonly alone?: boolean }[];
  #participants = '';

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
      'value': store.kept.search,
    });
    this.search.addEventListener('input', () => store.search(this.search.value));
    this.search.addEventListener('keydown', (event) => this.#onSearchKey(event));
    this.#previous = button('up', t('Previous match (Shift+Enter)'), () => events.nextMatch(-1));
    this.#next = button('down', t('Next match (Enter)'), () => events.nextMatch(1));
    this.#clear = button('close', t('Clear (Escape)'), () => store.clearMark());
    this.#scope = element('select', { 'class': 'scope', 'aria-label': t('Threads'), 'title': t('Whose samples to show') });
    this.#scope.addEventListener('change', () => store.ask({ scope: scopeOf(this.#scope.value) }));
    const onCpu = toggle(t('On CPU'), t('Only samples of threads that were running on a core'), () =>
      store.ask({ onCpuOnly: !store.query.onCpuOnly }),
    );
    const ready = toggle(t('Ready'), t('Only samples of threads that could run but waited for a core; with On CPU, those of both'), () =>
      store.ask({ readyOnly: !store.query.readyOnly }),
    );
    const gil = toggle(t('GIL'), t('Only samples of threads that held the global interpreter lock'), () =>
      store.ask({ gilOnly: !store.query.gilOnly }),
    );
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
      { button: onCpu, on: (asked) => asked.onCpuOnly },
      { button: ready, on: (asked) => asked.readyOnly },
      { button: gil, on: (asked) => asked.gilOnly },
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
    this.#table = button('table', t('Table of functions (T)'), () => events.toggleTable());
    this.#timeline = button('timeline', t('Timeline (L)'), () => store.keep({ timelineShown: !store.kept.timelineShown }));
    this.#range = element('button', { type: 'button', class: 'chip' }, this.#rangeText, icon('close'));
    this.#range.addEventListener('click', () => store.ask({ range: null }));
    this.element = element(
      'header',
      { 'class': 'toolbar', 'role': 'toolbar', 'aria-label': t('Flame graph') },
      element('div', { class: 'search' }, icon('search'), this.search, this.#matches, this.#previous, this.#next, this.#clear),
      ...(store.isEditor ? [element('div', { class: 'group' }, this.#pause, this.#resume, this.#stop, save, exporting)] : []),
      element('div', { class: 'group' }, this.#scope, onCpu, ready, gil, this.#range),
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
    this.#setScopes(undefined);
    this.#showState('ended');
    this.showMatches('', false);
    this.#showQuery();
    this.#showView();
    store.listen('query', () => this.#showQuery());
    store.listen('participants', () => this.#showParticipants(store.participants));
    store.listen('status', () => this.#showState(store.status!.state));
    store.listen('kept', () => this.#showView());
    store.listen('mark', () => {
      if (store.mark.kind === 'none') this.search.value = store.kept.search;
    });
  }

  /** What can be done with the recording now. */
  #showState(state: RecordingState): void {
    this.#stop.hidden = state === 'ended';
    this.#pause.hidden = state !== 'running';
    this.#resume.hidden = state !== 'paused';
  }

  /** Rebuilt only when there is something new: an open drop-down would close. */
  #showParticipants(participants: ParticipantsMessage): void {
    const key = JSON.stringify([participants.processes, participants.threads]);
    if (key === this.#participants) return;
    this.#participants = key;
    this.#setScopes(participants);
  }

  /** @param text for instance "12 matches · 34.5%" */
  showMatches(text: string, some: boolean): void {
    setText(this.#matches, text);
    this.#matches.classList.toggle('none', text !== '' && !some);
    this.#previous.disabled = this.#next.disabled = !some;
    this.#clear.disabled = text === '' && this.search.value === '';
  }

  #showView(): void {
    const { zoomed, kept } = this.#store;
    this.#reset.disabled = !zoomed;
    press(this.#flip, kept.rootBelow);
    press(this.#table, kept.tableShown);
    press(this.#timeline, kept.timelineShown);
  }

  #showQuery(): void {
    for (const { button: target, on, alone } of this.#toggles) {
      press(target, on(this.#store.query));
      target.disabled = alone === true && this.#store.query.sandwich !== null;
    }
    this.#scope.value = scopeValue(this.#store.query.scope);
    const { range } = this.#store.query;
    this.#range.hidden = range === null;
    if (range === null) return;
    const text = rangeText(range, this.#store.language);
    setText(this.#rangeText, text);
    this.#range.title = t('Only the time {0}. Click to show all of the time', text);
    this.#range.setAttribute('aria-label', this.#range.title);
  }

  #setScopes(participants: ParticipantsMessage | undefined): void {
    const { processes, threads } = participants ?? { processes: [], threads: [] };
    const options: HTMLElement[] = [
      element('option', { value: 'all', text: processes.length > 1 ? t('All processes') : t('All threads') }),
    ];
    processes.forEach((process, id) => {
      const label = `${process.name} (${process.pid})`;
      const group = processes.length > 1 ? element('optgroup', { label }) : undefined;
      const into: Node[] = [];
      if (group !== undefined) into.push(element('option', { value: `process:${id}`, text: t('All threads of {0}', label) }));
      threads.forEach((thread, threadId) => {
        if (thread.process !== id) return;
        const name = `${thread.name} (${thread.osThreadId})`;
        into.push(element('option', { value: `thread:${threadId}`, text: thread.endedAt !== null ? t('{0}, ended', name) : name }));
      });
      if (group === undefined) options.push(...(into as HTMLElement[]));
      else {
        group.append(...into);
        options.push(group);
      }
    });
    this.#scope.replaceChildren(...options);
    // A stored question may be about a thread that is not known yet.
    const value = scopeValue(this.#store.query.scope);
    if (!options.some((option) => option.querySelector(`[value="${value}"]`) ?? option.getAttribute('value') === value)) {
      this.#scope.append(element('option', { value, text: '…' }));
    }
    this.#scope.value = value;
  }

  #onSearchKey(event: KeyboardEvent): void {
    if (event.key === 'Enter' || event.key === 'F3') this.#events.nextMatch(event.shiftKey ? -1 : 1);
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

function scopeValue(scope: Scope): string {
  if (scope.kind === 'all') return 'all';
  return `${scope.kind}:${scope.kind === 'threads' ? scope.ids.join() : scope.id}`;
}

function scopeOf(value: string): Scope {
  const [kind, id] = value.split(':');
  if (kind === 'threads') return { kind, ids: id!.split(',').map(Number) };
  return kind === 'process' || kind === 'thread' ? { kind, id: Number(id) } : { kind: 'all' };
}
