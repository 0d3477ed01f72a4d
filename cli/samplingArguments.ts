import path from 'node:path';
import type { Command } from 'commander';
import { fastestNative, type SamplingOptions, samplingOptions, samplingSwitches } from '../native/index.ts';
import { counted, type Given, listed } from './command.ts';
import { parseDuration, parsePercent, parseRate, UsageError } from './values.ts';

/** Samples per second unless told, where native frames are read: as py-spy's. */
const nativeRate = 100;

/** The program that a command is to start: behind `--`, or as py-spy takes it too: whatever is no option. @throws UsageError */
export function programOf({ operands, behind = [] }: Given): [string, ...string[]] | undefined {
  if (operands.length > 0 && behind.length > 0) throw new UsageError(`unexpected argument '${operands[0]!}': the program comes after --`);
  const [first, ...others] = operands.length > 0 ? operands : behind;
  return first === undefined ? undefined : [first, ...others];
}

/** How much of a program's time looks may take. */
export function addStopOptions(command: Command): Command {
  return command
    .option(
      '--nonblocking, --never-stop',
      'take nothing of its time: it is read as it runs, from other cores, and shares of functions that take less than a few microseconds may be off',
    )
    .option('-b, --blocking', 'take up to 10 % of its time, if that is what as many looks take as --rate says')
    .option(
      '--max-stop <percent>',
      'share of a program’s time that looks may take, 0 to 50 (default: 1): there are fewer than --rate says where they would take more',
    );
}

/** @throws UsageError */
function parseStops(given: Given): Pick<SamplingOptions, 'blocking' | 'maxStopped'> {
  const [blocking, neverStop, maxStop] = [
    given.flag('blocking'),
    given.flag('neverStop') || given.flag('nonblocking'),
    given.text('maxStop'),
  ];
  if (blocking && neverStop) throw new UsageError('--blocking makes no sense with --never-stop');
  if (neverStop && maxStop !== undefined) throw new UsageError('--max-stop makes no sense with --never-stop');
  if (neverStop) return { blocking, maxStopped: 0 };
  const percent = given.value('maxStop', (text) => parsePercent(text, 50));
  if (percent === undefined) return { blocking };
  if (blocking && percent === 0) throw new UsageError('--blocking makes no sense with --max-stop 0');
  return { blocking, maxStopped: percent / 100 };
}

const nativeHelp =
  'native frames, too: C, C++, Rust, Cython. Stops the running thread for moments, so 100 samples a second unless told, 1000 at most; -nn shows the interpreter’s own as well';

export function addNativeOption(command: Command): Command {
  return addDebugFolders(command.option('-n, --native', nativeHelp, counted, 0));
}

/** What native frames' names and lines are read from. */
export function addDebugFolders(command: Command): Command {
  return command.option(
    '--debug-dir <folder>',
    'with --native: where to look for separate debug files, too, laid out as /usr/lib/debug; may be given several times',
    listed,
    [],
  );
}

/** @throws UsageError */
export function parseDebugFolders(given: Given): { readonly debugFolders?: readonly string[] } {
  const folders = given.texts('debugDir');
  if (folders.length > 0 && given.count('native') === 0) throw new UsageError('--debug-dir makes no sense without --native');
  return folders.length === 0 ? {} : { debugFolders: folders.map((folder) => path.resolve(folder)) };
}

/**
 * The rate, and whether native frames are read.
 * @param usual samples per second unless told, without native frames
 * @throws UsageError
 */
function parseRateAndNative(given: Given, usual: number): Pick<SamplingOptions, 'rate' | 'native' | 'debugFolders'> {
  const rate = given.value('rate', parseRate);
  const depth = given.count('native');
  const folders = parseDebugFolders(given);
  if (depth === 0) return { rate: rate ?? usual };
  if (rate !== undefined && (rate === 'max' || rate > fastestNative))
    throw new UsageError(`--native reads at most ${fastestNative} samples a second`);
  if (given.flag('neverStop') || given.flag('nonblocking'))
    throw new UsageError('--native makes no sense with --never-stop: the running thread is stopped for its native frames');
  if (given.text('maxStop') !== undefined && given.value('maxStop', (text) => parsePercent(text, 50)) === 0)
    throw new UsageError('--native makes no sense with --max-stop 0');
  return { rate: rate ?? nativeRate, native: depth === 1 ? 'functions' : 'all', ...folders };
}

/**
 * What a command's options say of sampling.
 * @param usual samples per second unless told, without native frames
 * @throws UsageError
 */
export function parseSampling(given: Given, usual: number): SamplingOptions {
  const duration = given.value('duration', (text) => (text === 'unlimited' ? undefined : parseDuration(text)));
  return samplingOptions({
    ...parseRateAndNative(given, usual),
    ...parseStops(given),
    ...(duration === undefined ? {} : { duration }),
    ...Object.fromEntries(samplingSwitches.map((name) => [name, given.flag(name)])),
  });
}
