import fs from 'node:fs';
import type { WriteOptions } from '../profile/formats/format.ts';
import { type FormatId, formatOf } from '../profile/formats/registry.ts';
import type { Profile } from '../profile/profile.ts';
import { ProfileFormatError } from '../profile/profileFormatError.ts';
import { encode } from './encode.ts';
import { OutputError, standardOutput } from './output.ts';
import { readProfile, whyUnread } from './readProfile.ts';
import { outputNamed } from './save.ts';
import { say } from './say.ts';
import { leaveIfDeleted } from './workingDirectory.ts';

export interface ConvertCommand {
  readonly input: string;
  /** - for standard output. */
  readonly output: string;
  readonly format: FormatId;
}

/** Reads a profile in any format that Heatline reads and writes it in another, and says what that can't hold. @returns the exit code */
export async function convert({ input, output: name, format }: ConvertCommand, options: WriteOptions = {}): Promise<number> {
  if (areSame(input, name))
    return say(`heatline: ${name} is what is read: what its new format can’t hold would be lost. Name another file.`, 1);
  let profile: Profile;
  try {
    profile = await readProfile(input);
  } catch (error) {
    return say(`heatline: can't read ${input}: ${whyUnread(error)}`, 1);
  }
  try {
    const output = outputNamed(name, leaveIfDeleted());
    await output.write(encode(profile, format, output === standardOutput ? null : name, options));
  } catch (error) {
    if (error instanceof OutputError) return say(`heatline: ${error.message}`, 1);
    if (error instanceof ProfileFormatError || error instanceof RangeError)
      return say(`heatline: can't write ${name}: ${error.message}`, 1);
    throw error;
  }
  const { name: formatName, lacks } = formatOf(format);
  if (profile.unknown !== undefined) say(`${input}: ${profile.unknown}`);
  return say(`${input} → ${name} (${formatName})${lacks === null ? '' : `. ${lacks}`}`);
}

/** Whether two names are of one file that is there. */
function areSame(...names: readonly string[]): boolean {
  if (names.includes('-')) return false;
  try {
    const [first, second] = names.map((name) => fs.statSync(name));
    return first!.isFile() && first!.dev === second!.dev && first!.ino === second!.ino;
  } catch {
    return false; // one is not there, or not for us: whoever opens it says so
  }
}
