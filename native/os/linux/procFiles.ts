import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import type { MappedFile, Mapping } from '../system.ts';
import type { Region } from '../threadContexts.ts';

const scratch = Buffer.alloc(64 * 1024);

/**
 * Content of a /proc file, at most `limit` bytes of it. These files have no size to ask for and a
 * hostile process can make some of them megabytes long.
 * @returns null when it doesn't exist (any more) or may not be read; `code` of the error in `failure`.
 */
export function readProcFile(path: string, limit: number, failure?: { code: string }): Buffer | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    noteCode(error, failure);
    return null;
  }
  try {
    const pieces: Buffer[] = [];
    let total = 0;
    while (total < limit) {
      const length = readSync(fd, scratch, 0, Math.min(scratch.length, limit - total), null);
      if (length === 0) break;
      pieces.push(Buffer.from(scratch.subarray(0, length)));
      total += length;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, total);
  } catch (error) {
    noteCode(error, failure);
    return null;
  } finally {
    closeSync(fd);
  }
}

/** Target of a link in /proc, null when there is none or we may not see it. */
export function readProcLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function noteCode(error: unknown, failure?: { code: string }): void {
  if (failure) failure.code = (error as NodeJS.ErrnoException).code ?? 'EIO';
}

/** Whether a process with this state letter has ended, though its parent has not asked about it yet. */
export function isEnded(state: string): boolean {
  return state === 'Z' || state === 'X' || state === 'x';
}

/** The fields of /proc/PID/stat we use (proc_pid_stat(5)). */
export interface ProcStat {
  readonly comm: string;
  readonly state: string;
  readonly parentPid: number;
  /** Process group, named by the id of its leader; 0 when that is in another pid namespace. */
  readonly group: number;
  /** One of the kernel's own threads (PF_KTHREAD, linux/sched.h), which have no memory. */
  readonly isKernelThread: boolean;
  /** Clock ticks since boot. */
  readonly startTicks: number;
  /** Bytes of address space; 0 once an exiting process has given its memory back. */
  readonly virtualSize: number;
  /** Bottom of the main thread's stack, randomised at every exec; 0 when we may not know. */
  readonly stackStart: number;
}

/** @returns null when `text` isn't what the kernel writes. */
export function parseStat(text: string): ProcStat | null {
  // comm may hold anything, blanks and parentheses included; what follows the last ")" can't.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const rest = text.slice(close + 2).split(' ');
  const number = (field: number): number => Number(rest[field - 3]);
  const stat = {
    comm: text.slice(open + 1, close),
    state: rest[0] ?? '',
    parentPid: number(4),
    group: number(5),
    isKernelThread: (number(9) & 0x200000) !== 0,
    startTicks: number(22),
    virtualSize: number(23),
    stackStart: number(28),
  };
  return Number.isFinite(stat.parentPid + stat.group + stat.startTicks + stat.virtualSize + stat.stackStart) ? stat : null;
}

export function readStat(pid: number): ProcStat | null {
  return readStatFile(`/proc/${pid}/stat`);
}

function readStatFile(path: string): ProcStat | null {
  const text = readProcFile(path, 4096);
  return text && parseStat(text.toString('latin1'));
}

/**
 * The id under which /proc has a process's memory and files: usually its own. Where the main thread has ended and others go on
 * (pthread_exit(3) in main), the process itself looks as if it had ended, and it is the id of one of those threads.
 * @param stat what `readStat` says of it, if that is known
 */
export function livingId(pid: number, stat = readStat(pid)): number {
  if (stat === null || !isEnded(stat.state)) return pid;
  try {
    for (const thread of numericNames(readdirSync(`/proc/${pid}/task`))) {
      const one = thread === pid ? null : readStatFile(`/proc/${pid}/task/${thread}/stat`);
      if (one !== null && !isEnded(one.state)) return thread;
    }
  } catch {
    // Gone.
  }
  return pid;
}

/** Names of a folder in /proc that are numbers: processes, threads. */
export function numericNames(names: readonly string[]): number[] {
  const numbers: number[] = [];
  for (const name of names) {
    const first = name.charCodeAt(0);
    if (first >= 0x31 && first <= 0x39) numbers.push(Number(name));
  }
  return numbers;
}

/** A process with vm.max_map_count (65 530) mappings has about 8 MB of them. */
export const maxMapsSize = 64 * 1024 * 1024;

const deletedMark = ' (deleted)';
const mapsLine = /^([0-9a-f]+)-([0-9a-f]+) ..(.). ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+) +(\/.*)$/;

/** Files in /proc/PID/maps, each with its mappings in the order of their addresses. */
export function parseMaps(text: string): MappedFile[] {
  const files = new Map<string, MappedFile & { mappings: Mapping[] }>();
  for (const line of text.split('\n')) {
    // Most lines of big processes are anonymous memory, without a path.
    if (!line.includes('/')) continue;
    const match = mapsLine.exec(line);
    if (!match) continue;
    const [, start, end, execute, offset, device, inode, name] = match as unknown as string[];
    if (inode === '0') continue;
    const key = `${device} ${inode} ${name}`;
    let file = files.get(key);
    if (!file) {
      const deleted = name!.endsWith(deletedMark);
      const path = unescapePath(deleted ? name!.slice(0, -deletedMark.length) : name!);
      file = { path, deleted, device: device!, inode: Number(inode), mappings: [] };
      files.set(key, file);
    }
    file.mappings.push({
      start: parseInt(start!, 16),
      end: parseInt(end!, 16),
      fileOffset: parseInt(offset!, 16),
      executable: execute === 'x',
    });
  }
  return [...files.values()];
}

const regionLine = /^([0-9a-f]+)-([0-9a-f]+) ..(.). [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ \d+ *(.*)$/;

/** All of /proc/PID/maps, in the order of addresses. */
export function parseRegions(text: string): Region[] {
  const regions: Region[] = [];
  for (const line of text.split('\n')) {
    const match = regionLine.exec(line);
    if (!match) continue;
    const [, start, end, execute, name] = match as unknown as string[];
    regions.push({ start: parseInt(start!, 16), end: parseInt(end!, 16), executable: execute === 'x', name: name! });
  }
  return regions;
}

/** The kernel writes a line feed in a path as "\012" (show_map_vma: seq_path(…, "\n")). */
function unescapePath(path: string): string {
  return path.includes('\\012') ? path.replaceAll('\\012', '\n') : path;
}

/** Soft limit on open files of our own process; 1024 where it can't be read. */
export function softFileLimit(): number {
  const limits = readProcFile('/proc/self/limits', 8192)?.toString('latin1') ?? '';
  const limit = /^Max open files +(\d+|unlimited)/m.exec(limits)?.[1];
  return limit === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(limit ?? 1024);
}
