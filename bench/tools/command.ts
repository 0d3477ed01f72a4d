import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { openSystem } from '../../native/os/index.ts';
import { startSampler } from '../placement.ts';

const system = await openSystem();

/** A sampler that is a program of its own, which samples from when it is started until it gets a SIGINT. */
export class SamplerCommand {
  /** What it has written so far. */
  output = '';
  private readonly child;
  private readonly ended: Promise<unknown>;
  private readonly warmUp: number | RegExp;
  private cpu = 0;
  private since = 0;

  /**
   * @param warmUp what it writes when it begins to sample, or the ms it takes to get there
   * @param where the core it runs on (placement.ts), the sampler's unless told
   */
  constructor(command: readonly string[], warmUp: number | RegExp, where?: readonly string[]) {
    this.warmUp = warmUp;
    this.child = startSampler(command, ['ignore', 'pipe', 'pipe'], where);
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.ended = once(this.child, 'close');
  }

  /** Resolves when it samples. Rejects when it has ended before. */
  async sampling(): Promise<void> {
    const { warmUp } = this;
    if (typeof warmUp === 'number') await setTimeout(warmUp);
    else while (!warmUp.test(this.output) && this.child.exitCode === null) await Promise.race([this.moreOutput(), this.ended]);
    if (this.child.exitCode !== null) throw new Error(`A sampler ended at once:\n${this.output}`);
    this.cpu = system.processCpu(this.child.pid!);
    this.since = performance.now();
  }

  private moreOutput(): Promise<unknown> {
    return Promise.race([once(this.child.stdout!, 'data'), once(this.child.stderr!, 'data')]);
  }

  /** Ends it and waits until it has written what it found. @returns since it samples: the time (s) and the share of a core it used */
  async end(): Promise<{ seconds: number; cpuShare: number }> {
    const cpu = system.processCpu(this.child.pid!) - this.cpu;
    const seconds = (performance.now() - this.since) / 1000;
    this.child.kill('SIGINT');
    await this.ended;
    return { seconds, cpuShare: cpu / 1e6 / seconds };
  }
}
