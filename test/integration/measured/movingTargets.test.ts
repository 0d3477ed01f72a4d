import path from 'node:path';
import { type Interpreter, oneOfEachMinor, since, title } from '../../support/interpreters.ts';
import { checkMoving, type MovingProgram, printFigures, wantsFigures } from './movingTarget.ts';

const script = path.join(import.meta.dirname, '..', 'targets', 'moving.py');
const supported = oneOfEachMinor(since(3, 11));
/** How many run the same program at the same time where there is no GIL. */
const threads = 3;
const programs = ['alternating', 'recursion', 'generators', 'exceptions', 'objects', 'callbacks', 'coroutines'];

/**
 * Highest share of samples in the typical slice. They are for broken rules: without the ones that docs/sampling.md derives,
 * shares are between 0.5 % and 60 %; with them, on two idle cores, they are below 0.1 %.
 * A hypervisor that takes a core away in the middle of a copy tears it, so that on a busy machine there are more.
 */
const bounds: MovingProgram['bounds'] = { impossible: 0.01, wrongLine: 0.02, foreignLine: 0, unknown: 0, partial: 0.25 };

/** Activations of 100 ns that C began, of which no copy that is a microsecond long can tell: half the samples say so. */
const shortGenerators = ['generators', 'coroutines'];
const partialBound = (program: string): number => (shortGenerators.includes(program) ? 0.9 : bounds.partial);

describe('Stacks of programs that call all the time', () => {
  after(printFigures);
  for (const interpreter of supported) {
    for (const program of programs) {
      it(`${title(interpreter)}: ${program}`, async () => check(interpreter, program, 1)).timeout(wantsFigures ? 300_000 : 120_000);
    }
    if (!interpreter.freeThreaded) continue;
    for (const program of programs) {
      it(`${title(interpreter)}: ${program}, in threads that run at the same time`, async () =>
        check(interpreter, program, threads)).timeout(wantsFigures ? 300_000 : 120_000);
    }
  }
});

async function check(interpreter: Interpreter, program: string, threads: number): Promise<void> {
  const wanted: MovingProgram['wanted'] = wantsFigures
    ? [
        ['max', 100_000],
        [10_000, 20_000],
        [1000, 5000 * threads],
      ]
    : [
        ['max', 30_000],
        [10_000, 1000 * threads],
      ];
  await checkMoving({ interpreter, script, program, threads, bounds: { ...bounds, partial: partialBound(program) }, wanted });
}
