import { closeSync, constants, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deferred } from '../deferred.ts';
import { makePipe, openPipe } from '../os/linux/namedPipe.ts';
import type { HelperConnection, HelperEnd } from './client.ts';

/** A connection to a helper that someone else starts, in a terminal: through two named pipes in a folder of our own. */
export interface PipeConnection extends HelperConnection {
  /** Where the helper writes its messages. */
  readonly events: string;
  /** Where it reads its commands. */
  readonly commands: string;
  /** Nobody will come: the terminal was closed. */
  giveUp(end: HelperEnd): void;
}

/** @throws PipeError, and what the file system throws */
export function makePipeConnection(): PipeConnection {
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
    const reader = openPipe(events, 'read');
    // As long as nobody has come, a writing end of ours keeps the reading one from ending.
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

function connect({ folder, events, commands, reader, held, sender }: Ends): PipeConnection {
  const messages = new Socket({ fd: reader, readable: true, writable: false });
  const { promise: end, resolve: tellEnd } = deferred<HelperEnd>();
  let isOpen = true;
  let isHeld = true;
  const letGo = (): void => {
    if (!isHeld) return;
    isHeld = false;
    closeSync(held);
  };
  messages.once('data', letGo);
  messages.once('end', () => {
    // What it was that ended, its last message has said; without one, the terminal is gone.
    tellEnd({ reason: 'dismissed', detail: '' });
    messages.destroy();
  });
  return {
    events,
    commands,
    messages,
    send(command) {
      if (isOpen) writeSync(sender, Uint8Array.of(command));
    },
    whyEnded: () => end,
    giveUp(why) {
      tellEnd(why);
      letGo();
      messages.destroy();
    },
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

/** Where the system has folders of one user's, else the one for all, in which ours is then private. */
function privateFolder(): string {
  const folder = process.env['XDG_RUNTIME_DIR'];
  if (folder === undefined || !path.isAbsolute(folder)) return tmpdir();
  try {
    return statSync(folder).uid === process.getuid?.() ? folder : tmpdir();
  } catch {
    return tmpdir();
  }
}
