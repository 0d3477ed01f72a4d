import { type Command, Option } from 'commander';
import { commandOf, type Given } from '../command.ts';
import { writtenFormats as formats } from '../../profile/formats/registry.ts';
import { formatOfFile, parseFormat } from '../formats.ts';
import { record } from '../record.ts';
import type { RecordCommand, RecordOptions, RunCommand } from '../recordOptions.ts';
import { run } from '../run.ts';
import { addNativeOption, addStopOptions, parseSampling, programOf } from '../samplingArguments.ts';
import { addViewOptions, parseView } from '../viewArguments.ts';
import { parseAnyPid, parsePid, UsageError } from '../values.ts';

export const recordCommand = commandOf<RecordCommand | RunCommand>({
  name: 'record',
  aliases: ['run'],
  summary: 'sample a program, running (-p) or started by this, and write a profile',
  description:
    'Samples a Python process and writes a profile. With -p it is one that runs: it is not changed, restarted, traced or stopped (but for --native); it loses its ' +
    'core to heatline for at most 1 % of the time, some 40 microseconds at once (see --max-stop). Otherwise it is the program behind --, from its ' +
    'start to its end: input, output, Ctrl-C and the exit code are the program’s (1 if that was 0 and the profile can’t be written), and it needs ' +
    'no rights that -p may need.\n\n' +
    'Signals that end other programs end a recording, and the profile is written; a second one ends heatline without it. Files are replaced when ' +
    'the new one is complete. Options mean what they mean to py-spy: docs/coming-from-py-spy.md.',
  usage: ['-p PID [options]', '[options] -- PROGRAM [ARGUMENTS]'],
  examples: [
    ['heatline record -p 1234 -d 10', '10 s of a running process; VS Code and profiler.firefox.com open the file'],
    ['heatline record -o app.txt -- python app.py', 'a program from its start; folded stacks, by the file’s ending'],
    ['heatline record -p 1234 --stream | jq -c .', 'events while it runs, for programs'],
    ['heatline record -p 1234 -s -i -f raw -o -', 'with the processes it starts and idle threads, to standard output'],
  ],
  configure,
  parse: (given) => {
    const program = programOf(given);
    const pid = given.value('pid', parseAnyPid);
    if (pid === undefined) {
      if (program === undefined) throw new UsageError('record needs a process (-p PID) or a program: heatline record … -- python app.py');
      return parseRun(given, program);
    }
    if (program !== undefined) throw new UsageError(`--pid makes no sense with a program ('${program[0]}')`);
    for (const option of ['allow', 'events', 'commands'])
      if (given.text(option) !== undefined) throw new UsageError(`--${option} makes no sense with --pid`);
    return { name: 'record', pid, ...parseCommon(given), output: given.text('output') };
  },
  tellsLeft: (command) => (command.quiet || (command.name === 'run' && command.events !== undefined) ? 'never' : 'before'),
  execute: (command) => (command.name === 'record' ? record(command) : run(command)),
});

function configure(command: Command): void {
  const width = Math.max(...formats.map(({ id }) => id.length));
  const formatLines = formats.map(({ id, purpose }) => `${id.padEnd(width)} ${purpose}`).join('\n');
  const format = new Option(
    '-f, --format <format>',
    `one of these; without it, the one that the output’s ending asks for, or firefox\n${formatLines}`,
  );
  // For completion: what is wrong with others parseFormat says.
  format.argChoices = formats.map(({ id }) => id);
  const hidden = (flags: string): Option => new Option(flags).hideHelp();
  command
    .option('-p, --pid <pid>', 'the process to look at')
    .option('-o, --output <file>', 'where to; - for standard output (default: named after the process and the time)')
    .addOption(format)
    .option('-d, --duration <seconds>', 'how long; without it until Ctrl-C (-p) or the process ends')
    .option('-r, --rate <rate>', 'samples per second, or max for as many as possible (default: 1000)')
    .option('-s, --subprocesses', 'follow the processes it starts, too')
    .option('-g, --gil', 'only samples of threads that hold the GIL');
  addStopOptions(addNativeOption(addViewOptions(command)))
    .option('--tasks', 'show the asyncio task that runs as a frame of its own (Python 3.8 and newer)')
    .option(
      '--instructions',
      'tell instructions apart, with opcodes as specialised and the columns of their expressions (Python 3.11 and newer), for hovers in the editor; makes profiles bigger',
    )
    .option(
      '--stream',
      'write what is sampled to standard output each second, as lines of JSON for programs (docs/stream.md), and a profile only with -o; what a program that is started writes goes to standard error',
    )
    .option('--hideprogress', 'show no progress')
    .option('-q, --quiet', 'say nothing but what went wrong')
    .option('--allow <process>', 'let another process read the program, too, where only parents may')
    .addOption(hidden('--events <pipe>'))
    .addOption(hidden('--commands <pipe>'));
}

function parseRun(given: Given, program: [string, ...string[]]): RunCommand {
  const [output, events, commands] = [given.text('output'), given.text('events'), given.text('commands')];
  if (events === undefined && commands !== undefined) throw new UsageError('--commands makes no sense without --events');
  if (events !== undefined && given.flag('stream')) throw new UsageError('--stream makes no sense with --events');
  if (events !== undefined && output !== undefined) throw new UsageError('with --events, nothing is written to --output');
  return { name: 'run', program, ...parseCommon(given), output, allow: given.value('allow', parsePid), events, commands };
}

function parseCommon(given: Given): RecordOptions {
  const output = given.text('output');
  const stream = given.flag('stream');
  if (stream && output === '-') throw new UsageError('--stream makes no sense with --output -: both go to standard output');
  if (stream && output === undefined && given.text('format') !== undefined)
    throw new UsageError('--format makes no sense with --stream and without --output');
  return {
    ...parseSampling(given, 1000),
    format: given.value('format', parseFormat) ?? (output === undefined ? undefined : formatOfFile(output)) ?? 'firefox',
    view: parseView(given),
    ...(stream ? { stream: true } : {}),
    quiet: given.flag('quiet'),
    hidesProgress: given.flag('hideprogress'),
  };
}
