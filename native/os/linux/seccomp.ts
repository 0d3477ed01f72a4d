import { addressOf, libc } from './libc.ts';

/*
 * A filter for system calls that a process puts on itself for good (seccomp(2)): what a sampler never does it
 * then can't be made to do, whatever it reads. This comes on top of having no rights, and is not without a hole:
 * io_uring_enter must stay, since libuv has a ring for its epoll changes, and who runs code of their own in the
 * process could use that for calls that the filter would stop. Numbers are of x86-64 (arch/x86/entry/syscalls/syscall_64.tbl).
 */

/** Calls that fail with EPERM. */
const forbidden: readonly number[] = [
  41,
  42,
  43,
  49,
  50,
  53,
  288, // socket connect accept bind listen socketpair accept4
  57,
  58,
  59,
  322, // fork vfork execve execveat
  101,
  310,
  311,
  312,
  434,
  424,
  438, // ptrace process_vm_readv process_vm_writev kcmp pidfd_open pidfd_send_signal pidfd_getfd
  105,
  106,
  113,
  114,
  116,
  117,
  119,
  122,
  123,
  126, // set*uid set*gid setgroups capset
  76,
  82,
  83,
  84,
  85,
  86,
  87,
  88,
  90,
  92,
  94,
  133, // truncate rename mkdir rmdir creat link unlink symlink chmod chown lchown mknod
  258,
  259,
  260,
  263,
  264,
  265,
  266,
  268,
  316,
  452, // mkdirat mknodat fchownat unlinkat renameat linkat symlinkat fchmodat renameat2 fchmodat2
  135,
  155,
  161,
  165,
  166,
  167,
  168,
  169,
  170,
  171,
  272,
  308, // personality pivot_root chroot mount umount2 swapon swapoff reboot sethostname setdomainname unshare setns
  175,
  176,
  246,
  313,
  320, // init_module delete_module kexec_load finit_module kexec_file_load
  248,
  249,
  250,
  298,
  304,
  321,
  323,
  425,
  427, // add_key request_key keyctl perf_event_open open_by_handle_at bpf userfaultfd io_uring_setup io_uring_register
  62,
  200, // kill tkill
];
/** Calls whose arguments lie in memory, where no filter sees them; the C library then uses their older forms. */
const unknown: readonly number[] = [435, 437]; // clone3 openat2
const clone = { number: 56, flags: 0, required: 0x10000 } as const; // CLONE_THREAD: threads are fine, processes are not
/** Where open and openat have their flags, and those that write. */
const opens = [
  { number: 2, flags: 1 },
  { number: 257, flags: 2 },
] as const;
const writing = 0o3 | 0o100 | 0o1000; // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC

// linux/filter.h, linux/seccomp.h, linux/audit.h
const [load, jumpEqual, jumpGreaterEqual, jumpAnySet, give] = [0x20, 0x15, 0x35, 0x45, 0x06];
const [allow, killProcess, failure] = [0x7fff0000, 0x80000000, 0x00050000];
const [EPERM, ENOSYS] = [1, 38];
const [numberAt, architectureAt, argumentsAt] = [0, 4, 16];
const x8664 = 0xc000003e;
/** Numbers from here on are of the x32 calling convention, another way to the same calls. */
const x32 = 0x40000000;

const SECCOMP = 317;
const SECCOMP_SET_MODE_FILTER = 1;
/** For all threads; they get no_new_privs with it (seccomp_sync_threads, kernel/seccomp.c). */
const SECCOMP_FILTER_FLAG_TSYNC = 1;

/** @throws Error when the kernel can't do it, or a thread has a filter that the others don't have */
export function forbidWhatSamplersNeverDo(): void {
  const program = assemble();
  program.forEach(([operation, then, otherwise, value], i) => {
    code.setUint16(8 * i, operation, true);
    code.setUint8(8 * i + 2, then);
    code.setUint8(8 * i + 3, otherwise);
    code.setUint32(8 * i + 4, value >>> 0, true);
  });
  header.setUint16(0, program.length, true);
  header.setBigUint64(8, BigInt(addressOf(code.buffer)), true);
  const result = libc().syscall(SECCOMP, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, addressOf(header.buffer));
  if (result !== 0)
    throw new Error(`the system calls can’t be restricted (${result < 0 ? `error ${libc().errno()}` : `thread ${result}`})`);
}

// These live as long as this module, so their addresses hold.
/** struct sock_filter { u16 code; u8 jt, jf; u32 k }, for as many as there can be (BPF_MAXINSNS). */
const code = new DataView(new ArrayBuffer(8 * 4096));
/** struct sock_fprog { unsigned short len; struct sock_filter *filter } */
const header = new DataView(new ArrayBuffer(16));

type Instruction = readonly [operation: number, then: number, otherwise: number, value: number];

function assemble(): Instruction[] {
  const check = (argument: number, mask: number, ifSet: number, otherwise: number): Instruction[] => [
    [load, 0, 0, argumentsAt + 8 * argument],
    [jumpAnySet, 0, 1, mask],
    [give, 0, 0, ifSet],
    [give, 0, 0, otherwise],
  ];
  const refuse = failure | EPERM;
  return [
    [load, 0, 0, architectureAt],
    [jumpEqual, 1, 0, x8664],
    [give, 0, 0, killProcess],
    [load, 0, 0, numberAt],
    [jumpGreaterEqual, 0, 1, x32],
    [give, 0, 0, refuse],
    ...forbidden.flatMap((number): Instruction[] => [
      [jumpEqual, 0, 1, number],
      [give, 0, 0, refuse],
    ]),
    ...unknown.flatMap((number): Instruction[] => [
      [jumpEqual, 0, 1, number],
      [give, 0, 0, failure | ENOSYS],
    ]),
    [jumpEqual, 0, 4, clone.number],
    ...check(clone.flags, clone.required, allow, refuse),
    ...opens.flatMap(({ number, flags }): Instruction[] => [[jumpEqual, 0, 4, number], ...check(flags, writing, refuse, allow)]),
    [give, 0, 0, allow],
  ];
}
