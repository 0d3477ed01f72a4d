import * as vscode from 'vscode';
import { type LoopRecord, type TaskNode, type TaskRecord, type TaskSnapshot, taskTrees } from '../../native/index.ts';
import { findNode, frameNodes, listed, LookNode, type NameOf, placeText, shown } from './lookNode.ts';
import type { LookContent } from './look.ts';

/** Programs with so many tasks are shown with all that is awaited below what awaits it. */
const EXPANDED = 100;

/** What the view shows of asyncio's tasks: loops, where there are several; in each who awaits whom, and below each task where it is. */
export function taskContent(snapshot: TaskSnapshot, nameOf: NameOf): LookContent {
  return { roots: taskNodes(undefined, snapshot, nameOf), counts: taskCounts(snapshot), notes: taskNotes(snapshot) };
}

/** Nodes of all tasks, below a node or as roots. */
export function taskNodes(parent: LookNode | undefined, snapshot: TaskSnapshot, nameOf: NameOf): readonly LookNode[] {
  const trees = taskTrees(snapshot);
  const pathOf = pathsIn(trees.flat());
  const nodes: TaskNodes = new TaskNodes(snapshot, nameOf, (index) => findNode(roots, pathOf(index)));
  const roots: readonly LookNode[] =
    snapshot.loops.length > 1
      ? snapshot.loops.map((loop, i) => new LookNode(parent, loopFacts(loop, i), (own) => listed(own, trees[i]!, nodes.node)))
      : listed(parent, trees[0] ?? [], nodes.node);
  return roots;
}

class TaskNodes {
  readonly #nameOf: NameOf;
  readonly #find: (index: number) => LookNode | undefined;
  readonly #isExpanded: boolean;
  readonly #keys: readonly string[];

  /** @param find the node of a task itself */
  constructor({ tasks }: TaskSnapshot, nameOf: NameOf, find: (index: number) => LookNode | undefined) {
    this.#nameOf = nameOf;
    this.#find = find;
    this.#isExpanded = tasks.length <= EXPANDED;
    // Their places in the snapshot differ from look to look, their names as a rule do not.
    const seen = new Map<string, number>();
    this.#keys = tasks.map(({ name }) => {
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      return `task-${name}#${count}`;
    });
  }

  readonly node = (parent: LookNode | undefined, { index, task, children, repeated }: TaskNode): LookNode => {
    const { t } = vscode.l10n;
    const { name, stack, moved, complete } = task;
    const remarks = [
      conditionText(task),
      repeated ? t('shown elsewhere') : placeText(stack.at(-1), this.#nameOf),
      moved ? t('moved on while it was being read') : '',
      complete || repeated ? '' : t('stack not complete'),
    ];
    const facts = {
      key: this.#keys[index]!,
      label: name === '' ? t('(unnamed)') : shown(name),
      description: remarks.filter((remark) => remark !== '').join(' · '),
      ...conditionIcon(task),
      index,
      isRepeated: repeated,
      ...(repeated ? { leadsTo: () => this.#find(index) } : {}),
      isExpanded: this.#isExpanded && children.length > 0,
    };
    const below = (own: LookNode): LookNode[] => [...frameNodes(own, stack, this.#nameOf), ...listed(own, children, this.node)];
    return new LookNode(parent, facts, repeated || stack.length + children.length === 0 ? undefined : below);
  };
}

function conditionText({ condition, awaits }: TaskRecord): string {
  const { t } = vscode.l10n;
  switch (condition) {
    case 'running':
      return t('running');
    case 'ready':
      return t('ready to go on');
    case 'waiting':
      return awaits === '' ? t('waiting') : t('waiting for {0}', shown(awaits));
  }
}

function conditionIcon({ condition, moved }: TaskRecord): { readonly icon: string; readonly color?: string } {
  const icon = { running: 'play', ready: 'debug-continue', waiting: 'watch' }[condition];
  if (moved) return { icon, color: 'list.warningForeground' };
  return condition === 'running' ? { icon, color: 'charts.green' } : condition === 'ready' ? { icon, color: 'charts.blue' } : { icon };
}

function loopFacts({ type, threadId, threadName, interpreterId }: LoopRecord, i: number): LookNode['facts'] {
  const { t } = vscode.l10n;
  const thread =
    threadId === null
      ? t('not running')
      : threadName === null
        ? t('in thread {0}', threadId)
        : t('in thread {0} ({1})', threadId, shown(threadName));
  const description = interpreterId === 0 ? thread : `${thread} · ${t('interpreter {0}', interpreterId)}`;
  return { key: `loop-${i}`, label: type === '' ? t('(unnamed)') : shown(type), description, icon: 'sync', isExpanded: true };
}

/** How many there are, in a sentence. */
export function taskCounts({ tasks }: TaskSnapshot): string {
  const { t } = vscode.l10n;
  const of = (condition: TaskRecord['condition']): number => tasks.filter((task) => task.condition === condition).length;
  if (tasks.length === 0) return t('No unfinished tasks.');
  if (tasks.length === 1) return t('One task: {0}.', conditionText(tasks[0]!));
  return t('{0} tasks: {1} running, {2} waiting, {3} ready to go on.', tasks.length, of('running'), of('waiting'), of('ready'));
}

/** Sentences on what is missing or not of one moment. */
export function taskNotes({ isImported, isCut, unreadable, tasks }: TaskSnapshot): string[] {
  const { t } = vscode.l10n;
  const moved = tasks.filter((task) => task.moved).length;
  return [
    ...(isImported ? [] : [t('The program has not imported asyncio.')]),
    ...(moved === 0
      ? []
      : [
          moved === 1
            ? t('One task moved on while it was being read: its stack may be a mix.')
            : t('{0} tasks moved on while they were being read: their stacks may be a mix.', moved),
        ]),
    ...(isCut ? [t('There are more tasks, or more that await one of them, than Heatline looks at: some are missing.')] : []),
    ...(unreadable === 0 ? [] : [t('Some tasks could not be read and may be missing.')]),
  ];
}

/** For each task's own node, the indices from a root's to its own. */
function pathsIn(trees: readonly TaskNode[]): (index: number) => readonly number[] {
  const parents = new Map<number, number>();
  const waiting = [...trees];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const child of node.children) {
      if (!child.repeated) parents.set(child.index, node.index);
      waiting.push(child);
    }
  }
  return (index) => {
    const path = [index];
    for (let parent = parents.get(index); parent !== undefined; parent = parents.get(parent)) path.unshift(parent);
    return path;
  };
}
