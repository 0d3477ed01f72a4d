import type { GreenletSnapshot } from '../native/index.ts';
import { printable, stackLines } from './taskText.ts';

/** Deepest tree: what lies deeper is shown at the top. */
const maxDepth = 200;

/** All greenlets of a process for a terminal: trees of parents and children, each with its stack, the innermost frame last. */
export function greenletText({ pid, pythonVersion, greenlets, unreadable }: GreenletSnapshot): string {
  const lines = [`Process ${pid} (Python ${pythonVersion}): ${greenlets.length === 1 ? 'one greenlet' : `${greenlets.length} greenlets`}`];
  if (unreadable > 0) lines.push('Some lists of objects changed too much to be followed: greenlets may be missing.');
  const children = greenlets.map((): number[] => []);
  for (const [index, { parent }] of greenlets.entries()) children[parent]?.push(index);
  const shown = new Set<number>();
  const add = (indices: readonly number[], indent: string, depth: number): void => {
    for (const [i, index] of indices.entries()) {
      if (shown.has(index) || depth > maxDepth) continue;
      shown.add(index);
      const { type, id, condition, moved, stack } = greenlets[index]!;
      const isLast = i === indices.length - 1;
      const under = indent + (isLast ? '   ' : '│  ');
      lines.push(`${indent}${isLast ? '└─' : '├─'} ${type} ${id} – ${condition}${moved ? ', was switched to while it was read' : ''}`);
      for (const line of stackLines(stack)) lines.push(`${under}${children[index]!.length > 0 ? '│' : ' '}    ${line}`);
      add(children[index]!, under, depth + 1);
    }
  };
  add(greenlets.flatMap(({ parent }, index) => (parent < 0 ? [index] : [])), '', 0);
  // Parents that are each other's children make no sense, but may be read all the same.
  for (const index of greenlets.keys()) add([index], '', 0);
  return `${lines.map(printable).join('\n')}\n`;
}
