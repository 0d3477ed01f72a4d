import path from 'node:path';
import type { LookKind } from '../engine.ts';

/** The process that a helper is to read. */
interface HelperTarget {
  readonly pid: number;
  /** Of the process that is meant, in clock ticks since boot: another one may have its number by now. */
  readonly startTime: number;
}

/** What a helper that samples is told, all of it. */
export interface HelperOptions extends HelperTarget {
  readonly rate: number | 'max';
  /** ms */
  readonly duration?: number;
  readonly subprocesses: boolean;
  /** Tells frames apart by their instructions. */
  readonly instructions?: boolean;
  /** Shows asyncio tasks as frames. */
  readonly tasks?: boolean;
  /** EngineOptions.maxStopped */
  readonly maxStopped?: number;
  /** Its part that gave root up and asks the other one, over this socket; only the helper itself starts that. */
  readonly broker?: number;
}

/** What a helper that looks once is told, all of it. */
export interface HelperLook extends HelperTarget {
  readonly look: LookKind;
}

/** Of what a helper that samples need not be told, what it is. */
type OptionalOptions = Pick<HelperOptions, 'duration' | 'instructions' | 'tasks' | 'maxStopped'>;

/** Those that say something. */
export function givenOptions({ duration, instructions, tasks, maxStopped }: OptionalOptions): OptionalOptions {
  return { ...(duration === undefined ? {} : { duration }), ...(instructions === true ? { instructions } : {}), ...(tasks === true ? { tasks } : {}), ...(maxStopped === undefined ? {} : { maxStopped }) };
}

/**
 * The command that runs the helper, to be run as root: absolute paths, an empty environment, no shell.
 * @param cli the command line's file, beside ours
 */
export function helperCommand(cli: string, options: HelperOptions | HelperLook): string[] {
  if (!path.isAbsolute(cli)) throw new RangeError(`${cli} is not an absolute path`);
  return ['/usr/bin/env', '-i', ...(isElectron() ? ['ELECTRON_RUN_AS_NODE=1'] : []), process.execPath, cli, 'helper', ...helperArguments(options)];
}

export function helperArguments(options: HelperOptions | HelperLook): string[] {
  const target = ['--pid', String(options.pid), '--start-time', String(options.startTime)];
  if ('look' in options) return [...target, '--look', options.look];
  const { rate, duration, subprocesses, instructions, tasks, maxStopped, broker } = options;
  return [
    ...[...target, '--rate', String(rate)],
    ...(duration === undefined ? [] : ['--duration', String(duration / 1000)]),
    ...(subprocesses ? ['--subprocesses'] : []),
    ...(instructions === true ? ['--instructions'] : []),
    ...(tasks === true ? ['--tasks'] : []),
    ...(maxStopped === undefined ? [] : ['--max-stopped', String(maxStopped)]),
    ...(broker === undefined ? [] : ['--broker', String(broker)]),
  ];
}

/** What the command line is called with that asks for a password in its terminal and connects the helper to these pipes. */
export function elevateArguments(options: HelperOptions | HelperLook, pipes: { readonly events: string; readonly commands: string }): string[] {
  return ['elevate', ...helperArguments(options), '--events', pipes.events, '--commands', pipes.commands];
}

/** Variables with which our own executable runs scripts as Node does. */
export function nodeEnvironment(): Record<string, string> {
  return isElectron() ? { ELECTRON_RUN_AS_NODE: '1' } : {};
}

function isElectron(): boolean {
  return process.versions['electron'] !== undefined;
}

/** Environment variable for the options of `heatline run`, a JSON list of strings: what an editor's terminal shows is the program alone then. */
export const runVariable = 'HEATLINE_RUN';
