import { type GreenletNode, type GreenletSnapshot, greenletTrees } from '../native/index.ts';
import { printable, stackLines } from './taskText.ts';

/** All greenlets of a process for a terminal: trees of parents and children, each with its stack, the innermost frame last. */
export function greenletText(snapshot: GreenletSnapshot): string {
  const { pid, pythonVersion, greenlets, unreadable, isCut, isImported } = snapshot;
  const lines = [`Process ${pid} (Python ${pythonVersion}): ${greenlets.length === 1 ? 'one greenlet' : `${greenlets.length} greenlets`}`];
  if (!isImported) lines.push('It has not imported greenlet or gevent.');
  if (unreadable > 0) lines.push('Some lists of objects changed too much to be followed: greenlets may be missing.');
  if (isCut) lines.push('There are more than Heatline looks at: some are missing.');
  addNodes(lines, greenletTrees(snapshot), '');
  return `${lines.map(printable).join('\n')}\n`;
}

function addNodes(lines: string[], nodes: readonly GreenletNode[], indent: string): void {
  for (const [i, { greenlet, children }] of nodes.entries()) {
    const { type, id, condition, moved, stack } = greenlet;
    const isLast = i === nodes.length - 1;
    const under = indent + (isLast ? '   ' : '│  ');
    lines.push(`${indent}${isLast ? '└─' : '├─'} ${type} ${id} – ${condition}${moved ? ', moved on while it was being read' : ''}`);
    for (const line of stackLines(stack)) lines.push(`${under}${children.length > 0 ? '│' : ' '}    ${line}`);
    addNodes(lines, children, under);
  }
}
