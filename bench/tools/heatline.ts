import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { Interpreter } from '../../test/support/interpreters.ts';
import { parseFolded } from '../foldedStacks.ts';
import { placement, startSampler } from '../placement.ts';
import type { HeatlineMessage, HeatlineResult } from './heatlineProcess.ts';
import type { Attachment, Recording, RecordOptions, Tool } from './tool.ts';

const script = path.join(import.meta.dirname, 'heatlineProcess.ts');

export class Heatline implements Tool {
  readonly name: string;
  private readonly how: 'blocking' | 'native' | null;

  constructor(how: 'blocking' | 'native' | null = null) {
    this.how = how;
    this.name = how === null ? 'Heatline' : `Heatline --${how}`;
  }

  supports(interpreter: Interpreter): boolean {
    return !interpreter.freeThreaded && (this.how !== 'blocking' || interpreter.major === 3);
  }

  async record(pid: number, { rate, seconds, runningOnly = false }: RecordOptions): Promise<Recording> {
    const session = await Session.start(pid, rate, this.how);
    await setTimeout(300 + seconds * 1000); // the first delta, after 250 ms, ends the warm-up
    session.send('stop');
    const { first, last, all, running, weighted, effective } = await session.result();
    const samples = last.samples - first.samples;
    const lost = last.lost - first.lost;
    return {
      rate: samples / ((last.elapsed - first.elapsed) / 1e6),
      cpuPerSample: (last.cpu - first.cpu) / samples,
      partial: (last.partial - first.partial) / samples,
      lost: lost / (samples + lost),
      stacks: parseFolded(runningOnly ? running : all),
      weighted: { stacks: parseFolded(weighted), samples: effective },
      ...(last.native === undefined ? {} : { native: last.native }),
    };
  }

  async attach(pid: number, rate: number): Promise<Attachment> {
    const session = await Session.start(pid, rate, this.how);
    await setTimeout(500); // the code is compiled as it runs
    session.send('pause');
    await session.next('paused');
    return {
      window: 100,
      on: async () => {
        session.send('resume');
        await session.next('resumed');
      },
      off: async () => {
        session.send('pause');
        await session.next('paused');
      },
      end: async () => {
        session.send('stop');
        await session.result();
      },
    };
  }
}

class Session {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  static async start(pid: number, rate: number | 'max', how: 'blocking' | 'native' | null): Promise<Session> {
    // Where it does not go as fast as it can it looks at the target from that one's core, which it must be free to go to.
    const where = rate === 'max' ? placement.sampler : [];
    const session = new Session(
      startSampler(
        [process.execPath, script, String(pid), String(rate), ...(how === null ? [] : [how])],
        ['pipe', 'pipe', 'inherit'],
        where,
      ),
    );
    await session.next('started');
    return session;
  }

  send(command: 'pause' | 'resume' | 'stop'): void {
    this.child.stdin!.write(`${command}\n`);
  }

  /** Waits for the next message of a type. */
  async next<Type extends HeatlineMessage['type']>(type: Type): Promise<Extract<HeatlineMessage, { type: Type }>> {
    for (;;) {
      const line = await this.lines.next();
      if (line.done === true) throw new Error(`Heatline ended without saying "${type}".`);
      const message = JSON.parse(line.value) as HeatlineMessage;
      if (message.type === type) return message as Extract<HeatlineMessage, { type: Type }>;
      if (message.type === 'failed') throw new Error(`Heatline failed: ${message.detail}`);
    }
  }

  async result(): Promise<HeatlineResult> {
    return (await this.next('ended')).result;
  }
}
