import * as vscode from 'vscode';
import type { EngineFailure } from '../../native/index.ts';
import type { Context } from '../context.ts';
import { isFlameGraphVisible } from '../flameGraph/panel.ts';
import { Format } from '../format.ts';
import { pickProcess } from '../picker/processPicker.ts';
import type { ElevatedReader } from '../rights/elevatedReader.ts';
import { offerRights } from '../rights/offer.ts';
import { failureMessage } from './failureMessage.ts';
import { ProfileSession, type Target } from './profileSession.ts';

/** ms after which starting shows that it is under way. */
const PROGRESS_DELAY = 400;

/**
 * Asks for a process unless it is given, profiles it, and shows what comes.
 * @param reader how to read it, if not as ourselves
 */
export async function profileProcess(
  context: Context,
  given?: Target,
  reader?: ElevatedReader,
  options: PresentOptions = {},
): Promise<ProfileSession | undefined> {
  if (!(await isTrusted())) return undefined;
  const chosen =
    given ?? (await pickProcess(() => context.listProcesses(), vscode.l10n.t('Profile Running Python Process'), undefined, context.config));
  if (chosen === undefined) return undefined;
  const target: Target = { subprocesses: context.config.subprocesses, ...chosen };
  const running = context.sources.all.find(
    (source) => source instanceof ProfileSession && source.state !== 'ended' && source.target.pid === target.pid,
  );
  if (running instanceof ProfileSession) {
    context.showFlameGraph(running, options.preserveFocus);
    context.showHeat(running);
    return running;
  }
  const { config } = context;
  // The helper that reads as root gives up the right that a stop needs.
  const session = context.record(target, reader?.start, reader === undefined ? config.sampling : config.samplingWithoutNative);
  if (reader !== undefined && config.native) context.log.info(`Native frames of process ${target.pid} are not read, as root reads it.`);
  const { t } = vscode.l10n;
  await waitVisibly(
    session.settled,
    () => session.stop(),
    reader === undefined
      ? t('Looking for the Python interpreter in {0}', session.title)
      : t('Waiting for the right to read {0}', session.title),
  );
  if (session.state === 'ended') {
    const { failure } = session;
    if (failure !== undefined) context.sources.remove(session);
    if (failure !== undefined) void showFailure(context, failure, target);
    return undefined;
  }
  present(context, session, options);
  return session;
}

export interface PresentOptions {
  /** The user is typing somewhere. */
  readonly preserveFocus?: boolean;
}

/** Shows what comes of a session that samples, and how it ends. */
export function present(context: Context, session: ProfileSession, options: PresentOptions = {}): void {
  sayWhenEnded(context, session);
  context.showHeat(session);
  if (context.config.openFlameGraph) context.showFlameGraph(session, options.preserveFocus);
}

/** Untrusted workspaces can look at profiles, not make them. */
export async function isTrusted(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const { t } = vscode.l10n;
  const manage = t('Manage Workspace Trust');
  const choice = await vscode.window.showWarningMessage(
    t('Heatline reads other processes only in trusted workspaces. Opening saved profiles works here too.'),
    manage,
  );
  if (choice === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  return false;
}

/** Waits for something that does not reject, with a way to give up if that takes long. */
export async function waitVisibly(settled: Promise<unknown>, giveUp: () => void, title: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const isSettled = await Promise.race([
    settled.then(() => true),
    new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), PROGRESS_DELAY))),
  ]);
  clearTimeout(timer);
  if (isSettled) return;
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (_progress, token) => {
      token.onCancellationRequested(giveUp);
      await settled;
    },
  );
}

/** Does again what failed: with this process, read so, or with one that is asked for. */
export type Redo = (target?: Target, reader?: ElevatedReader) => Promise<unknown>;

/** Says why a process can't be read, and offers what helps. */
export async function showFailure(
  context: Context,
  failure: EngineFailure,
  target: Target,
  redo: Redo = (other, reader) => profileProcess(context, other, reader),
): Promise<void> {
  const { t } = vscode.l10n;
  context.log.error(`Process ${target.pid} (${target.name}): ${JSON.stringify(failure)}`);
  if (failure.code === 'permission-denied') {
    const choice = await offerRights(context, failure, target.name);
    if (choice.kind === 'elevate') await redo(target, choice.reader);
    else if (choice.kind === 'retry') await redo(target);
    else if (choice.kind === 'launch') await vscode.commands.executeCommand('heatline.profileScriptWith', choice.script);
    else if (choice.kind === 'pickAnother') await redo();
    if (choice.kind !== 'nothing') return;
  }
  const { text, action, command } = failureMessage(failure, target.name);
  const labels = { pickAnother: t('Pick Another Process'), retry: t('Try Again'), copyCommand: t('Copy'), showLog: t('Show Log') };
  const details = command === undefined ? text : `${text} ${command}`;
  const buttons = action === 'copyCommand' ? [labels.copyCommand, labels.retry] : [labels[action]];
  switch (await vscode.window.showErrorMessage(details, ...buttons)) {
    case labels.pickAnother:
      await redo();
      break;
    case labels.retry:
      await redo(target);
      break;
    case labels.copyCommand:
      await vscode.env.clipboard.writeText(command ?? '');
      await showFailure(context, failure, target, redo); // to try again once the command has been run
      break;
    case labels.showLog:
      context.log.show();
      break;
    case undefined:
      break;
  }
}

/** Tells how a session ended, so that nobody waits for more samples. */
function sayWhenEnded(context: Context, session: ProfileSession): void {
  const format = new Format(vscode.env.language);
  const subscription = session.onDidChange(() => {
    if (session.state !== 'ended') return;
    subscription.dispose();
    const { t } = vscode.l10n;
    const { samples, elapsed } = session.profile.quality;
    const recorded = t('{0} samples in {1}', format.count(samples), format.time(elapsed));
    context.log.info(`${session.title} ended: ${session.endMessage ?? 'stopped'} ${samples} samples.`);
    if (session.endMessage === undefined || session.target.exit?.()?.code === 0) {
      vscode.window.setStatusBarMessage(`$(flame) ${session.title.replaceAll('$(', '$ (')}: ${recorded}`, 5000);
      return;
    }
    void sayEnded(context, session, `${session.title}: ${session.endMessage} ${recorded}.`);
  });
}

async function sayEnded(context: Context, session: ProfileSession, text: string): Promise<void> {
  const { t } = vscode.l10n;
  const show = t('Show Flame Graph');
  const save = t('Save…');
  const buttons = session.hasSamples ? [...(isFlameGraphVisible(session) ? [] : [show]), save] : [];
  const say = session.failure === undefined ? vscode.window.showInformationMessage : vscode.window.showErrorMessage;
  switch (await say(text, ...buttons)) {
    case show:
      context.showFlameGraph(session);
      break;
    case save:
      await vscode.commands.executeCommand('heatline.save', session.id);
      break;
    default:
      break;
  }
}
