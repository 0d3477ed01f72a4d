import * as vscode from 'vscode';
import {
  type CodePlace,
  lookAtCore,
  lookAtGreenlets,
  lookAtProcess,
  lookAtTasks,
  type LookKind,
  type Part,
  type ProcessSnapshot,
  type RepeatedLook,
  type ThreadLookOptions,
} from '../../native/index.ts';
import { greenletContent } from './greenletNodes.ts';
import { type LookContent, nameOfSubject, type Seen, type Subject } from './look.ts';
import type { NameOf } from './lookNode.ts';
import { processContent } from './processContent.ts';
import { taskContent } from './taskNodes.ts';

/** How something is looked at. */
export interface SeeOptions {
  readonly hasLocals: boolean;
  /** Never takes a running program's core from it. */
  readonly neverStop: boolean;
  /** What looks, where it does so again and again: with the same options. */
  readonly repeated?: RepeatedLook;
}

/** What differs between the kinds of what can be looked at: a new one has its entry here. */
export interface KindOfLook {
  readonly view: string;
  /** Says that there is something to show. */
  readonly contextKey: string;
  pickTitle(): string;
  progress(name: string): string;
  copied(): string;
  /** @throws TargetError, CoreError (rejects), or the signal's reason */
  see(subject: Subject, options: SeeOptions, signal: AbortSignal): Promise<Seen>;
}

export const kindsOfLook: Readonly<Record<LookKind, KindOfLook>> = {
  tasks: {
    view: 'heatline.tasks',
    contextKey: 'heatline.hasTasks',
    pickTitle: () => vscode.l10n.t('Show asyncio Tasks of a Python Process'),
    progress: (name) => vscode.l10n.t('Looking at the asyncio tasks of {0}', name),
    copied: () => vscode.l10n.t('Tasks copied as text'),
    async see(subject, _options, signal) {
      const { target, reader } = processOf(subject);
      const snapshot = await (reader === undefined ? lookAtTasks(target.pid, signal) : reader.look('tasks', {}, signal));
      return seen(snapshot, placesOf(snapshot.tasks), (nameOf) => taskContent(snapshot, nameOf));
    },
  },
  greenlets: {
    view: 'heatline.greenlets',
    contextKey: 'heatline.hasGreenlets',
    pickTitle: () => vscode.l10n.t('Show Greenlets of a Python Process'),
    progress: (name) => vscode.l10n.t('Looking at the greenlets of {0}', name),
    copied: () => vscode.l10n.t('Greenlets copied as text'),
    async see(subject, _options, signal) {
      const { target, reader } = processOf(subject);
      const snapshot = await (reader === undefined ? lookAtGreenlets(target.pid, signal) : reader.look('greenlets', {}, signal));
      return seen(snapshot, placesOf(snapshot.greenlets), (nameOf) => greenletContent(snapshot, nameOf));
    },
  },
  threads: {
    view: 'heatline.stacks',
    contextKey: 'heatline.hasStacks',
    pickTitle: () => vscode.l10n.t('Show Live Stacks of a Python Process'),
    progress: (name) => vscode.l10n.t('Looking at the threads of {0}', name),
    copied: () => vscode.l10n.t('Stacks copied as text'),
    async see(subject, options, signal) {
      const snapshot = await seeProcess(subject, options, signal);
      const { threads, tasks, greenlets } = snapshot;
      const places = [
        ...threads.threads.flatMap(({ frames }) => frames),
        ...placesOf(partOf(tasks)?.tasks ?? []),
        ...placesOf(partOf(greenlets)?.greenlets ?? []),
      ];
      return {
        process: threads,
        places,
        content: ({ isFolded }, nameOf) => processContent(snapshot, nameOfSubject(subject), isFolded, nameOf),
      };
    },
  },
};

/** How a living process's threads are looked at. */
export function threadOptions({ hasLocals, neverStop }: Pick<SeeOptions, 'hasLocals' | 'neverStop'>): ThreadLookOptions {
  return { locals: hasLocals ? 'short' : 'none', neverStop, tasks: true };
}

function seeProcess(subject: Subject, { hasLocals, neverStop, repeated }: SeeOptions, signal: AbortSignal): Promise<ProcessSnapshot> {
  const options = threadOptions({ hasLocals, neverStop });
  if (subject.kind === 'core') return lookAtCore(subject.file, subject.search, options.locals, signal);
  const { target, reader } = subject;
  if (reader !== undefined) return reader.look('threads', { locals: hasLocals, neverStop }, signal);
  return repeated?.look(target.pid, signal) ?? lookAtProcess(target.pid, options, signal);
}

function seen(process: Seen['process'], places: readonly CodePlace[], content: (nameOf: NameOf) => LookContent): Seen {
  return { process, places, content: (_options, nameOf) => content(nameOf) };
}

function placesOf(records: readonly { readonly stack: readonly CodePlace[] }[]): CodePlace[] {
  return records.flatMap(({ stack }) => stack);
}

function partOf<Snapshot>(part: Part<Snapshot> | null): Snapshot | undefined {
  return part !== null && 'snapshot' in part ? part.snapshot : undefined;
}

function processOf(subject: Subject): Extract<Subject, { kind: 'process' }> {
  if (subject.kind !== 'process') throw new Error('a core dump is shown with all its threads');
  return subject;
}
