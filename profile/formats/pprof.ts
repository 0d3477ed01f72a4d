import { Function as PprofFunction, Label, Line, Location, Profile as PprofProfile, Sample, StringTable, ValueType } from 'pprof-format';
import { frameGroups } from '../frameGroups.ts';
import { PairTable } from '../pairTable.ts';
import type { Profile } from '../profile.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { pathOf } from './chromeTrace.ts';
import type { WrittenSamples } from './format.ts';
import { ownThreadName } from './names.ts';
import { runSelector } from './runSelector.ts';

/** References to locations at most: the library makes all of the file in memory. */
const MAX_REFERENCES = 20_000_000;

/** pprof's profile (https://github.com/google/pprof/blob/main/proto/profile.proto), not packed: samples and ns by stack and thread. */
export function* pprofBytes(profile: Profile, samples: WrittenSamples = {}): Generator<Uint8Array, void> {
  const { runs, functions, threads, processes } = profile;
  const strings = new StringTable();
  const groups = frameGroups(profile, 'line');
  const isWritten = runSelector(profile, runs, samples);
  const sums = new PairTable();
  const counts: number[] = [];
  const times: number[] = [];
  for (let run = 0; run < runs.length; run++) {
    if (!isWritten(run) || runs.stacks[run] === 0) continue;
    const at = sums.id(runs.threads[run]!, runs.stacks[run]!);
    counts[at] = (counts[at] ?? 0) + runs.counts[run]!;
    times[at] = (times[at] ?? 0) + runs.durations[run]!;
  }
  let references = 0;
  const [thread, threadId, pid, process] = ['thread', 'thread_id', 'pid', 'process'].map((key) => strings.dedup(key)) as [
    number,
    number,
    number,
    number,
  ];
  const sample = Array.from({ length: sums.length }, (_, at) => {
    const record = threads[sums.first(at)]!;
    const path = pathOf(profile, sums.second(at), groups.ofFrame);
    references += path.length;
    if (references > MAX_REFERENCES)
      throw new ProfileFormatError(
        'This profile is too big for pprof, which spells out every stack. Save it in the Firefox Profiler format.',
      );
    return new Sample({
      // The leaf first; ids are from 1 on.
      locationId: path.reverse().map((group) => group + 1),
      value: [counts[at]!, Math.round(times[at]! * 1000)],
      label: [
        new Label({ key: thread, str: strings.dedup(ownThreadName(profile, sums.first(at))) }),
        new Label({ key: threadId, num: record.osThreadId }),
        new Label({ key: pid, num: processes[record.process]!.pid }),
        new Label({ key: process, str: strings.dedup(processes[record.process]!.name) }),
      ],
    });
  });
  const valueType = (type: string, unit: string): ValueType => new ValueType({ type: strings.dedup(type), unit: strings.dedup(unit) });
  const sampleType = [valueType('samples', 'count'), valueType('wall', 'nanoseconds')];
  const whole = new PprofProfile({
    sampleType,
    sample,
    location: Array.from(
      { length: groups.length },
      (_, group) => new Location({ id: group + 1, line: [new Line({ functionId: groups.func(group) + 1, line: groups.line(group) })] }),
    ),
    function: functions.map(({ name, file, firstLine }, func) => {
      // Without a system name: pprof demangles one that is the same, and takes <module> for a template's arguments.
      return new PprofFunction({ id: func + 1, name: strings.dedup(name), filename: strings.dedup(file), startLine: firstLine });
    }),
    timeNanos: BigInt(Math.round(profile.startedAtEpoch)) * 1_000_000n,
    durationNanos: Math.round(profile.until * 1000),
    periodType: valueType('wall', 'nanoseconds'),
    period: profile.quality.requestedRate > 0 ? Math.round(1e9 / profile.quality.requestedRate) : 1_000_000,
    defaultSampleType: strings.dedup('wall'),
    stringTable: strings,
  });
  yield whole.encode();
}
