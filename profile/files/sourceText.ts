import { readFileSync, statSync } from 'node:fs';

/** Bytes of a source at most. */
const MAX_LENGTH = 4_000_000;

/**
 * The text of a source of Python's, for reports that are given to others: whoever made a profile must not get another file into one by
 * naming it.
 * @param path one that may be asked for
 * @returns undefined if it is none, or not there
 */
export function sourceText(path: string): string | undefined {
  if (!/\.(?:py|pyw|pyx|pxd|pxi)$/i.test(path)) return undefined;
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= MAX_LENGTH ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined; // not there, or not ours to read
  }
}
