import path from 'node:path';
import { checkMoving, type MovingProgram, printFigures, wantsFigures } from './movingTarget.ts';
import { legacy, title } from '../legacy/legacy.ts';

const targets = path.join(import.meta.dirname, '..', 'legacy', 'targets');
/** All of a file's programs in turn; for figures, each by itself. */
const programs: readonly (readonly [script: string, programs: readonly string[]])[] = [
  [
    'moving.py',
    wantsFigures ? ['alternating', 'sharing', 'recursion', 'generators', 'exceptions', 'objects', 'callbacks'] : ['everything'],
  ],
  ['moving3.py', wantsFigures ? ['delegation', 'coroutines', 'awaiting'] : ['everything']],
];

/**
 * Highest share of samples in the typical slice. They are for broken rules: without the ones that docs/sampling.md
 * derives, positions are wrong in 5–35 % of the samples; with them, on two idle cores, shares are below 0.1 %. Where a core is taken
 * away in the middle of a copy, the copy is torn. And where calls of C lie between, or two lines call by turns, it is learned which
 * line calls what: by how much lines are wrong until then depends on how long the machine takes to hand a cache line over. 16
 * runs on a quiet virtual machine had 0 to 7.5 % in the typical slice, a busy one 5.1 %; twice that is certain to be a broken
 * rule. Samples of threads that stand still, which is how they usually are looked at, have none (sharedCore.test.ts).
 */
const bounds: MovingProgram['bounds'] = { impossible: 0.03, wrongLine: 0.15, foreignLine: 0, unknown: 0, partial: 0.25 };
/** For figures, enough to see one in ten thousand. */
const wanted: MovingProgram['wanted'] = wantsFigures
  ? [
      ['max', 100_000],
      [10_000, 20_000],
      [1000, 5000],
    ]
  : [
      ['max', 30_000],
      [10_000, 2000],
    ];

describe('Stacks of programs that call all the time, to Python 3.10', () => {
  after(printFigures);
  for (const interpreter of legacy) {
    for (const [script, names] of programs) {
      if (script === 'moving3.py' && interpreter.major === 2) continue;
      for (const program of names) {
        it(`${title(interpreter)}: ${program} of ${script}`, async () => {
          await checkMoving({
            interpreter,
            script: path.join(targets, script),
            program,
            threads: 1,
            bounds,
            wanted,
          });
        }).timeout(wantsFigures ? 300_000 : 120_000);
      }
    }
  }
});
