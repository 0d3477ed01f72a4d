import * as vscode from 'vscode';
import {
  connectEngine,
  connectLook,
  elevateArguments,
  endedConnection,
  type EngineFailure,
  findElevation,
  type HelperConnection,
  type HelperLook,
  type HelperOptions,
  samplingOptions,
  type LookKind,
  type LookResults,
  makePipeConnection,
  namedHelperCommand,
  nodeEnvironment,
  spawnHelper,
  startTimeOf,
  TargetError,
  unsafeFile,
} from '../../native/index.ts';
import type { StartEngine } from '../sessions/profileSession.ts';
import type { Place } from './ways.ts';

/** What is asked for here. */
export async function here(): Promise<Place> {
  const { remoteName, uiKind } = vscode.env;
  return {
    ...(await findElevation()),
    isRemote: remoteName !== undefined || uiKind === vscode.UIKind.Web || process.env['SSH_CONNECTION'] !== undefined,
  };
}

/** What is to be read, and by what. */
export interface Elevation {
  /** Absolute path of the bundled command line. */
  readonly cli: string;
  readonly pid: number;
  /** It has started processes that are Python, too. */
  readonly hasChildren: boolean;
}

/** Reads one process as root. Each call asks for a password, unless the system remembers that one was given. */
export interface ElevatedReader {
  readonly start: StartEngine;
  /** @throws TargetError (rejects), or the signal's reason */
  look<Kind extends LookKind>(
    kind: Kind,
    options: Pick<HelperLook, 'locals' | 'neverStop'>,
    signal: AbortSignal,
  ): Promise<LookResults[Kind]>;
}

/**
 * Readers of a process as root. What becomes root is our own command line (docs/permissions.md), by its
 * absolute path; nothing of it comes from settings.
 * @returns null when the process is gone
 */
export async function elevatedReader(
  way: 'pkexec' | 'terminal',
  place: Place,
  { cli, pid, hasChildren }: Elevation,
): Promise<ElevatedReader | null> {
  // Now, and not when the password has been typed: another process may have the number by then.
  const startTime = await startTimeOf(pid);
  const { pkexec } = place;
  if (startTime === null || (way === 'pkexec' && pkexec === null)) return null;
  const open = (options: HelperOptions | HelperLook): OpenHelper =>
    way === 'terminal' || pkexec === null
      ? openInTerminal(cli, options)
      : { connection: openByDialog(pkexec, cli, options), failed: () => undefined };
  return {
    start(options, listener) {
      const subprocesses = options.subprocesses === true && hasChildren;
      const { connection, failed } = open({ pid, startTime, ...samplingOptions({ ...options, subprocesses }) });
      return connectEngine(connection, pid, (event) => {
        if (event.type === 'failed') failed(event.failure);
        listener(event);
      });
    },
    async look(kind, options, signal) {
      const { connection, failed } = open({ pid, startTime, look: kind, ...options });
      try {
        return await connectLook(connection, pid, kind, signal);
      } catch (error) {
        failed(error instanceof TargetError ? error.failure : { code: 'not-elevated', pid, reason: 'dismissed', detail: '' });
        throw error;
      }
    },
  };
}

/** A helper that was started, or is about to be. */
interface OpenHelper {
  readonly connection: HelperConnection;
  /** To be told of what came of it, if that is nothing. */
  readonly failed: (failure: EngineFailure) => void;
}

function openByDialog(pkexec: string, cli: string, options: HelperOptions | HelperLook): HelperConnection {
  const unsafe = unsafeFile(cli);
  if (unsafe !== null) return endedConnection({ reason: 'unsafe', detail: unsafe });
  return spawnHelper([pkexec, '--disable-internal-agent', ...namedHelperCommand(cli, options)]);
}

/** sudo asks in a terminal of its own, in which no shell runs: what is typed there reaches sudo and nobody else. */
function openInTerminal(cli: string, options: HelperOptions | HelperLook): OpenHelper {
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
  return {
    connection,
    failed(failure) {
      if (failure.code === 'not-elevated' && failure.reason !== 'refused') terminal.dispose();
    },
  };
}
