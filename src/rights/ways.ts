import type { AccessObstacle, ElevationFacts } from '../../native/index.ts';

/** Where the extension runs, as far as asking for a password goes. */
export interface Place extends ElevationFacts {
  /** The editor's window is elsewhere: SSH, WSL, container, browser. */
  readonly isRemote: boolean;
}

/**
 * How the user can let us read a process that we may not read:
 *
 * - `pkexec`: a dialog of the desktop asks for a password
 * - `terminal`: sudo asks for it in a terminal
 * - `capability`: the container has to be started with one more
 * - `never`: nothing helps before the next restart of the system
 * - `none`: nothing that could be offered
 */
export type Way = 'pkexec' | 'terminal' | 'capability' | 'never' | 'none';

/** The way that works here. */
export function wayToRead({ reason, owner }: { readonly reason: AccessObstacle; readonly owner: string | null }, place: Place): Way {
  switch (reason) {
    case 'missing-capability':
      return 'capability';
    case 'even-root':
      return 'none';
    case 'hidden':
      // The helper would not see it either, once it has given root up.
      return 'none';
    case 'ptrace-scope-nobody':
      return 'never';
    case 'other-user':
      // Even a root without capabilities may read what is its own, where Yama does not forbid that.
      return place.rootMayTrace || (owner === 'root' && place.ptraceScope === 0) ? wayToRoot(place) : 'capability';
    case 'ptrace-scope':
    case 'ptrace-scope-root':
    case 'not-dumpable':
    case 'unknown':
      return place.rootMayTrace ? wayToRoot(place) : 'capability';
  }
}

/** A dialog where someone would see it; else a terminal, which is always in the user's window. */
function wayToRoot({ sudo, pkexec, hasAgent, isRemote, isContainer }: Place): Way {
  if (pkexec !== null && hasAgent && !isRemote && !isContainer) return 'pkexec';
  return sudo === null ? 'none' : 'terminal';
}
