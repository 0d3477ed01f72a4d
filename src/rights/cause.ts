import * as vscode from 'vscode';
import type { EngineFailure } from '../../native/index.ts';

export type Denied = Extract<EngineFailure, { code: 'permission-denied' }>;

/**
 * Why a process can't be read, in one sentence.
 * @param name what to call the process, for instance "app.py"
 */
export function causeText({ reason, owner, pid }: Denied, name: string): string {
  const { t } = vscode.l10n;
  switch (reason) {
    case 'other-user':
      return t('{0} (process {1}) belongs to {2}, and only that user or root may read its memory.', name, pid, owner ?? t('another user'));
    case 'ptrace-scope':
      return t(
        'This system lets processes read only the memory of those they started (Yama’s ptrace_scope is 1), and {0} was not started by Heatline.',
        name,
      );
    case 'ptrace-scope-root':
      return t('This system lets nobody but root read the memory of processes (Yama’s ptrace_scope is 2).');
    case 'ptrace-scope-nobody':
      return t('This system lets nobody read other processes’ memory, not even root (Yama’s ptrace_scope is 3).');
    case 'not-dumpable':
      return t(
        '{0} (process {1}) is protected from being read, as programs with extra rights are (setuid, capabilities, prctl).',
        name,
        pid,
      );
    case 'missing-capability':
      return t('This container may not read the memory of other processes: it lacks the capability SYS_PTRACE.');
    case 'hidden':
      return t('This system hides process {0} from you (/proc is mounted with hidepid).', pid);
    case 'even-root':
      return t(
        'The system does not even let root read the memory of {0} (process {1}): a security module or a filter forbids it.',
        name,
        pid,
      );
    case 'unknown':
      return t('The system does not let you read the memory of {0} (process {1}), and does not say why.', name, pid);
  }
}
