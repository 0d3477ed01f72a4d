import * as vscode from 'vscode';
import { type AccessObstacle, type ElevationObstacle, type EngineFailure, type PauseObstacle, TargetError } from '../../native/index.ts';

/** What a message about a failure offers to do. */
export type FailureAction = 'pickAnother' | 'retry' | 'copyCommand' | 'showLog';

/** What to tell the user: what happened, why, and what to do now. */
export interface FailureMessage {
  readonly text: string;
  readonly action: FailureAction;
  /** For `copyCommand`: what to run in a terminal. */
  readonly command?: string;
}

/** What an error says to the user. */
export function errorText(error: unknown): string {
  if (error instanceof TargetError) return failureMessage(error.failure, vscode.l10n.t('the process')).text;
  return error instanceof Error ? error.message : String(error);
}

/** @param name what to call the process, for instance "app.py" */
export function failureMessage(failure: EngineFailure, name: string): FailureMessage {
  const { t } = vscode.l10n;
  switch (failure.code) {
    case 'unsupported-system':
      return { text: t('Heatline can’t read the memory of processes on this system ({0}) yet; it can on Linux x64. Saved profiles open everywhere.', failure.system), action: 'showLog' };
    case 'no-such-process':
      return { text: t('Process {0} is gone. Pick another one.', failure.pid), action: 'pickAnother' };
    case 'permission-denied':
      return permissionMessage(failure.reason, failure.pid, name, failure.owner);
    case 'not-python':
      return { text: t('Process {0} runs {1}, in which there is no Python interpreter. Pick another process.', failure.pid, failure.executable), action: 'pickAnother' };
    case 'unsupported-version':
      return { text: t('{0} runs Python {1}, which Heatline can’t read: {2}', name, failure.version, failure.detail), action: 'pickAnother' };
    case 'not-ready':
      return { text: t('Python in {0} is just starting or shutting down. Try again in a moment.', name), action: 'retry' };
    case 'unreadable':
      return { text: t('What {0} has in memory makes no sense as a Python interpreter ({1}). Try again; if that fails too, the log says more.', name, failure.detail), action: 'retry' };
    case 'not-elevated':
      return { text: elevationText(failure.reason, name, failure.detail), action: 'retry' };
    case 'not-pausable':
      return { text: pauseText(failure.reason, name, failure.detail), action: 'showLog' };
    case 'internal':
      return { text: t('Heatline failed while profiling {0}: {1}', name, failure.detail), action: 'showLog' };
  }
}

function pauseText(reason: PauseObstacle, name: string, detail: string): string {
  const { t } = vscode.l10n;
  switch (reason) {
    case 'traced':
      return t('{0} can’t be paused for its samples, because process {1} (a debugger?) traces it already. End that, or turn heatline.blocking off.', name, detail);
    case 'own-child':
      return t('{0} can’t be paused for its samples, because Heatline started it itself. Turn heatline.blocking off.', name);
    case 'elevated':
      return t('{0} can’t be paused for its samples, because the helper that reads it gives the rights up that it would take. Turn heatline.blocking off.', name);
    case 'refused':
      return t('The system does not let {0} be paused for its samples ({1}). Turn heatline.blocking off.', name, detail);
  }
}

function elevationText(reason: ElevationObstacle, name: string, detail: string): string {
  const { t } = vscode.l10n;
  switch (reason) {
    case 'dismissed':
      return t('The question for a password was closed, so {0} is not profiled.', name);
    case 'refused':
      return t('The system did not let you become root, so {0} can’t be read: {1}', name, detail);
    case 'unavailable':
      return t('Nothing on this system could ask for a password, so {0} can’t be read as root: {1}', name, detail);
    case 'no-answer':
      return t('The question for a password was not answered, perhaps because it was hidden, so {0} is not profiled.', name);
    case 'broken':
      return t('The helper that was to read {0} as root failed: {1}', name, detail);
  }
}

function permissionMessage(reason: AccessObstacle, pid: number, name: string, owner: string | null): FailureMessage {
  const { t } = vscode.l10n;
  switch (reason) {
    case 'other-user':
      return {
        text: t('{0} (process {1}) belongs to {2}, and only that user or root may read its memory. Run the program as yourself, or pick one of your own processes.', name, pid, owner ?? t('another user')),
        action: 'pickAnother',
      };
    case 'ptrace-scope':
      return {
        text: t('This system lets processes read only the memory of those they started (Yama’s ptrace_scope), which {0} is not. Allow it until the next restart with the command, then try again.', name),
        action: 'copyCommand',
        command: 'sudo sysctl kernel.yama.ptrace_scope=0',
      };
    case 'not-dumpable':
      return {
        text: t('{0} (process {1}) is protected from being read, as programs with extra rights are (setuid, capabilities, prctl). Start it without them, or pick another process.', name, pid),
        action: 'pickAnother',
      };
    case 'missing-capability':
      return {
        text: t('This container may not read the memory of other processes: it lacks the capability SYS_PTRACE. Start it with this option, then try again.'),
        action: 'copyCommand',
        command: '--cap-add=SYS_PTRACE',
      };
    case 'hidden':
      return {
        text: t('This system hides process {0} from you (/proc is mounted with hidepid). Run the program as yourself, or pick another process.', pid),
        action: 'pickAnother',
      };
    case 'unknown':
      return { text: t('The system does not let you read the memory of {0} (process {1}), and does not say why. A security module may forbid it; the log says more.', name, pid), action: 'showLog' };
  }
}
