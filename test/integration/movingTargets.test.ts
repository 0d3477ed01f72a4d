import assert from 'node:assert/strict';
import path from 'node:path';
import { type Interpreter, since, title } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';
import { EdgeTable, type Fault } from './edgeTable.ts';
import { sample } from './sample.ts';

const script = path.join(import.meta.dirname, 'targets', 'moving.py');
const supported = since(3, 11);
/** How many run the same program at the same time where there is no GIL. */
const threads = 3;
const programs = ['alternating', 'recursion', 'generators', 'exceptions', 'objects', 'callbacks', 'coroutines'];

/**
 * Highest share of samples in the typical slice. They are for broken rules: without the ones that docs/sampling.md derives,
 * shares are between 5 % and 60 %; with them, on two idle cores, they are below 1 %.
 * A hypervisor that takes a core away in the middle of a copy tears it, so that on a busy machine there are more.
 */
const bounds: Readonly<Record<Fault, number>> = { impossible: 0.03, wrongLine: 0.05, foreignLine: 0, unknown: 0 };

/** Activations of 100 ns that C began, of which no copy that is a microsecond long can tell: half the samples say so. */
const shortGenerators = ['generators', 'coroutines'];
const partialBound = (program: string): number => (shortGenerators.includes(program) ? 0.9 : 0.25);

describe('Stacks of programs that call all the time', () => {
  for (const interpreter of supported) {
    for (const program of programs) {
      it(`${title(interpreter)}: ${program}`, async () => check(interpreter, program, 1)).timeout(60_000);
    }
    if (!interpreter.freeThreaded) continue;
    for (const program of programs) {
      it(`${title(interpreter)}: ${program}, in threads that run at the same time`, async () => check(interpreter, program, threads)).timeout(60_000);
    }
  }
});

async function check(interpreter: Interpreter, program: string, threads: number): Promise<void> {
  const table = new EdgeTable(interpreter, script, program);
  await using target = await startTarget(interpreter, script, { arguments: ['run', program, String(threads)] });
  const rows: string[] = [];
  for (const rate of ['max', 10_000] as const) {
    const { profile } = await sample({ pid: target.pid, rate }, rate === 'max' ? 50_000 : 1000 * threads);
    assert.equal(profile.threads.length, threads);
    const { samples, lost } = profile.quality;
    const judgement = table.judge(profile);
    const shares = ([...Object.keys(bounds), 'partial'] as (Fault | 'partial')[]).map((fault) => ({ fault, all: judgement.share(fault), typical: judgement.typicalShare(fault) }));
    rows.push(`at ${rate}: ${samples} samples; ${shares.map(({ fault, all, typical }) => `${fault} ${percent(all)} (typically ${percent(typical)})`).join(', ')}; lost ${lost}`);
    assert(lost <= samples * 0.01 + 1, `${lost} of ${samples} samples lost`);
    const examples = [...judgement.examples].sort((a, b) => b[1] - a[1]).slice(0, 5);
    for (const { fault, typical } of shares) {
      assert(typical <= (fault === 'partial' ? partialBound(program) : bounds[fault]), `${fault}: ${percent(typical)} of the typical slice\n${rows.join('\n')}\n${examples.map(([what, count]) => `${count} ${what}`).join('\n')}`);
    }
  }
  if (process.env['HEATLINE_FIGURES'] !== undefined) console.log(rows.map((row) => `      ${row}`).join('\n'));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}
