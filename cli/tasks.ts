import { lookAtTasks, TargetError, type TaskSnapshot } from '../native/index.ts';
import type { TasksCommand } from './arguments.ts';
import { failureText } from './failureText.ts';
import { taskText } from './taskText.ts';

/** Prints all asyncio tasks of a process. @returns the exit code */
export async function tasks({ pid, json }: TasksCommand): Promise<number> {
  let snapshot: TaskSnapshot;
  try {
    snapshot = await lookAtTasks(pid);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    process.stderr.write(`heatline: ${failureText(error.failure)}\n`);
    return 1;
  }
  process.stdout.write(json ? `${JSON.stringify(snapshot, null, 2)}\n` : taskText(snapshot));
  return 0;
}
