import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { type FormatId, formatOf } from '../profile/formats/registry.ts';
import type { Profile } from '../profile/profile.ts';
import { reshaped } from '../profile/reshape.ts';
import { encode } from './encode.ts';
import { contentOf } from './formats.ts';
import { fileOutput, type Output, OutputError, type Pieces, standardOutput } from './output.ts';
import { hasShortNames, type RecordOptions } from './recordOptions.ts';
import type { KeptRecording } from './kept/keptRecording.ts';
import { pageParts } from './pageParts.ts';
import type { ShortNames } from './shortNames.ts';
import type { WorkingDirectory } from './workingDirectory.ts';

/** @param name a file, or - for standard output. @throws OutputError when it can be told now that nothing can be written there */
export function outputNamed(name: string, { path }: WorkingDirectory): Output {
  return name === '-' ? standardOutput : fileOutput(name, path);
}

/** The path of what outputNamed writes; null: standard output. */
export function absoluteName(name: string, { path: directory }: WorkingDirectory): string | null {
  return name === '-' ? null : path.resolve(directory ?? '/', name);
}

/** Where files may still be written when the place that was asked for is full or gone. The last is memory. */
const otherFolders = (): Set<string> => new Set([os.tmpdir(), os.homedir(), '/var/tmp', '/dev/shm']);

/**
 * Writes a profile. What was recorded can't be had again: where that fails, it goes where it can be written at all.
 * @param options what of it is written, and how
 * @param names of its files, where they are to be short
 * @param output may throw, like outputNamed
 * @param kept what was kept of it meanwhile, which goes when it is written, and is all there is when it can't be
 * @returns null when it is where it was asked for, otherwise what went wrong and where it is
 */
export async function save(
  profile: Profile,
  options: RecordOptions,
  names: ShortNames,
  output: () => Output,
  kept: Pick<KeptRecording, 'delete' | 'leave'>,
): Promise<string | null> {
  const { format } = options;
  profile.hold(); // it has ended: older times are put in order once and for all
  const pieces = (id: FormatId, to: Output): Pieces =>
    encode(viewed(profile, { ...options, format: id }, names), id, to === standardOutput ? null : to.name, {
      page: () => pageParts(options.view.idle),
    });
  const problem = await tryToWrite(output, (to) => pieces(format, to));
  if (problem === null) {
    await kept.delete();
    return null;
  }
  const text = problem instanceof OutputError ? problem.message : `can't write the profile: ${problem.message}`;
  // One that is too big for its format fits another one. Where it is the place that is too small, what is packed may fit it.
  const formats = new Set<FormatId>(problem instanceof OutputError ? [format, 'firefox'] : ['firefox', 'raw']);
  if (!(problem instanceof OutputError)) formats.delete(format);
  for (const other of formats) {
    for (const folder of otherFolders()) {
      const file = path.join(folder, `heatline-${randomUUID()}${formatOf(other).endings[0]!}`);
      // Others can look into these folders.
      const write = tryToWrite(
        () => fileOutput(file, null, 0o600),
        (to) => pieces(other, to),
      );
      if ((await write) !== null) continue;
      await kept.delete();
      return `${text} The profile is in ${file}.`;
    }
  }
  const left = await kept.leave();
  if (left === null) return `${text} It could be kept nowhere else either, and is lost.`;
  const { path: place, isWhole } = left;
  return `${text} It could be written nowhere else either. What was recorded is in ${place}${isWhole ? '' : ', up to where that could not be written either'}: heatline recover -o FILE makes a profile of it.`;
}

/** The profile as it is to be shown in a format. What it lets its viewers ask for, it gets whole. */
function viewed(profile: Profile, options: RecordOptions, names: ShortNames): Profile {
  const { format, view, subprocesses = false } = options;
  const { lines, threads, idle } = view;
  const content = contentOf(format);
  if (content === 'everything') return lines === 'current' ? profile : reshaped(profile, { lines });
  const isStacks = content === 'stacks';
  return reshaped(profile, {
    lines,
    leavesOutIdle: !idle,
    threadFrames: isStacks && threads,
    processFrames: isStacks && subprocesses,
    ...(hasShortNames(options) ? { fileName: (file) => names.get(file) } : {}),
  });
}

/** @returns what it threw */
async function tryToWrite(output: () => Output, pieces: (to: Output) => Pieces): Promise<Error | null> {
  try {
    const to = output();
    await to.write(pieces(to));
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
