import { type Stats, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

const write = { group: 0o020, others: 0o002 } as const;
const sticky = 0o1000;
/** How many files of a folder are looked at; nobody ships more. */
const mostFiles = 10_000;

/**
 * Finds what accounts other than root and ours could change to make us run something other than a given file: the file itself, a
 * folder on the way to it, or a link.
 * @param file absolute; of a folder all that is in it counts as well
 * @param own the account that may change it besides root: ours unless told
 * @returns null when there is nothing
 */
export function changeableByOthers(file: string, own = process.getuid?.() ?? 0): string | null {
  try {
    const real = realpathSync(file);
    for (const one of new Set([...withFolders(file), ...withFolders(real)])) if (isOthers(lstatSync(one), own)) return one;
    if (!statSync(real).isDirectory()) return null;
    let left = mostFiles;
    for (const entry of readdirSync(real, { recursive: true, encoding: 'utf8' })) {
      const inside = path.join(real, entry);
      if (left-- === 0 || isOthers(lstatSync(inside), own)) return inside;
    }
    return null;
  } catch {
    return file; // what can't be looked at is not to be trusted
  }
}

/** From the root on. */
function withFolders(file: string): string[] {
  const folders = [file];
  for (let at = file; path.dirname(at) !== at; at = path.dirname(at)) folders.unshift(path.dirname(at));
  return folders;
}

function isOthers(stat: Stats, own: number): boolean {
  if (stat.uid !== 0 && stat.uid !== own) return true;
  if (stat.isSymbolicLink()) return false; // its mode means nothing; the folder says who may replace it
  // In such a folder (/tmp) others can't rename or remove what is not theirs.
  if (stat.isDirectory() && (stat.mode & sticky) !== 0) return false;
  if ((stat.mode & write.others) !== 0) return true;
  // Most systems give each user a group of their own, with the user's number, and make files writable by it (umask 002).
  return (stat.mode & write.group) !== 0 && stat.gid !== 0 && stat.gid !== own;
}
