import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { short } from '../table.ts';
import type { LongResult } from '../tools/longProcess.ts';
import type { Findings, Setting } from './experiment.ts';

const tool = path.join(import.meta.dirname, '..', 'tools', 'longProcess.ts');

const kinds = { turns: '8 threads and stacks in turn', many: '50 threads, 50 000 stacks' } as const;
const parts = { cli: 'command line', editor: 'extension host' } as const;

/** What keeps a day of samples, and how long it has others wait. */
export async function long({ quick, progress }: Setting): Promise<Findings> {
  const rows = [['samples of', 'part', 'memory', 'at a quarter', 'with writing', 'delta', 'of 1000', 'longest', 'picture', 'runs kept']];
  const figures: Record<string, string | number>[] = [];
  const samples = quick ? 8_640_000 : 86_400_000;
  for (const kind of ['turns', 'many'] as const) {
    for (const part of ['cli', 'editor'] as const) {
      progress(`long: ${kind}, ${part}`);
      const { stdout } = await promisify(execFile)(process.execPath, [tool, part, kind, String(samples)]);
      const result = JSON.parse(stdout) as LongResult;
      const { peak, quarter, saved, median, nearlyAll, most, mostUpdate, runs } = result;
      const time = (value: number): string => `${short(value)} ms`;
      rows.push([
        kinds[kind],
        parts[part],
        `${short(peak)} MB`,
        `${short(quarter)} MB`,
        part === 'cli' ? `${short(saved)} MB` : '',
        time(median),
        time(nearlyAll),
        time(most),
        part === 'editor' ? time(mostUpdate) : '',
        short(runs),
      ]);
      figures.push({ experiment: 'long', kind, part, ...result });
    }
  }
  return {
    title: 'Long recordings',
    method:
      `${short(samples)} samples that are made up, each another run, at full speed, to what keeps them: the command line’s part, which writes the profile in the end, and the extension host’s, with the heat after each delta ` +
      'and a flame graph after every twentieth. The largest the whole process was, all that runs it included, but not the sampler’s thread; how large when a quarter was in; how long a delta took (the middle, of 1000 all ' +
      'but one, the longest), and bringing pictures up to date at most.',
    rows,
    figures,
  };
}
