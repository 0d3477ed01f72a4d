import { basename, isAbsolute, join, normalize } from 'node:path';
import type { Profile } from '../../profile/profile.ts';

/**
 * What tells a profile's program from others, however it was given: the path of its script as far as that is known, or what it is
 * called. Null: nothing is known of it.
 */
export function programOf({ processes }: Profile): string | null {
  const [main] = processes;
  if (main === undefined || main.name === '') return null;
  const { name, commandLine, workingDirectory } = main;
  // The interpreter is no script, be it called as the program is.
  const script = commandLine.slice(1).find((word) => basename(word) === name);
  if (script === undefined) return `${name} in ${workingDirectory ?? '?'}`;
  if (isAbsolute(script)) return normalize(script);
  return workingDirectory === null ? script : join(workingDirectory, script);
}
