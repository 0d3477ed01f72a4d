import { posix, win32 } from 'node:path';
import { isAbsolutePath } from './pathMatch.ts';

/** A path that may be asked for without asking another machine. Made here alone. */
export type LocalPath = string & { readonly isLocal: unique symbol };

/**
 * On a drive, and of characters that names of files have: that leaves out whatever begins with two slashes (`\\host\share`, `\\?\UNC\…`,
 * `//./pipe/…`), the object manager's `\??\UNC\…`, and paths from the current drive's root, which may be another machine's.
 */
const ON_A_DRIVE = /^[a-z]:\\[^<>:"|?*]*$/i;

/**
 * The path that a name in a profile means, joined to the directory its process works in; undefined where it means none here: it is
 * relative to nowhere, of another system, or, on Windows, of another machine. Merely asking whether a file is there sends that machine the
 * user's name and a hash of the password (NTLM), and a profile may come from anyone. So it is the result that is checked, whatever
 * it was made of.
 */
export function localPath(
  name: string,
  workingDirectory: string | null,
  system: NodeJS.Platform = process.platform,
): LocalPath | undefined {
  if (name.includes('\0') || workingDirectory?.includes('\0') === true) return undefined;
  const path = joined(name, workingDirectory, system === 'win32' ? win32 : posix);
  if (path === undefined || (system === 'win32' && !ON_A_DRIVE.test(path))) return undefined;
  return path as LocalPath;
}

function joined(name: string, workingDirectory: string | null, paths: typeof posix): string | undefined {
  if (paths.isAbsolute(name)) return paths === win32 ? paths.normalize(name) : name; // `link/..` is not nothing
  if (isAbsolutePath(name) || workingDirectory === null || !paths.isAbsolute(workingDirectory)) return undefined;
  return paths.join(workingDirectory, name);
}
