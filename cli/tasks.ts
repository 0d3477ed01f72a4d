import { lookAtGreenlets, lookAtTasks, TargetError } from '../native/index.ts';
import type { TasksCommand } from './arguments.ts';
import { failureText } from './failureText.ts';
import { greenletText } from './greenletText.ts';
import { print, say } from './say.ts';
import { taskText } from './taskText.ts';
import { leaveIfDeleted } from './workingDirectory.ts';

/** Prints all asyncio tasks, or greenlets, of a process. @returns the exit code */
export async function tasks({ name, pid, json }: TasksCommand): Promise<number> {
  leaveIfDeleted();
  let text: string;
  try {
    text = name === 'tasks' ? shown(await lookAtTasks(pid), json, taskText) : shown(await lookAtGreenlets(pid), json, greenletText);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return say(`heatline: ${failureText(error.failure)}`, 1);
  }
  return print(text);
}

function shown<Snapshot>(snapshot: Snapshot, json: boolean, text: (snapshot: Snapshot) => string): string {
  return json ? `${JSON.stringify(snapshot, null, 2)}\n` : text(snapshot);
}
