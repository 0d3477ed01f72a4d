import type { SampleFilter } from '../profile/filter.ts';
import { functionTimes, type FunctionTime } from '../profile/functionTimes.ts';
import { lineTimes, type LineTime } from '../profile/lines.ts';
import type { Profile } from '../profile/profile.ts';
import { TransformedStacks } from '../profile/transforms/transformedStacks.ts';
import { FOLDED, type WeighedStacks } from '../profile/weighedStacks.ts';
import type { ProfileSource } from './profileSource.ts';

/** Queries on a source under one filter, worked out once for all who ask and only when samples came. */
export class SourceTimes {
  readonly #source: Pick<ProfileSource, 'profile'>;
  readonly #filter: SampleFilter;
  #weights: TransformedStacks;
  #version: number;
  #lines: Map<string, LineTime[]> | undefined;
  #functions: FunctionTime[] | undefined;
  #ready: SourceTimes | undefined;

  constructor(source: Pick<ProfileSource, 'profile'>, filter: SampleFilter) {
    this.#source = source;
    this.#filter = filter;
    this.#weights = new TransformedStacks(source.profile, filter);
    this.#version = source.profile.version;
  }

  get filter(): SampleFilter {
    return this.#filter;
  }

  /** Up to date. */
  get weights(): WeighedStacks {
    const profile: Profile = this.#source.profile;
    if (this.#weights.profile !== profile) this.#weights = new TransformedStacks(profile, this.#filter);
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

  /** By total, descending; without libraries that are folded, which are no functions. */
  get functions(): readonly FunctionTime[] {
    const { weights } = this;
    return (this.#functions ??= functionTimes(weights).filter(({ func }) => func < FOLDED));
  }
}
