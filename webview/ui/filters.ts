import { t } from '../l10n.ts';
import { scopeOf, scopeValue } from '../model/scopes.ts';
import type { Store } from '../model/store.ts';
import { rangeText } from '../model/timeline/moments.ts';
import type { SampleState } from '../query.ts';
import { element, setText } from './dom.ts';
import { icon } from './icons.ts';

interface StateToggle {
  readonly state: SampleState;
  readonly title: string;
  readonly button: HTMLButtonElement;
  /** How much time it leaves. */
  readonly left: HTMLElement;
}

/** Which samples count in all views, and how much time each other choice would leave. */
export class Filters {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #scope: HTMLSelectElement;
  readonly #toggles: readonly StateToggle[];
  readonly #range: HTMLButtonElement;
  readonly #rangeText = element('span');
  #participants = '';

  constructor(store: Store) {
    this.#store = store;
    this.#scope = element('select', { 'class': 'scope', 'aria-label': t('Threads'), 'title': t('Whose samples to show') });
    this.#scope.addEventListener('change', () => store.ask({ scope: scopeOf(this.#scope.value) }));
    this.#toggles = (
      [
        ['onCpuOnly', t('On CPU'), t('Only samples of threads that were running on a core')],
        ['readyOnly', t('Ready'), t('Only samples of threads that could run but waited for a core; with On CPU, those of both')],
        [
          'waitingOnly',
          t('Waiting'),
          t('Only samples of threads that waited for something else than a core; with On CPU or Ready, those of all'),
        ],
        ['gilOnly', t('GIL'), t('Only samples of threads that held the global interpreter lock')],
        ['gcOnly', t('GC'), t('Only samples of threads that were collecting garbage')],
      ] as const
    ).map(([state, label, title]) => this.#toggle(state, label, title));
    this.#range = element('button', { type: 'button', class: 'chip' }, this.#rangeText, icon('close'));
    this.#range.addEventListener('click', () => store.ask({ range: null }));
    this.element = element('div', { class: 'group' }, this.#scope, ...this.#toggles.map(({ button }) => button), this.#range);
    this.#setScopes();
    this.#showQuery();
    store.listen('query', () => this.#showQuery());
    store.listen('participants', () => this.#showParticipants());
    store.listen('left', () => this.#showLeft());
  }

  #toggle(state: SampleState, label: string, title: string): StateToggle {
    const left = element('span', { 'class': 'left', 'aria-hidden': 'true' });
    const button = element('button', { type: 'button', class: 'toggle', title }, label, left);
    button.addEventListener('click', () => this.#store.ask({ [state]: !this.#store.query[state] }));
    return { state, title, button, left };
  }

  #showQuery(): void {
    const { query, language } = this.#store;
    for (const { button, state } of this.#toggles) button.setAttribute('aria-pressed', String(query[state]));
    this.#choose();
    const { range } = query;
    this.#range.hidden = range === null;
    if (range === null) return;
    const text = rangeText(range, language);
    setText(this.#rangeText, text);
    this.#range.title = t('Only the time {0}. Click to show all of the time', text);
    this.#range.setAttribute('aria-label', this.#range.title);
  }

  #showLeft(): void {
    const { left, format } = this.#store;
    if (left === undefined) return;
    for (const { button, state, title, left: figure } of this.#toggles) {
      const time = left.states[state];
      setText(figure, format.time(time));
      button.title = `${title}. ${t('Leaves {0} of {1}', format.time(time), format.time(left.states.all))}`;
      button.classList.toggle('leaves-nothing', time === 0);
    }
    // An open drop-down is left alone.
    if (document.activeElement !== this.#scope) this.#nameScopes();
  }

  /** Rebuilt only when there is something new: an open drop-down would close. */
  #showParticipants(): void {
    const { processes, threads } = this.#store.participants;
    const key = JSON.stringify([processes, threads]);
    if (key === this.#participants) return;
    this.#participants = key;
    this.#setScopes();
  }

  #setScopes(): void {
    const { processes, threads } = this.#store.participants;
    const options: HTMLElement[] = [
      element('option', { value: 'all', text: processes.length > 1 ? t('All processes') : t('All threads') }),
    ];
    processes.forEach((process, id) => {
      const label = `${process.name} (${process.pid})`;
      const group = processes.length > 1 ? element('optgroup', { label }) : undefined;
      const into: HTMLElement[] = [];
      if (group !== undefined) into.push(element('option', { value: `process:${id}`, text: t('All threads of {0}', label) }));
      threads.forEach((thread, threadId) => {
        if (thread.process === id) into.push(element('option', { value: `thread:${threadId}` }));
      });
      if (group === undefined) options.push(...into);
      else {
        group.append(...into);
        options.push(group);
      }
    });
    this.#scope.replaceChildren(...options);
    this.#nameScopes();
    this.#choose();
  }

  /** Threads with the time that they would leave. */
  #nameScopes(): void {
    const { participants, left, format } = this.#store;
    for (const option of this.#scope.querySelectorAll('option')) {
      const scope = scopeOf(option.value);
      const thread = scope.kind === 'thread' ? participants.threads[scope.id] : undefined;
      if (scope.kind !== 'thread' || thread === undefined) continue;
      const named = `${thread.name} (${thread.osThreadId})`;
      const name = thread.endedAt === null ? named : t('{0}, ended', named);
      const time = left?.threads[scope.id];
      setText(option, time === undefined ? name : `${name} · ${format.time(time)}`);
    }
  }

  #choose(): void {
    const { scope } = this.#store.query;
    const value = scopeValue(scope);
    const options = [...this.#scope.querySelectorAll('option')];
    for (const option of options) if (option.value.startsWith('threads:') && option.value !== value) option.remove();
    if (!options.some((option) => option.value === value)) {
      // Several threads have no entry of their own, and a stored question may be about one that is not known yet.
      const text = scope.kind === 'threads' ? t('{0} threads', scope.ids.length) : '…';
      this.#scope.append(element('option', { value, text }));
    }
    this.#scope.value = value;
  }
}
