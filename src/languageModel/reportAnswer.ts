import type { Place, Report } from '../../profile/report.ts';
import { type Answer, code, percent, rounded } from './answer.ts';
import type { Counted } from './toolInput.ts';

/** What is said besides what was measured. */
export interface ReportFacts {
  readonly profile: { readonly id: string; readonly title: string; readonly state: string };
  readonly count: Counted;
  /** The threads that were asked for; undefined: all. */
  readonly thread: string | undefined;
  /** Sentences. */
  readonly notes: readonly string[];
  /** Other profiles that can be asked for. */
  readonly others: readonly { readonly id: string; readonly title: string }[];
}

/** Most threads, call paths, frames of a path (the innermost), other profiles; lines in the summary. */
const most = { threads: 20, paths: 3, frames: 12, others: 20, lines: 3 };

const countedText: Readonly<Record<Counted, string>> = {
  running: 'time in which threads ran or were ready to run',
  gil: 'time in which threads held the GIL',
  all: 'all time of threads, waiting included',
};

export function reportAnswer(report: Report, { profile, count, thread, notes: given, others }: ReportFacts): Answer {
  const { states, threads, lines, functions, paths, duration, samples, countedSamples, quality } = report;
  const notes = [
    ...given,
    ...(countedSamples > 0 ? [] : [`No sample counts${count === 'all' ? '' : '; with "count": "all" those of waiting threads do'}.`]),
  ];
  const state = { onCpu: rounded(states.onCpu), ready: rounded(states.ready), waiting: rounded(states.waiting) };
  const summary = [
    `${code(profile.title)}, ${duration.toFixed(1)} s, ${samples} samples of ${threads.length} threads: ${quality}.`,
    `Threads were on a core ${percent(states.onCpu)}, ready for one ${percent(states.ready)}, waiting ${percent(states.waiting)} of their time. ` +
      `Shares below are of the ${countedText[count]}${thread === undefined ? '' : ` of thread ${code(thread)}`} (${countedSamples} samples).`,
    ...(lines.length === 0 ? [] : ['Hottest lines by self time:']),
    ...lines
      .slice(0, most.lines)
      .map((line) => `- ${percent(line.self)} ${code(placeText(line))}${line.source === null ? '' : `: ${code(line.source)}`}`),
    ...notes,
  ].join('\n');
  return {
    summary,
    data: {
      profile,
      processes: report.processes.slice(0, most.threads),
      startedAt: report.startedAt,
      seconds: Number(duration.toFixed(2)),
      samples,
      quality,
      states: state,
      threads: threads.slice(0, most.threads).map(({ name, pid, osThreadId, ...shares }) => ({
        name,
        pid,
        osThreadId,
        ...Object.fromEntries(Object.entries(shares).map(([key, share]) => [key, rounded(share)])),
      })),
      moreThreads: Math.max(0, threads.length - most.threads),
      count,
      ...(thread === undefined ? {} : { thread }),
      countedSamples,
      functions: functions.map(({ self, total, ...place }) => ({ ...place, self: rounded(self), total: rounded(total) })),
      lines: lines.map(({ self, total, split, ...place }) => ({
        ...place,
        self: rounded(self),
        total: rounded(total),
        ...(split === null ? {} : { ofSelf: { native: rounded(split.native), system: rounded(split.system) } }),
      })),
      paths: paths.slice(0, most.paths).map(({ share, frames }) => ({
        share: rounded(share),
        outerFramesLeftOut: Math.max(0, frames.length - most.frames),
        frames: frames.slice(-most.frames).map(placeText),
      })),
      notes,
      otherProfiles: others.slice(-most.others),
    },
  };
}

/** "name (file:line)" */
export function placeText({ function: name, file, line }: Place): string {
  return file === '' ? name : `${name} (${line > 0 ? `${file}:${line}` : file})`;
}
