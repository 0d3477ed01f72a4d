import { isAbsolute, join, relative, sep } from 'node:path';
import { isFile } from '../files/fileStats.ts';
import { localPath } from '../files/localPath.ts';
import { realPath } from '../files/resolveFile.ts';
import { NoAnswer } from './toolInput.ts';

/**
 * The Python file of the workspace that a model means, as the workspace spells it. Links that lead out of the workspace are none of it.
 * @param script absolute, or relative to one of the folders
 * @param folders of the workspace, absolute
 * @throws NoAnswer
 */
export async function workspaceScript(script: string, folders: readonly string[]): Promise<string> {
  const asked = JSON.stringify(script.slice(0, 300));
  if (folders.length === 0) throw new NoAnswer('No folder is open, and scripts are started from the workspace only. Give a "pid".');
  if (!/\.pyw?$/i.test(script)) throw new NoAnswer(`${asked} is no Python file: its name has to end in .py.`);
  let isOutside = false;
  for (const folder of isAbsolute(script) ? [null] : folders) {
    const path = localPath(script, folder);
    if (path === undefined || !(await isFile(path))) continue;
    const real = await realPath(path);
    for (const home of folders) {
      const inside = relative(await realPath(home), real);
      if (inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)) return join(home, inside);
    }
    isOutside = true;
  }
  throw new NoAnswer(
    isOutside
      ? `${asked} lies outside of the workspace, where nothing is started. The user can start it, and you profile it by its "pid".`
      : `There is no file ${asked} in the workspace. Give its path from the workspace folder on.`,
  );
}
