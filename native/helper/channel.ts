import { Socket } from 'node:net';
import type { Engine } from '../engine.ts';
import { Command, encodeMessage, type HelperMessage } from './messages.ts';
import { MessageError } from './parse.ts';

/** Bytes that may be queued for a reader that does not read. */
const maxQueued = 64 * 1024 * 1024;

/** The writing end of what MessageReader reads, over a pipe or socket. */
export class MessageWriter {
  private readonly stream: Socket;
  private readonly onLost: (why: string) => void;

  /**
   * @param fd of a pipe or a socket
   * @param onLost called when nobody reads any more, or not fast enough
   * @throws TypeError when it is anything else, such as a terminal or a file
   */
  constructor(fd: number, onLost: (why: string) => void) {
    this.stream = new Socket({ fd, readable: false, writable: true });
    this.stream.on('error', (error) => onLost(error.message));
    this.onLost = onLost;
  }

  write(message: HelperMessage): void {
    if (!this.stream.writable) return;
    this.stream.write(encodeMessage(message));
    if (this.stream.writableLength > maxQueued) this.onLost('the profile is not being read');
  }

  /** Resolves when everything is written, or can't be any more. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.stream.closed) {
        resolve();
        return;
      }
      this.stream.once('close', resolve);
      this.stream.end(() => this.stream.destroy());
    });
  }
}

/**
 * Lets the bytes that come over a pipe or socket drive an engine.
 * @param onEnd called once, when the other side has closed it
 * @param onWrong called when something other than a command arrives
 * @throws TypeError when it is anything other than a pipe or a socket
 */
export function obeyCommands(fd: number, engine: Engine, onEnd: () => void, onWrong: (error: MessageError) => void): Socket {
  const stream = new Socket({ fd, readable: true, writable: false });
  stream.on('data', (bytes: Buffer) => {
    for (const byte of bytes) {
      if (byte === Command.Pause) engine.pause();
      else if (byte === Command.Resume) engine.resume();
      else if (byte === Command.Stop) engine.stop();
      else {
        onWrong(new MessageError(`${byte} is no command`));
        return;
      }
    }
  });
  stream.on('error', () => undefined); // 'close' follows
  stream.once('close', onEnd);
  stream.once('end', () => stream.destroy());
  return stream;
}
