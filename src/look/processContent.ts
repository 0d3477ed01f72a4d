import * as vscode from 'vscode';
import type { CoreRecord, DumpSnapshot, EngineFailure, Part, ProcessSnapshot } from '../../native/index.ts';
import { failureMessage } from '../sessions/failureMessage.ts';
import { signalText } from './coreText.ts';
import { greenletCounts, greenletNodes, greenletNotes } from './greenletNodes.ts';
import type { LookContent } from './look.ts';
import { listed, LookNode, type NameOf, shown } from './lookNode.ts';
import { taskCounts, taskNodes, taskNotes } from './taskNodes.ts';
import { deadlocks, threadCounts, threadName, threadNodes } from './threadNodes.ts';

/** Tasks or greenlets are listed at once if they are no more. */
const EXPANDED = 20;

/**
 * What the view shows of all that a process does: its threads, below them asyncio's tasks and greenlets where there are any, and what
 * could not be read.
 * @param name what to call the process
 */
export function processContent(snapshot: ProcessSnapshot, name: string, isFolded: boolean, nameOf: NameOf): LookContent {
  const { t } = vscode.l10n;
  const { threads: dump, tasks, greenlets } = snapshot;
  const { threads, moment, core } = dump;
  const notes: string[] = [];
  const roots = [...threadNodes(threads, { signalled: core?.signal?.threadId ?? null, isFolded }, nameOf)];
  const addGroup = <Snapshot>(part: Part<Snapshot> | null, title: string, group: GroupOf<Snapshot>): void => {
    if (part === null) return;
    if ('failure' in part) {
      notes.push(hiddenText(part.failure, title, name));
      return;
    }
    const count = group.count(part.snapshot);
    if (count > 0)
      roots.push(
        new LookNode(
          undefined,
          { key: group.key, label: title, description: group.counts(part.snapshot), icon: group.icon, isExpanded: count <= EXPANDED },
          (own) => group.nodes(own, part.snapshot, nameOf),
        ),
      );
    notes.push(...group.notes(part.snapshot));
  };
  addGroup(tasks, t('asyncio tasks'), {
    key: 'tasks',
    icon: 'checklist',
    count: (one) => one.tasks.length,
    counts: taskCounts,
    notes: taskNotes,
    nodes: taskNodes,
  });
  addGroup(greenlets, t('greenlets'), {
    key: 'greenlets',
    icon: 'list-tree',
    count: (one) => one.greenlets.length,
    counts: greenletCounts,
    notes: greenletNotes,
    nodes: greenletNodes,
  });
  const problems = [...dump.problems.map(shown), ...(core === null ? [] : uncheckedTexts(core))];
  if (problems.length > 0) roots.push(problemNode(problems));
  return {
    roots,
    counts: threadCounts(threads),
    notes: [
      ...(core === null ? [] : [signalNote(core, dump)]),
      ...deadlocks(threads).map((ring) => t('Deadlock, each waits for the next: {0}.', ring)),
      ...(core !== null ? [] : [moment.isInstant ? t('Read at one instant.') : t('Not of one instant: {0}.', shown(moment.why ?? ''))]),
      ...notes,
    ],
  };
}

interface GroupOf<Snapshot> {
  readonly key: string;
  readonly icon: string;
  readonly count: (snapshot: Snapshot) => number;
  readonly counts: (snapshot: Snapshot) => string;
  readonly notes: (snapshot: Snapshot) => readonly string[];
  readonly nodes: (parent: LookNode, snapshot: Snapshot, nameOf: NameOf) => readonly LookNode[];
}

/** Why tasks or greenlets are not shown. */
function hiddenText(failure: EngineFailure, title: string, name: string): string {
  const { t } = vscode.l10n;
  if (failure.code === 'not-visible' && failure.reason !== 'layout') return t('Of Python {0}, {1} can’t be seen.', failure.version, title);
  return failureMessage(failure, name).text;
}

/** What a core dump was written for. */
function signalNote({ signal }: CoreRecord, { pid, threads }: DumpSnapshot): string {
  const { t } = vscode.l10n;
  if (signal === null) return t('It was written while the program lived.');
  const thread = threads.find(({ osThreadId }) => osThreadId === signal.threadId);
  const text = signalText(signal, pid);
  return thread === undefined
    ? t('Thread {0}, which ran no Python, got {1}.', signal.threadId, text)
    : t('{0} (id {1}) got {2}.', threadName(thread), signal.threadId, text);
}

/** Dumps without the beginnings of files, which the kernel can be told to leave out (coredump_filter, core(5)). */
function uncheckedTexts({ unchecked }: CoreRecord): string[] {
  return unchecked.map((file) => vscode.l10n.t('Nothing in the dump tells whether {0} is still the file that ran.', shown(file)));
}

function problemNode(problems: readonly string[]): LookNode {
  const { t } = vscode.l10n;
  const warning = { icon: 'warning', color: 'list.warningForeground' } as const;
  const label = problems.length === 1 ? t('Not read whole') : t('Not read whole: {0} places', problems.length);
  return new LookNode(undefined, { key: 'problems', label, ...warning, isExpanded: true }, (own) =>
    listed(
      own,
      [...problems.entries()],
      (parent, [i, text]) => new LookNode(parent, { key: `problem-${i}`, label: text, tooltip: text, icon: 'circle-small' }),
    ),
  );
}
