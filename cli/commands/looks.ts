import type { Command } from 'commander';
import { lookAtGreenlets, lookAtTasks, TargetError } from '../../native/index.ts';
import { type AnyCommand, commandOf, type Given } from '../command.ts';
import { failureText } from '../failureText.ts';
import { greenletText } from '../greenletText.ts';
import { print, say } from '../say.ts';
import { taskText } from '../taskText.ts';
import { parseAnyPid, UsageError } from '../values.ts';
import { leaveIfDeleted } from '../workingDirectory.ts';

/** Shows a process's asyncio tasks, or its greenlets. */
interface LookCommand {
  readonly name: 'tasks' | 'greenlets';
  readonly pid: number;
  readonly json: boolean;
}

export const tasksCommand = lookCommand(
  'tasks',
  'show all asyncio tasks of a process',
  'Shows all asyncio tasks of a process, where each is, and which awaits which (Python 3.8 and newer). The process is not paused.',
);

export const greenletsCommand = lookCommand(
  'greenlets',
  'show all greenlets of a process',
  'Shows all greenlets that have begun, gevent’s among them, with their parents (Python 3.8 and newer). The process is not paused.',
);

function lookCommand(name: LookCommand['name'], summary: string, description: string): AnyCommand {
  return commandOf<LookCommand>({
    name,
    summary,
    description,
    usage: ['-p PID [options]'],
    examples: [
      [`heatline ${name} -p 1234`, 'as a tree, for people'],
      [`heatline ${name} -p 1234 --json | jq .`, 'for programs'],
    ],
    configure: (command: Command) =>
      command.option('-p, --pid <pid>', 'the process to look at').option('-j, --json', 'for programs to read'),
    parse: (given: Given) => {
      given.refuseOperands();
      const pid = given.value('pid', parseAnyPid);
      if (pid === undefined) throw new UsageError(`${name} needs a process: -p PID`);
      return { name, pid, json: given.flag('json') };
    },
    execute: look,
  });
}

/** Prints all asyncio tasks, or greenlets, of a process. @returns the exit code */
async function look({ name, pid, json }: LookCommand): Promise<number> {
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
