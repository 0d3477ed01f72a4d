import type { CoreSignal } from './coreNotes.ts';

/** Why the kernel sent a signal, as far as it says. `bad-use`: what is there may not be written, or executed. */
export type SignalCause =
  | {
      readonly kind: 'unmapped' | 'bad-use' | 'unaligned' | 'no-memory' | 'division' | 'bad-instruction' | 'at';
      /** Hexadecimal. */
      readonly address: string;
    }
  | { readonly kind: 'no-address' }
  | { readonly kind: 'itself' }
  | { readonly kind: 'process'; readonly sender: number }
  | { readonly kind: 'unknown' };

/** SIGSEGV 1 … (si_code, asm-generic/siginfo.h). */
const causes = {
  'SIGSEGV 1': 'unmapped',
  'SIGSEGV 2': 'bad-use',
  'SIGSEGV 128': 'no-address',
  'SIGBUS 1': 'unaligned',
  'SIGBUS 2': 'no-memory',
  'SIGFPE 1': 'division',
  'SIGILL 2': 'bad-instruction',
} as const;

/** Those that write core dumps, of Linux on x86-64 (signal(7)). */
const names: Readonly<Record<number, string>> = {
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  11: 'SIGSEGV',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

export function signalName(number: number): string {
  return names[number] ?? `signal ${number}`;
}

/** @param pid of the process that got it */
export function signalCause({ number, code, address, sender }: CoreSignal, pid: number): SignalCause {
  if (address !== null) {
    const key = `${signalName(number)} ${code ?? 0}`;
    const kind = Object.hasOwn(causes, key) ? causes[key as keyof typeof causes] : 'at';
    return kind === 'no-address' ? { kind } : { kind, address };
  }
  if (sender === pid) return { kind: 'itself' };
  return sender === null || sender <= 0 ? { kind: 'unknown' } : { kind: 'process', sender };
}
