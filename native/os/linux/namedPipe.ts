import { closeSync, constants, fstatSync, mkdtempSync, openSync, rmSync, type Stats, statSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PipeError, type PipePair } from '../pipes.ts';
import { libc } from './libc.ts';

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
function makePipe(name: string): void {
  const c = libc();
  if (c.mkfifo(name, 0o600) !== 0) throw new PipeError(`${name} can’t be made (error ${c.errno()})`, false);
}

/** Two in a folder of our own. @throws PipeError, and what the file system throws */
export function makePipePair(): PipePair {
  const folder = mkdtempSync(path.join(privateFolder(), 'heatline-')); // open to us alone
  const [events, commands] = [path.join(folder, 'events'), path.join(folder, 'commands')];
  const opened: number[] = [];
  const open = (fd: number): number => {
    opened.push(fd);
    return fd;
  };
  try {
    makePipe(events);
    makePipe(commands);
    const reader = open(openPipe(events, 'read'));
    // Until somebody comes, a writing end of our own keeps the reading end from seeing the end of the file.
    const held = open(openPipe(events, 'write'));
    // Read and write: opened for writing alone it would need a reader, who only comes later (fifo(7)).
    const sender = open(openSync(commands, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW));
    return connect({ folder, events, commands, reader, held, sender });
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Ends {
  readonly folder: string;
  readonly events: string;
  readonly commands: string;
  readonly reader: number;
  readonly held: number;
  readonly sender: number;
}

function connect({ folder, events, commands, reader, held, sender }: Ends): PipePair {
  const messages = new Socket({ fd: reader, readable: true, writable: false });
  let isOpen = true;
  let isHeld = true;
  const letGo = (): void => {
    if (!isHeld) return;
    isHeld = false;
    closeSync(held);
  };
  messages.once('data', letGo);
  return {
    events,
    commands,
    messages,
    send(bytes) {
      if (isOpen) writeSync(sender, bytes);
    },
    giveUp: letGo,
    close() {
      if (!isOpen) return;
      isOpen = false;
      letGo();
      closeSync(sender);
      messages.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The user's own folder for such files, where the system has one; otherwise the shared one, in which ours is private. */
function privateFolder(): string {
  const folder = process.env['XDG_RUNTIME_DIR'];
  if (folder === undefined || !path.isAbsolute(folder)) return tmpdir();
  try {
    return statSync(folder).uid === process.getuid?.() ? folder : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Whether an open file is a pipe or a socket. */
export function isPipe(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}
