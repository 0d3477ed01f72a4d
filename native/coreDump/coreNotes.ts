import { type ByteSource } from '../binary/byteSource.ts';
import { readWord } from '../binary/elfHeaders.ts';
import { elfNotes } from '../binary/elfNotes.ts';
import type { ElfSegment } from '../binary/elfPlacement.ts';
import type { MappedFile, Mapping } from '../os/system.ts';

/** Types of notes named "CORE" (elf.h). */
const NoteType = { Status: 1, Process: 3, Auxiliary: 6, Signal: 0x53494749, Files: 0x46494c45 } as const;

/** struct elf_prstatus of x86-64 (linux/elfcore.h), with its user_regs_struct (asm/user_64.h) from byte 112 on. */
const inStatus = { size: 336, cursig: 12, pid: 32, userTime: 48, systemTime: 64, rax: 192, origRax: 232, fsBase: 280 } as const;
/** struct elf_prpsinfo (linux/elfcore.h). */
const inProcess = { size: 136, pid: 24, parentPid: 28, name: 40, nameSize: 16, arguments: 56, argumentsSize: 80 } as const;
/** siginfo_t (asm-generic/siginfo.h). */
const inSignal = { size: 24, number: 0, code: 8, address: 16, sender: 16 } as const;

// Bounds on what a file may claim. The kernel writes 16 MiB of file names at most (core_file_note_size_limit, fs/coredump.c).
const maxThreads = 1 << 16;
const maxFilesNote = 32 * 1024 * 1024;
const maxFiles = 1 << 18;
const maxAuxiliary = 4096;
/** Addresses of user space, 47 bits; the kernel's own pages (vsyscall) lie beyond 2^53. */
export const endOfUserSpace = 2 ** 47;

/** A thread, as the kernel or the debugger found it. */
export interface CoreThread {
  readonly id: number;
  /** It had been in a system call that the dump or the signal interrupted: it waited. */
  readonly waits: boolean;
  /** µs of CPU time; 0 where it is not told. */
  readonly cpuTime: number;
  /** What `pthread_self()` is in it: FS, the C library's structure for the thread. */
  readonly pthread: number;
}

/** The signal for which the dump was written. */
export interface CoreSignal {
  readonly number: number;
  /** `si_code` (asm-generic/siginfo.h); null where it is not told. */
  readonly code: number | null;
  /** `si_addr`, hexadecimal; null where the signal has none. */
  readonly address: string | null;
  /** Who sent it; null: nobody, the program's own instruction brought it about. */
  readonly sender: number | null;
  /** Id of the thread that got it. */
  readonly threadId: number;
}

export interface CoreNotes {
  readonly pid: number;
  readonly parentPid: number;
  /** At most 15 bytes. */
  readonly name: string;
  /** Its command line, at most 79 bytes of it, with blanks in between. */
  readonly commandLine: string;
  /** The one that got the signal first. */
  readonly threads: readonly CoreThread[];
  /** Null: a debugger wrote the dump while the program lived. */
  readonly signal: CoreSignal | null;
  /** The auxiliary vector (getauxval(3)), as it lies on the stack. */
  readonly auxiliary: Buffer;
  /** Empty where the dump does not say. */
  readonly files: readonly MappedFile[];
}

/** What the notes of a core dump say, as far as they make sense. @param isExecutable whether there was code at an address */
export function readCoreNotes(source: ByteSource, segments: readonly ElfSegment[], isExecutable: (address: number) => boolean): CoreNotes {
  const threads: CoreThread[] = [];
  let cursig = 0;
  let process: Buffer | null = null;
  let info: Buffer | null = null;
  let auxiliary = Buffer.alloc(0);
  let files: MappedFile[] = [];
  for (const segment of segments) {
    for (const { type, name, offset, size } of elfNotes(source, segment.fileOffset, segment.fileSize)) {
      if (name !== 'CORE') continue;
      const start = (length: number): Buffer | null => (size >= length ? source.read(offset, length) : null);
      switch (type) {
        case NoteType.Status: {
          const bytes = threads.length < maxThreads ? start(inStatus.size) : null;
          if (bytes === null) break;
          if (threads.length === 0) cursig = bytes.readInt16LE(inStatus.cursig);
          threads.push(threadOf(bytes));
          break;
        }
        case NoteType.Process:
          process ??= start(inProcess.size);
          break;
        case NoteType.Signal:
          // gdb writes one for each thread; the first is of the one that got the signal.
          info ??= start(inSignal.size);
          break;
        case NoteType.Auxiliary:
          if (auxiliary.length === 0) auxiliary = Buffer.from(source.read(offset, Math.min(size, maxAuxiliary)) ?? []);
          break;
        case NoteType.Files:
          if (files.length === 0 && size <= maxFilesNote) files = mappedFiles(source.read(offset, size), isExecutable);
          break;
      }
    }
  }
  const first = threads[0]?.id ?? 0;
  return {
    pid: process?.readInt32LE(inProcess.pid) ?? first,
    parentPid: process?.readInt32LE(inProcess.parentPid) ?? 0,
    name: process === null ? '' : text(process, inProcess.name, inProcess.nameSize),
    commandLine: process === null ? '' : text(process, inProcess.arguments, inProcess.argumentsSize).trimEnd(),
    threads,
    signal: signalOf(cursig, info, first),
    auxiliary,
    files,
  };
}

function threadOf(bytes: Buffer): CoreThread {
  const time = (at: number): number => readWord(bytes, at) * 1e6 + readWord(bytes, at + 8);
  return {
    id: bytes.readInt32LE(inStatus.pid),
    waits: wasInterrupted(bytes.readBigInt64LE(inStatus.origRax), bytes.readBigInt64LE(inStatus.rax)),
    cpuTime: time(inStatus.userTime) + time(inStatus.systemTime),
    pthread: readWord(bytes, inStatus.fsBase),
  };
}

/**
 * Whether a thread was taken out of a system call in which it waited: the call's number is kept, and its result says that it is to
 * be begun again (ERESTARTSYS … ERESTART_RESTARTBLOCK, linux/errno.h), or that it was interrupted (EINTR).
 */
function wasInterrupted(call: bigint, result: bigint): boolean {
  return call >= 0n && ((result <= -512n && result >= -516n) || result === -4n);
}

/** Signals with an address: SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV. */
const faults = new Set([4, 5, 7, 8, 11]);
/** Signals that write a dump (signal(7)); a debugger that writes one notes with what it stopped the program. */
const dumping = new Set([3, 4, 5, 6, 7, 8, 11, 24, 25, 31]);

function signalOf(cursig: number, info: Buffer | null, threadId: number): CoreSignal | null {
  const number = cursig || (info?.readInt32LE(inSignal.number) ?? 0);
  if (!dumping.has(number)) return null;
  if (info?.readInt32LE(inSignal.number) !== number) return { number, code: null, address: null, sender: null, threadId };
  const code = info.readInt32LE(inSignal.code);
  // SI_USER, SI_QUEUE, SI_TKILL and others that programs send are not above 0.
  return {
    number,
    code,
    address: code > 0 && faults.has(number) ? `0x${info.readBigUInt64LE(inSignal.address).toString(16)}` : null,
    sender: code <= 0 ? info.readInt32LE(inSignal.sender) : null,
    threadId,
  };
}

/** NT_FILE: count, page size, then { start, end, offset in pages } for each mapping, then their names (fill_files_note, fs/binfmt_elf.c). */
function mappedFiles(bytes: Buffer | null, isExecutable: (address: number) => boolean): MappedFile[] {
  if (bytes === null || bytes.length < 16) return [];
  const count = readWord(bytes, 0);
  const pageSize = readWord(bytes, 8);
  if (count > maxFiles || pageSize > 1 << 16 || 16 + 24 * count > bytes.length) return [];
  const files = new Map<string, MappedFile & { readonly mappings: Mapping[] }>();
  let nameAt = 16 + 24 * count;
  for (let i = 0; i < count; i++) {
    const end = bytes.indexOf(0, nameAt);
    if (end < 0) break;
    const name = bytes.toString('utf8', nameAt, end);
    nameAt = end + 1;
    const mapping = {
      start: readWord(bytes, 16 + 24 * i),
      end: readWord(bytes, 24 + 24 * i),
      fileOffset: readWord(bytes, 32 + 24 * i) * pageSize,
    };
    if (!(mapping.start < mapping.end && mapping.end <= endOfUserSpace && Number.isSafeInteger(mapping.fileOffset))) continue;
    let file = files.get(name);
    if (file === undefined) {
      const deleted = name.endsWith(deletedMark);
      file = { path: deleted ? name.slice(0, -deletedMark.length) : name, deleted, device: '', inode: 0, mappings: [] };
      files.set(name, file);
    }
    file.mappings.push({ ...mapping, executable: isExecutable(mapping.start) });
  }
  return [...files.values()];
}

const deletedMark = ' (deleted)';

function text(bytes: Buffer, at: number, length: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('utf8', at, end < 0 ? at + length : Math.min(end, at + length));
}
