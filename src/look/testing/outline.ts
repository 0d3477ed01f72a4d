import type { LookNode } from '../lookNode.ts';

/** Labels and descriptions of nodes and of those below them. */
export function outline(nodes: readonly LookNode[]): unknown[] {
  return nodes.map(({ facts, children, mayHaveChildren }) => {
    const text = facts.description === undefined ? facts.label : `${facts.label} – ${facts.description}`;
    return mayHaveChildren ? [text, ...outline(children)] : text;
  });
}

/** The nodes and all that are below them. */
export function* all(nodes: readonly LookNode[]): Generator<LookNode> {
  for (const node of nodes) {
    yield node;
    yield* all(node.children);
  }
}
