import type { FunctionRecord } from '../../profile/delta.ts';
import type { CodePlace } from '../cpython/coroutines.ts';
import type { OpenTarget } from '../openTarget.ts';
import type { ProcessSource } from '../os/system.ts';
import { FrameTable } from '../sampler/tables/frameTable.ts';
import { RunRecorder } from '../sampler/tables/runRecorder.ts';
import { RunningTasks, taskFile, taskPrefix } from '../sampler/tasks/runningTasks.ts';
import { Sampler } from '../sampler/sampler.ts';
import { StackTrie } from '../sampler/tables/stackTrie.ts';

/** Samples to take until one shows a task. */
const attempts = 3;

/** What a running task's thread executes. */
export interface RunningStack {
  readonly task: string;
  /** From the task's coroutine on, the innermost last. */
  readonly places: readonly CodePlace[];
}

/** Samples a process now, and tells what its running tasks execute. */
export function runningStacks(system: ProcessSource, target: OpenTarget): RunningStack[] {
  const frames = new FrameTable();
  const stacks = new StackTrie(() => frames.notRead());
  let threads = 0;
  const sampler = new Sampler(
    target,
    { frames, stacks, recorder: new RunRecorder() },
    { threadStarted: () => threads++, threadEnded: () => undefined },
    new RunningTasks(system, target, frames),
  );
  if (!sampler.enumerate()) return [];
  const functions: FunctionRecord[] = [];
  const places: { readonly function: FunctionRecord; readonly line: number }[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (!sampler.tick(attempt, 1)) continue;
    const news = frames.takeNew();
    functions.push(...news.functions);
    news.frames.functions.forEach((number, i) => places.push({ function: functions[number]!, line: news.frames.lines[i]! }));
    const found = sampler.sampledThreads.flatMap(({ sampledStack }) => {
      const above: CodePlace[] = [];
      // The innermost task: one may run another one eagerly.
      for (let stack = sampledStack; stack > 0; stack = stacks.parents[stack]!) {
        const {
          function: { name, file },
          line,
        } = places[stacks.frames[stack]!]!;
        if (file === taskFile) return [{ task: name.slice(taskPrefix.length), places: above.reverse() }];
        above.push({ function: name, file, line });
      }
      return [];
    });
    if (found.length > 0) return found;
  }
  return [];
}
