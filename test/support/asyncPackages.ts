import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './cache.ts';
import type { Interpreter } from './interpreters.ts';

/** What runs tasks and greenlets in real programs. */
export const asyncPackages = ['gevent', 'uvloop'] as const;
export type AsyncPackage = (typeof asyncPackages)[number];

/** Where scripts/setup/packages.ts puts a package, with what it depends on, for an interpreter. */
export function asyncFolder(name: AsyncPackage, { minor }: Pick<Interpreter, 'minor'>): string {
  return path.join(cacheFolder, 'packages', `${name}-3.${minor}`);
}

/**
 * Of interpreters whose greenlets and tasks can be seen. Free-threaded builds have no wheels of all of them, and gevent is not
 * made for them.
 */
export function canHaveAsyncPackages({ major, minor, freeThreaded }: Interpreter): boolean {
  return major === 3 && minor >= 8 && !freeThreaded;
}

/** Variables with which an interpreter's programs can import a package; null where it is not there. */
export function environmentWith(name: AsyncPackage, interpreter: Interpreter): Readonly<Record<string, string>> | null {
  const folder = asyncFolder(name, interpreter);
  return canHaveAsyncPackages(interpreter) && fs.existsSync(folder) ? { PYTHONPATH: folder } : null;
}
