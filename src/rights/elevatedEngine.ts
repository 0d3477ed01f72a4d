import * as vscode from 'vscode';
import {
  connectEngine, findElevation, helperCommand, type HelperOptions, makePipeConnection, nodeEnvironment, spawnHelper, startTimeOf, elevateArguments,
} from '../../native/index.ts';
import type { StartEngine } from '../sessions/profileSession.ts';
import type { Place } from './ways.ts';

/** What is asked for here. */
export async function here(): Promise<Place> {
  const { remoteName, uiKind } = vscode.env;
  return { ...(await findElevation()), isRemote: remoteName !== undefined || uiKind === vscode.UIKind.Web || process.env['SSH_CONNECTION'] !== undefined };
}

/** What is to be read, and by what. */
export interface Elevation {
  /** Absolute path of the bundled command line. */
  readonly cli: string;
  readonly pid: number;
  /** It has started processes that are Python, too. */
  readonly hasChildren: boolean;
}

/**
 * Starts engines that read a process as root. What becomes root is our own command line (docs/permissions.md), by its
 * absolute path; nothing of it comes from settings.
 * @returns null when the process is gone
 */
export async function elevatedStart(way: 'pkexec' | 'terminal', place: Place, { cli, pid, hasChildren }: Elevation): Promise<StartEngine | null> {
  // Now, and not when the password has been typed: another process may have the number by then.
  const startTime = await startTimeOf(pid);
  if (startTime === null) return null;
  const complete = ({ rate, duration, subprocesses, instructions }: Parameters<StartEngine>[0]): HelperOptions => ({
    pid, startTime, rate, ...(duration === undefined ? {} : { duration }), subprocesses: subprocesses === true && hasChildren,
    ...(instructions === true ? { instructions } : {}),
  });
  if (way === 'terminal') return (options, listener) => startInTerminal(cli, complete(options), listener);
  const { pkexec } = place;
  if (pkexec === null) return null;
  return (options, listener) => connectEngine(spawnHelper([pkexec, '--disable-internal-agent', ...helperCommand(cli, complete(options))]), pid, listener);
}

/** sudo asks in a terminal of its own, in which no shell runs: what is typed there reaches sudo and nobody else. */
function startInTerminal(cli: string, options: HelperOptions, listener: Parameters<StartEngine>[1]): ReturnType<StartEngine> {
  const connection = makePipeConnection();
  const terminal = vscode.window.createTerminal({
    name: vscode.l10n.t('Heatline: password for root'),
    shellPath: process.execPath,
    shellArgs: [cli, ...elevateArguments(options, connection)],
    env: nodeEnvironment(),
    cwd: '/',
    iconPath: new vscode.ThemeIcon('key'),
    isTransient: true,
  });
  terminal.show();
  const subscription = vscode.window.onDidCloseTerminal((closed) => {
    if (closed !== terminal) return;
    subscription.dispose();
    // Unless it is known already what it ended with.
    connection.giveUp({ reason: 'dismissed', detail: '' });
  });
  return connectEngine(connection, options.pid, (event) => {
    if (event.type === 'failed' && event.failure.code === 'not-elevated' && event.failure.reason !== 'refused') terminal.dispose();
    listener(event);
  });
}
