import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { type EndReason, type EngineFailure, type SamplingOptions, samplingOptions, startEngine } from '../../native/index.ts';
import { isTerminal } from '../color.ts';
import { EndingSignals, endingSignals } from '../endingSignals.ts';
import { failureText } from '../failureText.ts';
import { listening } from '../listening.ts';
import { type Exit, exitOf, handleSignals, notStarted, passOn, startProgram } from '../program.ts';
import { prepareForProgram } from '../programEngine.ts';
import { print, say } from '../say.ts';
import { printable } from '../taskText.ts';
import { leaveIfDeleted } from '../workingDirectory.ts';
import { TopView, type TopViewOptions } from './topView.ts';

export interface TopCommand extends SamplingOptions, TopViewOptions {
  readonly name: 'top';
  /** What is looked at: a process that runs, or a program that is started. */
  readonly of: { readonly pid: number } | { readonly program: readonly [string, ...string[]] };
  /** ms between pictures. */
  readonly delay: number;
}

/** Shows what a process does until the user has seen enough, or it ends. @returns the exit code */
export async function top(command: TopCommand): Promise<number> {
  const directory = leaveIfDeleted();
  return 'pid' in command.of ? topOfProcess(command, command.of.pid) : topOfProgram(command, command.of.program, directory);
}

async function topOfProcess(command: TopCommand, pid: number): Promise<number> {
  let isQuit = false;
  const view = new TopView(command, isTerminal(1), {
    pause: () => engine.pause(),
    resume: () => engine.resume(),
    quit: () => {
      isQuit = true;
      engine.stop();
    },
  });
  const { listener, over } = listening({
    waiting: () => say(`Waiting for Python in process ${pid} or below it. Press Ctrl-C to stop.`),
    started: (event) => view.started(event),
    delta: (delta) => view.delta(delta),
  });
  const engine = startEngine(
    { pid, waits: command.subprocesses === true, deltaInterval: command.delay, ...samplingOptions(command) },
    listener,
  );
  const signals = new EndingSignals(() => '');
  for (const signal of endingSignals)
    process.on(signal, () => {
      isQuit = true;
      view.close();
      if (signals.take(signal)) engine.stop();
    });
  const end = await over;
  view.close();
  return finish(view, end, isQuit);
}

/** Says how it ended, where that is not what the user did. */
async function finish(view: TopView, end: EndReason | EngineFailure, isQuit: boolean): Promise<number> {
  if (typeof end !== 'string') return say(`heatline: ${failureText(end)}`, 1);
  if (!isQuit) await view.printLast();
  if (end === 'exited') say('heatline: the process has ended');
  if (end === 'replaced') say('heatline: the process executes another program now');
  return 0;
}

/**
 * As `run`, but the terminal is ours: the program gets no input from it, and the end of what it writes is shown when it has ended.
 * It ends when the user quits. Where there is no terminal, what it writes goes to standard error.
 */
async function topOfProgram(
  command: TopCommand,
  program: readonly [string, ...string[]],
  directory: ReturnType<typeof leaveIfDeleted>,
): Promise<number> {
  const hasScreen = isTerminal(1);
  let child: ChildProcess | null = null;
  const user = { hasQuit: false };
  const view = new TopView(command, hasScreen, {
    pause: () => engine.pause(),
    resume: () => engine.resume(),
    quit: () => {
      user.hasQuit = true;
      child?.kill('SIGTERM');
    },
  });
  const { listener, over } = listening({ started: (event) => view.started(event), delta: (delta) => view.delta(delta) });
  const { engine, allow } = prepareForProgram({ deltaInterval: command.delay, ...samplingOptions(command) }, listener);
  const release = handleSignals(() => child, new EndingSignals(() => ''));
  const close = (): void => view.close();
  for (const signal of endingSignals) process.on(signal, close);
  await engine.loaded; // so that not even a short program has ended by then
  const output = new LastOutput();
  let exit: Exit;
  try {
    child = startProgram({ program, allow }, directory, hasScreen ? ['ignore', 'pipe', 'pipe'] : ['inherit', 2, 'inherit']);
    const ended = exitOf(child);
    if (child.pid !== undefined) engine.begin({ pid: child.pid });
    output.take(child);
    exit = await ended;
  } catch (error) {
    engine.discard();
    return notStarted(error, program);
  } finally {
    release();
    for (const signal of endingSignals) process.off(signal, close);
  }
  engine.stop();
  const end = await over;
  view.close();
  await output.show(child);
  // A program that was too short to be seen, or is not Python, has ended all the same.
  if (typeof end !== 'string') say(`heatline: ${failureText(end)}`);
  else if (!user.hasQuit) await view.printLast();
  return user.hasQuit ? 0 : passOn(exit, true);
}

/** The end of what a program writes while its terminal is ours. */
class LastOutput {
  /** Bytes that are kept. */
  static readonly #most = 64 << 10;
  #pieces: Buffer[] = [];
  #length = 0;

  take({ stdout, stderr }: ChildProcess): void {
    for (const stream of [stdout, stderr]) stream?.on('data', (piece: Buffer) => this.#add(piece)).on('error', () => undefined);
  }

  /** Prints it, line by line, without what would steer the terminal. */
  async show(child: ChildProcess): Promise<void> {
    if (child.stdout === null) return;
    // What it started may have its output open for longer.
    if (child.stdout.readable || child.stderr?.readable === true)
      await Promise.race([once(child, 'close'), after(500, undefined, { ref: false })]);
    child.stdout.destroy();
    child.stderr?.destroy();
    const text = Buffer.concat(this.#pieces).subarray(-LastOutput.#most).toString('utf8').trimEnd();
    if (text !== '') await print(`${text.split(/\r?\n/).map(printable).join('\n')}\n`);
  }

  #add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    while (this.#length - this.#pieces[0]!.length >= LastOutput.#most) this.#length -= this.#pieces.shift()!.length;
  }
}
