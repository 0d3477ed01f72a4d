import path from 'node:path';

/** What a helper is told, all of it. */
export interface HelperOptions {
  readonly pid: number;
  /** Of the process that is meant, in clock ticks since boot: another one may have its number by now. */
  readonly startTime: number;
  readonly rate: number | 'max';
  /** ms */
  readonly duration?: number;
  readonly subprocesses: boolean;
  /** Tells frames apart by their instructions. */
  readonly instructions?: boolean;
  /** Its part that gave root up and asks the other one, over this socket; only the helper itself starts that. */
  readonly broker?: number;
}

/**
 * The command that runs the helper, to be run as root: absolute paths, an empty environment, no shell.
 * @param cli the command line's file, beside ours
 */
export function helperCommand(cli: string, options: HelperOptions): string[] {
  if (!path.isAbsolute(cli)) throw new RangeError(`${cli} is not an absolute path`);
  return ['/usr/bin/env', '-i', ...(isElectron() ? ['ELECTRON_RUN_AS_NODE=1'] : []), process.execPath, cli, 'helper', ...helperArguments(options)];
}

export function helperArguments({ pid, startTime, rate, duration, subprocesses, instructions, broker }: HelperOptions): string[] {
  return [
    ...['--pid', String(pid), '--start-time', String(startTime), '--rate', String(rate)],
    ...(duration === undefined ? [] : ['--duration', String(duration / 1000)]),
    ...(subprocesses ? ['--subprocesses'] : []),
    ...(instructions === true ? ['--instructions'] : []),
    ...(broker === undefined ? [] : ['--broker', String(broker)]),
  ];
}

/** What the command line is called with that asks for a password in its terminal and connects the helper to these pipes. */
export function elevateArguments(options: HelperOptions, pipes: { readonly events: string; readonly commands: string }): string[] {
  return ['elevate', ...helperArguments(options), '--events', pipes.events, '--commands', pipes.commands];
}

/** Variables with which our own executable runs scripts as Node does. */
export function nodeEnvironment(): Record<string, string> {
  return isElectron() ? { ELECTRON_RUN_AS_NODE: '1' } : {};
}

function isElectron(): boolean {
  return process.versions['electron'] !== undefined;
}
