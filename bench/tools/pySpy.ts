import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { findProgram } from '../../scripts/command.ts';
import { pySpy as installed } from '../../scripts/setup/packages.ts';
import type { Interpreter } from '../../test/support/interpreters.ts';
import { countSamples, parseFolded } from '../foldedStacks.ts';
import { SamplerCommand } from './command.ts';
import type { Attachment, Recording, RecordOptions, Tool } from './tool.ts';

const program = existsSync(installed) ? installed : findProgram('py-spy');

/** py-spy: pauses its target for each sample, unless told not to. */
export class PySpy implements Tool {
  readonly name: string;
  private readonly options: readonly string[];
  private readonly where: readonly string[] | undefined;

  /** @param where the core it runs on (placement.ts), the sampler's unless told */
  constructor(how: 'blocking' | 'nonblocking' | 'native', where?: readonly string[]) {
    this.where = where;
    this.options = how === 'blocking' ? [] : [`--${how}`];
    this.name = ['py-spy', ...this.options].join(' ');
  }

  supports(interpreter: Interpreter): boolean {
    return program !== null && !interpreter.freeThreaded;
  }

  async record(pid: number, { rate, seconds, runningOnly = false }: RecordOptions): Promise<Recording> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'heatline-bench-'));
    try {
      const output = path.join(folder, 'stacks');
      const command = this.start(pid, rate, output, runningOnly);
      await command.sampling();
      await setTimeout(seconds * 1000);
      const { seconds: elapsed, cpuShare } = await command.end();
      const stacks = parseFolded(readFileSync(output, 'utf8'));
      const said = /Samples: (\d+) Errors: (\d+)/.exec(command.output);
      const samples = countSamples(stacks);
      const errors = Number(said?.[2] ?? NaN);
      return {
        rate: samples / elapsed,
        cpuPerSample: (cpuShare * 1e6 * elapsed) / samples,
        partial: NaN,
        lost: errors / (samples + errors),
        stacks,
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  attach(pid: number, rate: number): Promise<Attachment> {
    let command: SamplerCommand | null = null;
    const off = async (): Promise<void> => {
      await command?.end();
      command = null;
    };
    const on = async (): Promise<void> => {
      command = this.start(pid, rate, '/dev/null', false);
      await command.sampling();
    };
    return Promise.resolve({ window: 500, on, off, end: off });
  }

  private start(pid: number, rate: number | 'max', output: string, runningOnly: boolean): SamplerCommand {
    // A rate it can't reach is as fast as it can.
    const args = [
      'record',
      '--pid',
      String(pid),
      '--rate',
      String(rate === 'max' ? 1_000_000 : rate),
      '--format',
      'raw',
      '--output',
      output,
    ];
    return new SamplerCommand([program!, ...args, ...(runningOnly ? [] : ['--idle']), ...this.options], /Sampling process/, this.where);
  }
}
