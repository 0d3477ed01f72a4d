import type { FunctionRecord } from '../../profile/delta.ts';
import type { FrameTreatment } from '../../profile/filter.ts';

/** What of debugpy runs within the program; its adapter is a program of its own. */
const DEBUGGER =
  /(?:^|[\\/])(?:debugpy[\\/](?:_vendored|server|launcher|public_api|__main__|__init__)|_?pydevd?_\w+|pydevd)(?:[\\/]|\.pyx?$)/;
/** The file in which pydevd's own threads begin (class PyDBDaemonThread). */
const DAEMON = /(?:^|[\\/])pydevd_daemon_thread\.py$/;

/** Takes a debugger's frames out of the stacks of the program it debugs, and its own threads out of the profile. */
export function withoutDebugger({ file }: FunctionRecord): FrameTreatment {
  if (DAEMON.test(file)) return 'leaveOut';
  return DEBUGGER.test(file) ? 'hide' : 'show';
}
