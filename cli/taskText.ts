import { type CodePlace, type TaskNode, type TaskSnapshot, taskTrees } from '../native/index.ts';

/** Most frames of a stack that are shown: the outermost and the innermost half of them. */
const shownFrames = 40;

/** All tasks of a process for a terminal: trees of who awaits whom, each task with its stack, the innermost frame last. */
export function taskText(snapshot: TaskSnapshot): string {
  const { pid, pythonVersion, tasks, loops, unreadable, isCut, isImported } = snapshot;
  const lines = [`Process ${pid} (Python ${pythonVersion}): ${tasks.length === 1 ? 'one asyncio task' : `${tasks.length} asyncio tasks`}`];
  if (!isImported) lines.push('It has not imported asyncio.');
  if (isCut) lines.push('There is more than Heatline looks at (262 144 tasks, 65 536 that await one of them): some are missing.');
  if (unreadable > 0) lines.push('Some tasks could not be read and may be missing.');
  for (const [i, nodes] of taskTrees(snapshot).entries()) {
    const { type, threadId, threadName, interpreterId } = loops[i]!;
    const thread = threadId === null ? 'not running' : `in thread ${threadId}${threadName === null ? '' : ` (${threadName})`}`;
    lines.push('', `${type} ${thread}${interpreterId === 0 ? '' : `, interpreter ${interpreterId}`}`);
    addNodes(lines, nodes, '');
  }
  return `${lines.map(printable).join('\n')}\n`;
}

function addNodes(lines: string[], nodes: readonly TaskNode[], indent: string): void {
  for (const [i, { task, children, repeated }] of nodes.entries()) {
    const isLast = i === nodes.length - 1;
    const under = indent + (isLast ? '   ' : '│  ');
    const condition = task.condition === 'waiting' && task.awaits !== '' ? `waiting for ${task.awaits}` : task.condition;
    const notes = [condition, ...(repeated ? ['shown elsewhere'] : []), ...(task.moved ? ['moved on while it was being read'] : [])];
    lines.push(`${indent}${isLast ? '└─' : '├─'} ${task.name === '' ? '(unnamed)' : task.name} – ${notes.join(', ')}`);
    if (repeated) continue;
    const bar = children.length > 0 ? '│' : ' ';
    for (const line of stackLines(task.stack)) lines.push(`${under}${bar}    ${line}`);
    addNodes(lines, children, under);
  }
}

/** A stack as lines of text, the middle of a very long one left out. */
export function stackLines(stack: readonly CodePlace[]): string[] {
  const text = ({ function: name, file, line }: CodePlace): string => `${name} (${file}:${line})`;
  if (stack.length <= shownFrames) return stack.map(text);
  const half = shownFrames / 2;
  return [...stack.slice(0, half).map(text), `… ${stack.length - shownFrames} more`, ...stack.slice(-half).map(text)];
}

/** A line without what would steer the terminal: names are the target's. */
export function printable(line: string): string {
  return line.replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '�');
}
