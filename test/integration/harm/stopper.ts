/**
 * Stops threads as a recording with native frames does, and keeps them stopped, for tests. Obeys lines: "hold PID TID", "release". Says a line when it
 * is ready, and in answer to each; after "hold" what the obstacle was, or "held".
 */
import { createInterface } from 'node:readline';
import { openSystem } from '../../../native/os/index.ts';
import { ThreadContext, type ThreadContexts } from '../../../native/os/threadContexts.ts';

const system = await openSystem();
let contexts: ThreadContexts;
const context = new ThreadContext();
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

function obey(line: string): string {
  const [command, pid, thread] = line.split(' ');
  if (command === 'hold') {
    contexts = system.openThreadContexts!(Number(pid));
    return contexts.interrupt(Number(thread)) ?? contexts.awaitInterrupted(Number(thread), context) ?? 'held';
  }
  contexts.release(false);
  // As the sampler does, which goes on with its work meanwhile.
  while (contexts.owesRelease) {
    system.clock.sleep(200);
    contexts.release(false);
  }
  return 'released';
}

createInterface({ input: process.stdin }).on('line', (line) => say(obey(line)));
say('ready');
