import type { Readable } from 'node:stream';

/** A named pipe that is not what it should be; the message says what is wrong with it. */
export class PipeError extends Error {
  override name = 'PipeError';
  /** True when there is merely nobody at the other end, or no pipe any more. */
  readonly isAbandoned: boolean;

  constructor(message: string, isAbandoned: boolean) {
    super(message);
    this.isAbandoned = isAbandoned;
  }
}

/** Pipes with names, through which processes of the same user talk that did not start each other. */
export interface Pipes {
  /** Makes two that only we can open, for a process that comes later. @throws PipeError, and what the file system throws */
  makePair(): PipePair;
  /**
   * Opens one end of a named pipe, without waiting for the other. It must be ours, and open to nobody else.
   * @returns the open file
   * @throws PipeError
   */
  open(name: string, end: 'read' | 'write'): number;
  /** Whether an open file is a pipe or a socket: nothing that keeps what is written to it. */
  isPipe(fd: number): boolean;
}

/** Our ends of two named pipes. */
export interface PipePair {
  /** Name of the pipe that whoever comes writes to. */
  readonly events: string;
  /** Name of the pipe that whoever comes reads. */
  readonly commands: string;
  /** What comes through `events`. Ends when whoever came has closed it, not before anybody came. */
  readonly messages: Readable;
  /** Writes to `commands`. Harmless after `close`. */
  send(bytes: Uint8Array): void;
  /** Nobody will come: ends `messages`. */
  giveUp(): void;
  /** Closes everything and removes the pipes. */
  close(): void;
}
