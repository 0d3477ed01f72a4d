import { addDebugFolders, parseDebugFolders } from '../samplingArguments.ts';
import { commandOf, counted, listed } from '../command.ts';
import { type CoreDumpCommand, dump, type ProcessDumpCommand } from '../dump.ts';
import { parseAnyPid, UsageError } from '../values.ts';

export const dumpCommand = commandOf<ProcessDumpCommand | CoreDumpCommand>({
  name: 'dump',
  summary: 'show all threads of a process once, with their stacks and variables',
  description:
    'Shows all threads of a Python process, once: name, ids, state, who holds the GIL, and the stack, the innermost function first. It is read at one instant where that can be had: while no thread runs, or from the core of the one that does, which stands still for about a millisecond. What it says first is which it was.\n\nWith --core it is the process that a core dump is of (Linux, x86-64; by the kernel or gcore; also .gz, .zst and .lz4), with the signal that ended it and the thread that got it. Pages that the dump leaves out are read from the program’s files, if these are still the same builds. Source lines are those that the files have now.',
  usage: ['-p PID [options]', '--core FILE [options]'],
  examples: [
    ['heatline dump -p 1234', 'where every thread is now'],
    ['heatline dump -p 1234 -l', 'with arguments and variables'],
    ['heatline dump -p 1234 -n', 'with what C code does in between; threads that run are stopped for a moment'],
    ['heatline dump --core core.1234 -l', 'where a program was that has crashed'],
    ["heatline dump -p 1234 --json -s | jq '.[].thread_name'", 'for programs, with the processes it started'],
  ],
  configure: (command) =>
    addDebugFolders(
      command
        .option('-p, --pid <pid>', 'the process to look at')
        .option('-c, --core <file>', 'a core dump to look at instead')
        .option(
          '--search <folder>',
          'with --core: where to look first for the program’s files, under their whole path, their name or their build id; may be given several times',
          listed,
          [],
        )
        .option('-l, --locals', 'show arguments and variables; -ll shows more of each', counted, 0)
        .option('-n, --native', 'native frames, too: C, C++, Rust, Cython; -nn shows the interpreter’s own as well', counted, 0)
        .option('-j, --json', 'for programs to read: py-spy’s fields, and more')
        .option('-s, --subprocesses', 'the processes it started, too')
        .option('--tasks', 'asyncio’s tasks and greenlets, too (Python 3.8 and newer)')
        .option('--full-filenames', 'whole paths, and not only what comes after the package’s folder')
        .option('--nonblocking', 'never take a program’s core from it for the look')
        .option('--never-stop', 'the same'),
    ),
  parse: (given) => {
    given.refuseOperands();
    const pid = given.value('pid', parseAnyPid);
    const core = given.text('core');
    if (pid === undefined && core === undefined) throw new UsageError('dump needs a process (-p PID) or a core dump (--core FILE)');
    const json = given.flag('json');
    const tasks = given.flag('tasks');
    if (json && tasks) throw new UsageError('--tasks makes no sense with --json: heatline tasks --json shows them');
    const depth = given.count('locals');
    const view = {
      locals: depth === 0 ? 'none' : depth === 1 ? 'short' : 'long',
      json,
      tasks,
      fullFileNames: given.flag('fullFilenames'),
    } as const;
    const search = given.texts('search');
    const subprocesses = given.flag('subprocesses');
    const depthOfNative = given.count('native');
    const native = depthOfNative === 0 ? 'none' : depthOfNative === 1 ? 'program' : 'all';
    if (core !== undefined) {
      if (pid !== undefined) throw new UsageError('--core makes no sense with --pid');
      if (subprocesses) throw new UsageError('--subprocesses makes no sense with --core: a core dump is of one process');
      if (native !== 'none')
        throw new UsageError('--native makes no sense with --core yet: native frames are read of living processes only');
      return { core, search, ...view };
    }
    if (search.length > 0) throw new UsageError('--search makes no sense without --core');
    return {
      pid: pid!,
      subprocesses,
      native,
      ...parseDebugFolders(given),
      neverStop: given.flag('nonblocking') || given.flag('neverStop'),
      ...view,
    };
  },
  tellsLeft: () => 'after',
  execute: dump,
});
