import * as vscode from 'vscode';
import { type ElevationObstacle, type EngineFailure, TargetError } from '../../native/index.ts';
import { causeText, type Denied } from '../rights/cause.ts';

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
      return {
        text: t(
          'Heatline can’t read the memory of processes on this system ({0}) yet; it can on Linux x64. Saved profiles open everywhere.',
          failure.system,
        ),
        action: 'showLog',
      };
    case 'no-such-process':
      return { text: t('Process {0} is gone. Pick another one.', failure.pid), action: 'pickAnother' };
    case 'permission-denied':
      return permissionMessage(failure, name);
    case 'not-python':
      if (failure.below !== undefined && failure.below.length > 0)
        return {
          text: t(
            'Process {0} runs {1}, in which there is no Python interpreter, but processes below it have one: {2}. Pick one of these.',
            failure.pid,
            failure.executable,
            failure.below.join(', '),
          ),
          action: 'pickAnother',
        };
      return {
        text: t('Process {0} runs {1}, in which there is no Python interpreter. Pick another process.', failure.pid, failure.executable),
        action: 'pickAnother',
      };
    case 'other-python':
      return {
        text:
          failure.kind === '32-bit'
            ? t('{0} runs in a 32-bit Python. Heatline reads 64-bit ones: run it with one of these.', name)
            : t('{0} runs in {1}. Heatline reads CPython: run it with that.', name, failure.kind),
        action: 'pickAnother',
      };
    case 'unsupported-version':
      return {
        text: t('{0} runs Python {1}, which Heatline can’t read: {2}', name, failure.version, failure.detail),
        action: 'pickAnother',
      };
    case 'not-visible':
      return { text: invisibleText(failure, name), action: 'pickAnother' };
    case 'not-native':
      return { text: t('Native frames of {0} can’t be read. Profile it without them.', name), action: 'retry' };
    case 'not-ready':
      if (failure.below !== undefined && failure.below.length > 0)
        return {
          text: t(
            '{0} has Python in it, but does not run it; processes below it do: {1}. Pick one of these.',
            name,
            failure.below.join(', '),
          ),
          action: 'pickAnother',
        };
      return { text: t('Python in {0} is just starting or shutting down. Try again in a moment.', name), action: 'retry' };
    case 'ended-early':
      return { text: t('{0} ended before a sample could be taken. The terminal says more.', name), action: 'showLog' };
    case 'unreadable':
      return {
        text: t(
          'What {0} has in memory makes no sense as a Python interpreter ({1}). Try again; if that fails too, the log says more.',
          name,
          failure.detail,
        ),
        action: 'retry',
      };
    case 'not-elevated':
      return { text: elevationText(failure.reason, name, failure.detail), action: 'retry' };
    case 'internal':
      return { text: t('Heatline failed while reading {0}: {1}', name, failure.detail), action: 'showLog' };
  }
}

function invisibleText({ what, version, reason }: Extract<EngineFailure, { code: 'not-visible' }>, name: string): string {
  const { t } = vscode.l10n;
  const things = what === 'tasks' ? t('asyncio’s tasks') : t('greenlets');
  switch (reason) {
    case 'version':
      return t('{0} runs Python {1}, and {2} can be seen from Python 3.8 on. Pick another process.', name, version, things);
    case 'free-threaded':
      return t(
        '{0} runs Python {1}, a free-threaded build, which keeps no list in which {2} could be found. Pick another process.',
        name,
        version,
        things,
      );
    case 'layout':
      return t(
        '{0} runs Python {1}, and says nothing that makes sense of where {2} are in its memory. Pick another process.',
        name,
        version,
        things,
      );
  }
}

function elevationText(reason: ElevationObstacle, name: string, detail: string): string {
  const { t } = vscode.l10n;
  switch (reason) {
    case 'dismissed':
      return t('The question for a password was closed, so {0} is not read.', name);
    case 'refused':
      return t('The system did not let you become root, so {0} can’t be read: {1}', name, detail);
    case 'unavailable':
      return t('Nothing on this system could ask for a password, so {0} can’t be read as root: {1}', name, detail);
    case 'no-answer':
      return t('The question for a password was not answered, perhaps because it was hidden, so {0} is not read.', name);
    case 'unsafe':
      return t(
        '{0} is not read as root, because what would be started can be changed by others than you: {1}. Take their right to write it away.',
        name,
        detail,
      );
    case 'broken':
      return t('The helper that was to read {0} as root failed: {1}', name, detail);
  }
}

function permissionMessage(failure: Denied, name: string): FailureMessage {
  const { t } = vscode.l10n;
  const cause = causeText(failure, name);
  switch (failure.reason) {
    case 'other-user':
      return { text: `${cause} ${t('Run the program as yourself, or pick one of your own processes.')}`, action: 'pickAnother' };
    case 'ptrace-scope':
      return {
        text: `${cause} ${t('Start it from Heatline, or allow it until the next restart with the command, then try again.')}`,
        action: 'copyCommand',
        command: 'sudo sysctl kernel.yama.ptrace_scope=0',
      };
    case 'ptrace-scope-root':
    case 'not-dumpable':
      return { text: `${cause} ${t('Nothing here could make Heatline root. Pick another process.')}`, action: 'pickAnother' };
    case 'ptrace-scope-nobody':
      return { text: `${cause} ${t('That can’t be changed before the system’s next start.')}`, action: 'showLog' };
    case 'missing-capability':
      return {
        text: `${cause} ${t('Start it with this option, then try again.')}`,
        action: 'copyCommand',
        command: '--cap-add=SYS_PTRACE',
      };
    case 'hidden':
      return { text: `${cause} ${t('Run the program as yourself, or pick another process.')}`, action: 'pickAnother' };
    case 'even-root':
      return { text: `${cause} ${t('The system’s log may say more. Pick another process.')}`, action: 'pickAnother' };
    case 'unknown':
      return { text: `${cause} ${t('A security module may forbid it; the log says more.')}`, action: 'showLog' };
  }
}
