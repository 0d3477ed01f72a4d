import koffi from 'koffi';

/**
 * The C library's functions we call. Pointers are Numbers declared as int64: half the call's cost of
 * passing Buffers, a fifth of passing koffi structs, and no BigInt (user space ends below 2^53).
 * A buffer behind such a pointer must be kept alive and in place by the caller: see addressOf.
 */
export interface Libc {
  processVmReadv(pid: number, local: number, localCount: number, remote: number, remoteCount: number, flags: number): number;
  pread(fd: number, buffer: number, length: number, offset: number): number;
  open(path: number, flags: number): number;
  close(fd: number): number;
  clockGettime(clock: number, timespec: number): number;
  nanosleep(timespec: number, remaining: number): number;
  prctl(option: number, a: number, b: number, c: number, d: number): number;
  /** For what has no function of its own; up to three arguments, pointers as Numbers. */
  syscall(number: number, a: number, b: number, c: number): number;
  mkfifo(path: string, mode: number): number;
  /** Handler 0 is SIG_DFL. */
  signal(number: number, handler: number): number;
  /** Only returns when it fails. @param args ends with null */
  execvp(file: string, args: readonly (string | null)[]): number;
  socketpair(domain: number, type: number, protocol: number, pair: number): number;
  sendmsg(fd: number, message: number, flags: number): number;
  recvmsg(fd: number, message: number, flags: number): number;
  setsockopt(fd: number, level: number, option: number, value: number, length: number): number;
  /** Thread 0 is the calling one. */
  schedSetaffinity(threadId: number, length: number, set: number): number;
  schedGetaffinity(threadId: number, length: number, set: number): number;
  /** Of the thread that calls it. */
  ptrace(request: number, threadId: number, address: number, data: number): number;
  waitpid(id: number, status: number, options: number): number;
  errno(): number;
}

// Linux x86-64 values (asm-generic/errno-base.h, time.h, prctl.h, fcntl.h).
export const Errno = { EPERM: 1, ENOENT: 2, ESRCH: 3, EACCES: 13, EFAULT: 14, ENOSYS: 38 } as const;
export const ClockId = { Monotonic: 1, ThreadCpu: 3, Boot: 7 } as const;
export const PR_SET_TIMERSLACK = 29;
export const O_RDONLY_CLOEXEC = 0o2000000;

// glibc; then musl by its own name, then as Alpine installs it.
const libraries = ['libc.so.6', 'libc.musl-x86_64.so.1', '/lib/ld-musl-x86_64.so.1'];

let loaded: Libc | null = null;

export function libc(): Libc {
  loaded ??= bind();
  return loaded;
}

function bind(): Libc {
  const library = loadFirst(libraries);
  return {
    processVmReadv: library.func('intptr_t process_vm_readv(int, int64, size_t, int64, size_t, size_t)') as Libc['processVmReadv'],
    pread: library.func('intptr_t pread(int, int64, size_t, int64)') as Libc['pread'],
    open: library.func('int open(int64, int)') as Libc['open'],
    close: library.func('int close(int)') as Libc['close'],
    nanosleep: library.func('int nanosleep(int64, int64)') as Libc['nanosleep'],
    clockGettime: library.func('int clock_gettime(int, int64)') as Libc['clockGettime'],
    prctl: library.func('int prctl(int, size_t, size_t, size_t, size_t)') as Libc['prctl'],
    syscall: library.func('intptr_t syscall(intptr_t, int64, int64, int64)') as Libc['syscall'],
    mkfifo: library.func('int mkfifo(const char *, unsigned int)') as Libc['mkfifo'],
    signal: library.func('int64 signal(int, int64)') as Libc['signal'],
    execvp: library.func('int execvp(const char *, const char **)') as Libc['execvp'],
    socketpair: library.func('int socketpair(int, int, int, int64)') as Libc['socketpair'],
    sendmsg: library.func('intptr_t sendmsg(int, int64, int)') as Libc['sendmsg'],
    recvmsg: library.func('intptr_t recvmsg(int, int64, int)') as Libc['recvmsg'],
    setsockopt: library.func('int setsockopt(int, int, int, int64, unsigned int)') as Libc['setsockopt'],
    schedSetaffinity: library.func('int sched_setaffinity(int, size_t, int64)') as Libc['schedSetaffinity'],
    schedGetaffinity: library.func('int sched_getaffinity(int, size_t, int64)') as Libc['schedGetaffinity'],
    // It is declared with "...", which makes no difference to how integers are passed.
    ptrace: library.func('intptr_t ptrace(intptr_t, int, int64, int64)') as Libc['ptrace'],
    waitpid: library.func('int waitpid(int, int64, int)') as Libc['waitpid'],
    errno: () => koffi.errno(),
  };
}

function loadFirst(names: readonly string[]): ReturnType<typeof koffi.load> {
  let failure: unknown;
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/**
 * Where a buffer's bytes are. Holds as long as the buffer is referenced and neither detached nor
 * resized: V8 never moves the backing store of an ArrayBuffer.
 */
export function addressOf(buffer: ArrayBuffer | Uint8Array): number {
  return Number(koffi.address(buffer));
}

/**
 * Opens a file for reading without fs, which keeps track of what each of Node's threads opened.
 * @returns its descriptor; negative when that fails
 */
export function openReadOnly(path: string): number {
  const bytes = Buffer.from(`${path}\0`);
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return libc().open(addressOf(copy), O_RDONLY_CLOEXEC);
}
