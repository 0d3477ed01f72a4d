import type { SampleFilter } from '../filter.ts';
import { librariesOf } from '../libraries.ts';
import { ProcessStacks } from '../processStacks.ts';
import type { Profile } from '../profile.ts';
import type { WeighedStacks } from '../weighedStacks.ts';
import { type CutWeights, StackWeights } from '../weights.ts';
import { type Rewriting, rewrite } from './rewriting.ts';
import { sameTransforms, type Transform } from './transform.ts';

/**
 * Weights by the stacks that transforms make of the profile's. Costs what there are of stacks, not of samples: the weights below them are
 * kept whatever the transforms are.
 *
 * What was cut off stacks (CutCalls) is not known where there are transforms: nobody knows where in a stack it was.
 */
export class TransformedStacks implements WeighedStacks {
  readonly #base: StackWeights;
  #transforms: readonly Transform[];
  #rewriting: Rewriting | undefined;
  #stackCount = 0;
  #time = new Float64Array(0);
  #samples = new Float64Array(0);
  #totalTime = 0;
  #totalSamples = 0;
  #byProcess: ProcessStacks | undefined;

  /** Looks at all of the profile: starts up to date. */
  constructor(profile: Profile, filter: SampleFilter, options: { readonly byProcess?: boolean } = {}) {
    this.#base = new StackWeights(profile, filter, options);
    this.#transforms = filter.transforms ?? [];
    this.#weigh();
  }

  set transforms(transforms: readonly Transform[]) {
    if (sameTransforms(transforms, this.#transforms)) return;
    this.#transforms = transforms;
    this.#rewriting = undefined;
    this.#weigh();
  }

  get profile(): Profile {
    return this.#base.profile;
  }

  get time(): Float64Array {
    return this.#rewriting === undefined ? this.#base.time : this.#time;
  }

  get samples(): Float64Array {
    return this.#rewriting === undefined ? this.#base.samples : this.#samples;
  }

  get totalTime(): number {
    return this.#rewriting === undefined ? this.#base.totalTime : this.#totalTime;
  }

  get totalSamples(): number {
    return this.#rewriting === undefined ? this.#base.totalSamples : this.#totalSamples;
  }

  /** Number of samples of the stacks before. */
  get samplesBeforeTransforms(): number {
    return this.#base.totalSamples;
  }

  stackOf(stack: number): number {
    const before = this.#base.stackOf(stack);
    return this.#rewriting === undefined || before < 0 ? before : this.#rewriting.to[before]!;
  }

  get parents(): Uint32Array {
    return this.#rewriting?.stacks.parents ?? this.#base.parents;
  }

  get stackFrames(): Uint32Array {
    return this.#rewriting?.stacks.frames ?? this.#base.stackFrames;
  }

  get byProcess(): ProcessStacks | undefined {
    return this.#rewriting === undefined ? this.#base.byProcess : this.#byProcess;
  }

  get cut(): CutWeights | undefined {
    return this.#rewriting === undefined ? this.#base.cut : undefined;
  }

  /** Takes in what came since the last update. */
  update(): void {
    this.#base.update();
    this.#weigh();
  }

  #weigh(): void {
    if (this.#transforms.length === 0) return;
    const base = this.#base;
    const { length } = base.time;
    if (this.#rewriting === undefined || this.#stackCount !== length) {
      const stacks = { length, parents: base.parents, frames: base.stackFrames };
      this.#rewriting = rewrite(stacks, this.#transforms, base.profile, librariesOf(base.profile));
      this.#stackCount = length;
    }
    const { to, stacks } = this.#rewriting;
    const time = (this.#time = new Float64Array(stacks.length));
    const samples = (this.#samples = new Float64Array(stacks.length));
    this.#totalTime = 0;
    this.#totalSamples = 0;
    for (let stack = 0; stack < length; stack++) {
      if (base.samples[stack] === 0 || to[stack]! < 0) continue;
      time[to[stack]!]! += base.time[stack]!;
      samples[to[stack]!]! += base.samples[stack]!;
      this.#totalTime += base.time[stack]!;
      this.#totalSamples += base.samples[stack]!;
    }
    this.#byProcess = base.byProcess === undefined ? undefined : transformedByProcess(base.byProcess, to);
  }
}

function transformedByProcess(before: ProcessStacks, to: Int32Array): ProcessStacks {
  const after = new ProcessStacks();
  for (let pair = 0; pair < before.length; pair++) {
    const stack = to[before.stack(pair)]!;
    if (stack >= 0 && before.samples[pair] !== 0) after.add(before.process(pair), stack, before.time[pair]!, before.samples[pair]!);
  }
  return after;
}
