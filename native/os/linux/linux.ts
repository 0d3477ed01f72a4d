import { readdirSync, statSync } from 'node:fs';
import { FileSource } from '../../binary/byteSource.ts';
import { TargetError } from '../../targetError.ts';
import type { CorePlace } from '../pauses.ts';
import type { Execution, MappedContent, MappedFile, NamespaceIds, ProcessFacts, ProcessMemory, System, ThreadStates } from '../system.ts';
import type { ThreadContexts } from '../threadContexts.ts';
import { accessDenied, parseCredentials } from './access.ts';
import { LinuxClock } from './clock.ts';
import { CpuAffinity } from './cpuAffinity.ts';
import { Errno, openReadOnly } from './libc.ts';
import { LastCreatedId } from './lastCreatedId.ts';
import { LiveMemory } from './liveMemory.ts';
import { MemFileMemory } from './memFileMemory.ts';
import { LinuxNamespaceIds } from './namespaceIds.ts';
import { isEnded, livingId, maxMapsSize, numericNames, parseMaps, readProcFile, readProcLink, readStat } from './procFiles.ts';
import { LinuxThreadContexts } from './threadContexts.ts';
import { LinuxThreadStates, ownFileBudget } from './threadStates.ts';

/** USER_HZ: what /proc counts in, 100 on every architecture (include/asm-generic/param.h). */
const ticksPerSecond = 100;
const millisecondsPerTick = 1000 / ticksPerSecond;
const maxCommandLine = 64 * 1024;
/** Where the arguments end, below which the stack begins, if it is not moved down at random: TASK_SIZE, asm/page_64_types.h. */
const stackTop = 0x7fff_ffff_f000;
/** Arguments and environment take a quarter of a stack of 8 MB at most (bprm_stack_limits, fs/exec.c); a random place lies within 16 GB. */
const mostArguments = 2 * 1024 * 1024;
const deletedMark = ' (deleted)';

export class LinuxSystem implements System {
  readonly name = 'linux';
  readonly clock = new LinuxClock();
  readonly longSize = 8;
  readonly pageSize = 4096; // PAGE_SIZE, arch/x86/include/asm/page_types.h
  /** What all processes' thread states may keep open. */
  private readonly openFiles = ownFileBudget();
  private readonly lastCreated = new LastCreatedId();
  private users: { readonly changed: number; readonly names: Map<number, string> } | null = null;

  openMemory(pid: number): ProcessMemory {
    const fd = openReadOnly(`/proc/${livingId(pid)}/mem`);
    const memory = new LiveMemory(pid, fd < 0 ? null : new MemFileMemory(pid, fd), () => livingId(pid));
    // Nothing is mapped at address 1, but the rights are checked first (process_vm_rw_core, mm/process_vm_access.c).
    memory.read(1, new Uint8Array(1), 0, 1);
    if (memory.lastErrno === Errno.EFAULT) return memory;
    memory.close();
    switch (memory.lastErrno) {
      case Errno.ESRCH:
        // Kernel threads have no memory either.
        throw this.isKernelThread(pid) ? notPython(pid) : this.vanished(pid);
      default:
        throw accessDenied(pid, (userId) => this.userName(userId));
    }
  }

  openThreadStates(pid: number): ThreadStates {
    return new LinuxThreadStates(pid, this.openFiles);
  }

  openCorePlace(): CorePlace {
    return new CpuAffinity();
  }

  openThreadContexts(pid: number): ThreadContexts {
    return new LinuxThreadContexts(pid);
  }

  threadIds(pid: number): number[] {
    return listNumeric(`/proc/${pid}/task`);
  }

  openNamespaceIds(pid: number): NamespaceIds | null {
    return LinuxNamespaceIds.open(pid, () => this.threadIds(pid));
  }

  threadName(pid: number, threadId: number): string | null {
    return readProcFile(`/proc/${pid}/task/${threadId}/comm`, 64)?.toString('utf8').replace(/\n$/, '') ?? null;
  }

  mappedFiles(pid: number): MappedFile[] {
    const failure = { code: '' };
    const id = livingId(pid);
    const maps = readProcFile(`/proc/${id}/maps`, maxMapsSize, failure);
    if (!maps) {
      if (failure.code === 'EACCES' || failure.code === 'EPERM') throw accessDenied(pid, (userId) => this.userName(userId));
      throw this.vanished(pid);
    }
    const files = parseMaps(maps.toString('utf8'));
    if (files.length === 0 && !this.isKernelThread(pid)) throw this.vanished(pid);
    return executableFirst(files, readProcLink(`/proc/${id}/exe`));
  }

  openMappedFile(pid: number, file: MappedFile): MappedContent | null {
    const first = file.mappings[0];
    if (!first) return null;
    const id = livingId(pid);
    const candidates = [
      // The mapped file itself, but only with CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE.
      `/proc/${id}/map_files/${first.start.toString(16)}-${first.end.toString(16)}`,
      // Works for the same user, in any namespace, also when deleted.
      `/proc/${id}/exe`,
      `/proc/${id}/root${file.path}`,
    ];
    for (const path of candidates) {
      try {
        const source = new FileSource(path);
        // A path may lead to another file by now: upgraded, or a link out of the target's root.
        if (source.inode === file.inode) return { source, key: source.key };
        source.close();
      } catch {
        // Not there or not for us; the next may be.
      }
    }
    return null;
  }

  codeSize(pid: number): number {
    const status = readProcFile(`/proc/${livingId(pid)}/status`, 64 * 1024)?.toString('latin1') ?? '';
    // The executable's and all others', in kB; counted by the kernel as mappings come and go (task_mem, fs/proc/task_mmu.c).
    const sizes = /^VmExe:\s*(\d+) kB\nVmLib:\s*(\d+) kB$/m.exec(status);
    return sizes === null ? -1 : (Number(sizes[1]) + Number(sizes[2])) * 1024;
  }

  childIds(pid: number): number[] {
    const children: number[] = [];
    for (const threadId of this.threadIds(pid)) {
      // Space-separated pids (CONFIG_PROC_CHILDREN, in every distribution's kernel).
      const text = readProcFile(`/proc/${pid}/task/${threadId}/children`, 1024 * 1024);
      if (text !== null && text.length > 0) children.push(...numericNames(text.toString('latin1').trim().split(' ')));
    }
    return children;
  }

  lastCreatedId(): number {
    return this.lastCreated.read();
  }

  parentId(pid: number): number {
    const status = readProcFile(`/proc/${pid}/status`, 4096)?.toString('latin1');
    const ids = status && /^Tgid:\t(\d+)$[^]*^PPid:\t(\d+)$/m.exec(status);
    if (!ids) return 0;
    // A thread has such a folder, too, though /proc does not list it (proc_pid_lookup, fs/proc/base.c).
    return Number(ids[1]) === pid ? Number(ids[2]) : -1;
  }

  groupLeader(pid: number): number {
    return readStat(pid)?.group ?? 0;
  }

  processIds(): number[] {
    return listNumeric('/proc');
  }

  processFacts(pid: number): ProcessFacts | null {
    const stat = readStat(pid);
    const id = livingId(pid, stat);
    const status = readProcFile(`/proc/${pid}/status`, 64 * 1024);
    const commandLine = readProcFile(`/proc/${id}/cmdline`, maxCommandLine);
    if (!stat || !status || !commandLine || (isEnded(stat.state) && id === pid)) return null;
    const executable = readProcLink(`/proc/${id}/exe`);
    if (commandLine.length === 0 && executable === null) return null;
    const userId = parseCredentials(status.toString('latin1'))?.userIds[0] ?? -1;
    return {
      pid,
      parentPid: stat.parentPid,
      name: stat.comm,
      commandLine: splitArguments(commandLine),
      executable: executable === null ? null : withoutDeletedMark(executable),
      workingDirectory: readProcLink(`/proc/${id}/cwd`),
      user: this.userName(userId),
      isOwn: userId === process.getuid?.(),
      startedAt: Date.now() - this.clock.sinceBoot() / 1e3 + stat.startTicks * millisecondsPerTick,
    };
  }

  processCpu(pid: number): number {
    return this.clock.processCpu(pid);
  }

  execution(pid: number): Execution | null {
    return executionOf(pid);
  }

  /** A user's name from /etc/passwd; the network is not asked, so null for users known only there. */
  userName(userId: number): string | null {
    try {
      const changed = statSync('/etc/passwd').mtimeMs;
      if (this.users?.changed !== changed) {
        const text = readProcFile('/etc/passwd', 4 * 1024 * 1024)?.toString('utf8') ?? '';
        const names = new Map<number, string>();
        for (const line of text.split('\n')) {
          const [name, , id] = line.split(':');
          if (name && id && !names.has(Number(id))) names.set(Number(id), name);
        }
        this.users = { changed, names };
      }
      return this.users.names.get(userId) ?? null;
    } catch {
      return null;
    }
  }

  private isKernelThread(pid: number): boolean {
    return readStat(pid)?.isKernelThread === true;
  }

  /** Why /proc shows nothing of a process: it is gone, or the mount hides other users' processes (hidepid). */
  private vanished(pid: number): TargetError {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') return new TargetError({ code: 'no-such-process', pid });
    }
    if (readStat(pid)) return new TargetError({ code: 'no-such-process', pid });
    return new TargetError({ code: 'permission-denied', pid, owner: null, reason: 'hidden' });
  }
}

/** What a process executes; null when it is gone. */
export function executionOf(pid: number): Execution | null {
  const stat = readStat(pid);
  const id = livingId(pid, stat);
  if (!stat || (isEnded(stat.state) && id === pid)) return null;
  const executable = readProcLink(`/proc/${id}/exe`);
  const file = fileIdentity(`/proc/${id}/exe`);
  if (file === null) {
    // An exiting process loses its memory, and with it its executable, a moment before it counts as ended.
    const now = readStat(id);
    if (!now || isEnded(now.state) || (now.virtualSize === 0 && !now.isKernelThread)) return null;
  }
  const { stackStart } = (id === pid ? stat : readStat(id)) ?? stat;
  return {
    startTime: stat.startTicks,
    executable: executable === null ? null : withoutDeletedMark(executable),
    file,
    stackStart,
    stackIsDrawn: stackStart > 0 && stackStart < stackTop - mostArguments,
  };
}

function notPython(pid: number): TargetError {
  return new TargetError({ code: 'not-python', pid, executable: readStat(pid)?.comm ?? '' });
}

/** @param executable as /proc/PID/exe names it */
export function executableFirst(files: MappedFile[], executable: string | null): MappedFile[] {
  const index = files.findIndex((file) => executable === file.path || executable === file.path + deletedMark);
  if (index > 0) files.unshift(...files.splice(index, 1));
  return files;
}

function fileIdentity(path: string): string | null {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

export function withoutDeletedMark(path: string): string {
  return path.endsWith(deletedMark) ? path.slice(0, -deletedMark.length) : path;
}

/** NUL-separated; programs that write a title over it leave blanks or more NULs at the end. */
function splitArguments(bytes: Buffer): string[] {
  const text = bytes.toString('utf8').replace(/\0+$/, '');
  return text === '' ? [] : text.split('\0');
}

function listNumeric(folder: string): number[] {
  try {
    return numericNames(readdirSync(folder));
  } catch {
    return [];
  }
}
