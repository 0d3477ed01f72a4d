import { closeSync, constants, openSync } from 'node:fs';
import { TargetError } from '../../targetError.ts';
import type { Grant } from '../elevation.ts';
import { accessDenied } from './access.ts';
import { livingId, parseStat, readProcFile, readProcLink } from './procFiles.ts';

/** Handles of a grant: /proc/PID/mem, read-only, and /proc/PID/maps. */
export interface GrantFiles {
  readonly memory: number;
  readonly maps: number;
}

export const filesPerGrant = 2;

export function filesOf({ handles }: Grant): GrantFiles {
  const [memory, maps] = handles;
  if (memory === undefined || maps === undefined) throw new Error('a grant without its files');
  return { memory, maps };
}

/**
 * Opens what the sampler needs of a process. Everything is reached through one open folder of /proc, which stands
 * for this one process and no other that gets its number later.
 * @param startTime of the process that is meant, in clock ticks since boot; null for whichever has the number now
 * @throws TargetError (no-such-process, permission-denied, not-python for a kernel thread)
 */
export function openGrant(pid: number, startTime: number | null): Grant {
  const opened: number[] = [];
  const open = (path: string, flags: number): number => {
    try {
      const fd = openSync(path, flags);
      opened.push(fd);
      return fd;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw code === 'EACCES' || code === 'EPERM' ? accessDenied(pid, () => null) : new TargetError({ code: 'no-such-process', pid });
    }
  };
  try {
    const folder = open(`/proc/${pid}`, constants.O_RDONLY | constants.O_DIRECTORY);
    const inside = `/proc/self/fd/${folder}`;
    const text = readProcFile(`${inside}/stat`, 4096)?.toString('latin1');
    const stat = text === undefined ? null : parseStat(text);
    if (stat === null || (startTime !== null && stat.startTicks !== startTime)) throw new TargetError({ code: 'no-such-process', pid });
    const id = livingId(pid, stat);
    const files = id === pid ? inside : `${inside}/task/${id}`;
    const grant = {
      pid,
      startTime: stat.startTicks,
      handles: [open(`${files}/mem`, constants.O_RDONLY), open(`${files}/maps`, constants.O_RDONLY)],
      executable: readProcLink(`${files}/exe`),
      workingDirectory: readProcLink(`${files}/cwd`),
    };
    closeSync(folder);
    return grant;
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  }
}

export function closeGrant(grant: Grant): void {
  for (const fd of grant.handles) closeSync(fd);
}
