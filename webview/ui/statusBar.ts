import type { NoStopsReason } from '../../profile/delta.ts';
import { heldRate } from '../../profile/heldRate.ts';
import { t } from '../l10n.ts';
import type { QualityFigures, RecordingState, StatusMessage } from '../messages.ts';
import { share, type NumberFormat } from '../model/format.ts';
import { element, setText } from './dom.ts';
import { icon } from './icons.ts';

/** Shares of bad samples from which the figures are shown as a warning. */
const WORRYING = 0.01;

/** Errors of shares from which the estimate is shown as a warning. */
const WORRYING_ERROR = 0.05;

/** How the recording goes and how good it is, below everything. */
export class StatusBar {
  readonly element: HTMLElement;
  readonly #format: NumberFormat;
  readonly #state = element('span', { class: 'state' });
  readonly #stateText = element('span');
  readonly #message = element('span', { class: 'end-message' });
  readonly #python = figure(t('Which Python ran'));
  readonly #elapsed = figure(t('Recorded time, pauses left out'));
  readonly #samples = figure(t('Samples of threads, and how many a second'));
  readonly #partial = figure(t('Samples whose innermost calls could not be read; they are the boxes “(not read)”'));
  readonly #lost = figure(t('Samples that should be there and could not be read'));
  readonly #missed = figure(t('Times the sampler was too late to look'));
  readonly #stopped = figure(t('Share of the time for which Heatline had the program’s core, so that it stood still'));
  readonly #shares = figure('');
  readonly #resolution = figure(
    t(
      'There were more samples than can be kept with their times: which moments a selection of older time takes is known so exactly. Sums are right',
    ),
  );
  readonly #hidden = figure(
    t('Boxes too small to see at this zoom, and of very deep stacks the innermost, are left out; zoom in to get them'),
  );

  constructor(format: NumberFormat) {
    this.#format = format;
    this.#state.append(element('span', { class: 'dot' }), this.#stateText);
    for (const bad of [this.#partial, this.#lost, this.#missed, this.#shares]) bad.prepend(icon('warning'), element('span'));
    this.element = element(
      'footer',
      { 'class': 'status-bar', 'aria-label': t('Recording') },
      this.#state,
      this.#message,
      this.#python,
      this.#elapsed,
      this.#samples,
      this.#partial,
      this.#lost,
      this.#missed,
      this.#stopped,
      this.#shares,
      this.#resolution,
      element('span', { class: 'stretch' }),
      this.#hidden,
    );
    this.showHidden(0);
    this.showPythons([]);
  }

  /** @param versions of all processes */
  showPythons(versions: readonly string[]): void {
    const different = [...new Set(versions)].filter((version) => version !== '');
    this.#python.hidden = different.length === 0;
    setText(this.#python, `Python ${different.join(', ')}`);
  }

  show({ state, endMessage, quality }: StatusMessage): void {
    const { count, compact, time } = {
      count: (n: number) => this.#format.count(n),
      compact: (n: number) => this.#format.compact(n),
      time: (n: number) => this.#format.time(n),
    };
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
    worrying(
      this.#partial,
      t('{0} not read to their end ({1})', count(quality.partial), percent(quality.partial, all)),
      quality.partial,
      all,
    );
    worrying(this.#lost, t('{0} lost ({1})', count(quality.lost), percent(quality.lost, all)), quality.lost, all);
    const ticks = quality.ticks + quality.missed;
    worrying(this.#missed, t('{0} missed ({1})', count(quality.missed), percent(quality.missed, ticks)), quality.missed, ticks);
    this.#stopped.hidden = quality.stops === 0;
    const stoppedShare = percent(quality.stoppedTime, quality.elapsed);
    setText(this.#stopped, t('stood still {0} of the time', stoppedShare));
    const rate = heldRate(quality);
    const held = rate === null ? '' : ` ${t('That they take no more than they may holds them to {0} a second.', count(Math.round(rate)))}`;
    this.#stopped.title = `${t('{0} looks found the program standing still, as Heatline had its core', count(quality.stops))}.${held}`;
    this.#showShares(quality);
    const { coarseUntil, shortestStep, longestStep } = quality;
    this.#resolution.hidden = coarseUntil === 0;
    setText(
      this.#resolution,
      longestStep > shortestStep
        ? t('times of the first {0} in steps of {1}, the oldest of {2}', time(coarseUntil), time(shortestStep), time(longestStep))
        : t('times of the first {0} in steps of {1}', time(coarseUntil), time(shortestStep)),
    );
  }

  #showShares({ shareError, noStops, stops }: QualityFigures): void {
    const target = this.#shares;
    target.hidden = shareError === null;
    if (shareError === null) return;
    const isExact = noStops === null && stops > 0;
    const error = this.#format.percent(shareError);
    target.classList.toggle('worrying', shareError >= WORRYING_ERROR);
    setText(target.children[1]!, isExact ? t('shares within {0}', error) : t('shares may be off by {0}', error));
    const meaning = t('How far shares of self time may be off, apart from chance');
    target.title = noStops === null ? meaning : `${meaning}. ${noStopsText(noStops)}`;
  }

  showHidden(nodes: number): void {
    this.#hidden.hidden = nodes === 0;
    setText(this.#hidden, t('{0} boxes left out', this.#format.count(nodes)));
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

function noStopsText(reason: NoStopsReason): string {
  switch (reason) {
    case 'asked':
      return t('It was read as it ran, as was asked.');
    case 'rate':
      return t('It was read as it ran: so many looks leave a program no time on its own core.');
    case 'cores':
      return t('It was read as it ran, because Heatline may not run on its cores.');
    case 'unsupported':
      return t('It was read as it ran: nothing else can be done on this system.');
  }
}
