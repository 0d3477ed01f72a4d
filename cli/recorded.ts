import type { EngineEvent } from '../native/index.ts';
import type { ProfileDelta } from '../profile/delta.ts';
import { Profile } from '../profile/profile.ts';
import { onlyWithGil } from '../profile/reshape.ts';
import { hasShortNames, type RecordOptions } from './recordOptions.ts';
import { ShortNames } from './shortNames.ts';

type Started = Extract<EngineEvent, { readonly type: 'started' }>;

/** Who else is told of a recording. */
export interface RecordedHooks {
  /** Of all that comes, when the profile does not have it yet. */
  readonly before?: (event: EngineEvent) => void;
  /** When the profile is there, empty. */
  readonly started?: (started: Started) => void;
  /** When the profile has it. */
  readonly appended?: (delta: ProfileDelta) => void;
  /** The profile keeps no samples: nobody wants it. */
  readonly dropsRuns?: boolean;
}

/** What an engine has told so far, as far as it was asked for. */
export class Recorded {
  profile = new Profile();
  readonly names = new ShortNames();
  readonly #gilOnly: boolean;
  readonly #hasShortNames: boolean;
  readonly #hooks: RecordedHooks;

  constructor(options: RecordOptions, hooks: RecordedHooks = {}) {
    this.#hooks = hooks;
    this.#gilOnly = options.view.gil;
    this.#hasShortNames = hasShortNames(options);
  }

  begin(started: Started): void {
    this.profile = new Profile({ startedAtEpoch: started.epoch });
    this.#hooks.before?.(started);
    this.#hooks.started?.(started);
  }

  append(all: ProfileDelta): void {
    const delta = this.#gilOnly ? onlyWithGil(all) : all;
    this.#hooks.before?.({ type: 'delta', delta });
    this.profile.append(delta, { dropsRuns: this.#hooks.dropsRuns === true });
    this.#hooks.appended?.(delta);
    const [process] = this.profile.processes;
    if (!this.#hasShortNames || process === undefined || delta.functions.length === 0) return;
    this.names.learn(
      delta.functions.map(({ file }) => file),
      process.pid,
      process.workingDirectory,
    );
  }
}
