import * as vscode from 'vscode';
import { type EngineFailure, failureOf, lookAtGreenlets, lookAtTasks, type LookKind } from '../../native/index.ts';
import type { Context } from '../context.ts';
import { pickProcess } from '../picker/processPicker.ts';
import type { ElevatedReader } from '../rights/elevatedReader.ts';
import { ProfileSession, type Target } from '../sessions/profileSession.ts';
import { isTrusted, showFailure, waitVisibly } from '../sessions/record.ts';
import { Look, type Seen } from './look.ts';
import { LookNode } from './lookNode.ts';
import { LookView } from './lookView.ts';

/** Looks at processes, once each, and the views of what was seen. */
export class Looks implements vscode.Disposable {
  readonly #context: Context;
  readonly #views = new Map<LookKind, LookView>();
  readonly #running = new Map<LookKind, AbortController>();

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
    this.#running.get(kind)?.abort(new GivenUp());
    const controller = new AbortController();
    this.#running.set(kind, controller);
    const { signal } = controller;
    const seeing =
      kind === 'tasks' ? see(kind, target.pid, lookAtTasks, reader, signal) : see(kind, target.pid, lookAtGreenlets, reader, signal);
    await waitVisibly(seeing, () => controller.abort(new GivenUp()), titleOf(kind, target, reader));
    if (this.#running.get(kind) === controller) this.#running.delete(kind);
    const seen = await seeing;
    if (seen === undefined) return undefined;
    if ('code' in seen) {
      void showFailure(this.#context, seen, target, (other, otherReader) => this.look(kind, other, otherReader));
      return undefined;
    }
    const look = new Look(target, reader, seen);
    await this.#viewOf(kind).show(look);
    return look;
  }

  /** Looks again at what is shown. */
  async refresh(kind: LookKind): Promise<void> {
    const look = this.#views.get(kind)?.look;
    await this.look(kind, look?.target, look?.reader);
  }

  /** @param given a node, or 'selection' for the one that is selected; anything else: all that is shown */
  async copy(kind: LookKind, given: unknown): Promise<void> {
    const view = this.#views.get(kind);
    if (view?.look === undefined) return;
    const node = given instanceof LookNode ? given : given === 'selection' ? view.selection : undefined;
    await vscode.env.clipboard.writeText(view.text(node));
    const { t } = vscode.l10n;
    vscode.window.setStatusBarMessage(kind === 'tasks' ? t('Tasks copied as text') : t('Greenlets copied as text'), 3000);
  }

  dispose(): void {
    for (const controller of this.#running.values()) controller.abort(new GivenUp());
    vscode.Disposable.from(...this.#views.values()).dispose();
  }

  /** The process that is being profiled, if there is one, is the first choice. */
  #pick(kind: LookKind): Promise<Target | undefined> {
    const { t } = vscode.l10n;
    const session = this.#context.sources.all.findLast((source) => source instanceof ProfileSession && source.state !== 'ended');
    const preferred = session instanceof ProfileSession ? session.target.pid : undefined;
    return pickProcess(
      () => this.#context.listProcesses(),
      kind === 'tasks' ? t('Show asyncio Tasks of a Python Process') : t('Show Greenlets of a Python Process'),
      preferred,
    );
  }

  #viewOf(kind: LookKind): LookView {
    let view = this.#views.get(kind);
    if (view === undefined) this.#views.set(kind, (view = new LookView(this.#context, kind)));
    return view;
  }
}

/** The user, or a later look, gave it up. */
class GivenUp extends Error {}

function titleOf(kind: LookKind, { name }: Target, reader: ElevatedReader | undefined): string {
  const { t } = vscode.l10n;
  if (reader !== undefined) return t('Waiting for the right to read {0}', name);
  return kind === 'tasks' ? t('Looking at the asyncio tasks of {0}', name) : t('Looking at the greenlets of {0}', name);
}

/** What is seen, why nothing can be, or undefined when it was given up. Does not reject. */
async function see<Kind extends LookKind>(
  kind: Kind,
  pid: number,
  lookAsOurselves: (pid: number, signal: AbortSignal) => Promise<Extract<Seen, { kind: Kind }>['snapshot']>,
  reader: ElevatedReader | undefined,
  signal: AbortSignal,
): Promise<Seen | EngineFailure | undefined> {
  try {
    const snapshot = await (reader === undefined ? lookAsOurselves(pid, signal) : reader.look(kind, signal));
    return { kind, snapshot } as Seen; // of this kind
  } catch (error) {
    if (error instanceof GivenUp) return undefined;
    return failureOf(error);
  }
}
