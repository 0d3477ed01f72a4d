import { dumpProcesses, lookAtGreenlets, lookAtTasks, type DumpSnapshot, TargetError } from '../native/index.ts';
import { dumpText, inOrder, shortFileName } from './dumpText.ts';
import { failureText } from './failureText.ts';
import { greenletText } from './greenletText.ts';
import { print, say } from './say.ts';
import { SourceLines } from './sourceLines.ts';
import { taskText } from './taskText.ts';
import { leaveIfDeleted } from './workingDirectory.ts';

/** Shows all threads of a process. */
export interface DumpCommand {
  readonly pid: number;
  readonly locals: 'none' | 'short' | 'long';
  readonly json: boolean;
  readonly subprocesses: boolean;
  readonly tasks: boolean;
  readonly fullFileNames: boolean;
  readonly neverStop: boolean;
}

/** Prints all threads of a process, and of those it started. @returns the exit code */
export async function dump(command: DumpCommand): Promise<number> {
  leaveIfDeleted();
  const { pid, locals, neverStop, subprocesses, json } = command;
  const snapshots: DumpSnapshot[] = [];
  try {
    for await (const one of dumpProcesses(pid, { locals, neverStop }, subprocesses)) {
      if ('failure' in one) say(`heatline: ${failureText(one.failure)}`);
      else snapshots.push(one);
    }
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return say(`heatline: ${failureText(error.failure)}`, 1);
  }
  if (json) return print(`${JSON.stringify(snapshots.flatMap(jsonThreads), null, 2)}\n`);
  const source = new SourceLines();
  const texts: string[] = [];
  for (const snapshot of snapshots) {
    texts.push(dumpText(snapshot, source, command.fullFileNames));
    if (command.tasks) texts.push(await tasksOf(snapshot.pid));
  }
  return print(texts.join('\n'));
}

/** Tasks and greenlets, where a process has such. */
async function tasksOf(pid: number): Promise<string> {
  const parts: string[] = [];
  const add = async (show: () => Promise<string | null>): Promise<void> => {
    try {
      const text = await show();
      if (text !== null) parts.push(text);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      parts.push(`${failureText(error.failure)}\n`);
    }
  };
  await add(async () => {
    const tasks = await lookAtTasks(pid);
    return tasks.isImported ? taskText(tasks) : null;
  });
  await add(async () => {
    const greenlets = await lookAtGreenlets(pid);
    return greenlets.isImported ? greenletText(greenlets) : null;
  });
  return parts.join('\n');
}

/** py-spy's fields (its `dump --json`), and ours. */
function jsonThreads(snapshot: DumpSnapshot): unknown[] {
  const { pid, parentPid, commandLine, threads, moment, pythonVersion } = snapshot;
  return inOrder(threads).map((thread) => ({
    pid,
    thread_id: asNumber(thread.pythonThreadId),
    thread_name: thread.name,
    os_thread_id: thread.osThreadId,
    active: thread.state !== 'waiting',
    owns_gil: thread.holdsGil,
    frames: thread.frames.map(({ function: name, file, line, expression, locals }) => ({
      name,
      filename: file,
      module: null,
      short_filename: shortFileName(file),
      line,
      expression,
      locals:
        locals?.map((local) => ({
          name: local.name,
          addr: Number(local.address),
          arg: local.isArgument,
          repr: local.text,
          kind: local.kind,
        })) ?? null,
    })),
    process_info: { pid, ppid: parentPid, command_line: commandLine.join(' ') },
    python_version: pythonVersion,
    state: thread.state,
    collects_garbage: thread.collects,
    interpreter_id: thread.interpreterId,
    incomplete: thread.problem,
    waits_for:
      thread.wait === null
        ? null
        : {
            what: thread.wait.what,
            os_thread_id: thread.wait.owner === null ? null : (threads[thread.wait.owner]?.osThreadId ?? null),
            why: thread.wait.why,
          },
    moment: { one_instant: moment.isInstant, how: moment.how, pause_us: moment.pause, why: moment.why },
  }));
}

/** Addresses of threads fit a number; what does not stays text. */
function asNumber(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}
