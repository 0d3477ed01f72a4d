import type { TaskRecord, TaskSnapshot } from './taskSnapshot.ts';

/** A task and the tasks it awaits. */
export interface TaskNode {
  /** Index in the snapshot. */
  readonly index: number;
  readonly task: TaskRecord;
  /** Those it awaits. */
  readonly children: readonly TaskNode[];
  /** It is in the tree elsewhere, with what it awaits: several tasks await it, or it awaits itself in the end. */
  readonly repeated: boolean;
}

/** Deepest tree: what is awaited beyond is shown at the top. */
const maxDepth = 200;

/** The tasks of each loop as trees: at the top those that no task awaits, below each what it awaits; by name. */
export function taskTrees(snapshot: TaskSnapshot): readonly (readonly TaskNode[])[] {
  const { tasks } = snapshot;
  const children = tasks.map((): number[] => []);
  for (const [index, task] of tasks.entries()) for (const by of task.awaitedBy) children[by]?.push(index);
  const order = new Intl.Collator('en', { numeric: true });
  const byName = (a: number, b: number): number => order.compare(tasks[a]!.name, tasks[b]!.name) || a - b;
  const placed = new Set<number>();
  const place = (index: number, depth: number): TaskNode => {
    const task = tasks[index]!;
    if (placed.has(index) || depth === maxDepth) return { index, task, children: [], repeated: true };
    placed.add(index);
    return { index, task, repeated: false, children: children[index]!.sort(byName).map((child) => place(child, depth + 1)) };
  };
  const trees = snapshot.loops.map((): TaskNode[] => []);
  const sorted = tasks.map((_, index) => index).sort(byName);
  const roots = sorted.filter((index) => tasks[index]!.awaitedBy.length === 0);
  // What no root leads to awaits itself in the end, or lies too deep.
  for (const index of [...roots, ...sorted]) if (!placed.has(index)) trees[tasks[index]!.loop]!.push(place(index, 0));
  return trees;
}
