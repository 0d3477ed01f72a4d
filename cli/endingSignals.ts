import { dieBy } from '../native/index.ts';
import { removeUnfinished } from './output.ts';
import { say } from './say.ts';

/**
 * What ends a process that does not listen and is sent by people, shells, terminals and systems. (SIGPIPE and SIGXFSZ Node
 * ignores, SIGPROF is its own profiler's, and the others mean that we are broken.)
 */
export const endingSignals: readonly NodeJS.Signals[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGXCPU',
  'SIGIO',
  'SIGPWR',
  'SIGSTKFLT',
];

/** ms in which signals are one: timeout(1) sends its signal to us and then to our group, systemd SIGHUP after SIGTERM. */
const sameMoment = 100;

/**
 * What signals do until the profile is written: the first asks us to end, and a second one that is meant – the user does not want
 * to wait – ends us without it. SIGHUP never is that: kernel and shell send one each when a terminal is closed, and nobody waits
 * there.
 */
export class EndingSignals {
  private firstAt: number | null = null;
  private readonly quit: (signal: NodeJS.Signals) => void;

  /** @param loss what is said of an end by a second one */
  constructor(loss: () => string = () => 'the profile is not written') {
    this.quit = (signal) => quit(signal, loss());
  }

  /** To be told of every signal, at a time in ms. @returns whether it is the first */
  take(signal: NodeJS.Signals, now = performance.now()): boolean {
    if (this.firstAt === null) {
      this.firstAt = now;
      return true;
    }
    if (signal !== 'SIGHUP' && now - this.firstAt >= sameMoment) this.quit(signal);
    return false;
  }
}

/** Ends without what is not written yet. */
function quit(signal: NodeJS.Signals, loss: string): void {
  removeUnfinished();
  say(`heatline: ended by a second signal (${signal})${loss === '' ? '' : `: ${loss}`}.`);
  for (const other of endingSignals) process.removeAllListeners(other);
  dieBy(signal);
}
