import path from 'node:path';
import type { LookKind } from '../engine.ts';
import { platform } from '../os/index.ts';
import { type SamplingOptions, type SamplingSwitch, switchArguments } from '../samplingOptions.ts';
import { protocolVersion } from './messages.ts';

/** The process a helper is to read. */
interface HelperTarget {
  readonly pid: number;
  /** When that process started, in the system's own units: another one may have its pid by now. */
  readonly startTime: number;
}

/** Everything a sampling helper is told. */
export interface HelperOptions extends HelperTarget, Pick<SamplingOptions, 'rate' | 'duration' | 'maxStopped' | SamplingSwitch> {
  /** Socket to the broker, for the part of a helper that gave root up; only the helper itself starts that part. */
  readonly broker?: number;
}

/** Everything a helper that looks once is told. */
export interface HelperLook extends HelperTarget {
  readonly look: LookKind;
  /** For threads: with their variables. */
  readonly locals?: boolean;
  /** For threads: never takes a running program's core from it for the look. */
  readonly neverStop?: boolean;
}

/**
 * The command that runs the helper, to be run as root: absolute paths, an empty environment, no shell.
 * @param cli the command line's file, beside ours
 */
export function helperCommand(cli: string, options: HelperOptions | HelperLook): string[] {
  if (!path.isAbsolute(cli)) throw new RangeError(`${cli} is not an absolute path`);
  const { elevation } = platform();
  const installed = elevation.installation.program(protocolVersion);
  if (installed !== null) return [installed, ...helperArguments(options)];
  return elevation.inEnvironment(nodeEnvironment(), [process.execPath, cli, 'helper', ...helperArguments(options)]);
}

/**
 * The same for polkit, whose dialog names the program that it starts: Heatline's own, if it is there and can be executed.
 * @param cli as for helperCommand
 */
export function namedHelperCommand(cli: string, options: HelperOptions | HelperLook): string[] {
  const named = path.join(path.dirname(cli), 'heatline-helper');
  // Whoever unpacked us may have dropped the executable bit.
  const { elevation, launching } = platform();
  if (elevation.installation.program(protocolVersion) !== null || !launching.canExecute(named)) return helperCommand(cli, options);
  return [named, process.execPath, isElectron() ? '1' : '0', ...helperArguments(options)];
}

export function helperArguments(options: HelperOptions | HelperLook): string[] {
  const target = ['--pid', String(options.pid), '--start-time', String(options.startTime)];
  if ('look' in options)
    return [
      ...[...target, '--look', options.look],
      ...(options.locals === true ? ['--locals'] : []),
      ...(options.neverStop === true ? ['--never-stop'] : []),
    ];
  const { rate, duration, maxStopped, broker } = options;
  return [
    ...[...target, '--rate', String(rate)],
    ...(duration === undefined ? [] : ['--duration', String(duration / 1000)]),
    ...switchArguments(options),
    ...(maxStopped === undefined ? [] : ['--max-stopped', String(maxStopped)]),
    ...(broker === undefined ? [] : ['--broker', String(broker)]),
  ];
}

/** Arguments of the command that asks for a password in its terminal and connects the helper to these pipes. */
export function elevateArguments(
  options: HelperOptions | HelperLook,
  pipes: { readonly events: string; readonly commands: string },
): string[] {
  return ['elevate', ...helperArguments(options), '--events', pipes.events, '--commands', pipes.commands];
}

/** What runs a program for an editor's terminal. */
interface RunCommandLine {
  readonly program: string;
  /** Before the program that is run and what it is given. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The command line's `run` for an editor's terminal, which shows its command when a program fails. Where there is a shell and our
 * script is executable, only a short name of ours appears there.
 * @param cli as for helperCommand
 * @param options of `run`
 */
export function runCommandLine(cli: string, options: readonly string[]): RunCommandLine {
  const named = path.join(path.dirname(cli), 'heatline-run');
  const environment = { ...nodeEnvironment(), [runVariable]: JSON.stringify(options) };
  if (platform().launching.canExecute(named))
    return { program: named, args: [], environment: { ...environment, [nodeVariable]: process.execPath } };
  return { program: process.execPath, args: [cli], environment };
}

/** Variables that make the executable we run in behave as Node: an editor's otherwise opens a window. */
export function nodeEnvironment(): Record<string, string> {
  return isElectron() ? { ELECTRON_RUN_AS_NODE: '1' } : {};
}

function isElectron(): boolean {
  return process.versions['electron'] !== undefined;
}

/** Environment variable that tells our script which executable runs the command line. */
const nodeVariable = 'HEATLINE_NODE';

/**
 * Environment variable for the options of `heatline run`, a JSON list of strings, so that an editor's terminal shows only the
 * program.
 */
export const runVariable = 'HEATLINE_RUN';
