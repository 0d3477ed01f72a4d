import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './cache.ts';
import type { Interpreter } from './interpreters.ts';

/** What notebooks and tests are run by. */
export const toolPackages = ['ipykernel', 'pytest'];

/** An interpreter that can import them, given these variables. */
export interface PythonTools {
  readonly python: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Where scripts/setup/packages.ts puts them for an interpreter. */
export function toolsFolder({ major, minor }: Pick<Interpreter, 'major' | 'minor'>): string {
  return path.join(cacheFolder, 'packages', `tools-${major}.${minor}`);
}

export function canHaveTools({ major, minor, freeThreaded }: Interpreter): boolean {
  return major === 3 && minor >= 11 && !freeThreaded;
}

/** The newest of these that has them, or null. */
export function findPythonTools(interpreters: readonly Interpreter[]): PythonTools | null {
  const found = interpreters.findLast((one) => canHaveTools(one) && fs.existsSync(toolsFolder(one)));
  return found === undefined
    ? null
    : {
        python: found.path,
        environment: { PYTHONPATH: toolsFolder(found), PYTHONDONTWRITEBYTECODE: '1', PYTEST_ADDOPTS: '-p no:cacheprovider' },
      };
}
