import { lookAtGreenlets, lookAtTasks, TargetError } from '../native/index.ts';
import type { TasksCommand } from './arguments.ts';
import { failureText } from './failureText.ts';
import { greenletText } from './greenletText.ts';
import { taskText } from './taskText.ts';

/** Prints all asyncio tasks, or greenlets, of a process. @returns the exit code */
export async function tasks({ name, pid, json }: TasksCommand): Promise<number> {
  try {
    if (name === 'tasks') print(await lookAtTasks(pid), json, taskText);
    else print(await lookAtGreenlets(pid), json, greenletText);
    return 0;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    process.stderr.write(`heatline: ${failureText(error.failure)}\n`);
    return 1;
  }
}

function print<Snapshot>(snapshot: Snapshot, json: boolean, text: (snapshot: Snapshot) => string): void {
  process.stdout.write(json ? `${JSON.stringify(snapshot, null, 2)}\n` : text(snapshot));
}
