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

  constructor(options: RecordOptions) {
    this.#gilOnly = options.view.gil;
    this.#hasShortNames = hasShortNames(options);
  }

  /** @param epoch ms since 1970 at session time 0 */
  begin(epoch: number): void {
    this.profile = new Profile({ startedAtEpoch: epoch });
  }

  append(delta: ProfileDelta): void {
    this.profile.append(this.#gilOnly ? onlyWithGil(delta) : delta);
    const [process] = this.profile.processes;
    if (!this.#hasShortNames || process === undefined || delta.functions.length === 0) return;
    this.names.learn(
      delta.functions.map(({ file }) => file),
      process.pid,
      process.workingDirectory,
    );
  }
}
