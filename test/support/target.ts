import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Interpreter } from './interpreters.ts';

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface TargetOptions {
  readonly arguments?: readonly string[];
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Options of the interpreter itself, before the script: `['-X', 'dev']`. */
  readonly interpreterOptions?: readonly string[];
  /** A command that executes the interpreter in its place (same pid): `['taskset', '-c', '1']`. */
  readonly wrapper?: readonly string[];
  /**
   * It stays in our session, which Linux gives a share of the machine's CPU time of its own (autogroup, sched(7)): on a busy
   * machine the sampler then wakes as soon as it would beside a program that was started in the same terminal. It may have no
   * children.
   */
  readonly sameSession?: boolean;
}

/**
 * A Python program started by a test. It talks in lines of JSON: one to stdout when it is ready,
 * then one in answer to every line on its stdin. It and all it started end with `kill()`, at the
 * end of an `await using` block, or with the test run.
 */
export class Target implements AsyncDisposable {
  readonly pid: number;
  /** The line it said it was ready with. */
  ready: Json = null;

  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<string>;
  private errors = '';

  private readonly hasGroup: boolean;

  constructor(child: ChildProcess, pid: number, hasGroup: boolean) {
    this.pid = pid;
    this.child = child;
    this.hasGroup = hasGroup;
    this.lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    // A target that was killed can't be written to; ask() says so with the target's own words.
    child.stdin!.on('error', () => undefined);
    this.ended = once(child, 'close').then(([code, signal]: unknown[]) => `target ${pid} ended (${String(signal ?? code)})`);
    running.add(this);
  }

  /** Sends a line and waits for the answer. Rejects with the target's stderr if it ends instead. */
  async ask(message: Json): Promise<Json> {
    this.tell(message);
    return this.next();
  }

  /** Sends a line and waits for nothing. */
  tell(message: Json): void {
    this.child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  /** The next line it says. Rejects with the target's stderr if it ends instead. */
  async next(): Promise<Json> {
    const line = await this.lines.next();
    if (line.done === true) throw new Error(`${await this.ended}\n${this.errors}`);
    return JSON.parse(line.value) as Json;
  }

  /** What it has written to stderr so far. */
  get stderr(): string {
    return this.errors;
  }

  /** Resolves when the process has ended by itself or been killed. */
  async exited(): Promise<void> {
    await this.ended;
  }

  /** Sends a signal to the target alone. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Kills it and everything in its process group, and waits until it is gone. */
  async kill(): Promise<void> {
    this.killGroup();
    await this.ended;
    running.delete(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  killGroup(): void {
    try {
      process.kill(this.hasGroup ? -this.pid : this.pid, 'SIGKILL');
    } catch {
      // Nothing of the group is left.
    }
  }
}

const running = new Set<Target>();
process.once('exit', () => {
  for (const target of running) target.killGroup();
});

/** Starts a script and waits for its ready line. Rejects with its stderr if it ends before. */
export async function startTarget(interpreter: Interpreter, script: string, options: TargetOptions = {}): Promise<Target> {
  const command = [
    ...(options.wrapper ?? []),
    interpreter.path,
    ...(options.interpreterOptions ?? []),
    script,
    ...(options.arguments ?? []),
  ];
  const child = spawn(command[0]!, command.slice(1), {
    cwd: options.workingDirectory,
    env: { ...process.env, ...interpreter.environment, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: options.sameSession !== true, // a process group of its own, so that its children end with it
  });
  await once(child, 'spawn');
  const target = new Target(child, child.pid!, options.sameSession !== true);
  try {
    target.ready = await target.next();
  } catch (error) {
    await target.kill();
    throw error;
  }
  return target;
}
