import { readRecording, type RecordingFacts } from '../../native/index.ts';
import { Profile } from '../../profile/profile.ts';
import { ProfileFormatError } from '../../profile/profileFormatError.ts';

/** A recording as far as it can be read. */
export interface ReadRecording {
  readonly profile: Profile;
  readonly facts: RecordingFacts;
  /** What is wrong with the rest; null: nothing is. */
  readonly wrong: string | null;
}

/** @throws ProfileFormatError for what has no samples that can be read */
export async function readKept(file: string): Promise<ReadRecording> {
  let read: { profile: Profile; facts: RecordingFacts } | undefined;
  const wrong = await readRecording(file, (facts) => {
    const made = { profile: new Profile(), facts };
    read = made;
    return {
      onEvent: (event) => {
        if (event.type === 'started') {
          const { coarseTimes = [] } = facts;
          made.profile = new Profile({ startedAtEpoch: event.epoch, coarseTimes });
        } else if (event.type === 'delta') made.profile.append(event.delta);
      },
      onExit: () => undefined,
    };
  });
  if (read === undefined || read.profile.runs.length === 0) throw new ProfileFormatError(wrong?.message ?? 'there are no samples in it');
  return { ...read, wrong: wrong?.message ?? null };
}
