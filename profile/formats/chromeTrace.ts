import { isNative } from '../delta.ts';
import { frameGroups } from '../frameGroups.ts';
import type { Profile } from '../profile.ts';
import type { WrittenSamples } from './format.ts';
import { ownThreadName } from './names.ts';
import { threadTimelines } from './threadTimeline.ts';

/**
 * Chrome's trace event format, as py-spy writes it (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU):
 * an event where a frame begins and where it ends, times in µs; what follows in the same frames is one piece.
 */
export function* chromeTraceText(profile: Profile, samples: WrittenSamples = {}): Generator<string, void> {
  const { functions, processes, threads, runs } = profile;
  const pids = distinct(processes.map(({ pid }) => pid));
  const tids = distinct(threads.map(({ osThreadId }) => osThreadId));
  const groups = frameGroups(profile, 'line');
  const texts: string[] = [];
  for (let group = 0; group < groups.length; group++) {
    const record = functions[groups.func(group)]!;
    const { name, file } = record;
    texts.push(
      `"cat":"${isNative(record) ? 'native' : 'python'}","name":${JSON.stringify(name)},"args":${JSON.stringify({ filename: file, line: groups.line(group) })}}`,
    );
  }
  let before = '{"displayTimeUnit":"ms","traceEvents":[\n';
  const line = (text: string): string => {
    const whole = before + text;
    before = ',\n';
    return whole;
  };
  for (const [id, { name }] of processes.entries()) yield line(metadata('process_name', pids[id]!, 0, name));
  for (const [id, { process }] of threads.entries())
    yield line(metadata('thread_name', pids[process]!, tids[id]!, ownThreadName(profile, id)));
  for (const [thread, timeline] of threadTimelines(profile, samples).entries()) {
    const where = `"pid":${pids[threads[thread]!.process]!},"tid":${tids[thread]!}`;
    const event = (phase: 'B' | 'E', at: number, group: number): string =>
      line(`{"ph":"${phase}",${where},"ts":${micro(at)},${texts[group]!}`);
    let open: number[] = [];
    let last = 0;
    for (const { run, start, end } of timeline()) {
      if (end === start) continue;
      const path = pathOf(profile, runs.stacks[run]!, groups.ofFrame);
      let common = 0;
      if (start === last) while (common < open.length && open[common] === path[common]) common++;
      for (let at = open.length - 1; at >= common; at--) yield event('E', last, open[at]!);
      for (let at = common; at < path.length; at++) yield event('B', start, path[at]!);
      open = path;
      last = end;
    }
    for (let at = open.length - 1; at >= 0; at--) yield event('E', last, open[at]!);
  }
  yield `${before === ',\n' ? '' : before}\n]}\n`;
}

/** Groups from the root to the leaf. */
export function pathOf(profile: Profile, stack: number, ofFrame: Int32Array): number[] {
  const path: number[] = [];
  for (let at = stack; at !== 0; at = profile.stackParent(at)) path.push(ofFrame[profile.stackFrame(at)]!);
  return path.reverse();
}

function metadata(what: string, pid: number, tid: number, name: string): string {
  return `{"ph":"M","name":"${what}","pid":${pid},"tid":${tid},"args":${JSON.stringify({ name })}}`;
}

/** To the ns. */
function micro(time: number): number {
  return Math.round(time * 1000) / 1000;
}

/** Numbers of systems are used again. The second of two gets one that there is not. */
function distinct(numbers: readonly number[]): number[] {
  const used = new Set<number>();
  let free = Math.max(0, ...numbers) + 1;
  return numbers.map((number) => {
    const own = used.has(number) ? free++ : number;
    used.add(own);
    return own;
  });
}
