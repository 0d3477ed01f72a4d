import type { ProfileDelta } from '../delta.ts';
import type { ExactCounts } from '../exactCounts.ts';
import { Profile } from '../profile.ts';
import type { TimeSteps } from '../timeSteps.ts';

/** What a file says, so that threads can hand it to each other. */
export interface SavedProfile {
  /** As ProfileOptions has it. */
  readonly startedAtEpoch: number;
  /** As Profile has it: a file may have more runs than are kept. */
  readonly coarseTimes: TimeSteps;
  /** As ProfileOptions has it. */
  readonly unknown?: string;
  /** As ProfileOptions has it. */
  readonly exactCounts?: ExactCounts;
  /** All of it. */
  readonly delta: ProfileDelta;
}

/** The profile that a file is, which takes its runs over. @throws ProfileFormatError when it contradicts itself */
export function profileOf({ startedAtEpoch, coarseTimes, unknown, exactCounts, delta }: SavedProfile): Profile {
  const profile = new Profile({
    startedAtEpoch,
    coarseTimes,
    ...(unknown === undefined ? {} : { unknown }),
    ...(exactCounts === undefined ? {} : { exactCounts }),
  });
  profile.append(delta, { takesRuns: true });
  return profile;
}
