import { closeSync, constants, openSync } from 'node:fs';
import { TargetError } from '../../targetError.ts';
import { accessDenied } from './access.ts';
import { parseStat, readProcFile, readProcLink } from './procFiles.ts';

/**
 * What has to be opened or read with more rights than the sampler keeps. Plain data: it crosses thread and
 * process borders, its files as numbers.
 */
export interface Grant {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
  /** Open file: /proc/PID/mem, read-only. */
  readonly memory: number;
  /** Open file: /proc/PID/maps. */
  readonly maps: number;
  readonly executable: string | null;
  readonly workingDirectory: string | null;
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
    const grant = {
      pid,
      startTime: stat.startTicks,
      memory: open(`${inside}/mem`, constants.O_RDONLY),
      maps: open(`${inside}/maps`, constants.O_RDONLY),
      executable: readProcLink(`${inside}/exe`),
      workingDirectory: readProcLink(`${inside}/cwd`),
    };
    closeSync(folder);
    return grant;
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  }
}

export function closeGrant(grant: Grant): void {
  closeSync(grant.memory);
  closeSync(grant.maps);
}
