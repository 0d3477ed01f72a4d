import path from 'node:path';
import { since, type Interpreter } from '../support/interpreters.ts';
import { startTarget, type Target } from '../support/target.ts';

/** The newest Python here that Heatline profiles. */
export function newestPython(): Interpreter {
  const newest = since(3, 11).at(-1);
  if (newest === undefined) throw new Error('No Python 3.11 or newer was found on this machine.');
  return newest;
}

/** Starts the demo program from its folder, so that it calls its files by relative names, too. */
export async function startDemo(folder: string): Promise<Target> {
  return startTarget(newestPython(), path.join(folder, 'main.py'), { workingDirectory: folder });
}
