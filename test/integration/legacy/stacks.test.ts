import assert from 'node:assert/strict';
import path from 'node:path';
import { startTarget } from '../../support/target.ts';
import { checkStops } from '../stops.ts';
import { legacy, title } from './legacy.ts';

const targets = path.join(import.meta.dirname, 'targets');

describe('Stacks of programs that stand still, to Python 3.10', () => {
  for (const interpreter of legacy) {
    it(`${title(interpreter)}: every way to call something`, async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'stacks.py'));
      assert((await checkStops(target)) >= 180, 'too few stops');
    }).timeout(120_000);

    it(`${title(interpreter)}: a thread in another interpreter`, async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'subinterpreters.py'));
      assert((await checkStops(target)) === 4, 'too few stops');
    }).timeout(60_000);

    if (interpreter.major === 2) continue;
    it(`${title(interpreter)}: coroutines, delegation, names in any script`, async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'stacks3.py'));
      assert((await checkStops(target)) >= 30, 'too few stops');
    }).timeout(120_000);

    it(`${title(interpreter)}: greenlets`, async function () {
      if (interpreter.greenlet === null) this.skip();
      // The script is that of later versions, with what it imports here.
      const run = `import sys; sys.path[0] = ${JSON.stringify(targets)}; exec(compile(open(sys.argv[1]).read(), sys.argv[1], 'exec'))`;
      await using target = await startTarget(interpreter, path.join(targets, '..', '..', 'targets', 'greenlets.py'), {
        interpreterOptions: ['-c', run],
      });
      assert((await checkStops(target)) >= 13, 'too few stops');
    }).timeout(60_000);
  }
});
