import type { GreenletRecord, GreenletSnapshot } from './greenletSnapshot.ts';

/** A greenlet and those that it is the parent of. */
export interface GreenletNode {
  /** Index in the snapshot. */
  readonly index: number;
  readonly greenlet: GreenletRecord;
  readonly children: readonly GreenletNode[];
}

/** Deepest tree: what lies deeper is shown at the top. */
const maxDepth = 200;

/** All greenlets as trees of parents and children; each is in them once. */
export function greenletTrees({ greenlets }: GreenletSnapshot): readonly GreenletNode[] {
  const children = greenlets.map((): number[] => []);
  for (const [index, { parent }] of greenlets.entries()) children[parent]?.push(index);
  const placed = new Set<number>();
  const place = (index: number, depth: number): GreenletNode[] => {
    if (placed.has(index) || depth > maxDepth) return [];
    placed.add(index);
    return [{ index, greenlet: greenlets[index]!, children: children[index]!.flatMap((child) => place(child, depth + 1)) }];
  };
  const roots = greenlets.flatMap(({ parent }, index) => (parent < 0 ? place(index, 0) : []));
  // Parents that are each other's children make no sense, but may be read all the same.
  return [...roots, ...greenlets.flatMap((_, index) => place(index, 0))];
}
