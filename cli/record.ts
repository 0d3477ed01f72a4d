import { type EndReason, type EngineFailure, samplingOptions, startEngine } from '../native/index.ts';
import { SampleFlag } from '../profile/delta.ts';
import type { Profile } from '../profile/profile.ts';
import { EndingSignals, endingSignals } from './endingSignals.ts';
import { failureText } from './failureText.ts';
import { KeptRecording } from './kept/keptRecording.ts';
import { contentOf } from './formats.ts';
import { type Output, OutputError } from './output.ts';
import { ProgressLine } from './progress.ts';
import { Recorded } from './recorded.ts';
import { defaultOutput, type RecordCommand, type RecordOptions, unwatchedInterval } from './recordOptions.ts';
import { absoluteName, outputNamed, save } from './save.ts';
import { say } from './say.ts';
import { EventStream, streamHooks } from './stream/eventStream.ts';
import { summary } from './summary.ts';
import { listening } from './listening.ts';
import { leaveIfDeleted } from './workingDirectory.ts';

const endings: Record<EndReason, string> = {
  stopped: 'stopped',
  duration: 'done',
  exited: 'the process has ended',
  replaced: 'the process executes another program now',
};

/** Records until the duration is over, Ctrl-C, or the process ends. @returns the exit code */
export async function record(command: RecordCommand): Promise<number> {
  const { pid, format, quiet } = command;
  const directory = leaveIfDeleted();
  const isWanted = command.stream !== true || command.output !== undefined;
  const name = command.output ?? defaultOutput([pid], format);
  let output: Output | null;
  try {
    output = isWanted ? outputNamed(name, directory) : null;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    return say(`heatline: ${error.message}`, 1);
  }
  let stop: () => void = () => undefined;
  const kept = new KeptRecording({ ...command, output: () => absoluteName(name, directory) }, () => recorded.profile);
  const stream =
    command.stream === true
      ? new EventStream(
          1,
          () => recorded.profile,
          () => stop(),
        )
      : null;
  const recorded: Recorded = new Recorded(command, {
    ...(isWanted ? { before: (event) => kept.write(event) } : { dropsRuns: true }),
    ...(stream === null ? {} : streamHooks(stream, command)),
  });
  const signals = new EndingSignals(() => (isWanted ? kept.loss() : ''));
  // Until the file is complete, not just until the last sample.
  for (const signal of endingSignals) process.on(signal, () => signals.take(signal) && stop());
  const end = await collect(
    command,
    recorded,
    (engine) => (stop = () => engine.stop()),
    () => stream?.waiting(pid),
  );
  const { profile, names } = recorded;
  const failure = typeof end === 'string' ? null : failureText(end);
  const isEmpty = failure !== null && profile.quality.samples === 0;
  if (isEmpty) await kept.delete();
  const problem = isEmpty || output === null ? null : await save(profile, command, names, () => output, kept);
  if (!quiet && !isEmpty) {
    const place = problem !== null || !isWanted || name === '-' ? '' : ` → ${name}`;
    say(`${summary(profile)}${typeof end === 'string' ? ` (${endings[end]})` : ''}${place}${isWanted ? emptyText(profile, command) : ''}`);
  }
  for (const text of [failure, problem]) if (text !== null) say(`heatline: ${text}`);
  const lost = await stream?.end({
    reason: typeof end === 'string' ? end : end.code,
    problem: [failure, problem].filter((text) => text !== null).join(' ') || null,
    profile: isWanted && !isEmpty && problem === null ? name : null,
  });
  if (typeof lost === 'string') say(`heatline: ${lost}`);
  return failure === null && problem === null && typeof lost !== 'string' ? 0 : 1;
}

/** Why a file has no stacks although there are samples. */
function emptyText({ runs }: Profile, { format, view }: RecordCommand): string {
  if (contentOf(format) === 'everything' || view.idle || runs.length === 0) return '';
  for (let run = 0; run < runs.length; run++) if ((runs.flags[run]! & (SampleFlag.OnCpu | SampleFlag.Ready)) !== 0) return '';
  return '\nAll threads were waiting all the time. With -i (--idle) it shows where.';
}

/**
 * Samples a process until its time is over or it ends.
 * @param started is told what stops it
 * @param waiting there has been no Python yet for a while
 * @returns how it ended
 */
export async function collect(
  command: RecordOptions & { readonly pid: number },
  recorded: Recorded,
  started: (engine: { stop(): void }) => void,
  waiting: () => void = () => undefined,
): Promise<EndReason | EngineFailure> {
  const { pid, subprocesses = false, quiet, hidesProgress } = command;
  const progress = new ProgressLine(2, !quiet && !hidesProgress);
  const tell = (text: string): void => {
    if (!quiet) say(text);
  };
  const { listener, over } = listening({
    waiting: () => {
      tell(`Waiting for Python in process ${pid} or below it. Press Ctrl-C to stop.`);
      waiting();
    },
    started: (event) => {
      recorded.begin(event);
      tell(`Sampling process ${event.pid} (Python ${event.pythonVersion}). Press Ctrl-C to stop.`);
    },
    delta: (delta) => {
      recorded.append(delta);
      progress.show(delta.quality);
    },
  });
  started(startEngine({ pid, waits: subprocesses, deltaInterval: unwatchedInterval, ...samplingOptions(command) }, listener));
  const end = await over;
  await progress.end();
  return end;
}
