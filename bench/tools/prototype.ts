import { existsSync } from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import type { Interpreter } from '../../test/support/interpreters.ts';
import { startSampler } from '../placement.ts';
import type { Attachment, Recording, RecordOptions, Tool } from './tool.ts';

/**
 * A sampler stripped to the bare sampling, to see what the machine gives: `node sampler.cjs PID --secs=S` in the folder
 * given by --prototype prints a line of JSON with `samples`, `rate` (looks per second), `ticks` and `us_cpu_sample`.
 */
export class Prototype implements Tool {
  readonly name = 'prototype';
  private readonly script: string;

  constructor(folder: string) {
    this.script = path.join(folder, 'sampler.cjs');
    if (!existsSync(this.script)) throw new Error(`There is no ${this.script}.`);
  }

  supports(interpreter: Interpreter): boolean {
    return interpreter.major === 3 && interpreter.minor >= 11 && interpreter.minor <= 13;
  }

  async record(pid: number, { rate, seconds }: RecordOptions): Promise<Recording> {
    const command = [process.execPath, this.script, String(pid), `--secs=${seconds}`, ...(rate === 'max' ? [] : [`--hz=${rate}`])];
    const child = startSampler(command, ['ignore', 'pipe', 'inherit']);
    let output = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text));
    await once(child, 'close');
    const {
      samples,
      rate: ticksPerSecond,
      ticks,
      us_cpu_sample: cpuPerSample,
    } = JSON.parse(output) as Record<'samples' | 'rate' | 'ticks' | 'us_cpu_sample', number>;
    return { rate: (ticksPerSecond * samples) / ticks, cpuPerSample, partial: NaN, lost: NaN, stacks: [] };
  }

  attach(): Promise<Attachment | null> {
    return Promise.resolve(null);
  }
}
