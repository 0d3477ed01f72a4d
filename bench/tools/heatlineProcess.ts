/**
 * Heatline's engine in a process of its own, for the benchmark: `heatlineProcess.ts PID RATE [blocking | native]`. Obeys the lines
 * "pause", "resume" and "stop" and says what it does in lines of JSON (HeatlineMessage).
 */
import { createInterface } from 'node:readline';
import { type EngineEvent, startEngine } from '../../native/index.ts';
import type { ProfileDelta, Quality } from '../../profile/delta.ts';
import { collapsedLines } from '../../profile/formats/collapsed.ts';
import { Profile } from '../../profile/profile.ts';
import { effectiveSamples } from '../shareDistance.ts';

export type HeatlineMessage =
  | { readonly type: 'started' | 'paused' | 'resumed' }
  | { readonly type: 'failed'; readonly detail: string }
  | { readonly type: 'ended'; readonly result: HeatlineResult };

export interface HeatlineResult {
  /** Figures after warming up, and at the end; the CPU time is all threads', in µs. */
  readonly first: Quality & { readonly cpu: number };
  readonly last: Quality & { readonly cpu: number };
  /** Folded stacks: of all samples, and of those of running threads. */
  readonly all: string;
  readonly running: string;
  /** Of all samples, weighed by the time each stands for, µs; and how many equal samples these weights are worth. */
  readonly weighted: string;
  readonly effective: number;
}

function say(message: HeatlineMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const [pid, rate, how] = process.argv.slice(2);
// The profile is put together in the end: meanwhile, in real use, that is another core's work.
const deltas: ProfileDelta[] = [];
let first: HeatlineResult['first'] | null = null;
let last: HeatlineResult['last'] | null = null;

function ended(): void {
  const profile = new Profile();
  for (const delta of deltas) profile.append(delta);
  if (first === null || last === null) {
    say({ type: 'failed', detail: 'no samples' });
    return;
  }
  const folded = (onCpuOnly: boolean): string => [...collapsedLines(profile, { onCpuOnly })].join('');
  say({ type: 'ended', result: { first, last, all: folded(false), running: folded(true), ...weighted(profile) } });
}

function weighted(profile: Profile): Pick<HeatlineResult, 'weighted' | 'effective'> {
  const { runs } = profile;
  const times = new Float64Array(profile.stackCount);
  for (let run = 0; run < runs.length; run++) times[runs.stacks[run]!]! += runs.durations[run]!;
  const lines: string[] = [];
  for (let stack = 1; stack < times.length; stack++) {
    if (times[stack] === 0) continue;
    const path: string[] = [];
    for (let at = stack; at !== 0; at = profile.stackParent(at)) {
      const frame = profile.stackFrame(at);
      path.push(`${profile.functions[profile.frameFunction(frame)]!.name} (:${profile.frameLine(frame)})`);
    }
    lines.push(`${path.reverse().join(';')} ${times[stack]!}\n`);
  }
  return { weighted: lines.join(''), effective: effectiveSamples(runs.durations.subarray(0, runs.length)) };
}

function listen(event: EngineEvent): void {
  switch (event.type) {
    case 'waiting':
      return;
    case 'started':
    case 'paused':
    case 'resumed': {
      say({ type: event.type });
      return;
    }
    case 'delta': {
      deltas.push(event.delta);
      const { user, system } = process.cpuUsage();
      last = { ...event.delta.quality, cpu: user + system };
      first ??= last;
      return;
    }
    case 'ended':
      commands.close();
      {
        ended();
        return;
      }
    case 'failed':
      commands.close();
      {
        say({ type: 'failed', detail: JSON.stringify(event.failure) });
        return;
      }
  }
}

const engine = startEngine(
  {
    pid: Number(pid),
    rate: rate === 'max' ? 'max' : Number(rate),
    blocking: how === 'blocking',
    ...(how === 'native' ? { native: 'functions' as const } : {}),
  },
  listen,
);
const commands = createInterface({ input: process.stdin });
commands.on('line', (line) => {
  if (line === 'pause') engine.pause();
  else if (line === 'resume') engine.resume();
  else engine.stop();
});
