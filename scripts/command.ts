import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

export const root = path.dirname(import.meta.dirname);

export interface CommandOptions {
  readonly workingDirectory?: string;
  /** Added to our own environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program without a shell and returns what it wrote to stdout. Rejects, with all it wrote, if it fails. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.workingDirectory,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let everything = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    everything += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (everything += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(
          new Error(`${path.basename(command)} ${args.join(' ')}: ${signal ?? `exit code ${code ?? '?'}`}\n${everything.slice(-4000)}`),
        );
    });
  });
}

/** Runs a program without a shell. @returns its exit code, 1 when a signal ended it, and all that it wrote */
export async function runApart(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(command, args, {
    cwd: options.workingDirectory,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const passOn = passOnTo(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 1, output }));
    });
  } finally {
    passOn.end();
  }
}

/** Passes signals to end us on to a child, until its `end`. */
function passOnTo(child: ChildProcess): { end(): void } {
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  const signals = ['SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, passOn);
  return { end: () => signals.forEach((signal) => process.off(signal, passOn)) };
}

/** Runs a program on our terminal, and passes on signals to end. @returns its exit code; 1 when a signal ended it. */
export async function runOnTerminal(command: string, args: readonly string[], options: CommandOptions = {}): Promise<number> {
  const child = spawn(command, args, {
    cwd: options.workingDirectory,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const passOn = passOnTo(child);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
  } finally {
    passOn.end();
  }
}

/** The first of these programs that is on the PATH, or null. */
export function findProgram(...names: readonly string[]): string | null {
  for (const name of names) {
    for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
      const file = path.join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here: look on.
      }
    }
  }
  return null;
}

/** Arguments for `run(process.execPath, …)` that start npm: scripts/run.mjs tells where it is. */
export function npm(...args: readonly string[]): string[] {
  const script = process.env['npm_execpath'];
  if (script === undefined) throw new Error('Start this by npm, or as: node scripts/run.mjs SCRIPT');
  return [script, ...args, '--no-audit', '--no-fund', '--loglevel=error'];
}
