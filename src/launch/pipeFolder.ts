import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folderName = /^heatline-run-(\d+)-/;
/** ms. A process that has no entry here may be one of another container that shares the folder: its runs are over after a day. */
const leftFor = 24 * 3600 * 1000;

/**
 * A folder that only we can look into, for pipes. What editors that were killed left of theirs is removed.
 * @param parent where folders for temporary files are
 */
export async function makePipeFolder(parent: string = tmpdir()): Promise<string> {
  await removeLeftovers(parent);
  return mkdtemp(join(parent, `heatline-run-${process.pid}-`));
}

async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = folderName.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const folder = join(parent, name);
    try {
      const found = await lstat(folder);
      const isOurs = found.isDirectory() && found.uid === process.getuid?.();
      if (isOurs && Date.now() - found.mtimeMs > leftFor) await rm(folder, { recursive: true });
    } catch {
      // Somebody else has removed it, or may not be looked at.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
