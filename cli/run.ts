import type { ChildProcess, StdioOptions } from 'node:child_process';
import fs from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import {
  type EndReason,
  type EngineFailure,
  MessageWriter,
  obeyCommands,
  openPipe,
  PipeError,
  type WaitingEngine,
  samplingOptions,
} from '../native/index.ts';
import { EndingSignals } from './endingSignals.ts';
import { failureText } from './failureText.ts';
import { KeptRecording } from './kept/keptRecording.ts';
import { listening } from './listening.ts';
import { OutputError } from './output.ts';
import { type Exit, exitOf, handleSignals, notStarted, passOn, startProgram } from './program.ts';
import { prepareForProgram } from './programEngine.ts';
import { Recorded } from './recorded.ts';
import { defaultOutput, type RunCommand, unwatchedInterval } from './recordOptions.ts';
import { absoluteName, outputNamed, save } from './save.ts';
import { say } from './say.ts';
import { EventStream, streamHooks } from './stream/eventStream.ts';
import { summary } from './summary.ts';
import { leaveIfDeleted, type WorkingDirectory } from './workingDirectory.ts';

/**
 * Runs a program as if it had been run without us: its input, output, terminal and process group are ours, its exit code becomes
 * ours, and so does the signal that ends it (without an editor at the other end). As its parent we may read it where only parents
 * may (Yama's ptrace_scope 1). What we have to say comes when it has ended, on standard error.
 * @returns the exit code, unless the process ends by the program's signal
 */
export async function run(command: RunCommand): Promise<number> {
  const { program } = command;
  const directory = leaveIfDeleted();
  let sampling: Sampling;
  try {
    sampling = command.events === undefined ? new Recording(command, directory) : new Link(command, command.events, command.commands);
  } catch (error) {
    // Better than to find out when the program has ended.
    if (error instanceof OutputError) return say(`heatline: ${error.message} Nothing was run.`, 2);
    if (!(error instanceof PipeError)) throw error;
    // An editor that has gone is no reason not to run the program; anything else may be a trap.
    if (!error.isAbandoned) return say(`heatline: ${error.message}`, 2);
    sampling = new NoSampling(command, error.message);
  }
  let child: ChildProcess | null = null;
  const release = handleSignals(() => child, new EndingSignals(() => sampling.loss()));
  await sampling.loaded; // so that not even a short program has ended by then
  try {
    // Standard output is the events'.
    const stdio: StdioOptions = command.stream === true ? ['inherit', 2, 'inherit'] : 'inherit';
    child = startProgram({ program, allow: command.allow ?? sampling.allow }, directory, stdio);
    const ended = exitOf(child);
    // Its pid is there unless it could not be started, which `ended` tells.
    if (child.pid !== undefined) sampling.begin(child.pid);
    const exit = await ended;
    const isDone = await sampling.end(exit);
    release();
    return command.events === undefined ? passOn(exit, isDone) : tellEditor(exit, program, isDone);
  } catch (error) {
    sampling.discard();
    release();
    return notStarted(error, program);
  }
}

/** What becomes of the samples. */
interface Sampling {
  readonly loaded: Promise<unknown>;
  /** A process that reads the program, and that it has to allow to. */
  readonly allow: number | undefined;
  begin(pid: number): void;
  /** The program has ended. @returns whether the samples are where they were to go, if there are any */
  end(exit: Exit): Promise<boolean>;
  /** It never began. */
  discard(): void;
  /** What an end without waiting for it loses, as a sentence's end. */
  loss(): string;
}

class NoSampling implements Sampling {
  readonly loaded = Promise.resolve();
  readonly allow = undefined;
  private readonly command: RunCommand;
  private readonly why: string;

  constructor(command: RunCommand, why: string) {
    this.command = command;
    this.why = why;
  }

  begin(): void {
    // There is nothing to begin.
  }

  end(): Promise<boolean> {
    if (!this.command.quiet) say(`heatline: nothing was profiled: ${this.why}`);
    return Promise.resolve(true);
  }

  discard(): void {
    // There is nothing to discard.
  }

  loss(): string {
    return '';
  }
}

/** They go into a file. */
class Recording implements Sampling {
  readonly loaded: Promise<unknown>;
  readonly allow: number | undefined;
  private readonly command: RunCommand;
  private readonly directory: WorkingDirectory;
  private readonly engine: WaitingEngine;
  private readonly over: Promise<EndReason | EngineFailure>;
  private readonly recorded: Recorded;
  private readonly kept: KeptRecording;
  /** Whether there is to be a profile. */
  private readonly isWanted: boolean;
  private readonly stream: EventStream | null;
  /** Whether the profile is where it was to go, if there is any. */
  private isDone = true;
  /** Where it is; null: nowhere. */
  private written: string | null = null;
  private pid = 0;
  private name: string | undefined;

  /** @throws OutputError when it can be told now that the profile can't be written */
  constructor(command: RunCommand, directory: WorkingDirectory) {
    this.command = command;
    this.directory = directory;
    this.kept = new KeptRecording({ ...command, output: () => absoluteName(this.output, directory) }, () => this.recorded.profile);
    this.isWanted = command.stream !== true || command.output !== undefined;
    this.stream =
      command.stream === true
        ? new EventStream(
            1,
            () => this.recorded.profile,
            () => this.engine.stop(),
          )
        : null;
    this.recorded = new Recorded(command, {
      ...(this.isWanted ? { before: (event) => this.kept.write(event) } : { dropsRuns: true }),
      ...(this.stream === null ? {} : streamHooks(this.stream, command)),
    });
    if (this.isWanted) outputNamed(command.output ?? defaultOutput([command.program[0], 0], command.format), directory); // which process it will be no one knows yet
    const { listener, over } = listening({
      started: (event) => this.recorded.begin(event),
      delta: (delta) => this.recorded.append(delta),
    });
    this.over = over;
    const { engine, allow } = prepareForProgram({ deltaInterval: unwatchedInterval, ...samplingOptions(command) }, listener);
    this.engine = engine;
    this.allow = allow;
    this.loaded = this.engine.loaded;
  }

  begin(pid: number): void {
    this.pid = pid;
    this.engine.begin({ pid });
  }

  async end(exit: Exit): Promise<boolean> {
    this.engine.stop();
    const end = await this.over;
    const problem = await this.write(end);
    const lost = await this.stream?.end({
      // That the sampler was stopped is how it heard of that.
      reason: typeof end !== 'string' ? end.code : end === 'stopped' ? 'exited' : end,
      problem,
      profile: this.written,
      exit,
    });
    if (typeof lost === 'string') say(`heatline: ${lost}`);
    return this.isDone && typeof lost !== 'string';
  }

  /** Writes the profile where one is wanted. @returns what went wrong, as sentences */
  private async write(end: EndReason | EngineFailure): Promise<string | null> {
    const failure = typeof end === 'string' ? null : end;
    const { quiet } = this.command;
    const { output } = this;
    const { profile, names } = this.recorded;
    if (failure !== null && profile.quality.samples === 0) {
      await this.kept.delete();
      const isGone = failure.code === 'no-such-process' || failure.code === 'ended-early';
      const why = isGone ? 'the program ended before it could be looked at.' : failureText(failure);
      if (!quiet) say(`heatline: nothing was profiled: ${why}`);
      return why;
    }
    const text = failure === null ? null : failureText(failure);
    if (text !== null) say(`heatline: ${text}`);
    const problem = this.isWanted ? await save(profile, this.command, names, () => outputNamed(output, this.directory), this.kept) : null;
    this.isDone = problem === null;
    if (this.isWanted && problem === null) this.written = output;
    if (problem !== null) say(`heatline: ${problem}`);
    else if (!quiet) say(`heatline: ${summary(profile)}${output === '-' || !this.isWanted ? '' : ` → ${output}`}`);
    return [text, problem].filter((one) => one !== null).join(' ') || null;
  }

  discard(): void {
    this.engine.discard();
  }

  loss(): string {
    return this.isWanted ? this.kept.loss() : '';
  }

  /** Without a name from the user it has the process and the time of its first use. */
  private get output(): string {
    const { output, program, format } = this.command;
    return (this.name ??= output ?? defaultOutput([program[0], this.pid], format));
  }
}

/** They go to an editor, over named pipes. When it goes away, the program goes on without being sampled. */
class Link implements Sampling {
  readonly loaded: Promise<unknown>;
  readonly allow: number | undefined;
  private readonly engine: WaitingEngine;
  private readonly writer: MessageWriter;
  private readonly commands: Socket | null;
  private readonly over: Promise<void>;

  /** @throws PipeError */
  constructor(command: RunCommand, events: string, commands: string | undefined) {
    const output = openPipe(events, 'write');
    let input: number | null;
    try {
      input = commands === undefined ? null : openPipe(commands, 'read');
    } catch (error) {
      fs.closeSync(output);
      throw error;
    }
    let tellOver: () => void;
    this.over = new Promise((resolve) => (tellOver = resolve));
    const { engine, allow } = prepareForProgram(samplingOptions(command), (event) => {
      this.writer.write(event);
      if (event.type === 'ended' || event.type === 'failed') tellOver();
    });
    this.engine = engine;
    this.allow = allow;
    const stop = (): void => this.engine.stop();
    this.writer = new MessageWriter(output, stop);
    this.commands = input === null ? null : obeyCommands(input, this.engine, stop, stop);
    this.loaded = this.engine.loaded;
  }

  begin(pid: number): void {
    this.engine.begin({ pid });
  }

  async end({ code, signal }: Exit): Promise<boolean> {
    this.engine.stop();
    await this.over;
    this.commands?.destroy();
    this.writer.write({ type: 'left', code, signal });
    await this.writer.end();
    return true;
  }

  discard(): void {
    this.engine.discard();
    this.commands?.destroy();
    void this.writer.end();
  }

  loss(): string {
    return 'the profile is not whole';
  }
}

/**
 * For an editor's terminal: it takes a program that a signal ended for one that succeeded (its exit code is 0 then), so shells'
 * code for that is ours, and like shells we say what happened.
 */
function tellEditor({ code, signal }: Exit, [name]: readonly [string, ...string[]], isDone: boolean): number {
  if (signal === null) return code === 0 && !isDone ? 1 : (code ?? 1);
  return say(`heatline: ${name} was ended by ${signal}`, 128 + constants.signals[signal]);
}
