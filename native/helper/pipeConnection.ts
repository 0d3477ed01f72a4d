import { deferred } from '../deferred.ts';
import { platform } from '../os/index.ts';
import type { HelperConnection, HelperEnd } from './client.ts';

/** A connection to a helper that someone else starts, in a terminal: through two named pipes. */
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
  const pipes = platform().pipes.makePair();
  const { events, commands, messages } = pipes;
  const { promise: end, resolve: tellEnd } = deferred<HelperEnd>();
  messages.once('end', () => {
    // What it was that ended, its last message has said; without one, the terminal is gone.
    tellEnd({ reason: 'dismissed', detail: '' });
    messages.destroy();
  });
  return {
    events,
    commands,
    messages,
    send: (command) => pipes.send(Uint8Array.of(command)),
    whyEnded: () => end,
    giveUp(why) {
      tellEnd(why);
      pipes.giveUp();
      messages.destroy();
    },
    close: () => pipes.close(),
  };
}
