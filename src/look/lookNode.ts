import * as vscode from 'vscode';
import type { CodePlace } from '../../native/index.ts';
import { baseName } from '../files/pathMatch.ts';

/** Most children that are listed at once; the rest is behind a node that says how many there are. */
const LISTED = 500;
/** Longest stack that is listed whole; of a longer one its two ends are. */
const FRAMES = 40;

/** What a row of the view shows, and what choosing it does. */
export interface LookFacts {
  /** Unique among its siblings, and the same for the same thing from look to look. */
  readonly key: string;
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  /** A codicon and a theme colour. */
  readonly icon: string;
  readonly color?: string;
  /** Opened when it is chosen. */
  readonly place?: CodePlace;
  /** Index of the thread, task or greenlet it stands for. */
  readonly index?: number;
  /** It is in the tree elsewhere, with all that is below it. */
  readonly isRepeated?: boolean;
  /** Shown when it is chosen; undefined: it is not there. */
  readonly leadsTo?: () => LookNode | undefined;
  readonly isExpanded?: boolean;
  /** It stands for what there is more of than is listed at once. */
  readonly isRest?: boolean;
  /** What it is as text, where that is not made of label and description. */
  readonly text?: string;
}

/** A row of a look's tree. What is below it is made when it is asked for. */
export class LookNode {
  readonly facts: LookFacts;
  readonly parent: LookNode | undefined;
  readonly id: string;
  readonly #make: ((parent: LookNode) => readonly LookNode[]) | undefined;
  #children: readonly LookNode[] | undefined;

  constructor(parent: LookNode | undefined, facts: LookFacts, make?: (parent: LookNode) => readonly LookNode[]) {
    this.parent = parent;
    this.facts = facts;
    this.id = parent === undefined ? facts.key : `${parent.id}/${facts.key}`;
    this.#make = make;
  }

  get mayHaveChildren(): boolean {
    return this.#make !== undefined;
  }

  get children(): readonly LookNode[] {
    return (this.#children ??= this.#make?.(this) ?? []);
  }
}

/** Nodes for a list of any length: the first ones, and one node for the rest. */
export function listed<T>(
  parent: LookNode | undefined,
  items: readonly T[],
  node: (parent: LookNode | undefined, item: T) => LookNode,
  start = 0,
): LookNode[] {
  const nodes = items.slice(start, start + LISTED).map((item) => node(parent, item));
  const next = start + LISTED;
  if (next >= items.length) return nodes;
  return [...nodes, moreNode(parent, items.length - next, `more-${next}`, (own) => listed(own, items, node, next))];
}

/** Nodes for the frames of a stack, outermost first. */
export function frameNodes(parent: LookNode, stack: readonly CodePlace[], nameOf: NameOf): LookNode[] {
  return stackNodes(
    parent,
    [...stack.entries()],
    (above, [i, place]) => new LookNode(above, { key: `frame-${i}`, ...frameFacts(place, nameOf) }),
  );
}

/** Nodes for a stack of any length: of a long one its two ends, and one node for what is between them. */
export function stackNodes<T>(
  parent: LookNode,
  frames: readonly T[],
  node: (parent: LookNode | undefined, frame: T) => LookNode,
): LookNode[] {
  if (frames.length <= FRAMES) return frames.map((frame) => node(parent, frame));
  const half = FRAMES / 2;
  const middle = frames.slice(half, -half);
  return [
    ...frames.slice(0, half).map((frame) => node(parent, frame)),
    moreNode(parent, middle.length, 'frames', (own) => listed(own, middle, node)),
    ...frames.slice(-half).map((frame) => node(parent, frame)),
  ];
}

/** What to call a function and its file: cells of notebooks have names of their own. */
export type NameOf = (place: CodePlace) => { readonly name: string; readonly file: string };

/** What the row of a frame shows, which opens its line. */
export function frameFacts(place: CodePlace, nameOf: NameOf): Omit<LookFacts, 'key'> {
  const { name, file } = nameOf(place);
  return {
    label: shown(name),
    description: `${shown(baseName(file))}:${place.line}`,
    tooltip: `${shown(name)} – ${shown(file)}:${place.line}`,
    icon: 'symbol-method',
    place,
  };
}

function moreNode(parent: LookNode | undefined, count: number, key: string, make: (own: LookNode) => readonly LookNode[]): LookNode {
  return new LookNode(parent, { key, label: vscode.l10n.t('{0} more', count), icon: 'ellipsis', isRest: true }, make);
}

/** Where somebody is, in a few words: "fetch · client.py:12". */
export function placeText(place: CodePlace | undefined, nameOf: NameOf): string {
  if (place === undefined) return '';
  const { name, file } = nameOf(place);
  return `${shown(name)} · ${shown(baseName(file))}:${place.line}`;
}

/** Text of the target's in one line, without what would change how others are shown. */
export function shown(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '�');
}

/** Nodes, and all below them, as text. */
export function nodesText(nodes: readonly LookNode[]): string {
  const lines: string[] = [];
  // Not by recursion: a list of a million is a thousand nodes deep.
  const waiting = nodes.map((node) => ({ node, depth: 0 })).reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next;
    const { label, description = '', place, isRest, text } = node.facts;
    // In text there is room for all of them.
    if (isRest !== true)
      lines.push(
        `${'  '.repeat(depth)}${text ?? (place === undefined ? [label, description].filter((part) => part !== '').join(' – ') : `${label} (${shown(place.file)}:${place.line})`)}`,
      );
    for (const child of node.children.toReversed()) waiting.push({ node: child, depth: isRest === true ? depth : depth + 1 });
  }
  return `${lines.join('\n')}\n`;
}

/** The node that stands for a thread, task or greenlet itself, not for its mention elsewhere. @param path indices from a root's to its own */
export function findNode(roots: readonly LookNode[], path: readonly number[]): LookNode | undefined {
  let nodes = roots;
  let found: LookNode | undefined;
  for (const index of path) {
    found = undefined;
    const waiting = [...nodes];
    for (let node = waiting.shift(); node !== undefined && found === undefined; node = waiting.shift()) {
      if (node.facts.index === index && node.facts.isRepeated !== true) found = node;
      else if (node.facts.index === undefined && node.facts.place === undefined) waiting.push(...node.children);
    }
    if (found === undefined) return undefined;
    nodes = found.children;
  }
  return found;
}
