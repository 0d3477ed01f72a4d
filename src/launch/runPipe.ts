import { execFile } from 'node:child_process';
import { close, constants, open } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command, decodeMessage, MessageReader, type HelperMessage } from '../../native/index.ts';
import type { SamplingCommand } from './launchedProgram.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const execute = promisify(execFile);

const COMMANDS: Readonly<Record<SamplingCommand, number>> = { pause: Command.Pause, resume: Command.Resume, stop: Command.Stop };

/** Who listens to one program after the other. */
export interface RunListener {
  readonly onMessage: (message: HelperMessage) => void;
  /** What came made no sense; nothing more comes until the next program. */
  readonly onBroken: (error: Error) => void;
  /** All that the program's launcher said has been heard. */
  readonly onEnd: () => void;
}

/**
 * Two named pipes between the editor and a launcher in a terminal: messages come in, commands go out. Only we can
 * open them. They stay for one program after the other, as a task can be run again.
 */
export class RunPipe {
  readonly messagesPath: string;
  readonly commandsPath: string;
  #listener: RunListener | undefined;
  #socket: Socket | undefined;
  /** Keep the pipes open while a program starts: the reader's end would say at once that nobody writes. */
  #held: number[] = [];
  #commands: Socket | undefined;
  #isDisposed = false;
  /** Done when the pipe is open for the next program. */
  #reopening: Promise<void> = Promise.resolve();

  private constructor(folder: string, name: string) {
    this.messagesPath = join(folder, `${name}.messages`);
    this.commandsPath = join(folder, `${name}.commands`);
  }

  /** @param name unique in the folder */
  static async create(folder: string, name: string): Promise<RunPipe> {
    const pipe = new RunPipe(folder, name);
    await execute('mkfifo', ['-m', '600', pipe.messagesPath, pipe.commandsPath]);
    return pipe;
  }

  /** Opens it; to be called once. */
  async listen(listener: RunListener): Promise<void> {
    this.#listener = listener;
    await this.#open();
  }

  send(command: SamplingCommand): void {
    this.#commands?.write(Uint8Array.of(COMMANDS[command]));
  }

  /** The launcher is gone: `onEnd` follows when what it said has been heard. Then the next one may come. */
  async finish(): Promise<void> {
    await this.#release();
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#reopening; // or it would open what nobody closes
    await this.#release();
    this.#socket?.destroy();
    this.#commands?.destroy();
    await Promise.all([rm(this.messagesPath, { force: true }), rm(this.commandsPath, { force: true })]);
  }

  async #open(): Promise<void> {
    // Without waiting for the other side: it comes when a program is run, or never.
    const reader = await openFile(this.messagesPath, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#held.push(await openFile(this.messagesPath, constants.O_WRONLY | constants.O_NONBLOCK));
    // Before anything is heard: what is sent in answer must reach this program, not the last one.
    const writer = await openFile(this.commandsPath, constants.O_RDWR | constants.O_NONBLOCK);
    this.#commands = new Socket({ fd: writer, readable: false, writable: true }).on('error', () => undefined);
    this.#listen(reader);
  }

  #listen(fd: number): void {
    const reader = new MessageReader();
    let isBroken = false;
    const socket = new Socket({ fd, readable: true, writable: false });
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      if (isBroken) return;
      try {
        for (const message of reader.push(bytes)) this.#listener?.onMessage(decodeMessage(message));
      } catch (error) {
        isBroken = true;
        this.#listener?.onBroken(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.once('close', () => {
      this.#listener?.onEnd();
      if (this.#isDisposed) return;
      this.#reopening = this.#reopen().catch((error: unknown) =>
        this.#listener?.onBroken(error instanceof Error ? error : new Error(String(error))),
      );
    });
    socket.once('end', () => socket.destroy());
  }

  /** What the last program did not read must not reach the next: a pipe that nobody holds open is empty. */
  async #reopen(): Promise<void> {
    const commands = this.#commands;
    if (commands !== undefined && !commands.closed) await new Promise<void>((resolve) => commands.once('close', () => resolve()).destroy());
    await this.#open();
  }

  async #release(): Promise<void> {
    await Promise.all(this.#held.splice(0).map((fd) => closeFile(fd)));
  }
}
