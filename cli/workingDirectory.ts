import fs from 'node:fs';

/** Where we were started. */
export interface WorkingDirectory {
  /** Null: it has been deleted. */
  readonly path: string | null;
  /** What `spawn` takes as `cwd` for a program to start there, deleted or not; undefined: it starts there anyway. */
  readonly forPrograms: string | undefined;
}

/**
 * Leaves a working directory that has been deleted, as no thread starts in one: Node asks each for its path
 * (lib/internal/main/worker_thread.js). Relative names mean nothing any more, then.
 */
export function leaveIfDeleted(): WorkingDirectory {
  try {
    return { path: process.cwd(), forPrograms: undefined };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  // Held open, it is still there to be gone to, by its number: a program is not to find itself elsewhere because it is profiled.
  const held = fs.openSync('.', fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  process.chdir('/');
  return { path: null, forPrograms: `/proc/self/fd/${held}` };
}
