import assert from 'node:assert/strict';
import path from 'node:path';
import { startTarget } from '../../support/target.ts';
import { EdgeTable, type Fault } from '../edgeTable.ts';
import { sample } from '../sample.ts';
import { legacy, title } from './legacy.ts';

const targets = path.join(import.meta.dirname, 'targets');
const figures = process.env['HEATLINE_FIGURES'] !== undefined;
/** All of a file's programs in turn; for figures, each by itself. */
const programs: readonly (readonly [script: string, programs: readonly string[]])[] = [
  ['moving.py', figures ? ['alternating', 'sharing', 'recursion', 'generators', 'exceptions', 'objects', 'callbacks'] : ['recursion', 'objects', 'everything']],
  ['moving3.py', figures ? ['delegation', 'coroutines', 'awaiting'] : ['everything']],
];

/**
 * Highest share of samples in the typical slice. They are for broken rules: without the ones that docs/sampling.md
 * derives, positions are wrong in 5–35 % of the samples; with them, on two idle cores, shares are below 0.1 %. Where a core is taken away
 * in the middle of a copy, the copy is torn.
 */
const bounds: Readonly<Record<Fault | 'partial', number>> = { impossible: 0.03, wrongLine: 0.05, foreignLine: 0, unknown: 0, partial: 0.25 };
/** Samples to take: for figures, enough to see one in ten thousand. */
const wanted = figures ? { max: 50_000, 10_000: 20_000 } : { max: 20_000, 10_000: 4000 };

describe('Stacks of programs that call all the time, to Python 3.10', () => {
  for (const interpreter of legacy) {
    for (const [script, names] of programs) {
      if (script === 'moving3.py' && interpreter.major === 2) continue;
      for (const program of names) {
        it(`${title(interpreter)}: ${program} of ${script}`, async () => {
          const file = path.join(targets, script);
          const table = new EdgeTable(interpreter, file, program);
          await using target = await startTarget(interpreter, file, { arguments: ['run', program] });
          const rows: string[] = [];
          for (const rate of ['max', 10_000] as const) {
            const { profile } = await sample({ pid: target.pid, rate }, wanted[rate]);
            const { samples, lost } = profile.quality;
            const judgement = table.judge(profile);
            const shares = (Object.keys(bounds) as (Fault | 'partial')[]).map((fault) => ({ fault, all: judgement.share(fault), typical: judgement.typicalShare(fault) }));
            const examples = [...judgement.examples].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([what, count]) => `  ${count} ${what}`);
            rows.push(`at ${rate}: ${samples} samples; ${shares.map(({ fault, all, typical }) => `${fault} ${percent(all)} (typically ${percent(typical)})`).join(', ')}; lost ${lost}`, ...examples);
            assert(lost <= samples * 0.01 + 1, `${lost} of ${samples} samples lost`);
            for (const { fault, typical } of shares) assert(typical <= bounds[fault], `${fault}: ${percent(typical)} of the typical slice\n${rows.join('\n')}`);
          }
          if (figures) console.log(rows.map((row) => `      ${row}`).join('\n'));
        }).timeout(120_000);
      }
    }
  }
});

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}
