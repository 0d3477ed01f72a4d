/** Times from the entry before to `until` are known within `step`: what was sampled in one step is summed up there. Both in µs. */
export interface TimeStep {
  readonly until: number;
  readonly step: number;
}

/**
 * How exactly it is known when samples were taken, the oldest first: steps never grow from one entry to the next. Samples after the
 * last entry have their own times.
 */
export type TimeSteps = readonly TimeStep[];

/** µs. All steps are this times a power of two, so that a longer one holds shorter ones whole. */
export const FIRST_STEP = 1000;

/** Whether entries are as TimeSteps are: later and later, and steps that never grow. */
export function areInOrder(steps: TimeSteps): boolean {
  return steps.every(({ until, step }, i) => {
    const before = steps[i - 1] ?? { until: 0, step: Infinity };
    return until > before.until && step > 0 && step <= before.step;
  });
}

/** µs: the longest step; 0 where every sample has its own time. */
export function longestStep(steps: TimeSteps): number {
  return steps[0]?.step ?? 0;
}

/** In short: until when times are in steps, and of how much, µs; null where every sample has its own time. */
export function coarsePart(steps: TimeSteps): { readonly until: number; readonly shortest: number; readonly longest: number } | null {
  const last = steps.at(-1);
  if (last === undefined) return null;
  const { until } = last;
  return { until, shortest: Math.min(until, last.step), longest: Math.min(until, longestStep(steps)) };
}

/** µs: the step that holds at a time, 0 where times are exact. */
export function stepAt(steps: TimeSteps, time: number): number {
  return steps.find(({ until }) => time < until)?.step ?? 0;
}

/** µs: the shortest step that holds all times before one. */
export function stepOver(until: number): number {
  return FIRST_STEP * 2 ** Math.max(0, Math.ceil(Math.log2(until / FIRST_STEP)));
}

/**
 * Steps that double with age.
 * @param now µs, from which age counts
 * @param until µs, from where on there are none; positive
 * @param ratio of a step to the age of what is in it, at most; but no step is shorter than FIRST_STEP
 */
export function stepsByAge(now: number, until: number, ratio: number): TimeSteps {
  let step = FIRST_STEP * 2 ** Math.max(0, Math.floor(Math.log2(((now - until) * ratio) / FIRST_STEP)));
  const steps: TimeStep[] = [];
  for (let end = until; end > 0; step *= 2) {
    if (steps[0]?.until === end) steps.shift(); // it has no time
    steps.unshift({ until: end, step });
    // Where a longer step ends, so that what was merged before lies on one side.
    end = Math.min(end, Math.floor((now - (2 * step) / ratio) / (2 * step)) * 2 * step);
  }
  return steps;
}

/** At each time the longer one of two steps. */
export function longerSteps(one: TimeSteps, other: TimeSteps): TimeSteps {
  const steps: TimeStep[] = [];
  let i = 0;
  let j = 0;
  while (i < one.length || j < other.length) {
    const [a, b] = [one[i], other[j]];
    const until = Math.min(a?.until ?? Infinity, b?.until ?? Infinity);
    const step = Math.max(a?.step ?? 0, b?.step ?? 0);
    if (steps.at(-1)?.step === step) steps.pop();
    steps.push({ until, step });
    if (a?.until === until) i++;
    if (b?.until === until) j++;
  }
  return steps;
}

export function areSameSteps(one: TimeSteps, other: TimeSteps): boolean {
  return one.length === other.length && one.every(({ until, step }, i) => until === other[i]!.until && step === other[i]!.step);
}
