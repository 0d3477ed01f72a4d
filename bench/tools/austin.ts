import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { findProgram } from '../../scripts/command.ts';
import { cacheFolder } from '../../test/support/cache.ts';
import type { Interpreter } from '../../test/support/interpreters.ts';
import { parseColonFolded } from '../foldedStacks.ts';
import { SamplerCommand } from './command.ts';
import type { Attachment, Recording, RecordOptions, Tool } from './tool.ts';

/** `pip install --no-deps --target ~/.cache/heatline/packages/austin austin-dist==3.7.0`: 4.0.0 asks for glibc 2.38. */
const installed = path.join(cacheFolder, 'packages', 'austin', 'bin', 'austin');
const program = existsSync(installed) ? installed : findProgram('austin');

/** Austin, which reads without pausing, and weighs its samples by time. */
export class Austin implements Tool {
  readonly name = 'Austin';

  supports({ major, minor, freeThreaded }: Interpreter): boolean {
    return program !== null && major === 3 && minor >= 8 && minor <= 13 && !freeThreaded;
  }

  async record(pid: number, { rate, seconds }: RecordOptions): Promise<Recording> {
    const interval = rate === 'max' ? 1 : Math.round(1e6 / rate);
    const command = new SamplerCommand([program!, '--pipe', '--interval', `${interval}us`, '--pid', String(pid)], /^P\d/m);
    await command.sampling();
    await setTimeout(seconds * 1000);
    const { seconds: elapsed, cpuShare } = await command.end();
    // The first sample stands for all the time since it was started.
    const weighted = parseColonFolded(command.output.replace(/^#.*$/gm, '')).slice(1);
    if (weighted.length === 0) throw new Error(`Austin found nothing:\n${command.output.slice(0, 500)}`);
    const times = weighted.map(({ count }) => count);
    const lost = /^# errors: (\d+)\/(\d+)/m.exec(command.output);
    return {
      rate: weighted.length / elapsed,
      cpuPerSample: (cpuShare * 1e6 * elapsed) / weighted.length,
      partial: NaN,
      lost: Number(lost?.[1] ?? NaN) / Number(lost?.[2] ?? NaN),
      stacks: weighted.map(({ frames }) => ({ frames, count: 1 })),
      weighted: {
        stacks: weighted,
        samples: times.reduce((sum, time) => sum + time, 0) ** 2 / times.reduce((sum, time) => sum + time * time, 0),
      },
    };
  }

  attach(): Promise<Attachment | null> {
    return Promise.resolve(null);
  }
}
