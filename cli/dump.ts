import {
  CoreError,
  dumpProcesses,
  type DumpSnapshot,
  type EngineFailure,
  lookAtGreenlets,
  lookAtTasks,
  openCore,
  type Part,
  readTaskParts,
  SourceLines,
  TargetError,
  type TaskParts,
  type TaskViews,
} from '../native/index.ts';
import { coreFailureText, coreTargetText } from './coreText.ts';
import { dumpJson } from './dumpJson.ts';
import { dumpText, type ShownNative, uncheckedText } from './dumpText.ts';
import { failureText } from './failureText.ts';
import { greenletText } from './greenletText.ts';
import { print, say } from './say.ts';
import { ShortNames } from './shortNames.ts';
import { printable, taskText } from './taskText.ts';
import { leaveIfDeleted } from './workingDirectory.ts';

/** How a dump is shown. */
interface DumpView {
  readonly locals: 'none' | 'short' | 'long';
  readonly json: boolean;
  readonly tasks: boolean;
  readonly fullFileNames: boolean;
}

/** Shows all threads of a process, and of those it started. */
export interface ProcessDumpCommand extends DumpView {
  readonly pid: number;
  readonly subprocesses: boolean;
  readonly native: ShownNative;
  readonly debugFolders?: readonly string[];
  readonly neverStop: boolean;
}

/** Shows all threads of a process that a core dump is of. */
export interface CoreDumpCommand extends DumpView {
  readonly core: string;
  /** Folders where the program's files are looked for first. */
  readonly search: readonly string[];
}

/** Prints all threads of a process, living or dumped. @returns the exit code */
export async function dump(command: ProcessDumpCommand | CoreDumpCommand): Promise<number> {
  leaveIfDeleted();
  return 'core' in command ? dumpCore(command) : dumpLiving(command);
}

async function dumpLiving(command: ProcessDumpCommand): Promise<number> {
  const { pid, locals, neverStop, subprocesses, debugFolders = [] } = command;
  const names = new ShortNames();
  const snapshots: DumpSnapshot[] = [];
  try {
    for await (const one of dumpProcesses(pid, { locals, neverStop, native: command.native !== 'none', debugFolders }, subprocesses)) {
      if ('failure' in one) {
        say(`heatline: ${failureText(one.failure)}`);
        continue;
      }
      names.learn(filesOf(one), one.pid, one.workingDirectory);
      snapshots.push(one);
    }
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return say(`heatline: ${failureText(error.failure)}`, 1);
  }
  return show(snapshots, command, command.native, names, failureText, ({ pid: of }) => ({
    tasks: () => lookAtTasks(of),
    greenlets: () => lookAtGreenlets(of),
  }));
}

async function dumpCore(command: CoreDumpCommand): Promise<number> {
  const { core: file, search, locals, json } = command;
  try {
    const core = await openCore(file, search);
    try {
      const snapshot = core.dump(locals);
      if (json) {
        for (const problem of snapshot.problems) say(`heatline: not read whole: ${printable(problem)}`);
        if (snapshot.core !== null && snapshot.core.unchecked.length > 0) say(`heatline: ${printable(uncheckedText(snapshot.core))}`);
      }
      const names = new ShortNames();
      names.learn(filesOf(snapshot), null, null);
      return await show(
        [snapshot],
        command,
        'none',
        names,
        (failure) => coreTargetText(file, failure),
        () => core,
      );
    } finally {
      core.close();
    }
  } catch (error) {
    if (error instanceof CoreError) return say(`heatline: ${coreFailureText(error.failure)}`, 1);
    if (error instanceof TargetError) return say(`heatline: ${coreTargetText(file, error.failure)}`, 1);
    throw error;
  }
}

function filesOf({ threads }: DumpSnapshot): string[] {
  return threads.flatMap(({ frames }) => frames.map(({ file }) => file));
}

async function show(
  snapshots: readonly DumpSnapshot[],
  { json, tasks, fullFileNames }: DumpView,
  native: ShownNative,
  names: ShortNames,
  textOf: (failure: EngineFailure) => string,
  viewsOf: (snapshot: DumpSnapshot) => TaskViews,
): Promise<number> {
  const shortName = (file: string): string => names.get(file);
  if (json) return print(dumpJson(snapshots, shortName, native));
  const source = new SourceLines();
  const texts: string[] = [];
  for (const snapshot of snapshots) {
    texts.push(dumpText(snapshot, source, fullFileNames ? (file) => file : shortName, native));
    if (tasks) texts.push(taskPartsText(await readTaskParts(viewsOf(snapshot)), textOf));
  }
  return print(texts.join('\n'));
}

/** Tasks and greenlets, where a process has such. */
function taskPartsText({ tasks, greenlets }: TaskParts, textOf: (failure: EngineFailure) => string): string {
  const parts: string[] = [];
  const add = <Snapshot>(part: Part<Snapshot> | null, text: (snapshot: Snapshot) => string): void => {
    if (part !== null) parts.push('failure' in part ? `${textOf(part.failure)}\n` : text(part.snapshot));
  };
  add(tasks, taskText);
  add(greenlets, greenletText);
  return parts.join('\n');
}
