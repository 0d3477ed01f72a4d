import type { AccessObstacle, ElevationObstacle, EngineFailure, LookObstacle, NativeObstacle } from '../native/index.ts';

const obstacles: Record<AccessObstacle, (owner: string | null) => string> = {
  'other-user': (owner) => `it belongs to ${owner ?? 'another user'}. Run heatline as that user or with sudo.`,
  'ptrace-scope': () =>
    'the kernel lets processes read only those they started (kernel.yama.ptrace_scope is 1). Start it by heatline run, run heatline with sudo, or allow it: sudo sysctl kernel.yama.ptrace_scope=0',
  'ptrace-scope-root': () => 'the kernel lets nobody but root read processes (kernel.yama.ptrace_scope is 2). Run heatline with sudo.',
  'ptrace-scope-nobody': () =>
    'the kernel lets nobody read processes, not even root (kernel.yama.ptrace_scope is 3), and can’t be told otherwise before the next start of the system.',
  'not-dumpable': () => 'it changed its user or has capabilities, which shields it from its own user. Run heatline with sudo.',
  'missing-capability': () => 'this container may not read processes. Start it with --cap-add SYS_PTRACE.',
  'hidden': () => '/proc hides it (hidepid). Run heatline with sudo.',
  'even-root': () =>
    'the system refused, although heatline has the right to read any process: a security module (SELinux, AppArmor) or a filter (seccomp) forbids it. The system’s log may say more.',
  'unknown': () => 'the system refused. Run heatline with sudo.',
};

const refusals: Record<ElevationObstacle, string> = {
  'dismissed': 'the prompt for a password was closed',
  'refused': 'the system did not let you become root',
  'unavailable': 'neither sudo nor pkexec can be used here',
  'no-answer': 'the prompt for a password was not answered',
  'unsafe': 'others can change what would be started',
  'broken': 'the helper failed',
};

const invisible: Record<LookObstacle, (what: string) => string> = {
  'version': (what) => `${what} can be seen from Python 3.8 on.`,
  'free-threaded': (what) => `${what} can't be seen in free-threaded builds, whose collector keeps no list to find them in.`,
  'layout': (what) => `${what} can't be seen, because what it says of its memory makes no sense.`,
};

const notNative: Record<NativeObstacle, string> = {
  'unsupported': 'that is done on Linux, for x86-64. Record it without --native.',
  'never-stop': 'the running thread has to be stopped for them, which it is not to be. Leave out --never-stop, or --native.',
  'own-child': 'this process started it, and would take its stops for its end. Record it from another one, by --pid.',
  'traced': 'another program, for instance a debugger, has it stopped or traces it. End that, or record it without --native.',
  'no-right': 'the system lets heatline read it, but not stop its threads. Record it without --native, or run heatline with sudo.',
};

/** What happened, why, and what to do now, in one or two sentences. */
export function failureText(failure: EngineFailure): string {
  switch (failure.code) {
    case 'unsupported-system':
      return `Heatline can't read processes on ${failure.system} yet.`;
    case 'no-such-process':
      return `There is no process ${failure.pid}.`;
    case 'permission-denied':
      return `Can't read process ${failure.pid}: ${obstacles[failure.reason](failure.owner)}`;
    case 'not-python':
      return `Process ${failure.pid} (${failure.executable}) is not Python.${belowText(failure.below)}`;
    case 'other-python':
      return failure.kind === '32-bit'
        ? `Process ${failure.pid} (${failure.executable}) is a 32-bit Python. Heatline reads 64-bit ones: run the program with one of these.`
        : `Process ${failure.pid} (${failure.executable}) runs ${failure.kind}. Heatline reads CPython: run the program with that.`;
    case 'unsupported-version':
      return `Process ${failure.pid} runs Python ${failure.version}: ${failure.detail}.`;
    case 'not-visible':
      return `Process ${failure.pid} runs Python ${failure.version}: ${invisible[failure.reason](failure.what)}`;
    case 'not-native':
      return `Native frames of process ${failure.pid} can't be read: ${notNative[failure.reason]}`;
    case 'not-ready':
      return failure.below === undefined || failure.below.length === 0
        ? `Python in process ${failure.pid} is starting up or shutting down. Try again in a moment.`
        : `Process ${failure.pid} has Python in it, but does not run it.${belowText(failure.below)}`;
    case 'ended-early':
      return `Process ${failure.pid} (${failure.executable}) ended before its program could be looked at.`;
    case 'unreadable':
      return `The memory of process ${failure.pid} makes no sense: ${failure.detail}.`;
    case 'not-elevated':
      return `Can't read process ${failure.pid} as root: ${refusals[failure.reason]}${failure.detail === '' ? '' : ` (${failure.detail})`}.`;
    case 'internal':
      return `Heatline failed: ${failure.detail}`;
  }
}

/** Which of the processes that one started are Python. */
function belowText(below: readonly number[] = []): string {
  if (below.length === 0) return '';
  return ` What it started is: ${below.join(', ')}. Record ${below.length === 1 ? 'that' : 'one of these'}, or all below it with --subprocesses.`;
}
