import * as vscode from 'vscode';
import { type FrameRecord, type LocalRecord, oldestFirst, type ThreadDump, waitRings } from '../../native/index.ts';
import { findNode, frameFacts, listed, LookNode, type NameOf, placeText, shown, stackNodes } from './lookNode.ts';

/** Longest value of a variable in its row, characters; its hover and text have all of it. */
const VALUE = 200;
/** Programs with so many threads are shown with those open that say most. */
const EXPANDED = 3;

/** What is said of threads besides what is in them. */
export interface ThreadFacts {
  /** The system's id of the one that got the signal of a core dump. */
  readonly signalled: number | null;
  /** Those with the same stack in the same state are one row. */
  readonly isFolded: boolean;
}

/** A thread, with its place in the snapshot. */
interface Numbered {
  readonly thread: ThreadDump;
  readonly index: number;
}

/** Nodes of all threads, the oldest first: below each what it waits for, and its stack, the innermost frame first. */
export function threadNodes(threads: readonly ThreadDump[], facts: ThreadFacts, nameOf: NameOf): readonly LookNode[] {
  const nodes: ThreadNodes = new ThreadNodes(threads, facts, nameOf, (index) => findNode(roots, [index]));
  const numbered = oldestFirst(threads).map((thread, i): Numbered => ({ thread, index: threads.length - 1 - i }));
  const groups = facts.isFolded ? alike(numbered, new Set(waitRings(threads).flat()), facts.signalled) : numbered.map((one) => [one]);
  const roots: readonly LookNode[] = listed(undefined, groups, nodes.node);
  return roots;
}

/** Threads that wait for each other, by name and in the order in which they do. */
export function deadlocks(threads: readonly ThreadDump[]): readonly string[] {
  return waitRings(threads).map((ring) => [...ring, ring[0]!].map((index) => threadName(threads[index]!)).join(' → '));
}

/** How many threads there are, in a sentence. */
export function threadCounts(threads: readonly ThreadDump[]): string {
  const { t } = vscode.l10n;
  const of = (state: ThreadDump['state']): number => threads.filter((thread) => thread.state === state).length;
  if (threads.length === 1) return t('One thread: {0}.', stateText(threads[0]!));
  return t('{0} threads: {1} running, {2} ready to run, {3} waiting.', threads.length, of('running'), of('ready'), of('waiting'));
}

export function threadName({ name, osThreadId }: ThreadDump): string {
  return name === null || name === '' ? vscode.l10n.t('Thread {0}', osThreadId) : shown(name);
}

/**
 * Threads whose stacks and states are the same, each group where its first one is. Those that wait for each other, and the one that got
 * a signal, are each what one looks for; those that wait for others belong together if it is for the same.
 */
function alike(threads: readonly Numbered[], deadlocked: ReadonlySet<number>, signalled: number | null): readonly (readonly Numbered[])[] {
  const groups = new Map<string, Numbered[]>();
  for (const one of threads) {
    const { frames, state, holdsGil, collects, interpreterId, problem, wait, osThreadId } = one.thread;
    const isAlone = deadlocked.has(one.index) || osThreadId === signalled;
    const key = JSON.stringify([
      isAlone ? one.index : -1,
      ...[state, holdsGil, collects, interpreterId, problem],
      typeof wait?.owner === 'number' ? [wait.owner, wait.what] : null,
      ...frames.map(({ function: name, file, line }) => [name, file, line]),
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

class ThreadNodes {
  readonly #threads: readonly ThreadDump[];
  readonly #facts: ThreadFacts;
  readonly #nameOf: NameOf;
  readonly #find: (index: number) => LookNode | undefined;
  readonly #deadlocked: ReadonlySet<number>;
  readonly #several: boolean;
  readonly #keys: readonly string[];

  /** @param find the node of a thread itself */
  constructor(threads: readonly ThreadDump[], facts: ThreadFacts, nameOf: NameOf, find: (index: number) => LookNode | undefined) {
    this.#threads = threads;
    this.#facts = facts;
    this.#nameOf = nameOf;
    this.#find = find;
    this.#deadlocked = new Set(waitRings(threads).flat());
    this.#several = new Set(threads.map(({ interpreterId }) => interpreterId)).size > 1;
    // A thread can have a state twice while it is made anew.
    const seen = new Map<string, number>();
    this.#keys = threads.map(({ interpreterId, osThreadId, pythonThreadId }) => {
      const key = `${interpreterId}-${osThreadId}-${pythonThreadId}`;
      const count = seen.get(key) ?? 0;
      seen.set(key, count + 1);
      return count === 0 ? key : `${key}#${count}`;
    });
  }

  /** One thread, or several whose stacks are the same. */
  readonly node = (parent: LookNode | undefined, group: readonly Numbered[]): LookNode => {
    const [first] = group;
    if (group.length === 1) return this.#single(parent, first!, true);
    const { t } = vscode.l10n;
    const { thread } = first!;
    const facts = {
      // By its oldest thread: the same as long as that is in it.
      key: `alike-${this.#keys[first!.index]!}`,
      label: t('{0} threads', group.length),
      description: this.#remarks(thread).join(' · '),
      tooltip: group
        .slice(0, 20)
        .map((one) => `${threadName(one.thread)} (${one.thread.osThreadId})`)
        .join('\n'),
      ...this.#icon(first!),
    };
    const hasOwner = typeof thread.wait?.owner === 'number';
    return new LookNode(parent, facts, (own) => [
      ...(hasOwner ? [this.#waitNode(own, thread)] : []),
      ...this.#frames(own, thread, false),
      ...listed(own, group, (above, one) => this.#single(above, one, false)),
    ]);
  };

  /** @param alone its stack is not said of a group already */
  #single(parent: LookNode | undefined, { thread, index }: Numbered, alone: boolean): LookNode {
    const { t } = vscode.l10n;
    const { osThreadId, pythonThreadId, interpreterId, wait, frames, problem } = thread;
    // Of a group it is said once, if it is the same for all.
    const saysWait = wait !== null && (alone || wait.owner === null);
    const hasLocals = frames.some(({ locals }) => locals !== null && locals.length > 0);
    const remarks = alone ? this.#remarks(thread) : [];
    const id = t('id {0}', osThreadId);
    const ids = t('system’s id {0}, threading.get_ident() {1}, interpreter {2}', osThreadId, pythonThreadId, interpreterId);
    const facts = {
      key: `thread-${this.#keys[index]!}`,
      label: threadName(thread),
      description: [...remarks, ...(this.#several ? [t('interpreter {0}', interpreterId)] : []), id].join(' · '),
      tooltip: [
        threadName(thread),
        ids,
        ...this.#remarks(thread),
        ...(wait === null
          ? []
          : [
              this.#waitTexts(thread)
                .filter((text) => text !== undefined)
                .join(' – '),
            ]),
      ].join('\n'),
      ...this.#icon({ thread, index }),
      index,
      isExpanded: alone && this.#saysMost({ thread, index }),
    };
    const below = (own: LookNode): LookNode[] => [
      ...(saysWait ? [this.#waitNode(own, thread)] : []),
      ...(alone || hasLocals ? this.#frames(own, thread, true) : []),
    ];
    const hasBelow = saysWait || ((alone || hasLocals) && (frames.length > 0 || problem !== null));
    return new LookNode(parent, facts, hasBelow ? below : undefined);
  }

  #saysMost({ thread, index }: Numbered): boolean {
    return this.#threads.length <= EXPANDED || this.#deadlocked.has(index) || thread.osThreadId === this.#facts.signalled;
  }

  #remarks(thread: ThreadDump): string[] {
    const { t } = vscode.l10n;
    const { holdsGil, collects, frames, problem, osThreadId } = thread;
    return [
      ...(osThreadId === this.#facts.signalled ? [t('got the signal')] : []),
      // First what a narrow view has room for: the icon says the state, too.
      frames.length === 0 ? t('no Python frames') : placeText(frames[0], this.#nameOf),
      stateText(thread),
      ...(holdsGil ? [t('holds the GIL')] : []),
      ...(collects ? [t('collects garbage')] : []),
      ...(problem === null ? [] : [t('stack not complete')]),
    ];
  }

  #icon({ thread, index }: Numbered): { readonly icon: string; readonly color?: string } {
    const { state, osThreadId } = thread;
    if (osThreadId === this.#facts.signalled) return { icon: 'error', color: 'list.errorForeground' };
    if (this.#deadlocked.has(index)) return { icon: 'lock', color: 'list.errorForeground' };
    switch (state) {
      case 'running':
        return { icon: 'play', color: 'charts.green' };
      case 'ready':
        return { icon: 'debug-continue', color: 'charts.blue' };
      case 'waiting':
        return { icon: 'watch' };
    }
  }

  /** Whom a thread waits for, or what for, and what else is known of that. */
  #waitTexts({ wait }: ThreadDump): readonly [string, string | undefined] {
    const { t } = vscode.l10n;
    const what = shown(wait?.what ?? '');
    const owner = this.#threads[wait?.owner ?? -1];
    if (owner !== undefined) return [t('waits for {0}', threadName(owner)), `${what} · ${t('id {0}', owner.osThreadId)}`];
    return [t('waits for {0}', what), typeof wait?.why === 'string' ? shown(wait.why) : undefined];
  }

  #waitNode(parent: LookNode, thread: ThreadDump): LookNode {
    const owner = thread.wait?.owner ?? null;
    const [label, description] = this.#waitTexts(thread);
    return new LookNode(parent, {
      key: 'wait',
      label,
      ...(description === undefined ? {} : { description }),
      icon: owner === null ? 'question' : 'link',
      ...(owner === null ? {} : { leadsTo: () => this.#find(owner) }),
    });
  }

  /** The innermost first. @param withLocals their variables, too, if they were read */
  #frames(parent: LookNode, { frames, problem }: ThreadDump, withLocals: boolean): LookNode[] {
    // Counted from the outermost: what calls others stays the same thing from look to look.
    const numbered = frames.map((frame, i): readonly [number, FrameRecord] => [frames.length - 1 - i, frame]);
    const node = (above: LookNode | undefined, [depth, frame]: readonly [number, FrameRecord]): LookNode => {
      const locals = withLocals ? (frame.locals ?? []) : [];
      const facts = { key: `frame-${depth}`, ...frameFacts(frame, this.#nameOf) };
      return new LookNode(
        above,
        facts,
        locals.length === 0 ? undefined : (own) => listed(own, [...locals.entries()], (on, [i, local]) => localNode(on, i, local)),
      );
    };
    const end = (text: string): LookNode =>
      new LookNode(parent, { key: 'problem', label: shown(text), icon: 'warning', color: 'list.warningForeground' });
    return [...stackNodes(parent, numbered, node), ...(problem === null ? [] : [end(problem)])];
  }
}

function localNode(parent: LookNode | undefined, index: number, { name, text, kind, isArgument }: LocalRecord): LookNode {
  const { t } = vscode.l10n;
  const value = shown(text);
  const what = kind === 'free' ? t('of an outer function') : isArgument ? t('argument') : '';
  return new LookNode(parent, {
    key: `local-${index}-${name}`,
    label: shown(name),
    description: value.length > VALUE ? `${value.slice(0, VALUE)}…` : value,
    tooltip: `${shown(name)} = ${value}${what === '' ? '' : ` (${what})`}`,
    icon: isArgument ? 'symbol-parameter' : 'symbol-variable',
    text: `${shown(name)} = ${value}`,
  });
}

function stateText({ state }: ThreadDump): string {
  const { t } = vscode.l10n;
  return { running: t('running'), ready: t('ready to run'), waiting: t('waiting') }[state];
}
