import { sameTransforms, type Transform } from '../profile/transforms/transform.ts';

/** Whose samples a question is about. Ids are the profile's (indices), not pids or TIDs. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'process'; readonly id: number }
  | { readonly kind: 'thread'; readonly id: number }
  /** Two or more threads: ascending, each once. */
  | { readonly kind: 'threads'; readonly ids: readonly number[] };

/** From `start` to before `end`, µs since the session's start. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** What the picture shows: questions that are asked of the samples afterwards. */
export interface Query {
  readonly scope: Scope;
  readonly onCpuOnly: boolean;
  /** Together with `onCpuOnly`: the samples of either. */
  readonly readyOnly: boolean;
  /** Together with these: the samples of any. */
  readonly waitingOnly: boolean;
  readonly gilOnly: boolean;
  readonly gcOnly: boolean;
  /** null: all of the time. */
  readonly range: TimeRange | null;
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
export type SampleChoice = Pick<Query, 'scope' | 'onCpuOnly' | 'readyOnly' | 'waitingOnly' | 'gilOnly' | 'gcOnly' | 'range' | 'transforms'>;

export const ALL_SAMPLES: SampleChoice = {
  scope: { kind: 'all' },
  onCpuOnly: false,
  readyOnly: false,
  waitingOnly: false,
  gilOnly: false,
  gcOnly: false,
  range: null,
  transforms: [],
};

export const DEFAULT_QUERY: Query = {
  ...ALL_SAMPLES,
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
  return sampleStates.every((state) => a[state] === b[state]) && sameRange(a.range, b.range) && sameScope(a.scope, b.scope);
}

/** What can be asked of a sample's state. */
export const sampleStates = [
  'onCpuOnly',
  'readyOnly',
  'waitingOnly',
  'gilOnly',
  'gcOnly',
] as const satisfies readonly (keyof SampleChoice)[];

export type SampleState = (typeof sampleStates)[number];

export function samplesOf({ scope, onCpuOnly, readyOnly, waitingOnly, gilOnly, gcOnly, range, transforms }: SampleChoice): SampleChoice {
  return { scope, onCpuOnly, readyOnly, waitingOnly, gilOnly, gcOnly, range, transforms };
}

export function sameRange(a: TimeRange | null, b: TimeRange | null): boolean {
  return a?.start === b?.start && a?.end === b?.end;
}

function sameScope(a: Scope, b: Scope): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
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
