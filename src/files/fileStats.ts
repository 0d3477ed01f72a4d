import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** What the system says of a path, links followed; undefined where there is nothing, or nothing that we may see. */
export async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}

export async function isFile(path: string): Promise<boolean> {
  return (await statsOf(path))?.isFile() ?? false;
}

export async function isFolder(path: string): Promise<boolean> {
  return (await statsOf(path))?.isDirectory() ?? false;
}
