import { rm } from 'node:fs/promises';
import * as vscode from 'vscode';
import { type HelperMessage, runCommandLine, runVariable, switchArguments } from '../../native/index.ts';
import type { Context } from '../context.ts';
import { errorText, failureMessage } from '../sessions/failureMessage.ts';
import type { ProfileSession } from '../sessions/profileSession.ts';
import { present, showFailure } from '../sessions/record.ts';
import { definitionOf, TASK_TYPE } from '../tasks/taskDefinition.ts';
import type { PythonCommand } from './interpreter.ts';
import { type Exit, LaunchedProgram, type Outcome } from './launchedProgram.ts';
import { makePipeFolder } from './pipeFolder.ts';
import { RunPipe } from './runPipe.ts';

/** A Python program to run in the integrated terminal. */
export interface LaunchRequest {
  /** What to call it, for instance "app.py". */
  readonly name: string;
  readonly python: PythonCommand;
  /** The script or `-m` and the module, and what it is given. */
  readonly args: readonly string[];
  readonly workingDirectory: string;
  /** Added to the terminal's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: vscode.WorkspaceFolder | undefined;
}

/** Why a program is not sampled, in a sentence that the user has been told. */
export type Unsampled = string;

/** A pipe to the programs of one task, and who runs at the moment. */
interface Line {
  readonly pipe: RunPipe;
  readonly request: LaunchRequest;
  program: LaunchedProgram;
  /** Undefined while none runs. */
  execution: vscode.TaskExecution | undefined;
  /** Of the launcher, as the editor says; counts where the launcher could say nothing. */
  exit: Exit;
  /** Resolves when all that the last run said has been heard. */
  quiet: Promise<void>;
  onQuiet: () => void;
  /** Tells what came of the next run to who started it. */
  onSession: ((session: ProfileSession | Unsampled) => void) | undefined;
}

/**
 * Runs programs in the integrated terminal under `heatline run`, which samples them as their parent and tells us
 * over a pipe. They are tasks: so no shell is between, output stays when they end, and they can be run again.
 */
export class Launcher implements vscode.Disposable {
  readonly #context: Context;
  readonly #subscriptions: vscode.Disposable;
  /** By the path of the pipe that is among the options in the task's environment. */
  readonly #lines = new Map<string, Line>();
  #folder: Promise<string> | undefined;
  #count = 0;

  constructor(context: Context) {
    this.#context = context;
    this.#subscriptions = vscode.Disposable.from(
      vscode.tasks.onDidStartTask(({ execution }) => this.#started(execution)),
      vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => this.#ended(execution, { code: exitCode ?? null, signal: null })),
      vscode.tasks.onDidEndTask(({ execution }) => this.#ended(execution, { code: null, signal: null })),
    );
  }

  /** Runs a program. Resolves when it is sampled; undefined when it is not, which the user has been told. */
  async run(request: LaunchRequest): Promise<ProfileSession | undefined> {
    const session = await this.launch(request);
    return typeof session === 'string' ? undefined : session;
  }

  /** As `run`, and says why it is not sampled. */
  async launch(request: LaunchRequest): Promise<ProfileSession | Unsampled> {
    const [line, task] = await this.#prepare(request, definitionOf(request));
    const session = new Promise<ProfileSession | Unsampled>((resolve) => (line.onSession = resolve));
    try {
      await vscode.tasks.executeTask(task);
    } catch (error) {
      line.onSession = undefined;
      throw error;
    }
    return session;
  }

  /** A task that runs a program; whoever starts it, its profile shows. */
  async task(request: LaunchRequest, definition: vscode.TaskDefinition): Promise<vscode.Task> {
    return (await this.#prepare(request, definition))[1];
  }

  dispose(): void {
    this.#subscriptions.dispose();
    for (const { pipe } of this.#lines.values()) void pipe.dispose();
    this.#lines.clear();
    void this.#folder?.then((folder) => rm(folder, { recursive: true, force: true }));
  }

  async #prepare(request: LaunchRequest, definition: vscode.TaskDefinition): Promise<[Line, vscode.Task]> {
    const line = this.#idleLine(request) ?? (await this.#newLine(request));
    const { config, extension } = this.#context;
    const { messagesPath, commandsPath } = line.pipe;
    const { rate, maxStopped = 0.01, native } = config.sampling;
    const options = [
      '--rate',
      String(rate),
      ...(maxStopped === 0.01 ? [] : ['--max-stop', String(Number((100 * maxStopped).toFixed(4)))]),
      ...switchArguments(config.sampling),
      ...(native === undefined ? [] : ['--native']),
      '--events',
      messagesPath,
      '--commands',
      commandsPath,
    ];
    const { program, args, environment } = runCommandLine(extension.asAbsolutePath('dist/cli.js'), options);
    const execution = new vscode.ProcessExecution(program, [...args, ...request.python, ...request.args], {
      cwd: request.workingDirectory,
      env: { ...request.environment, ...environment },
    });
    const task = new vscode.Task(definition, request.folder ?? vscode.TaskScope.Workspace, request.name, 'Heatline', execution, []);
    task.presentationOptions = {
      reveal: vscode.TaskRevealKind.Always,
      focus: true,
      echo: false,
      panel: vscode.TaskPanelKind.Dedicated,
      clear: true,
    };
    task.detail = vscode.l10n.t('Runs in the terminal and is profiled');
    return [line, task];
  }

  /** The one that such a program had before, so that pipes don't add up. */
  #idleLine(request: LaunchRequest): Line | undefined {
    const wanted = JSON.stringify(request);
    return [...this.#lines.values()].find(
      (line) => line.execution === undefined && line.onSession === undefined && JSON.stringify(line.request) === wanted,
    );
  }

  async #newLine(request: LaunchRequest): Promise<Line> {
    this.#folder ??= makePipeFolder();
    const pipe = await RunPipe.create(await this.#folder, String(++this.#count));
    const program = new LaunchedProgram((command) => pipe.send(command));
    const line: Line = {
      pipe,
      request,
      program,
      execution: undefined,
      exit: { code: null, signal: null },
      quiet: Promise.resolve(),
      onQuiet: () => undefined,
      onSession: undefined,
    };
    await pipe.listen({
      onMessage: (message: HelperMessage) => line.program.take(message),
      onBroken: (error) => {
        this.#context.log.error(`What the launcher of ${request.name} said makes no sense: ${error.message}`);
        line.program.take({ type: 'failed', failure: { code: 'internal', detail: error.message } });
      },
      onEnd: () => {
        line.program.gone(line.exit);
        line.program = new LaunchedProgram((command) => pipe.send(command));
        line.onQuiet();
      },
    });
    this.#lines.set(pipe.messagesPath, line);
    return line;
  }

  #started(execution: vscode.TaskExecution): void {
    const line = this.#lineOf(execution);
    if (line === undefined) return;
    line.execution = execution;
    line.exit = { code: null, signal: null };
    const { onSession, quiet } = line;
    line.onSession = undefined;
    void quiet
      .then(() => this.#follow(line))
      .then(onSession, (error: unknown) => {
        this.#context.log.error(error instanceof Error ? error : String(error));
        onSession?.(errorText(error));
      });
  }

  #ended(execution: vscode.TaskExecution, exit: Exit): void {
    const line = this.#lineOf(execution);
    if (line?.execution === undefined) return;
    line.execution = undefined;
    line.quiet = new Promise((resolve) => (line.onQuiet = resolve));
    line.exit = exit; // the launcher, which tells signals from exit codes, is believed first
    void line.pipe.finish();
  }

  #lineOf({ task }: vscode.TaskExecution): Line | undefined {
    if (task.definition.type !== TASK_TYPE || !(task.execution instanceof vscode.ProcessExecution)) return undefined;
    const options = task.execution.options?.env?.[runVariable];
    return [...this.#lines].find(([path]) => options?.includes(JSON.stringify(path)) === true)?.[1];
  }

  /** Shows what comes of a run. */
  async #follow({ request, program }: Line): Promise<ProfileSession | Unsampled> {
    const { t } = vscode.l10n;
    const { name } = request;
    const outcome: Outcome = await program.outcome;
    switch (outcome.kind) {
      case 'started': {
        const session = this.#context.record({ pid: outcome.pid, name, exit: () => program.exit }, (_options, listener) =>
          program.listen(listener),
        );
        // The program in the terminal may be waiting for what is typed there.
        present(this.#context, session, { preserveFocus: true });
        return session;
      }
      case 'failed':
        void showFailure(this.#context, outcome.failure, { pid: 'pid' in outcome.failure ? outcome.failure.pid : 0, name });
        return failureMessage(outcome.failure, name).text;
      case 'left': {
        if (outcome.exit.code === 0) {
          const text = t('{0} ended before a sample could be taken.', name);
          void vscode.window.showInformationMessage(text);
          return text;
        }
        const text = t('{0} ended before a sample could be taken. The terminal says more.', name);
        void vscode.window.showWarningMessage(text);
        return text;
      }
    }
  }
}
