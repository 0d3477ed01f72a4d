import type { SampleFilter } from '../profile/filter.ts';
import { functionTimes, type FunctionTime } from '../profile/functionTimes.ts';
import { lineTimes, type LineTime } from '../profile/lines.ts';
import type { Profile } from '../profile/profile.ts';
import { StackWeights } from '../profile/weights.ts';
import type { ProfileSource } from './profileSource.ts';

/** Queries on a source under one filter, worked out once for all who ask and only when samples came. */
export class SourceTimes {
  readonly #source: Pick<ProfileSource, 'profile'>;
  readonly #filter: SampleFilter;
  #weights: StackWeights;
  #version: number;
  #lines: Map<string, LineTime[]> | undefined;
  #functions: FunctionTime[] | undefined;
  #ready: SourceTimes | undefined;

  constructor(source: Pick<ProfileSource, 'profile'>, filter: SampleFilter) {
    this.#source = source;
    this.#filter = filter;
    this.#weights = new StackWeights(source.profile, filter);
    this.#version = source.profile.version;
  }

  get filter(): SampleFilter {
    return this.#filter;
  }

  /** Up to date. */
  get weights(): StackWeights {
    const profile: Profile = this.#source.profile;
    if (this.#weights.profile !== profile) this.#weights = new StackWeights(profile, this.#filter);
    else if (this.#version === profile.version) return this.#weights;
    else this.#weights.update();
    this.#version = profile.version;
    this.#lines = undefined;
    this.#functions = undefined;
    return this.#weights;
  }

  /** By `co_filename`. */
  get lines(): ReadonlyMap<string, readonly LineTime[]> {
    const { weights } = this;
    return (this.#lines ??= lineTimes(weights));
  }

  /** Of the same threads while they could run but had no core. */
  get ready(): SourceTimes {
    return (this.#ready ??= new SourceTimes(this.#source, { ...this.#filter, onCpuOnly: false, readyOnly: true, waitingOnly: false }));
  }

  /** By total, descending. */
  get functions(): readonly FunctionTime[] {
    const { weights } = this;
    return (this.#functions ??= functionTimes(weights));
  }
}
