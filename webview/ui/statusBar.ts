import { t } from '../l10n.ts';
import type { RecordingState, StatusMessage } from '../messages.ts';
import { share, type NumberFormat } from '../model/format.ts';
import { element, setText } from './dom.ts';
import { icon } from './icons.ts';

/** Shares of bad samples from which the figures are shown as a warning. */
const WORRYING = 0.01;

/** How the recording goes and how good it is, below everything. */
export class StatusBar {
  readonly element: HTMLElement;
  readonly #format: NumberFormat;
  readonly #state = element('span', { class: 'state' });
  readonly #stateText = element('span');
  readonly #message = element('span', { class: 'end-message' });
  readonly #elapsed = figure(t('Recorded time, pauses left out'));
  readonly #samples = figure(t('Samples of threads, and how many a second'));
  readonly #partial = figure(t('Samples whose innermost calls could not be read; they count for the calls above'));
  readonly #lost = figure(t('Samples that should be there and could not be read'));
  readonly #missed = figure(t('Times the sampler was too late to look'));
  readonly #hidden = figure(t('Boxes too small to see at this zoom are left out; zoom in to get them'));

  constructor(format: NumberFormat) {
    this.#format = format;
    this.#state.append(element('span', { class: 'dot' }), this.#stateText);
    for (const bad of [this.#partial, this.#lost, this.#missed]) bad.prepend(icon('warning'), element('span'));
    this.element = element(
      'footer',
      { class: 'status-bar', 'aria-label': t('Recording') },
      this.#state,
      this.#message,
      this.#elapsed,
      this.#samples,
      this.#partial,
      this.#lost,
      this.#missed,
      element('span', { class: 'stretch' }),
      this.#hidden,
    );
    this.showHidden(0);
  }

  show({ state, endMessage, quality }: StatusMessage): void {
    const { count, compact, time } = { count: (n: number) => this.#format.count(n), compact: (n: number) => this.#format.compact(n), time: (n: number) => this.#format.time(n) };
    this.#state.dataset['state'] = state;
    setText(this.#stateText, stateName(state));
    setText(this.#message, endMessage);
    this.#message.title = endMessage;
    this.#message.hidden = endMessage === '';
    this.#elapsed.hidden = this.#samples.hidden = state === 'starting';
    setText(this.#elapsed, time(quality.elapsed));
    setText(this.#samples, t('{0} samples ({1}/s)', count(quality.samples), compact(quality.samplesPerSecond)));
    const worrying = (target: HTMLElement, text: string, part: number, whole: number): void => {
      target.hidden = part === 0;
      target.classList.toggle('worrying', share(part, whole) >= WORRYING);
      setText(target.children[1]!, text);
    };
    const all = quality.samples + quality.lost;
    const percent = (part: number, whole: number): string => this.#format.percent(share(part, whole));
    worrying(this.#partial, t('{0} partial ({1})', count(quality.partial), percent(quality.partial, all)), quality.partial, all);
    worrying(this.#lost, t('{0} lost ({1})', count(quality.lost), percent(quality.lost, all)), quality.lost, all);
    const ticks = quality.ticks + quality.missed;
    worrying(this.#missed, t('{0} missed ({1})', count(quality.missed), percent(quality.missed, ticks)), quality.missed, ticks);
  }

  showHidden(nodes: number): void {
    this.#hidden.hidden = nodes === 0;
    setText(this.#hidden, t('{0} tiny boxes left out', this.#format.count(nodes)));
  }
}

function figure(title: string): HTMLElement {
  return element('span', { class: 'figure', title });
}

function stateName(state: RecordingState): string {
  switch (state) {
    case 'starting':
      return t('Starting');
    case 'running':
      return t('Recording');
    case 'paused':
      return t('Paused');
    case 'ended':
      return t('Ended');
  }
}
