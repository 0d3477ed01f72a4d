import { frameGroups } from '../frameGroups.ts';
import { functionLineTimes, functionTimes } from '../functionTimes.ts';
import { PairTable } from '../pairTable.ts';
import type { Profile } from '../profile.ts';
import { StackWeights } from '../weights.ts';
import { pathOf } from './chromeTrace.ts';
import type { WrittenSamples } from './format.ts';
import { Column, jsonPieces } from './jsonPieces.ts';
import { ownThreadName } from './names.ts';
import { runSelector } from './runSelector.ts';

/** Of the form; docs/json.md says what is in it. Changes when programs that read it would have to. */
const VERSION = 1;

/** A profile's sums in a form that is simple to read by programs (docs/json.md). Times are µs. */
export function plainJson(profile: Profile, samples: WrittenSamples = {}): Generator<string, void> {
  const { runs, threads, processes, functions, quality } = profile;
  const isWritten = runSelector(profile, runs, samples);
  const sums = new PairTable();
  const stackTimes: number[] = [];
  const stackSamples: number[] = [];
  const [threadTimes, threadSamples] = [new Float64Array(threads.length), new Float64Array(threads.length)];
  for (let run = 0; run < runs.length; run++) {
    if (!isWritten(run)) continue;
    const thread = runs.threads[run]!;
    const at = sums.id(thread, runs.stacks[run]!);
    stackTimes[at] = (stackTimes[at] ?? 0) + runs.durations[run]!;
    stackSamples[at] = (stackSamples[at] ?? 0) + runs.counts[run]!;
    threadTimes[thread]! += runs.durations[run]!;
    threadSamples[thread]! += runs.counts[run]!;
  }
  const weights = new StackWeights(profile, samples);
  const groups = frameGroups(profile, 'line');
  const lines = functionLineTimes(weights);
  const times = functionTimes(weights);
  return jsonPieces({
    meta: {
      creator: 'Heatline',
      version: VERSION,
      unit: 'us',
      startedAt: profile.startedAtEpoch === 0 ? null : new Date(profile.startedAtEpoch).toISOString(),
      duration: profile.until,
      rate: quality.requestedRate === 0 ? null : quality.requestedRate,
      time: weights.totalTime,
      samples: weights.totalSamples,
    },
    processes: processes.map(({ pid, parent, name, commandLine, pythonVersion }) => ({ pid, parent, name, commandLine, pythonVersion })),
    threads: threads.map(({ process, osThreadId, isMain }, thread) => ({
      ...{ process, id: osThreadId, name: ownThreadName(profile, thread), isMain },
      ...{ time: threadTimes[thread]!, samples: threadSamples[thread]! },
    })),
    functions: functions.map(({ name, file, firstLine, kind, library }) => ({
      name,
      file,
      line: firstLine,
      ...(kind === undefined ? {} : { kind }),
      ...(library === undefined ? {} : { library }),
    })),
    functionTimes: new Column(times.length, (at) => {
      const { func, self, total, samples: count } = times[at]!;
      return { function: func, self, total, samples: count };
    }),
    lineTimes: new Column(lines.length, (at) => {
      const { func, line, self, total, samples: count } = lines[at]!;
      return { function: func, line, self, total, samples: count };
    }),
    frames: new Column(groups.length, (group) => ({ function: groups.func(group), line: groups.line(group) })),
    stacks: new Column(sums.length, (at) => ({
      ...{ thread: sums.first(at), time: stackTimes[at]!, samples: stackSamples[at]! },
      frames: pathOf(profile, sums.second(at), groups.ofFrame),
    })),
  });
}
