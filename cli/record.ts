import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type EndReason, type EngineEvent, type EngineFailure, startEngine } from '../native/index.ts';
import { collapsedLines } from '../profile/formats/collapsed.ts';
import { toFirefox } from '../profile/formats/firefox.ts';
import { toSpeedscope } from '../profile/formats/speedscope.ts';
import { Profile } from '../profile/profile.ts';
import { type Format, type RecordCommand, stopOptions } from './arguments.ts';
import { failureText } from './failureText.ts';
import { qualityText } from './qualityText.ts';

const endings: Record<EndReason, string> = {
  stopped: 'stopped',
  duration: 'done',
  exited: 'the process has ended',
  replaced: 'the process executes another program now',
};

/** Records until the duration is over, Ctrl-C, or the process ends. @returns the exit code */
export async function record(command: RecordCommand): Promise<number> {
  const result = await collect(command);
  if ('failure' in result) {
    process.stderr.write(`heatline: ${failureText(result.failure)}\n`);
    return 1;
  }
  const { profile, reason } = result;
  try {
    await writeProfile(profile, command.format, command.output);
  } catch (error) {
    process.stderr.write(`heatline: can't write ${command.output}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  process.stderr.write(`${summary(profile)} (${endings[reason]})${command.output === '-' ? '' : ` → ${command.output}`}\n`);
  return 0;
}

type Result = { readonly profile: Profile; readonly reason: EndReason } | { readonly failure: EngineFailure };

function collect(command: RecordCommand): Promise<Result> {
  return new Promise((resolve) => {
    let profile = new Profile();
    const listener = (event: EngineEvent): void => {
      switch (event.type) {
        case 'started':
          profile = new Profile({ startedAtEpoch: event.epoch });
          process.stderr.write(`Sampling process ${event.pid} (Python ${event.pythonVersion}). Press Ctrl-C to stop.\n`);
          break;
        case 'delta':
          profile.append(event.delta);
          break;
        case 'ended':
        case 'failed':
          process.off('SIGINT', stop);
          process.off('SIGTERM', stop);
          resolve(event.type === 'ended' ? { profile, reason: event.reason } : { failure: event.failure });
          break;
        case 'paused':
        case 'resumed':
          break;
      }
    };
    const { pid, rate, duration, subprocesses, tasks = false, instructions = false } = command;
    const engine = startEngine({ pid, rate, subprocesses, tasks, instructions, ...stopOptions(command), ...(duration === undefined ? {} : { duration }) }, listener);
    const stop = (): void => engine.stop();
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

/** @throws what the file system or the pipe throws */
export async function writeProfile(profile: Profile, format: Format, output: string): Promise<void> {
  const toFile = output !== '-';
  const target: WriteStream | NodeJS.WriteStream = toFile ? createWriteStream(output) : process.stdout;
  const options = { end: toFile };
  if (format === 'raw') {
    const lines = collapsedLines(profile);
    await pipeline(Readable.from(withNewlines(lines)), target, options);
  } else if (format === 'speedscope') {
    await pipeline(Readable.from([JSON.stringify(toSpeedscope(profile))]), target, options);
  } else {
    await pipeline(Readable.from([JSON.stringify(toFirefox(profile))]), createGzip(), target, options);
  }
  if (toFile && !target.closed) await once(target, 'close');
}

/** Joins lines into larger pieces: a stream chunk per line would be slow. */
function* withNewlines(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length > 1 << 16) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
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
