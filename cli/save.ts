import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type { Profile } from '../profile/profile.ts';
import { type Format, formatEndings } from './arguments.ts';
import { encode } from './encode.ts';
import { fileOutput, type Output, OutputError, type Pieces, standardOutput } from './output.ts';
import type { WorkingDirectory } from './workingDirectory.ts';

/** @param name a file, or - for standard output. @throws OutputError when it can be told now that nothing can be written there */
export function outputNamed(name: string, { path }: WorkingDirectory): Output {
  return name === '-' ? standardOutput : fileOutput(name, path);
}

/**
 * Writes a profile. What was recorded can't be had again: where that fails, it goes where it can be written at all.
 * @param output may throw, like outputNamed
 * @returns null when it is where it was asked for, otherwise what went wrong and where it is
 */
export async function save(profile: Profile, format: Format, output: () => Output): Promise<string | null> {
  const problem = await tryToWrite(output, encode(profile, format));
  if (problem === null) return null;
  const text = problem instanceof OutputError ? problem.message : `can't write the profile: ${problem.message}`;
  // One that is too big for its format fits another one.
  const formats = problem instanceof OutputError ? [format] : (['firefox', 'raw'] as const).filter((other) => other !== format);
  for (const other of formats) {
    for (const folder of new Set([os.tmpdir(), os.homedir()])) {
      const file = path.join(folder, `heatline-${randomUUID()}${formatEndings[other]}`);
      if ((await tryToWrite(() => fileOutput(file, null), encode(profile, other))) === null) return `${text} The profile is in ${file}.`;
    }
  }
  return `${text} It could be kept nowhere else either, and is lost.`;
}

/** @returns what it threw */
async function tryToWrite(output: () => Output, pieces: Pieces): Promise<Error | null> {
  try {
    await output().write(pieces);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
