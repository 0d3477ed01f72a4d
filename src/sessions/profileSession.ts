import * as vscode from 'vscode';
import {
  type Engine,
  type EngineEvent,
  type EngineFailure,
  type EngineListener,
  type EngineOptions,
  type SamplingOptions,
  samplingOptions,
} from '../../native/index.ts';
import { Profile } from '../../profile/profile.ts';
import type { TimeSteps } from '../../profile/timeSteps.ts';
import type { ProfileSource, ProfileState } from '../profileSource.ts';
import { failureMessage } from './failureMessage.ts';

/** ms between two notices of new samples. */
const CHANGE_INTERVAL = 1000;
/** ms of sampling over which the rate is measured. */
const RATE_WINDOW = 2000;

/** The process to profile, as far as known before it is looked into, and how. */
export interface Target extends Omit<SamplingOptions, 'rate'> {
  readonly pid: number;
  /** What to call it, for instance "app.py". */
  readonly name: string;
  /** It was just started: wait until it is Python. */
  readonly launched?: boolean;
  /** Of what was recorded before: Profile.coarseTimes. */
  readonly coarseTimes?: TimeSteps;
  /** How it ended, where we started it; undefined while it runs. */
  readonly exit?: () => { readonly code: number | null; readonly signal: string | null } | undefined;
}

export type StartEngine = (options: EngineOptions, listener: EngineListener) => Engine;

/**
 * A process being profiled. Its engine's events drive it:
 *
 *     starting ── started ──▶ running ◀── paused/resumed ──▶ paused
 *         └───── failed ────────┴──── ended, failed ────────────┴──▶ ended
 *
 * After `ended` nothing changes any more; what was recorded stays.
 */
export class ProfileSession implements ProfileSource, vscode.Disposable {
  readonly id: string;
  readonly target: Target;
  /** The process was profiled in this window so many times, this one included. */
  readonly ordinal: number;
  readonly title: string;
  /** Resolves when sampling has begun or will never begin. */
  readonly settled: Promise<void>;
  readonly #onDidChange = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#onDidChange.event;
  readonly #engine: Engine;
  #settle!: () => void;
  #profile = new Profile({ startedAtEpoch: Date.now() });
  #state: ProfileState = 'starting';
  #endMessage: string | undefined;
  #failure: EngineFailure | undefined;
  /** Session time (ms) and samples so far, at the deltas of the last RATE_WINDOW. */
  #rateMarks: { elapsed: number; samples: number }[] = [];
  #lastChange = 0;
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;
  /** Of the profile when it was saved last. */
  #savedVersion = -1;

  constructor(id: string, target: Target, rate: number, startEngine: StartEngine, ordinal = 1) {
    const { t } = vscode.l10n;
    this.id = id;
    this.target = target;
    this.ordinal = ordinal;
    this.title =
      ordinal > 1 ? t('{0} (process {1}), no. {2}', target.name, target.pid, ordinal) : t('{0} (process {1})', target.name, target.pid);
    this.settled = new Promise((resolve) => (this.#settle = resolve));
    const options = { pid: target.pid, ...samplingOptions({ ...target, rate }), ...(target.launched === true ? { launched: true } : {}) };
    this.#engine = startEngine(options, (event) => this.#take(event));
  }

  get profile(): Profile {
    return this.#profile;
  }

  get state(): ProfileState {
    return this.#state;
  }

  get endMessage(): string | undefined {
    return this.#endMessage;
  }

  /** Why it ended, if that was not as it should. */
  get failure(): EngineFailure | undefined {
    return this.#failure;
  }

  /** Whether there is anything to show or save. */
  get hasSamples(): boolean {
    return this.#profile.quality.samples > 0;
  }

  get isSaved(): boolean {
    return this.#savedVersion === this.#profile.version;
  }

  /** As measured of late; 0 unless running. */
  get samplesPerSecond(): number {
    const first = this.#rateMarks[0];
    const last = this.#rateMarks.at(-1);
    if (this.#state !== 'running' || first === undefined || last === undefined || last.elapsed <= first.elapsed) return 0;
    return ((last.samples - first.samples) * 1000) / (last.elapsed - first.elapsed);
  }

  pause(): void {
    if (this.#state === 'running') this.#engine.pause();
  }

  resume(): void {
    if (this.#state === 'paused') this.#engine.resume();
  }

  /** Ends it with what it has; the state follows when the last samples are in. */
  stop(): void {
    if (this.#state !== 'ended') this.#engine.stop();
  }

  /** @param version of the profile that is in a file now */
  markSaved(version: number): void {
    this.#savedVersion = version;
    if (!this.#isDisposed) this.#change();
  }

  /** Ends it where its recording does: the editor that made it had to stop. */
  breakOff(): void {
    if (this.#state === 'ended') return;
    this.#endMessage = vscode.l10n.t('The editor was closed while this was recorded.');
    this.#enter('ended');
    this.#settle();
  }

  /** Ends it at once; nothing is heard of it any more. */
  dispose(): void {
    this.#isDisposed = true;
    this.stop();
    this.#state = 'ended';
    clearTimeout(this.#timer);
    this.#settle();
    this.#onDidChange.dispose();
  }

  #take(event: EngineEvent): void {
    if (this.#isDisposed || this.#state === 'ended') return;
    switch (event.type) {
      case 'waiting':
        break; // it is starting still
      case 'started':
        this.#profile = new Profile({ startedAtEpoch: event.epoch, coarseTimes: this.target.coarseTimes ?? [] });
        this.#enter('running');
        this.#settle();
        break;
      case 'delta':
        this.#append(event);
        break;
      case 'paused':
        this.#enter('paused');
        break;
      case 'resumed':
        this.#rateMarks = [];
        this.#enter('running');
        break;
      case 'ended':
        this.#end(event.reason);
        break;
      case 'failed':
        this.#fail(event.failure);
        break;
    }
  }

  #append({ delta }: Extract<EngineEvent, { type: 'delta' }>): void {
    try {
      this.#profile.append(delta);
    } catch (error) {
      this.#fail({ code: 'internal', detail: error instanceof Error ? error.message : String(error) });
      this.#engine.stop();
      return;
    }
    const elapsed = delta.quality.elapsed / 1000;
    this.#rateMarks.push({ elapsed, samples: delta.quality.samples });
    while (this.#rateMarks.length > 2 && elapsed - this.#rateMarks[1]!.elapsed >= RATE_WINDOW) this.#rateMarks.shift();
    this.#changeSoon();
  }

  #end(reason: Extract<EngineEvent, { type: 'ended' }>['reason']): void {
    const { t } = vscode.l10n;
    switch (reason) {
      case 'stopped':
      case 'duration':
        break;
      case 'exited':
        this.#endMessage = exitText(this.target.exit?.() ?? { code: null, signal: null });
        break;
      case 'replaced':
        this.#endMessage = t('The process runs another program now.');
        break;
    }
    this.#enter('ended');
    this.#settle();
  }

  #fail(failure: EngineFailure): void {
    this.#failure = failure;
    this.#endMessage = failureMessage(failure, this.target.name).text;
    this.#enter('ended');
    this.#settle();
  }

  #enter(state: ProfileState): void {
    this.#state = state;
    this.#change();
  }

  #changeSoon(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#lastChange + CHANGE_INTERVAL - Date.now();
    if (wait <= 0) this.#change();
    else this.#timer = setTimeout(() => this.#change(), wait);
  }

  #change(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastChange = Date.now();
    this.#onDidChange.fire();
  }
}

function exitText({ code, signal }: { readonly code: number | null; readonly signal: string | null }): string {
  const { t } = vscode.l10n;
  if (signal !== null) return t('The program was ended by {0}.', signal);
  return code === null ? t('The process has ended.') : t('The program ended with exit code {0}.', code);
}
