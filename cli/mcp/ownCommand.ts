import { spawn } from 'node:child_process';
import { nodeEnvironment } from '../../native/index.ts';
import { ToolError } from './protocol.ts';

/** Characters of what a command says that are kept: what is wrong is at its end. */
const MAX_TEXT = 4000;
/** Of an answer: more is none. */
const MAX_ANSWER = 64 << 20;
/** ms from being asked to end until it is made to. */
const PATIENCE = 10_000;

export interface OwnCommandOptions {
  readonly signal: AbortSignal;
  /** ms after which it is asked to end, as by a person. */
  readonly endAfter?: number;
  readonly workingDirectory?: string;
}

/** What a command wrote on standard output and, at its end, on standard error. */
export interface OwnCommandResult {
  readonly code: number | null;
  readonly output: string;
  readonly said: string;
}

/**
 * Runs a command of ours in a process of its own: what it writes can't get between our messages, it can be ended at any time, and it
 * checks its arguments as for anybody. @throws ToolError when it can't be started or was ended by the signal
 */
export function ownCommand(args: readonly string[], { signal, endAfter, workingDirectory }: OwnCommandOptions): Promise<OwnCommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Leads a group, so that what it started is ended with it: a script that stayed would hold our pipes open.
      detached: true,
      env: { ...process.env, ...nodeEnvironment(), NO_COLOR: '1' },
      ...(workingDirectory === undefined ? {} : { cwd: workingDirectory }),
    });
    const timers: NodeJS.Timeout[] = [];
    const killGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of it is gone.
      }
    };
    const end = (): void => {
      child.kill('SIGTERM');
      timers.push(setTimeout(killGroup, PATIENCE));
    };
    // Whoever is left when it is gone has nothing more to tell.
    child.once('exit', (_code, signal) => {
      if (signal !== null) killGroup();
    });
    if (endAfter !== undefined) timers.push(setTimeout(end, endAfter));
    signal.addEventListener('abort', end);
    const output: Buffer[] = [];
    let length = 0;
    let said = '';
    child.stdout.on('data', (piece: Buffer) => {
      length += piece.length;
      if (length <= MAX_ANSWER) output.push(piece);
    });
    child.stderr.on('data', (piece: Buffer) => (said = (said + piece.toString('utf8')).slice(-MAX_TEXT)));
    const done = (): void => {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', end);
    };
    child.once('error', (error) => {
      done();
      reject(new ToolError(`Heatline could not start itself: ${error.message}`));
    });
    child.once('close', (code) => {
      done();
      if (signal.aborted) reject(new ToolError('This was cancelled.'));
      else if (length > MAX_ANSWER) reject(new ToolError('The answer is too long.'));
      else resolve({ code, output: Buffer.concat(output).toString('utf8'), said: said.trim() });
    });
  });
}

/** The JSON that a command answers. @throws ToolError with what it said if it failed */
export async function ownAnswer(args: readonly string[], options: OwnCommandOptions): Promise<unknown> {
  const { code, output, said } = await ownCommand(args, options);
  if (code !== 0) throw new ToolError(said === '' ? `heatline ${args[0]!} failed.` : said);
  return JSON.parse(output);
}
