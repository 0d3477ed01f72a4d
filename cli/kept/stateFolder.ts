import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Who we are and where our things may be. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  /** Of our user, whatever the environment says. */
  readonly home: string;
  readonly temporary: string;
}

function surroundings(): Surroundings {
  const { uid, homedir: home } = os.userInfo();
  return { env: process.env, uid, home, temporary: os.tmpdir() };
}

/**
 * Folders that recordings may be kept in, the best first: of the XDG Base Directory Specification's state home ("data that should
 * persist between restarts, but is not important enough for $XDG_DATA_HOME"), and where nothing can be written there, the one for
 * temporary files. Under sudo the environment may be another user's: root leaves nothing in that one's home.
 */
export function recordingFolders({ env, uid, home, temporary }: Surroundings = surroundings()): string[] {
  const { XDG_STATE_HOME: state, HOME: given } = env;
  const isUsable = (folder: string | undefined): folder is string => folder !== undefined && path.isAbsolute(folder) && isOurs(folder, uid);
  const known = isUsable(state)
    ? [state]
    : [given, home]
        .filter(isUsable)
        .slice(0, 1)
        .map((folder) => path.join(folder, '.local/state'));
  const bases = [...known.map((folder) => path.join(folder, 'heatline')), path.join(temporary, `heatline-${uid}`)];
  return bases.map((base) => path.join(base, 'recordings'));
}

/** Makes a folder that nobody else may look into. @param folder recordingFolders' @throws Error */
export function makePrivateFolder(folder: string, uid: number = surroundings().uid): void {
  const base = path.dirname(folder);
  fs.mkdirSync(path.dirname(base), { recursive: true, mode: 0o700 });
  for (const one of [base, folder]) {
    try {
      fs.mkdirSync(one, { mode: 0o700 });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    // In the folder for temporary files anyone may have made it, or a link of that name.
    if (!isPrivate(one, uid)) throw new Error(`${one} is not a folder of yours alone`);
  }
}

/** Whether a folder is there, is no link, and ours to write alone. */
export function isPrivate(folder: string, uid: number = surroundings().uid): boolean {
  const stats = fs.lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === uid && (stats.mode & 0o022) === 0;
}

/** Whether what is there of a path, up to its end, is our user's. */
function isOurs(folder: string, uid: number): boolean {
  for (let at = folder; ; at = path.dirname(at)) {
    let stats: fs.Stats | undefined;
    try {
      stats = fs.statSync(at, { throwIfNoEntry: false });
    } catch {
      return false;
    }
    if (stats !== undefined) return stats.isDirectory() && stats.uid === uid;
    if (at === path.dirname(at)) return false;
  }
}
