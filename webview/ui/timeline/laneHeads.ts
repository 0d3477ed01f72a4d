import { t } from '../../l10n.ts';
import type { ParticipantsMessage } from '../../messages.ts';
import type { LaneRow } from '../../model/timeline/laneRows.ts';
import { element, setAttribute } from '../dom.ts';
import { icon } from '../icons.ts';

export interface LaneState {
  /** Its calls show. */
  readonly open: boolean;
  /** Its samples count. */
  readonly counts: boolean;
}

/** The names of processes and threads beside their lanes. */
export class LaneHeads {
  readonly element = element('div', { class: 'lane-heads' });
  readonly #toggle: (thread: number) => void;
  #key = '';

  constructor(toggle: (thread: number) => void) {
    this.#toggle = toggle;
  }

  show(rows: readonly LaneRow[], participants: ParticipantsMessage, stateOf: (thread: number) => LaneState): void {
    const names = rows.map(({ kind, id }) => (kind === 'process' ? processName(participants, id) : threadName(participants, id)));
    const key = JSON.stringify(rows.map(({ kind, id }, at) => [kind, id, names[at]]));
    if (key !== this.#key) {
      this.#key = key;
      this.element.replaceChildren(...rows.map((row, at) => this.#head(row, names[at]!)));
    }
    rows.forEach(({ kind, id, top, height }, at) => {
      const head = this.element.children[at] as HTMLElement;
      head.style.top = `${top}px`;
      head.style.height = `${height}px`;
      if (kind === 'process') return;
      const { open, counts } = stateOf(id);
      setAttribute(head, 'aria-expanded', String(open));
      head.classList.toggle('left-out', !counts);
    });
  }

  #head({ kind, id }: LaneRow, name: string): HTMLElement {
    if (kind === 'process') return element('div', { class: 'lane-head process', title: name, text: name });
    const title = t('{0}: show or hide its calls', name);
    // Keys go to the lanes as a whole: hundreds of threads would be as many stops for Tab.
    const head = element(
      'button',
      { type: 'button', class: 'lane-head', title, tabindex: -1 },
      icon('down'),
      element('span', { text: name }),
    );
    head.addEventListener('click', () => this.#toggle(id));
    return head;
  }
}

function processName({ processes }: ParticipantsMessage, id: number): string {
  const { name, pid } = processes[id]!;
  return `${name} (${pid})`;
}

export function threadName({ threads }: ParticipantsMessage, id: number): string {
  return threads[id]?.name ?? t('Thread');
}
