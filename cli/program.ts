import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import { dieBy, nodeEnvironment, terminalSignals, withParentsFileLimit } from '../native/index.ts';
import { EndingSignals, endingSignals } from './endingSignals.ts';
import { say } from './say.ts';
import type { WorkingDirectory } from './workingDirectory.ts';

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Starts a program.
 * @param allow a process that may read it, too, where only parents may
 * @param stdio its input and output; ours unless told
 */
export function startProgram(
  { program, allow }: { readonly program: readonly [string, ...string[]]; readonly allow?: number | undefined },
  { forPrograms }: WorkingDirectory,
  stdio: StdioOptions = 'inherit',
): ChildProcess {
  const [file, ...args] = allow === undefined ? program : [process.execPath, process.argv[1]!, 'allow', String(allow), '--', ...program];
  const env = allow === undefined ? process.env : { ...process.env, ...nodeEnvironment() };
  return withParentsFileLimit(() => spawn(file, args, { stdio, env, cwd: forPrograms }));
}

/** @throws whatever made it impossible to start it: see `notStarted` */
export function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** Says why a program could not be started. @returns the exit code. @throws the error if it is none of the system's */
export function notStarted(error: unknown, [name]: readonly [string, ...string[]]): number {
  const { code, message } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') throw error;
  return say(`heatline: ${name}: ${code === 'ENOENT' ? 'not found' : message}`, code === 'ENOENT' ? 127 : 126);
}

/**
 * A terminal sends its signals to all of a process group, so the program gets them by itself, and we wait for what it
 * makes of them. What comes to us alone is passed on: with a terminal, that is what no terminal sends. Who
 * sends such a signal to the whole group makes it arrive twice. When the program has ended, they are for us: a second
 * one ends us without the profile.
 * @param own what they do when they are for us
 * @returns undoes it
 */
export function handleSignals(child: () => ChildProcess | null, own = new EndingSignals()): () => void {
  const fromTerminal = terminalSignals();
  const handle = (signal: NodeJS.Signals): void => {
    const program = child();
    if (program !== null && (program.exitCode !== null || program.signalCode !== null)) own.take(signal);
    else if (!fromTerminal.includes(signal)) program?.kill(signal);
  };
  for (const signal of endingSignals) process.on(signal, handle);
  return () => {
    for (const signal of endingSignals) process.off(signal, handle);
  };
}

/**
 * Ends as the program did: who waits for us learns the same as if they had waited for it. But one that went well does not hide
 * that we did not.
 */
export function passOn({ code, signal }: Exit, isDone: boolean): number {
  if (signal === null) return code === 0 && !isDone ? 1 : (code ?? 1);
  dieBy(signal);
  return 128 + constants.signals[signal]; // what shells make of it
}
