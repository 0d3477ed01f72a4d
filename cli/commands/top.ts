import { Option } from 'commander';
import { type LiveKind, liveKinds } from '../../profile/live/liveTimes.ts';
import { commandOf } from '../command.ts';
import { addNativeOption, addStopOptions, parseSampling, programOf } from '../samplingArguments.ts';
import { type SortKey, sortKeys } from '../top/state.ts';
import { top, type TopCommand } from '../top/top.ts';
import { parseAnyPid, parseDelay, UsageError } from '../values.ts';

/** As py-spy's. */
const defaults = { rate: 100, delay: 1000 } as const;

export const topCommand = commandOf<TopCommand>({
  name: 'top',
  summary: 'show where a program spends its time, live in the terminal',
  description:
    'Shows functions, lines, modules, threads or processes with the time they take now (since the last picture, a second) and took since the ' +
    'beginning, as top does for processes. Shares are of the time that passed: two threads at once make 200 %. %CPU and %GIL say how much of a ' +
    'row’s total was on a core, and with the GIL. Threads that wait don’t count unless --idle is given.\n\n' +
    'Keys: 1 to 4 sort, L lines, F M T P functions, modules, threads, processes, / filter, Space pause, R reset, ? all keys, q or Ctrl-C quit. ' +
    'Where standard output is no terminal, each second has one line: what threads did, and the first three rows.\n\n' +
    'A program that is started here gets no input, ends when you quit, and what it writes last is shown at the end; its exit code is ours. ' +
    'Options mean what they mean to py-spy: docs/coming-from-py-spy.md.',
  usage: ['-p PID [options]', '[options] -- PROGRAM [ARGUMENTS]'],
  examples: [
    ['heatline top -p 1234', 'a process that runs, and what it calls'],
    ['heatline top -s --by line -- python app.py', 'a program and the processes it starts, by line'],
    ['heatline top -p 1234 -d 60 | tee top.log', 'a minute as text, a line a second'],
  ],
  configure: (command) => {
    command
      .option('-p, --pid <pid>', 'the process to look at')
      .option('-r, --rate <rate>', `samples per second, or max for as many as possible (default: ${defaults.rate})`)
      .option('-s, --subprocesses', 'follow the processes it starts, too')
      .option('--full-filenames', 'show whole file names, and not only the part in their package')
      .option('-g, --gil', 'only samples of threads that hold the GIL')
      .option('-i, --idle', 'count threads that wait, too')
      .option('--delay <seconds>', `between pictures, 0.1 to 3600 (default: ${defaults.delay / 1000})`)
      .option('-d, --duration <seconds>', 'how long; without it until you quit or the process ends')
      .addOption(new Option('--by <what>', `what rows are at first: ${liveKinds.join(', ')}`).choices(liveKinds))
      .addOption(new Option('--sort <column>', `what they are sorted by at first: ${sortKeys.join(', ')}`).choices(sortKeys));
    addStopOptions(addNativeOption(command));
  },
  parse: (given) => {
    const program = programOf(given);
    const pid = given.value('pid', parseAnyPid);
    if (pid !== undefined && program !== undefined) throw new UsageError(`--pid makes no sense with a program ('${program[0]}')`);
    const of = pid !== undefined ? { pid } : program !== undefined ? { program } : null;
    if (of === null) throw new UsageError('top needs a process (-p PID) or a program: heatline top … -- python app.py');
    return {
      name: 'top',
      of,
      ...parseSampling(given, defaults.rate),
      delay: given.value('delay', parseDelay) ?? defaults.delay,
      gil: given.flag('gil'),
      idle: given.flag('idle'),
      fullFilenames: given.flag('fullFilenames'),
      kind: given.value('by', (text) => text as LiveKind) ?? 'function', // the library takes choices alone
      sort: given.value('sort', (text) => text as SortKey) ?? 'own',
    };
  },
  tellsLeft: () => 'after',
  execute: top,
});
