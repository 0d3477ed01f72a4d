import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { joinArguments } from '../launch/commandLine.ts';
import type { LaunchRequest } from '../launch/launcher.ts';
import { factsOf, requestFor } from '../launch/profileScript.ts';
import { fileRun } from '../launch/runOptions.ts';
import { commandLineText } from '../picker/processList.ts';
import { failureMessage } from '../sessions/failureMessage.ts';
import { ProfileSession } from '../sessions/profileSession.ts';
import { goesToModel } from './confirmation.ts';
import { sourceReport } from './sourceReport.ts';
import { Cancelled, type Tool } from './tool.ts';
import { NoAnswer, parseProfileInput, type ProfileInput } from './toolInput.ts';
import { workspaceScript } from './workspaceScript.ts';

type Script = Extract<ProfileInput['target'], { readonly script: string }>;

/** Profiles a process that runs, or a script that it starts, for some seconds. */
export function profileTool(context: Context): Tool<ProfileInput> {
  return {
    needsTrust: true,
    parse: parseProfileInput,
    prepare: ({ target, seconds }) =>
      'pid' in target ? prepareProcess(context, target.pid, seconds) : prepareScript(context, target, seconds),
    async answer({ target, seconds, limit, count }, token) {
      const session = 'pid' in target ? await begin(context, target.pid) : await start(context, target, token);
      await sampleFor(context, session, seconds, token);
      const goesOn = 'script' in target && session.target.exit?.() === undefined;
      const notes = [
        ...(session.endMessage === undefined ? [] : [session.endMessage]),
        ...(goesOn ? ['Only the measuring has ended: the program goes on in its terminal.'] : []),
      ];
      return sourceReport(context, session, { limit, count, notes });
    },
  };
}

async function prepareProcess(context: Context, pid: number, seconds: number): Promise<vscode.PreparedToolInvocation> {
  const { t } = vscode.l10n;
  const process = (await context.listProcesses()).find((one) => one.pid === pid);
  const message = new vscode.MarkdownString().appendText(
    t('Heatline reads the memory of process {0} for {1} s. The process is neither changed nor restarted.', pid, seconds),
  );
  if (process !== undefined) message.appendCodeblock(commandLineText(process.commandLine), 'text');
  return {
    invocationMessage: t('Profiling process {0} for {1} s', pid, seconds),
    confirmationMessages: { title: t('Profile a running process?'), message: goesToModel(message) },
  };
}

async function prepareScript(context: Context, script: Script, seconds: number): Promise<vscode.PreparedToolInvocation> {
  const { t } = vscode.l10n;
  const message = new vscode.MarkdownString();
  try {
    const { python, args, workingDirectory, environment } = await requestOf(context, script);
    message.appendText(
      t(
        'Heatline starts this program in a terminal, in the folder {0}, and profiles it for {1} s. The program runs on after that, until it ends.',
        workingDirectory,
        seconds,
      ),
    );
    message.appendCodeblock(joinArguments([...python, ...args]), 'text');
    const variables = Object.keys(environment);
    if (variables.length > 0) message.appendText(t('Environment variables from the settings: {0}.', variables.join(', ')));
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    // Asked all the same: the file may be there when it is to be started.
    message.appendText(t('Heatline is to start this program and to profile it for {0} s. As things are, it can’t:', seconds));
    message.appendCodeblock(`${joinArguments([script.script, ...(script.args ?? [])])}\n${error.message}`, 'text');
  }
  return {
    invocationMessage: t('Running and profiling a program for {0} s', seconds),
    confirmationMessages: { title: t('Run and profile a program?'), message: goesToModel(message) },
  };
}

/** @throws NoAnswer */
async function requestOf(context: Context, { script, args }: Script): Promise<LaunchRequest> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
  const path = await workspaceScript(script, folders);
  const uri = vscode.Uri.file(path);
  if (vscode.workspace.textDocuments.some((document) => document.isDirty && document.uri.toString() === uri.toString()))
    throw new NoAnswer('The script has changes in the editor that are not saved. Save it first.');
  const run = fileRun(await factsOf(uri), context.config.runOf(uri), args === undefined ? {} : { args });
  const request = await requestFor(context, uri, run);
  if (typeof request === 'string') throw new NoAnswer(request);
  return request;
}

/** Begins to profile a process that runs. */
async function begin(context: Context, pid: number): Promise<ProfileSession> {
  const running = context.sources.all.find(
    (source) => source instanceof ProfileSession && source.state !== 'ended' && source.target.pid === pid,
  );
  if (running !== undefined)
    throw new NoAnswer(`Process ${pid} is being profiled already. Call heatline_report with "profile": "${running.id}".`);
  const process = (await context.listProcesses()).find((one) => one.pid === pid);
  const name = process?.name ?? vscode.l10n.t('process {0}', pid);
  return context.record({ pid, name, subprocesses: context.config.subprocesses });
}

/** Starts a script. One that is given up while it starts is not sampled when it has started. */
async function start(context: Context, script: Script, token: vscode.CancellationToken): Promise<ProfileSession> {
  const launching = context.launcher.launch(await requestOf(context, script));
  const session = await unlessCancelled(launching, token, () => {
    void launching.then((late) => typeof late !== 'string' && late.stop());
  });
  if (typeof session === 'string') throw new NoAnswer(session);
  return session;
}

/**
 * Waits until a session has sampled for so long, or ended, and ends it.
 * @throws NoAnswer when nothing could be sampled
 * @throws Cancelled
 */
async function sampleFor(context: Context, session: ProfileSession, seconds: number, token: vscode.CancellationToken): Promise<void> {
  const { sources } = context;
  const subscriptions: vscode.Disposable[] = [];
  const ended = new Promise<void>((resolve) => {
    const look = (): void => {
      if (session.state === 'ended') resolve();
    };
    // The user may stop or discard it.
    subscriptions.push(session.onDidChange(look), sources.onDidRemove(look));
    look();
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    await unlessCancelled(session.settled, token);
    timer = setTimeout(() => session.stop(), seconds * 1000);
    await unlessCancelled(ended, token);
  } finally {
    clearTimeout(timer);
    vscode.Disposable.from(...subscriptions).dispose();
    session.stop();
  }
  if (sources.get(session.id) === undefined) throw new NoAnswer('The user discarded the profile.');
  const { failure } = session;
  if (failure === undefined || session.hasSamples) return;
  sources.remove(session);
  const { text, command } = failureMessage(failure, session.target.name);
  throw new NoAnswer(command === undefined ? text : `${text} ${command}`);
}

/** @throws Cancelled */
async function unlessCancelled<T>(promise: Promise<T>, token: vscode.CancellationToken, giveUp: () => void = () => undefined): Promise<T> {
  let subscription: vscode.Disposable | undefined;
  const cancelled = new Promise<never>((_resolve, reject) => {
    const cancel = (): void => {
      giveUp();
      reject(new Cancelled());
    };
    subscription = token.onCancellationRequested(cancel);
    if (token.isCancellationRequested) cancel();
  });
  try {
    return await Promise.race([promise, cancelled]);
  } finally {
    subscription?.dispose();
  }
}
