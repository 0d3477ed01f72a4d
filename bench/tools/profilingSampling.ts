import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { run } from '../../scripts/command.ts';
import { since, type Interpreter } from '../../test/support/interpreters.ts';
import { countSamples, parseColonFolded } from '../foldedStacks.ts';
import { SamplerCommand } from './command.ts';
import type { Attachment, Recording, RecordOptions, Tool } from './tool.ts';

/** ms from its start until it samples; it doesn't say when. */
const warmUp = 900;

/** CPython's own sampler (3.15+), which looks at programs of its own version only. */
export class ProfilingSampling implements Tool {
  readonly name: string;
  private readonly python: string | null;
  private readonly blocking: boolean;

  private constructor(python: string | null, blocking: boolean) {
    this.python = python;
    this.blocking = blocking;
    this.name = blocking ? 'profiling.sampling --blocking' : 'profiling.sampling';
  }

  static async find(blocking = false): Promise<ProfilingSampling> {
    for (const { path: python } of since(3, 15)) {
      const works = await run(python, ['-c', 'import _remote_debugging, profiling.sampling']).then(
        () => true,
        () => false,
      );
      if (works) return new ProfilingSampling(python, blocking);
    }
    return new ProfilingSampling(null, blocking);
  }

  supports(interpreter: Interpreter): boolean {
    return this.python === interpreter.path;
  }

  async record(pid: number, { rate, seconds, runningOnly = false }: RecordOptions): Promise<Recording> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'heatline-bench-'));
    try {
      const command = this.start(pid, rate, path.join(folder, 'stacks'), runningOnly);
      await command.sampling();
      await setTimeout(seconds * 1000);
      const { cpuShare } = await command.end();
      const captured = /Captured ([\d,]+) samples in ([\d.]+) seconds/.exec(command.output);
      const file = readdirSync(folder)[0];
      if (captured === null || file === undefined) throw new Error(`profiling.sampling found nothing:\n${command.output}`);
      const stacks = parseColonFolded(readFileSync(path.join(folder, file), 'utf8'));
      const perSecond = countSamples(stacks) / Number(captured[2]);
      const errors = Number(/Error rate: ([\d.]+)/.exec(command.output)?.[1] ?? NaN) / 100;
      return { rate: perSecond, cpuPerSample: (cpuShare * 1e6) / perSecond, partial: NaN, lost: errors, stacks };
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
    const args = [
      'attach',
      '--all-threads',
      '--sampling-rate',
      String(rate === 'max' ? 1_000_000 : rate),
      '--collapsed',
      '--output',
      output,
    ];
    const mode = [...(runningOnly ? ['--mode', 'cpu'] : []), ...(this.blocking ? ['--blocking'] : [])];
    return new SamplerCommand([this.python!, '-m', 'profiling.sampling', ...args, ...mode, String(pid)], warmUp);
  }
}
