import type { EngineEvent } from '../native/index.ts';
import type { ProfileDelta } from '../profile/delta.ts';
import { Profile } from '../profile/profile.ts';
import { onlyWithGil } from '../profile/reshape.ts';
import { hasShortNames, type RecordOptions } from './recordOptions.ts';
import { ShortNames } from './shortNames.ts';

/** What an engine has told so far, as far as it was asked for. */
export class Recorded {
  profile = new Profile();
  readonly names = new ShortNames();
  readonly #gilOnly: boolean;
  readonly #hasShortNames: boolean;
  readonly #before: ((event: EngineEvent) => void) | undefined;

  /** @param before is told of all that comes before it is in the profile */
  constructor(options: RecordOptions, before?: (event: EngineEvent) => void) {
    this.#before = before;
    this.#gilOnly = options.view.gil;
    this.#hasShortNames = hasShortNames(options);
  }

  begin(started: Extract<EngineEvent, { readonly type: 'started' }>): void {
    this.profile = new Profile({ startedAtEpoch: started.epoch });
    this.#before?.(started);
  }

  append(all: ProfileDelta): void {
    const delta = this.#gilOnly ? onlyWithGil(all) : all;
    this.#before?.({ type: 'delta', delta });
    this.profile.append(delta);
    const [process] = this.profile.processes;
    if (!this.#hasShortNames || process === undefined || delta.functions.length === 0) return;
    this.names.learn(
      delta.functions.map(({ file }) => file),
      process.pid,
      process.workingDirectory,
    );
  }
}
