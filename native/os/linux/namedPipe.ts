import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { libc } from './libc.ts';

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

/**
 * Opens one end of a named pipe, without waiting for the other. It must be ours, open to nobody else, and lie in
 * a folder of which the same is true: a name in a folder like /tmp could lead anywhere by the time it is opened.
 * @returns the open file
 * @throws PipeError
 */
export function openPipe(name: string, end: 'read' | 'write'): number {
  if (!path.isAbsolute(name)) throw new PipeError(`${name} is not an absolute path`, false);
  const access = end === 'read' ? constants.O_RDONLY : constants.O_WRONLY;
  let fd: number;
  try {
    checkOwn(statSync(path.dirname(name)), path.dirname(name));
    fd = openSync(name, access | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof PipeError) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    // ENXIO: nobody reads (fifo(7)).
    throw new PipeError(code === 'ENXIO' ? `nobody listens at ${name}` : message, code === 'ENXIO' || code === 'ENOENT');
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFIFO()) throw new PipeError(`${name} is not a named pipe`, false);
    checkOwn(stat, name);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function checkOwn(stat: Stats, name: string): void {
  if (stat.uid !== process.getuid?.()) throw new PipeError(`${name} belongs to someone else`, false);
  if ((stat.mode & 0o077) !== 0) throw new PipeError(`${name} is open to others`, false);
}

/** Makes a named pipe that only we can open. @throws PipeError */
export function makePipe(name: string): void {
  const c = libc();
  if (c.mkfifo(name, 0o600) !== 0) throw new PipeError(`${name} can’t be made (error ${c.errno()})`, false);
}
