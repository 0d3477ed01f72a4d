import { parseArgs } from 'node:util';
import { runVariable } from '../native/index.ts';
import { type ElevateCommand, type HelperCommand, parseElevate, parseHelper } from './helperArguments.ts';
import { parseDuration, parsePercent, parsePid, parseRate, UsageError } from './values.ts';

export { UsageError } from './values.ts';

export const usage = `Usage: heatline record -p PID [options]
       heatline run [options] -- PROGRAM [ARGUMENTS]
       heatline tasks -p PID [--json]
       heatline greenlets -p PID [--json]

record samples a running Python process and writes a profile. The process is not changed, restarted, traced or
stopped: it loses its core to heatline for at most 1 % of the time, some 40 microseconds at once (see --max-stop).
run starts a program, samples it from its start, and writes a profile when it ends. Input, output, Ctrl-C and
the exit code are the program's; it is 1 if that was 0 and the profile can't be written. It needs no rights that record may need.
Signals that end other programs end a recording, and the profile is written; a second one ends heatline without it. Files
are replaced when the new one is complete.
tasks shows all asyncio tasks of a process, where each is, and which awaits which (Python 3.8 and newer).
greenlets shows all greenlets, gevent's among them, that have begun, with their parents (Python 3.8 and newer).

  -p, --pid PID          the process to look at
  -d, --duration SECONDS how long; without it until Ctrl-C (record) or the process ends
  -r, --rate RATE        samples per second (default 1000), or max for as many as possible
  -f, --format FORMAT    raw (folded stacks), speedscope or firefox (default, gzipped; opens in Heatline
                         and in profiler.firefox.com)
  -o, --output FILE      where to (default: heatline-PID with the format's ending; - for standard output)
  -s, --subprocesses     follow the processes it starts, too
      --max-stop PERCENT share of a program's time that looks may take, 0 to 50 (default 1): there are fewer than --rate says
                         where they would take more
      --never-stop       take nothing of it (--nonblocking is the same): the program is read as it runs, from other cores, and
                         shares of functions that take less than a few microseconds may be off
  -b, --blocking         take up to 10 % of it, if that is what as many looks take as --rate says
  -t, --tasks            show the asyncio task that runs as a frame of its own (Python 3.8 and newer)
  -i, --instructions     tell instructions apart, with opcodes as specialised and the columns of their expressions
                         (Python 3.11 and newer), for hovers in the editor; makes profiles bigger
  -q, --quiet            run: say nothing of what was recorded
      --allow PID        run: let another process read the program, too, where only parents may
      --json             tasks, greenlets: for programs to read
  -h, --help             this text
`;

export type Format = 'raw' | 'speedscope' | 'firefox';

/** How much of the process's time looks may take, as EngineOptions has it. */
export interface StopOptions {
  readonly blocking: boolean;
  /** Share of the time; 0: never. */
  readonly maxStopped?: number;
}

/** Of a command, what it says of that. */
export function stopOptions({ blocking, maxStopped }: StopOptions): StopOptions {
  return { blocking, ...(maxStopped === undefined ? {} : { maxStopped }) };
}

export interface RecordCommand extends StopOptions {
  readonly name: 'record';
  readonly pid: number;
  /** ms */
  readonly duration: number | undefined;
  readonly rate: number | 'max';
  readonly format: Format;
  readonly output: string;
  readonly subprocesses: boolean;
  /** Shows asyncio tasks as frames. */
  readonly tasks?: boolean;
  /** Tells frames apart by their instructions. */
  readonly instructions?: boolean;
}

export interface RunCommand extends StopOptions {
  readonly name: 'run';
  /** The program and what it is given. */
  readonly program: readonly [string, ...string[]];
  /** ms */
  readonly duration: number | undefined;
  readonly rate: number | 'max';
  readonly format: Format;
  /** Undefined: named after the process. */
  readonly output: string | undefined;
  readonly subprocesses: boolean;
  /** Shows asyncio tasks as frames. */
  readonly tasks?: boolean;
  /** Tells frames apart by their instructions. */
  readonly instructions?: boolean;
  readonly quiet: boolean;
  /** A process that may read the program's memory, too, where only parents may. */
  readonly allow: number | undefined;
  /** Named pipes to an editor, which then gets the profile instead of a file. */
  readonly events: string | undefined;
  readonly commands: string | undefined;
}

/** Shows a process's asyncio tasks, or its greenlets. */
export interface TasksCommand {
  readonly name: 'tasks' | 'greenlets';
  readonly pid: number;
  readonly json: boolean;
}

/** Executes a program in our place, which one process more may read. */
export interface AllowCommand {
  readonly name: 'allow';
  readonly pid: number;
  readonly program: readonly [string, ...string[]];
}

export type Command = RecordCommand | RunCommand | TasksCommand | AllowCommand | HelperCommand | ElevateCommand | { readonly name: 'help' };

/** Of files' names. */
export const formatEndings: Record<Format, string> = { raw: '.txt', speedscope: '.speedscope.json', firefox: '.heatline.json.gz' };

/** @throws UsageError */
export function parseArguments(args: readonly string[]): Command {
  // Their arguments are not for people, or not ours.
  if (args[0] === 'helper') return parseHelper(args.slice(1));
  if (args[0] === 'elevate') return parseElevate(args.slice(1));
  const separator = args.indexOf('--');
  const program = separator < 0 ? [] : args.slice(separator + 1);
  const parsed = parse(separator < 0 ? args : args.slice(0, separator));
  const [name, ...rest] = parsed.positionals;
  const { values } = parsed;
  if (values.help === true || (name === 'help' && rest.length === 0)) return { name: 'help' };
  if (name === undefined) throw new UsageError('no command given');
  if (name !== 'tasks' && name !== 'greenlets') refuse(name, values, ['json']);
  switch (name) {
    case 'record': {
      const [unexpected] = [...rest, ...program];
      if (unexpected !== undefined) throw new UsageError(`unexpected argument '${unexpected}'`);
      return parseRecord(values);
    }
    case 'tasks':
    case 'greenlets': {
      const [unexpected] = [...rest, ...program];
      if (unexpected !== undefined) throw new UsageError(`unexpected argument '${unexpected}'`);
      return parseTasks(name, values);
    }
    case 'run':
      if (rest[0] !== undefined) throw new UsageError(`unexpected argument '${rest[0]}': the program comes after --`);
      return parseRun(values, program);
    case 'allow':
      return { name, pid: parsePid(rest[0] ?? ''), program: programOf(name, rest.length > 1 ? [] : program) };
    default:
      throw new UsageError(`unknown command '${name}'`);
  }
}

/** The options of `run` that come by the environment. @throws UsageError */
export function parseRunVariable(text: string): readonly string[] {
  let options: unknown;
  try {
    options = JSON.parse(text);
  } catch {
    options = undefined;
  }
  if (!Array.isArray(options) || !options.every((option) => typeof option === 'string')) throw new UsageError(`${runVariable} is no list of options`);
  return options;
}

type Values = ReturnType<typeof parse>['values'];

function parseRecord(values: Values): RecordCommand {
  const { pid: pidText, output } = values;
  refuse('record', values, ['quiet', 'allow', 'events', 'commands']);
  if (pidText === undefined) throw new UsageError('record needs a process: -p PID');
  const pid = parsePid(pidText);
  const common = parseCommon(values);
  return { name: 'record', pid, ...common, output: output ?? defaultOutput(pid, common.format) };
}

function parseTasks(name: TasksCommand['name'], values: Values): TasksCommand {
  const { pid, json, ...others } = values;
  refuse(name, values, Object.keys(others).map((name) => name as keyof Values));
  if (pid === undefined) throw new UsageError(`${name} needs a process: -p PID`);
  return { name, pid: parsePid(pid), json: json === true };
}

function parseRun(values: Values, program: readonly string[]): RunCommand {
  const { output, allow, events, commands } = values;
  refuse('run', values, ['pid']);
  if (events === undefined && commands !== undefined) throw new UsageError('--commands makes no sense without --events');
  if (events !== undefined && output !== undefined) throw new UsageError('with --events, nothing is written to --output');
  return {
    name: 'run',
    program: programOf('run', program),
    ...parseCommon(values),
    output,
    quiet: values.quiet === true,
    allow: allow === undefined ? undefined : parsePid(allow),
    events,
    commands,
  };
}

function parseCommon(values: Values) {
  const { duration, rate = '1000', format = 'firefox', subprocesses, tasks, instructions } = values;
  if (!isFormat(format)) throw new UsageError(`unknown format '${format}': raw, speedscope or firefox`);
  return {
    duration: duration === undefined ? undefined : parseDuration(duration),
    rate: parseRate(rate),
    format,
    subprocesses: subprocesses === true,
    ...parseStops(values),
    ...(tasks === true ? { tasks } : {}),
    ...(instructions === true ? { instructions } : {}),
  };
}

function parseStops({ blocking = false, nonblocking = false, 'never-stop': neverStop = nonblocking, 'max-stop': maxStop }: Values): StopOptions {
  if (blocking && neverStop) throw new UsageError('--blocking makes no sense with --never-stop');
  if (neverStop && maxStop !== undefined) throw new UsageError('--max-stop makes no sense with --never-stop');
  if (neverStop) return { blocking, maxStopped: 0 };
  if (maxStop === undefined) return { blocking };
  const maxStopped = parsePercent(maxStop, 50) / 100;
  if (blocking && maxStopped === 0) throw new UsageError('--blocking makes no sense with --max-stop 0');
  return { blocking, maxStopped };
}

/** Where a profile goes unless told. */
export function defaultOutput(pid: number, format: Format): string {
  return `heatline-${pid}${formatEndings[format]}`;
}

function programOf(name: string, [first, ...others]: readonly string[]): [string, ...string[]] {
  if (first === undefined) throw new UsageError(`${name} needs a program: heatline ${name} … -- python app.py`);
  return [first, ...others];
}

function refuse(command: string, values: Values, names: readonly (keyof Values)[]): void {
  const found = names.find((name) => values[name] !== undefined);
  if (found !== undefined) throw new UsageError(`--${found} makes no sense with ${command}`);
}

const options = {
  pid: { type: 'string', short: 'p' },
  duration: { type: 'string', short: 'd' },
  rate: { type: 'string', short: 'r' },
  format: { type: 'string', short: 'f' },
  output: { type: 'string', short: 'o' },
  subprocesses: { type: 'boolean', short: 's' },
  tasks: { type: 'boolean', short: 't' },
  instructions: { type: 'boolean', short: 'i' },
  blocking: { type: 'boolean', short: 'b' },
  'never-stop': { type: 'boolean' },
  nonblocking: { type: 'boolean' },
  'max-stop': { type: 'string' },
  quiet: { type: 'boolean', short: 'q' },
  allow: { type: 'string' },
  events: { type: 'string' },
  commands: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, strict: true, options });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function isFormat(text: string): text is Format {
  return Object.hasOwn(formatEndings, text);
}
