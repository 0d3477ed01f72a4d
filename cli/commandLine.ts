import { Command, CommanderError, Option } from 'commander';
import { runSamplerProcess, runVariable, samplerArgument } from '../native/index.ts';
import { colorModes, hasColors, parseColor, styled, useColor } from './color.ts';
import { type AnyCommand, Given, type Understood } from './command.ts';
import { commands } from './commands/index.ts';
import { elevate } from './elevate.ts';
import { helper } from './helper.ts';
import { parseElevate, parseHelper } from './helperArguments.ts';
import { print, say } from './say.ts';
import { UsageError } from './values.ts';
import { version } from './version.ts';

export { UsageError } from './values.ts';

/** Columns of help texts. */
const helpWidth = 110;

const exitCodes = `Exit codes:
  0    done
  1    something could not be done; standard error says what and why
  2    the command line makes no sense, or a program's profile could be written nowhere: nothing was begun
  3    diff --fail-above: something became slower
  126  the program could not be started (127: not found)
  Otherwise, a program's that was started: its exit code, and the signal that ended it, are heatline's.`;

/** @throws UsageError */
export function parseArguments(args: readonly string[]): Understood {
  // Their arguments are not for people. Root runs the helper, whose parser is stricter than any that is for people.
  if (args[0] === 'helper') {
    const command = parseHelper(args.slice(1));
    return { command, execute: () => helper(command.options) };
  }
  if (args[0] === 'elevate') {
    const command = parseElevate(args.slice(1));
    return { command, execute: () => elevate(command) };
  }
  if (args.length === 1 && args[0] === samplerArgument && process.send !== undefined)
    return { command: { name: samplerArgument }, execute: runSamplerProcess };
  useColor(colorBefore(args));
  const separator = args.indexOf('--');
  const behind = separator < 0 ? undefined : args.slice(separator + 1);
  let understood: Understood | undefined;
  let written = '';
  const root = buildProgram(
    (command) => (understood = command),
    behind,
    (text) => (written += text),
  );
  const before = separator < 0 ? args : args.slice(0, separator);
  if (args.length === 0) {
    root.outputHelp();
    return { command: { name: 'help' }, execute: () => say(written.trimEnd(), 2) };
  }
  try {
    root.parse(before, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0 || written === '') throw new UsageError(error.message.replace(/^error: /, ''));
    return { command: { name: 'help' }, execute: () => print(written) };
  }
  if (understood === undefined) throw new UsageError('no command given');
  return understood;
}

/** What to say after an error: the whole of the help would push the message out of sight. */
export function hintFor(args: readonly string[]): string {
  const given = args.find((arg) => !arg.startsWith('-'));
  const spec = commands.find(({ name, aliases = [], hidden }) => hidden !== true && [name, ...aliases].includes(given ?? ''));
  return `heatline ${spec === undefined ? '' : `${spec.name} `}--help says how it is used.`;
}

/** The options of `run` that come by the environment. @throws UsageError */
export function parseRunVariable(text: string): readonly string[] {
  let options: unknown;
  try {
    options = JSON.parse(text);
  } catch {
    options = undefined;
  }
  if (!Array.isArray(options) || !options.every((option) => typeof option === 'string'))
    throw new UsageError(`${runVariable} is no list of options`);
  return options;
}

/**
 * All commands as the library has them.
 * @param understood is told of the command that was given
 * @param behind what stands behind `--`
 * @param write for help
 */
function buildProgram(
  understood: (command: Understood) => void,
  behind: readonly string[] | undefined,
  write: (text: string) => void,
): Command {
  const root = prepared(new Command('heatline'), write)
    .description(
      'A sampling profiler for Python: reads what running programs do from outside, without changing, restarting or tracing them.',
    )
    .usage('COMMAND [options]')
    .enablePositionalOptions()
    .addOption(colorOption())
    .version(`heatline ${version()}`, '-V, --version', 'say which version this is')
    .helpCommand('help [command]', 'the help of a command')
    .addHelpText('after', () => `\nheatline COMMAND --help says more, with examples.\n\n${withTitle(exitCodes)}`);
  for (const spec of commands) {
    const command = prepared(new Command(spec.name), write);
    spec.configure(command);
    command
      .addOption(colorOption())
      .aliases(spec.aliases ?? [])
      .summary(spec.summary)
      .description(spec.description)
      .usage(spec.usage.map((line, index) => (index === 0 ? line : `       heatline ${spec.name} ${line}`)).join('\n'))
      .addHelpText('after', () => examplesText(spec))
      .argument('[arguments...]') // each command says itself what it makes of them
      .action(() => understood(spec.understand(new Given(command.opts(), command.args, behind), root)));
    root.addCommand(command, { hidden: spec.hidden === true });
  }
  return root;
}

function prepared(command: Command, write: (text: string) => void): Command {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: write,
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => helpWidth,
      getErrHelpWidth: () => helpWidth,
      getOutHasColors: () => hasColors(1),
      getErrHasColors: () => hasColors(1),
    })
    .configureHelp({
      styleTitle: (title) => styled('bold', title, 1),
      styleCommandText: (text) => styled('cyan', text, 1),
      styleOptionText: (text) => styled('cyan', text, 1),
      // What takes arguments takes them as its usage says.
      visibleArguments: () => [],
      // Choices are in the descriptions.
      optionDescription: ({ description }) => description,
      subcommandTerm: (sub) => [sub.name(), ...sub.aliases()].join(', '),
      commandUsage: (sub) => `${sub.parent === null ? '' : `${sub.parent.name()} `}${sub.name()} ${sub.usage()}`,
    })
    .helpOption('-h, --help', 'this text');
}

function colorOption(): Option {
  return new Option('--color <when>', 'colours: auto (on terminals, unless NO_COLOR is set), always or never').choices(colorModes);
}

function examplesText({ examples }: AnyCommand): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, purpose]) => `  ${line.padEnd(width)}  # ${purpose}`);
  return examples.length === 0 ? '' : `\n${withTitle(['Examples:', ...lines].join('\n'))}`;
}

function withTitle(text: string): string {
  return text.replace(/^.*/, (title) => styled('bold', title, 1));
}

/** Of the whole command line, as errors are coloured too. */
function colorBefore(args: readonly string[]): ReturnType<typeof parseColor> {
  for (const [index, arg] of args.entries()) {
    if (arg === '--') break;
    const text = arg === '--color' ? args[index + 1] : /^--color=(.*)$/.exec(arg)?.[1];
    if (text === undefined) continue;
    try {
      return parseColor(text);
    } catch {
      break; // the parser says so
    }
  }
  return 'auto';
}
