import * as vscode from 'vscode';
import { CoreError, type CoreFailure, type EngineFailure, failureOf, type LookKind, RepeatedLook } from '../../native/index.ts';
import type { Context } from '../context.ts';
import { pickProcess } from '../picker/processPicker.ts';
import type { ElevatedReader } from '../rights/elevatedReader.ts';
import { ProfileSession, type Target } from '../sessions/profileSession.ts';
import { isTrusted, showFailure, waitVisibly } from '../sessions/record.ts';
import { coreFailureText, coreTargetText } from './coreText.ts';
import { Following } from './following.ts';
import { kindsOfLook, threadOptions } from './kinds.ts';
import { Look, nameOfSubject, type Seen, type Subject } from './look.ts';
import { LookNode } from './lookNode.ts';
import { LookView } from './lookView.ts';

/** Why nothing could be seen. */
type Failure = { readonly kind: 'process'; readonly failure: EngineFailure } | { readonly kind: 'core'; readonly failure: CoreFailure };

/** Looks at processes, once each, and the views of what was seen. */
export class Looks implements vscode.Disposable {
  readonly #context: Context;
  readonly #views = new Map<LookKind, LookView>();
  readonly #running = new Map<LookKind, AbortController>();
  readonly #following = new Following((isOn) => {
    void setContext('heatline.followsStacks', isOn);
    if (!isOn) this.#repeat(undefined);
  });
  /** What looks each second, and its last look. */
  #repeated: RepeatedLook | undefined;
  #quietLook: AbortController | undefined;
  #options = { hasLocals: false, isFolded: true };

  constructor(context: Context) {
    this.#context = context;
  }

  /** The view of a kind, if there was anything to show. */
  view(kind: LookKind): LookView | undefined {
    return this.#views.get(kind);
  }

  /**
   * Asks for a process unless it is given, looks at it, and shows what there is. A look that is still under way is given up.
   * @param reader how to read it, if not as ourselves
   * @returns what is shown; undefined if nothing could be, and the user has been told why
   */
  async look(kind: LookKind, given?: Target, reader?: ElevatedReader): Promise<Look | undefined> {
    if (!(await isTrusted())) return undefined;
    const target = given ?? (await this.#pick(kind));
    if (target === undefined) return undefined;
    return this.#lookAt(kind, { kind: 'process', target, ...(reader === undefined ? {} : { reader }) });
  }

  /** Asks for a core dump unless it is given, and shows all threads of the process that it is of, with their variables. */
  async openCore(given?: vscode.Uri): Promise<Look | undefined> {
    if (!(await isTrusted())) return undefined;
    const { t } = vscode.l10n;
    const [uri] =
      given === undefined ? ((await vscode.window.showOpenDialog({ title: t('Open Core Dump'), openLabel: t('Open') })) ?? []) : [given];
    if (uri === undefined) return undefined;
    if (uri.scheme !== 'file') {
      void vscode.window.showErrorMessage(
        t('Heatline reads core dumps from files on the machine that it runs on. Copy {0} there.', uri.toString(true)),
      );
      return undefined;
    }
    return this.#lookAt('threads', { kind: 'core', file: uri.fsPath, search: [] });
  }

  /** Looks again at what is shown, unless that is being done: a key that is held down must not give up one look after the other. */
  async refresh(kind: LookKind): Promise<void> {
    if (!this.#running.has(kind)) await this.#lookAgain(kind);
  }

  async #lookAgain(kind: LookKind): Promise<void> {
    const subject = this.#views.get(kind)?.look?.subject;
    if (subject === undefined) await this.look(kind);
    else if (await isTrusted()) await this.#lookAt(kind, subject, this.#views.get(kind)?.isVisible !== true);
  }

  /** Looks again each second, or not any more. */
  follow(isOn: boolean): void {
    const view = this.#views.get('threads');
    const subject = view?.look?.subject;
    if (!isOn || view === undefined || subject === undefined) {
      this.#following.stop();
      return;
    }
    if (subject.kind === 'process' && subject.reader !== undefined) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('{0} is read as root, which may ask for a password each time: look again by hand.', subject.target.name),
      );
      return;
    }
    this.#repeat(new RepeatedLook(threadOptions(this.#seeOptions())));
    this.#following.start({ look: () => this.#lookQuietly(), isVisible: () => view.isVisible });
  }

  /** Shows threads with the same stack as one, or each apart. */
  async fold(isFolded: boolean): Promise<void> {
    this.#options = { ...this.#options, isFolded };
    await setContext('heatline.stacksApart', !isFolded);
    this.#views.get('threads')?.arrange(this.#options);
  }

  /** Reads variables from now on, or not any more, and looks again. */
  async showVariables(hasLocals: boolean): Promise<void> {
    this.#options = { ...this.#options, hasLocals };
    await setContext('heatline.stacksVariables', hasLocals);
    if (this.#following.isOn) this.#repeat(new RepeatedLook(threadOptions(this.#seeOptions())));
    await this.#lookAgain('threads');
  }

  async close(kind: LookKind): Promise<void> {
    if (kind === 'threads') this.#following.stop();
    this.#running.get(kind)?.abort(new GivenUp());
    await this.#views.get(kind)?.close();
  }

  /** @param given a node, or 'selection' for the one that is selected; anything else: all that is shown */
  async copy(kind: LookKind, given: unknown): Promise<void> {
    const view = this.#views.get(kind);
    if (view?.look === undefined) return;
    const node = given instanceof LookNode ? given : given === 'selection' ? view.selection : undefined;
    await vscode.env.clipboard.writeText(view.text(node));
    vscode.window.setStatusBarMessage(kindsOfLook[kind].copied(), 3000);
  }

  dispose(): void {
    this.#following.stop();
    for (const controller of this.#running.values()) controller.abort(new GivenUp());
    vscode.Disposable.from(...this.#views.values()).dispose();
  }

  /** @param focus whether the view is to have the focus: where it can be seen already, the user may have gone elsewhere meanwhile */
  async #lookAt(kind: LookKind, subject: Subject, focus = true): Promise<Look | undefined> {
    const controller = this.#begin(kind);
    const seeing = this.#see(kind, subject, controller);
    await waitVisibly(seeing, () => controller.abort(new GivenUp()), titleOf(kind, subject));
    const seen = await seeing;
    if (seen === undefined) return undefined;
    if ('failure' in seen) {
      if (seen.kind === 'core') void this.#showCoreFailure(subject, seen.failure);
      else if (subject.kind === 'core') void this.#sayUnreadable(subject, seen.failure);
      else void showFailure(this.#context, seen.failure, subject.target, (target, reader) => this.look(kind, target, reader));
      return undefined;
    }
    const look = new Look(subject, seen);
    if (kind === 'threads') {
      const canFollow = subject.kind === 'process';
      if (!canFollow) this.#following.stop();
      await setContext('heatline.stacksLive', canFollow);
    }
    await this.#viewOf(kind).show(look, this.#options, focus);
    return look;
  }

  /** Looks again at the threads that are shown, without a word where that goes well. @returns whether to go on */
  async #lookQuietly(): Promise<boolean> {
    const view = this.#views.get('threads');
    const subject = view?.look?.subject;
    // A look that the user asked for is under way: the next turn is soon enough.
    if (view === undefined || subject?.kind !== 'process') return false;
    if (this.#running.has('threads')) return true;
    const controller = this.#begin('threads');
    this.#quietLook = controller;
    const seen = await this.#see('threads', subject, controller, this.#repeated);
    if (seen === undefined || view.look?.subject !== subject) return true; // given up for another look
    if (!('failure' in seen)) {
      await view.show(new Look(subject, seen), this.#options, false);
      return true;
    }
    if (seen.kind === 'process' && seen.failure.code === 'no-such-process')
      view.note(vscode.l10n.t('It has ended; this is what it did last.'));
    else if (seen.kind === 'process')
      void showFailure(this.#context, seen.failure, subject.target, (target, reader) => this.look('threads', target, reader));
    return false;
  }

  #begin(kind: LookKind): AbortController {
    this.#running.get(kind)?.abort(new GivenUp());
    const controller = new AbortController();
    this.#running.set(kind, controller);
    return controller;
  }

  #seeOptions(): { readonly hasLocals: boolean; readonly neverStop: boolean } {
    return { hasLocals: this.#options.hasLocals, neverStop: this.#context.config.maxStopped === 0 };
  }

  #repeat(repeated: RepeatedLook | undefined): void {
    // First: a thread that is ended has no answer, and that is no failure here.
    this.#quietLook?.abort(new GivenUp());
    this.#repeated?.close();
    this.#repeated = repeated;
  }

  /** What is seen, why nothing can be, or undefined when it was given up. Does not reject. */
  async #see(kind: LookKind, subject: Subject, controller: AbortController, repeated?: RepeatedLook): Promise<Seen | Failure | undefined> {
    const { hasLocals, neverStop } = this.#seeOptions();
    // A dump is looked at for them, and nothing is disturbed by that.
    const options = { hasLocals: subject.kind === 'core' || hasLocals, neverStop, ...(repeated === undefined ? {} : { repeated }) };
    try {
      return await kindsOfLook[kind].see(subject, options, controller.signal);
    } catch (error) {
      if (error instanceof GivenUp) return undefined;
      return error instanceof CoreError ? { kind: 'core', failure: error.failure } : { kind: 'process', failure: failureOf(error) };
    } finally {
      if (this.#running.get(kind) === controller) this.#running.delete(kind);
    }
  }

  async #showCoreFailure(subject: Subject, failure: CoreFailure): Promise<void> {
    const { t } = vscode.l10n;
    this.#context.log.error(`${failure.file}: ${JSON.stringify(failure)}`);
    const choose = t('Choose Folder…');
    const another = t('Open Another…');
    const button = failure.code === 'missing-files' ? choose : another;
    const choice = await vscode.window.showErrorMessage(coreFailureText(failure), button);
    if (choice === another) await this.openCore();
    if (choice !== choose || subject.kind !== 'core') return;
    const [folder] =
      (await vscode.window.showOpenDialog({
        title: t('Folder with the Program’s Files'),
        openLabel: t('Look Here'),
        canSelectFiles: false,
        canSelectFolders: true,
      })) ?? [];
    if (folder !== undefined) await this.#lookAt('threads', { ...subject, search: [folder.fsPath, ...subject.search] });
  }

  async #sayUnreadable(subject: Subject, failure: EngineFailure): Promise<void> {
    const name = nameOfSubject(subject);
    this.#context.log.error(`${name}: ${JSON.stringify(failure)}`);
    const another = vscode.l10n.t('Open Another…');
    if ((await vscode.window.showErrorMessage(coreTargetText(name, failure), another)) === another) await this.openCore();
  }

  /** The process that is being profiled, if there is one, is the first choice. */
  #pick(kind: LookKind): Promise<Target | undefined> {
    const session = this.#context.sources.all.findLast((source) => source instanceof ProfileSession && source.state !== 'ended');
    const preferred = session instanceof ProfileSession ? session.target.pid : undefined;
    return pickProcess(() => this.#context.listProcesses(), kindsOfLook[kind].pickTitle(), preferred);
  }

  #viewOf(kind: LookKind): LookView {
    let view = this.#views.get(kind);
    if (view === undefined) {
      this.#views.set(kind, (view = new LookView(this.#context, kind)));
      if (kind === 'threads') view.onDidChangeVisibility(() => this.#following.wake());
    }
    return view;
  }
}

/** The user, or a later look, gave it up. */
class GivenUp extends Error {}

function titleOf(kind: LookKind, subject: Subject): string {
  const { t } = vscode.l10n;
  const name = nameOfSubject(subject);
  if (subject.kind === 'core') return t('Reading {0}', name);
  if (subject.reader !== undefined) return t('Waiting for the right to read {0}', name);
  return kindsOfLook[kind].progress(name);
}

function setContext(key: string, value: boolean): Thenable<unknown> {
  return vscode.commands.executeCommand('setContext', key, value);
}
