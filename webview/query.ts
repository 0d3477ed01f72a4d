import { sameTransforms, type Transform } from '../profile/transforms/transform.ts';

/** Whose samples a question is about. Ids are the profile's (indices), not pids or TIDs. */
export type Scope =
  { readonly kind: 'all' } | { readonly kind: 'process'; readonly id: number } | { readonly kind: 'thread'; readonly id: number };

/** What the picture shows: questions that are asked of the samples afterwards. */
export interface Query {
  readonly scope: Scope;
  readonly onCpuOnly: boolean;
  /** Together with `onCpuOnly`: the samples of either. */
  readonly readyOnly: boolean;
  readonly gilOnly: boolean;
  /** Steps from the stacks that were seen to those that are shown, the first one first. */
  readonly transforms: readonly Transform[];
  /** What makes two calls the same box. */
  readonly by: 'function' | 'line';
  /** From the leaves to their callers. */
  readonly inverted: boolean;
  /** The function whose callers and callees are shown in place of all calls. */
  readonly sandwich: number | null;
}

/** The part of a query that says which samples count. The flame graph asks for it, and heat and lists of the editor follow. */
export type SampleChoice = Pick<Query, 'scope' | 'onCpuOnly' | 'readyOnly' | 'gilOnly' | 'transforms'>;

export const DEFAULT_QUERY: Query = {
  scope: { kind: 'all' },
  onCpuOnly: false,
  readyOnly: false,
  gilOnly: false,
  transforms: [],
  by: 'function',
  inverted: false,
  sandwich: null,
};

export function sameQuery(a: Query, b: Query): boolean {
  return sameSamples(a, b) && a.by === b.by && a.inverted === b.inverted && a.sandwich === b.sandwich;
}

/** Whether two queries look at the same samples, and at the same of their stacks. */
export function sameSamples(a: SampleChoice, b: SampleChoice): boolean {
  return sameFilters(a, b) && sameTransforms(a.transforms, b.transforms);
}

/** Whether two queries look at the same samples, whatever they make of their stacks. */
export function sameFilters(a: SampleChoice, b: SampleChoice): boolean {
  return a.onCpuOnly === b.onCpuOnly && a.readyOnly === b.readyOnly && a.gilOnly === b.gilOnly && sameScope(a.scope, b.scope);
}

export function samplesOf({ scope, onCpuOnly, readyOnly, gilOnly, transforms }: SampleChoice): SampleChoice {
  return { scope, onCpuOnly, readyOnly, gilOnly, transforms };
}

function sameScope(a: Scope, b: Scope): boolean {
  return a.kind === b.kind && (a.kind === 'all' || b.kind === 'all' || a.id === b.id);
}

/**
 * A node named by the calls that lead to it from below the root: function id, line, function id, line… The first may stand for a
 * process.
 */
export type NodePath = readonly number[];

/** Steps of transforms at most: what is beyond was not clicked by a person. */
export const MAX_TRANSFORMS = 100;

/** How many processes and threads there are to be asked about. */
export interface ParticipantCounts {
  readonly processes: number;
  readonly threads: number;
}

/** Deepest node that can be named: paths beyond are cut. */
export const MAX_PATH_LENGTH = 2 * 10_000;
