import * as vscode from 'vscode';
import { findElevation, nodeEnvironment } from '../../native/index.ts';
import type { Context } from '../context.ts';
import type { Look } from '../look/look.ts';
import type { ProfileSession } from '../sessions/profileSession.ts';
import { isTrusted, profileProcess } from '../sessions/record.ts';
import { commandLineText } from '../picker/processList.ts';
import { type Debuggee, debuggeeOfConfiguration, debuggeeOfSystemInfo, Debuggees, remoteHost } from './debuggees.ts';
import { findDebuggees, mayBeDebuggee } from './findDebuggees.ts';
import { PYTHON_TYPES } from './launchConfigurations.ts';
import { readableDebuggee } from './readableDebuggee.ts';

/** In a configuration that we start: profile what it starts. */
const MARK = '__heatlineProfile';
/** ms that debugpy may take to say which process it is in. */
const SYSTEM_INFO_PATIENCE = 3000;
/** In the global state: the user knows that tracing distorts times. */
const KNOWS_DISTORTION = 'knowsTracingDistorts';

/** Python's debug sessions and the processes they debug. */
export class DebugSessions implements vscode.Disposable {
  readonly #context: Context;
  readonly #debuggees = new Debuggees();
  readonly #sessions = new Map<string, vscode.DebugSession>();
  readonly #subscriptions: vscode.Disposable;

  constructor(context: Context) {
    this.#context = context;
    // What an adapter says is only heard in sessions that begin after this; others are asked when it matters.
    const createDebugAdapterTracker = (session: vscode.DebugSession): vscode.DebugAdapterTracker => {
      this.#sessions.set(session.id, session);
      return { onDidSendMessage: (message: unknown) => this.#take(session, message) };
    };
    this.#subscriptions = vscode.Disposable.from(
      ...PYTHON_TYPES.map((type) => vscode.debug.registerDebugAdapterTrackerFactory(type, { createDebugAdapterTracker })),
      // Of the type that is asked last, when the Python extension has put its interpreter in.
      vscode.debug.registerDebugConfigurationProvider('*', {
        resolveDebugConfigurationWithSubstitutedVariables: (_folder, configuration) => this.#makeReadable(configuration),
      }),
      vscode.debug.onDidStartDebugSession((session) => this.#sessions.set(session.id, session)),
      vscode.debug.onDidTerminateDebugSession(({ id }) => {
        this.#sessions.delete(id);
        this.#debuggees.forget(id);
      }),
    );
  }

  /** @param given what a menu says it was chosen on; without it, the session that has the focus */
  sessionOf(given: readonly unknown[]): vscode.DebugSession | undefined {
    for (const value of given) {
      const id: unknown = typeof value === 'object' && value !== null && 'sessionId' in value ? value.sessionId : value;
      const session = typeof id === 'string' ? this.#sessions.get(id) : undefined;
      if (session !== undefined) return session;
    }
    const { activeDebugSession } = vscode.debug;
    return activeDebugSession !== undefined && PYTHON_TYPES.includes(activeDebugSession.type) ? activeDebugSession : undefined;
  }

  /** Profiles the process of a session. Undefined if it can't be; the user has been told why. */
  async profile(session: vscode.DebugSession | undefined): Promise<ProfileSession | undefined> {
    const found = await this.#localDebuggee(session);
    return found === undefined ? undefined : this.#profile(found.session, found.debuggee);
  }

  /** Shows what all threads of a session's process do now. Undefined if it can't be; the user has been told why. */
  async showStacks(session: vscode.DebugSession | undefined): Promise<Look | undefined> {
    const found = await this.#localDebuggee(session);
    if (found === undefined) return undefined;
    const again = (): Promise<unknown> => this.#context.looks.look('threads');
    if (!(await this.#isHere(found.session, found.debuggee, again))) return undefined;
    const { pid, name } = found.debuggee;
    return this.#context.looks.look('threads', { pid, name: baseName(name) || found.session.name });
  }

  /** Ends a session and runs the same without the debugger, profiled. */
  async profileWithoutDebugging(session: vscode.DebugSession | undefined): Promise<void> {
    if (!(await isTrusted())) return;
    if (session === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t('No Python program is being debugged.'));
      return;
    }
    let root = session;
    while (root.parentSession !== undefined) root = root.parentSession;
    await vscode.debug.stopDebugging(root);
    // Without what VS Code and the adapter noted in it for the session that has ended.
    const { name, type, request, ...rest } = root.configuration;
    const own = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith('__')));
    await this.start(root.workspaceFolder, { name, type, request, ...own }, true);
  }

  /** Starts a configuration and profiles what it starts. */
  async start(folder: vscode.WorkspaceFolder | undefined, configuration: vscode.DebugConfiguration, noDebug: boolean): Promise<boolean> {
    return vscode.debug.startDebugging(folder, { ...configuration, [MARK]: true }, { noDebug });
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #makeReadable(configuration: vscode.DebugConfiguration): Promise<vscode.DebugConfiguration> {
    const { config, extension, log } = this.#context;
    if (!PYTHON_TYPES.includes(configuration.type) || !config.allowReadingDebuggees || !vscode.workspace.isTrusted) return configuration;
    try {
      const { ptraceScope } = await findElevation();
      const reader = {
        ptraceScope,
        pid: process.pid,
        executable: process.execPath,
        cli: extension.asAbsolutePath('dist/cli.js'),
        environment: nodeEnvironment(),
      };
      const changed = readableDebuggee(configuration, reader);
      const { type, name, request } = configuration;
      return changed === undefined ? configuration : { ...changed, type, name, request };
    } catch (error) {
      log.debug(`${configuration.name} is started as it is: ${error instanceof Error ? error.message : String(error)}`);
      return configuration;
    }
  }

  #take(session: vscode.DebugSession, message: unknown): void {
    const debuggee = this.#debuggees.take(session.id, message);
    if (debuggee === undefined) return;
    const { config, log } = this.#context;
    const { parentSession, configuration } = session;
    log.info(`${session.name} debugs process ${debuggee.pid} (${debuggee.name}).`);
    // A child is part of the profile of the process that started it.
    const isWanted =
      parentSession === undefined
        ? configuration[MARK] === true || config.profileDebugSessions
        : config.profileDebugSessions && !config.subprocesses;
    if (!isWanted || !vscode.workspace.isTrusted || remoteHost(configuration) !== undefined) return;
    this.#profile(session, debuggee).catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));
  }

  /** The session's process, if it may be on this machine. The user has been told why not. */
  async #localDebuggee(
    session: vscode.DebugSession | undefined,
  ): Promise<{ readonly session: vscode.DebugSession; readonly debuggee: Debuggee } | undefined> {
    const { t } = vscode.l10n;
    if (!(await isTrusted())) return undefined;
    if (session === undefined) {
      void vscode.window.showInformationMessage(t('No Python program is being debugged.'));
      return undefined;
    }
    const host = remoteHost(session.configuration);
    if (host !== undefined) {
      void vscode.window.showWarningMessage(
        t(
          '{0} runs on {1}. Heatline profiles programs of the machine it runs on: open the folder there, by Remote-SSH or in the container.',
          session.name,
          host,
        ),
      );
      return undefined;
    }
    const debuggee = await this.#debuggeeOf(session);
    return debuggee === undefined ? undefined : { session, debuggee };
  }

  /** Whether the process is on this machine, as far as can be told. @param pickAnother what is offered if it is not */
  async #isHere(session: vscode.DebugSession, { pid, name, isLaunched }: Debuggee, pickAnother: () => Promise<unknown>): Promise<boolean> {
    const { t } = vscode.l10n;
    if (isLaunched) return true;
    const process = (await this.#context.listProcesses()).find((one) => one.pid === pid);
    if (mayBeDebuggee(process, name)) return true;
    const pick = t('Pick Running Process');
    const message =
      process === undefined
        ? t(
            'The debugger says that {0} is process {1}, and no Python with this id runs on this machine. It may run in a container or elsewhere.',
            session.name,
            pid,
          )
        : t(
            'The debugger says that {0} is process {1}, which on this machine is {2}. It may run in a container or elsewhere.',
            session.name,
            pid,
            process.name,
          );
    if ((await vscode.window.showWarningMessage(message, pick)) === pick) await pickAnother();
    return false;
  }

  async #profile(session: vscode.DebugSession, debuggee: Debuggee): Promise<ProfileSession | undefined> {
    const { pid, isLaunched } = debuggee;
    if (!(await this.#isHere(session, debuggee, () => profileProcess(this.#context)))) return undefined;
    const name = baseName(debuggee.name) || session.name;
    const { subprocesses } = this.#context.config;
    const profile = await profileProcess(this.#context, { pid, name, subprocesses, launched: isLaunched });
    if (profile !== undefined && session.configuration['noDebug'] !== true) void this.#tellOfDistortion(session);
    return profile;
  }

  async #debuggeeOf(session: vscode.DebugSession): Promise<Debuggee | undefined> {
    return (
      this.#debuggees.of(session.id) ??
      debuggeeOfConfiguration(session.configuration) ??
      (await systemInfo(session)) ??
      (await this.#pickDebuggee(session))
    );
  }

  /** The last resort: the list of processes. */
  async #pickDebuggee(session: vscode.DebugSession): Promise<Debuggee | undefined> {
    const { t } = vscode.l10n;
    const found = findDebuggees(await this.#context.listProcesses(), { hostPid: process.pid });
    if (found.length === 0) {
      const pick = t('Pick Running Process');
      if (
        (await vscode.window.showWarningMessage(
          t('The debugger does not say which process {0} is, and none on this machine looks like it.', session.name),
          pick,
        )) === pick
      )
        await profileProcess(this.#context);
      return undefined;
    }
    const items = found.map(({ pid, name, commandLine }) => ({
      label: name,
      description: String(pid),
      detail: commandLineText(commandLine),
      pid,
    }));
    const choice =
      items.length === 1
        ? items[0]
        : await vscode.window.showQuickPick(items, {
            title: t('Which process is {0}?', session.name),
            matchOnDescription: true,
            matchOnDetail: true,
          });
    return choice === undefined ? undefined : { pid: choice.pid, name: choice.label, isLaunched: false };
  }

  async #tellOfDistortion(session: vscode.DebugSession): Promise<void> {
    const { t } = vscode.l10n;
    const { globalState } = this.#context.extension;
    if (globalState.get(KNOWS_DISTORTION) === true) return;
    const run = t('Run Without Debugging and Profile');
    const never = t('Don’t Show Again');
    const buttons = session.configuration.request === 'attach' ? [never] : [run, never];
    const choice = await vscode.window.showInformationMessage(
      t(
        'The debugger traces {0}, which slows Python code down, some lines more than others. Times are distorted; its own frames are hidden.',
        session.name,
      ),
      ...buttons,
    );
    if (choice === run) await this.profileWithoutDebugging(session);
    if (choice === never) await globalState.update(KNOWS_DISTORTION, true);
  }
}

/** Asks debugpy; others, and a debugpy that is stopped in the wrong place, don't answer. */
async function systemInfo(session: vscode.DebugSession): Promise<Debuggee | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), SYSTEM_INFO_PATIENCE)));
  try {
    return debuggeeOfSystemInfo(await Promise.race([session.customRequest('debugpySystemInfo'), late]));
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
