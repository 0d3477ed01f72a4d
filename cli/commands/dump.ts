import { commandOf, counted } from '../command.ts';
import { dump, type DumpCommand } from '../dump.ts';
import { parseAnyPid, UsageError } from '../values.ts';

export const dumpCommand = commandOf<DumpCommand>({
  name: 'dump',
  summary: 'show all threads of a process once, with their stacks and variables',
  description:
    'Shows all threads of a running Python process, once: name, ids, state, who holds the GIL, and the stack, the innermost function first. It is read at one instant where that can be had: while no thread runs, or from the core of the one that does, which stands still for about a millisecond. What it says first is which it was.',
  usage: ['-p PID [options]'],
  examples: [
    ['heatline dump -p 1234', 'where every thread is now'],
    ['heatline dump -p 1234 -l', 'with arguments and variables'],
    ["heatline dump -p 1234 --json -s | jq '.[].thread_name'", 'for programs, with the processes it started'],
  ],
  configure: (command) =>
    command
      .option('-p, --pid <pid>', 'the process to look at')
      .option('-l, --locals', 'show arguments and variables; -ll shows more of each', counted, 0)
      .option('-j, --json', 'for programs to read: py-spy’s fields, and more')
      .option('-s, --subprocesses', 'the processes it started, too')
      .option('--tasks', 'asyncio’s tasks and greenlets, too (Python 3.8 and newer)')
      .option('--full-filenames', 'whole paths, and not only what comes after the package’s folder')
      .option('--nonblocking', 'never take a program’s core from it for the look')
      .option('--never-stop', 'the same'),
  parse: (given) => {
    given.refuseOperands();
    const pid = given.value('pid', parseAnyPid);
    if (pid === undefined) throw new UsageError('dump needs a process: -p PID');
    const json = given.flag('json');
    const tasks = given.flag('tasks');
    if (json && tasks) throw new UsageError('--tasks makes no sense with --json: heatline tasks --json shows them');
    const depth = given.count('locals');
    return {
      pid,
      locals: depth === 0 ? 'none' : depth === 1 ? 'short' : 'long',
      json,
      subprocesses: given.flag('subprocesses'),
      tasks,
      fullFileNames: given.flag('fullFilenames'),
      neverStop: given.flag('nonblocking') || given.flag('neverStop'),
    };
  },
  execute: dump,
});
