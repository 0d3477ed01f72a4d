import { type EngineFailure } from '../engine.ts';
import { failureOf, TargetError } from '../targetError.ts';
import type { GreenletSnapshot } from '../tasks/greenletSnapshot.ts';
import type { TaskSnapshot } from '../tasks/taskSnapshot.ts';
import type { DumpSnapshot } from './dumpSnapshot.ts';

/** What was seen of something, or why that can't be seen in this process. */
export type Part<Snapshot> = { readonly snapshot: Snapshot } | { readonly failure: EngineFailure };

/** What waits in a process on no thread's stack. Null: the program has imported nothing that has such, or they were not asked for. */
export interface TaskParts {
  readonly tasks: Part<TaskSnapshot> | null;
  readonly greenlets: Part<GreenletSnapshot> | null;
}

/** All that a process does at one moment. Tasks and greenlets are read after the threads, as the program runs. */
export interface ProcessSnapshot extends TaskParts {
  readonly threads: DumpSnapshot;
}

/** What shows a process's tasks and greenlets: a living one's, or those in a core dump. */
export interface TaskViews {
  readonly tasks: () => TaskSnapshot | Promise<TaskSnapshot>;
  readonly greenlets: () => GreenletSnapshot | Promise<GreenletSnapshot>;
}

/** Tasks and greenlets that were not asked for. */
export const noTaskParts: TaskParts = { tasks: null, greenlets: null };

/** Tasks and greenlets, where a process has such. Throws what is no TargetError: the whole dump is of no use then. */
export async function readTaskParts(views: TaskViews): Promise<TaskParts> {
  return { tasks: await partOf(views.tasks), greenlets: await partOf(views.greenlets) };
}

async function partOf<Snapshot extends { readonly isImported: boolean }>(
  read: () => Snapshot | Promise<Snapshot>,
): Promise<Part<Snapshot> | null> {
  try {
    const snapshot = await read();
    return snapshot.isImported ? { snapshot } : null;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { failure: failureOf(error) };
  }
}
