import { type EndReason, type EngineEvent, type EngineFailure, startEngine } from '../native/index.ts';
import { Profile } from '../profile/profile.ts';
import { type RecordCommand, stopOptions } from './arguments.ts';
import { EndingSignals, endingSignals } from './endingSignals.ts';
import { failureText } from './failureText.ts';
import { type Output, OutputError } from './output.ts';
import { qualityText } from './qualityText.ts';
import { outputNamed, save } from './save.ts';
import { say } from './say.ts';
import { leaveIfDeleted } from './workingDirectory.ts';

const endings: Record<EndReason, string> = {
  stopped: 'stopped',
  duration: 'done',
  exited: 'the process has ended',
  replaced: 'the process executes another program now',
};

/** Records until the duration is over, Ctrl-C, or the process ends. @returns the exit code */
export async function record(command: RecordCommand): Promise<number> {
  let output: Output;
  try {
    output = outputNamed(command.output, leaveIfDeleted());
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    return say(`heatline: ${error.message}`, 1);
  }
  let stop: () => void = () => undefined;
  const signals = new EndingSignals();
  // Until the file is complete, not just until the last sample.
  for (const signal of endingSignals) process.on(signal, () => signals.take(signal) && stop());
  const result = await collect(command, (engine) => (stop = () => engine.stop()));
  const { profile, end } = result;
  const failure = typeof end === 'string' ? null : failureText(end);
  if (failure !== null && profile.quality.samples === 0) return say(`heatline: ${failure}`, 1);
  const problem = await save(profile, command.format, () => output);
  const place = problem !== null || command.output === '-' ? '' : ` → ${command.output}`;
  say(`${summary(profile)}${typeof end === 'string' ? ` (${endings[end]})` : ''}${place}`);
  for (const text of [failure, problem]) if (text !== null) say(`heatline: ${text}`);
  return failure === null && problem === null ? 0 : 1;
}

/** What was recorded before the end, whatever that was. */
interface Result {
  readonly profile: Profile;
  readonly end: EndReason | EngineFailure;
}

function collect(command: RecordCommand, started: (engine: { stop(): void }) => void): Promise<Result> {
  return new Promise((resolve) => {
    let profile = new Profile();
    const listener = (event: EngineEvent): void => {
      switch (event.type) {
        case 'started':
          profile = new Profile({ startedAtEpoch: event.epoch });
          say(`Sampling process ${event.pid} (Python ${event.pythonVersion}). Press Ctrl-C to stop.`);
          break;
        case 'delta':
          profile.append(event.delta);
          break;
        case 'ended':
          resolve({ profile, end: event.reason });
          break;
        case 'failed':
          resolve({ profile, end: event.failure });
          break;
        case 'paused':
        case 'resumed':
          break;
      }
    };
    const { pid, rate, duration, subprocesses, tasks = false, instructions = false } = command;
    started(startEngine({ pid, rate, subprocesses, tasks, instructions, ...stopOptions(command), ...(duration === undefined ? {} : { duration }) }, listener));
  });
}

/** How much was recorded, and how well. */
export function summary(profile: Profile): string {
  const { samples, ticks, elapsed, samplerCpu } = profile.quality;
  const seconds = elapsed / 1e6;
  const cpu = ticks > 0 ? (samplerCpu / ticks).toFixed(1) : '0';
  return (
    `${samples} samples of ${profile.threads.length} threads in ${seconds.toFixed(1)} s ` +
    `(${Math.round(ticks / Math.max(seconds, 1e-9))} ticks/s, ${cpu} µs CPU each; ${qualityText(profile.quality)})`
  );
}
