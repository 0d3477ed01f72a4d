import fs from 'node:fs';
import { coreHead, type DumpedMapping, type DumpedPart } from '../../native/coreDump/testing/coreBytes.ts';

export interface LiveCoreOptions {
  /** What the dump calls the program's files. */
  readonly rename?: (path: string) => string;
  /** Leaves out mappings of which nothing is dumped altogether, as gdb does; the kernel names them. */
  readonly omitsEmpty?: boolean;
  /** What `pthread_self()` is in its threads, by their ids; without it the dump does not say. */
  readonly pthreads?: ReadonlyMap<number, number>;
  /** Added to the ids of its threads, as if the dump was written from outside of a container. */
  readonly renumber?: number;
}

const pageSize = 4096;

/**
 * Writes a core dump of a running process as the kernel would: without what is in files and was not changed, but for binaries' first
 * pages. The process is stopped meanwhile, and goes on afterwards. For machines where the kernel's own dumps go elsewhere.
 */
export function writeLiveCore(pid: number, file: string, options: LiveCoreOptions = {}): void {
  process.kill(pid, 'SIGSTOP');
  try {
    while (!isStopped(pid));
    write(pid, file, options);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

function isStopped(pid: number): boolean {
  return threadsOf(pid).every((id) => /^State:\tT/m.test(fs.readFileSync(`/proc/${pid}/task/${id}/status`, 'utf8')));
}

/** The main thread first. */
function threadsOf(pid: number): number[] {
  return fs
    .readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .sort((a, b) => Number(b === pid) - Number(a === pid) || a - b);
}

function write(pid: number, file: string, { rename = (path) => path, omitsEmpty = false, pthreads, renumber = 0 }: LiveCoreOptions): void {
  const memory = fs.openSync(`/proc/${pid}/mem`, 'r');
  const pagemap = fs.openSync(`/proc/${pid}/pagemap`, 'r');
  const core = fs.openSync(file, 'wx', 0o600);
  try {
    const parts: DumpedPart[] = [];
    const mappings: DumpedMapping[] = [];
    for (const { start, end, access, fileOffset, path, isChanged } of mapsOf(pid)) {
      const isFile = path.startsWith('/');
      if (isFile) mappings.push({ start, end, fileOffset, path: rename(path) });
      let dumped = 0;
      if (isFile ? isChanged : access.startsWith('r')) dumped = end - start;
      else if (isFile && fileOffset === 0 && access.startsWith('r') && isElf(memory, start)) dumped = pageSize;
      if (dumped > 0 || !omitsEmpty) parts.push({ address: start, size: end - start, dumped, access });
    }
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const head = coreHead({
      pid: pid + renumber,
      parentPid: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]),
      name: fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim(),
      arguments: fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
      threads: threadsOf(pid).map((id) => ({ id: id + renumber, pthread: pthreads?.get(id) ?? 0, ...callOf(pid, id) })),
      auxiliary: fs.readFileSync(`/proc/${pid}/auxv`),
      mappings,
      parts,
    });
    fs.writeSync(core, head);
    let at = head.length;
    for (const { address, dumped } of parts) {
      copyPages(memory, pagemap, core, address, dumped, at);
      at += dumped;
    }
    fs.ftruncateSync(core, at);
  } finally {
    for (const descriptor of [memory, pagemap, core]) fs.closeSync(descriptor);
  }
}

/** Copies pages that there are; others, of which a program may have gigabytes, are holes in the dump. */
function copyPages(memory: number, pagemap: number, core: number, address: number, length: number, at: number): void {
  const entries = Buffer.alloc((length / pageSize) * 8);
  fs.readSync(pagemap, entries, 0, entries.length, (address / pageSize) * 8);
  const page = Buffer.alloc(pageSize);
  for (let offset = 0; offset < length; offset += pageSize) {
    // Neither in memory nor swapped out: bits 63, 62 (Documentation/admin-guide/mm/pagemap.rst).
    if (entries[(offset / pageSize) * 8 + 7]! < 0x40) continue;
    try {
      if (fs.readSync(memory, page, 0, pageSize, address + offset) === pageSize) fs.writeSync(core, page, 0, pageSize, at + offset);
    } catch {
      // A guard page, of which stacks have some in the middle of a mapping (MADV_GUARD_INSTALL).
    }
  }
}

/** ERESTARTSYS: a call that a signal interrupts is to be begun again. */
function callOf(pid: number, id: number): { call: number; result: number } {
  const number = /^(-?\d+)/.exec(fs.readFileSync(`/proc/${pid}/task/${id}/syscall`, 'utf8'))?.[1];
  return number === undefined || number === '-1' ? { call: -1, result: 0 } : { call: Number(number), result: -512 };
}

function isElf(memory: number, address: number): boolean {
  const start = Buffer.alloc(4);
  return fs.readSync(memory, start, 0, 4, address) === 4 && start.readUInt32BE(0) === 0x7f454c46;
}

interface MapsLine {
  readonly start: number;
  readonly end: number;
  readonly access: string;
  readonly fileOffset: number;
  readonly path: string;
  /** Pages of it are the process's own. */
  readonly isChanged: boolean;
}

function mapsOf(pid: number): MapsLine[] {
  const lines: MapsLine[] = [];
  for (const text of fs.readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) (...). ([0-9a-f]+) \S+ \d+ *(.*)$/m.exec(text);
    if (match === null) continue;
    const [, start, end, access, fileOffset, path] = match as unknown as string[];
    // Pages of the kernel's own, which no other process can read.
    if (/^\[(vvar|vsyscall|vvar_vclock)\]$/.test(path!)) continue;
    lines.push({
      start: parseInt(start!, 16),
      end: parseInt(end!, 16),
      access: access!,
      fileOffset: parseInt(fileOffset!, 16),
      path: path!,
      isChanged: Number(/^Anonymous: +(\d+)/m.exec(text)?.[1] ?? 0) > 0,
    });
  }
  return lines;
}
