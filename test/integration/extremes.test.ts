import assert from 'node:assert/strict';
import path from 'node:path';
import { type Interpreter, interpreters, title } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';
import { checkStops } from './stops.ts';

const folder = path.join(import.meta.dirname, 'targets');
const legacyFolder = path.join(import.meta.dirname, 'legacy', 'targets');
const script = path.join(folder, 'extremes.py');

const newest = interpreters.at(-1)!;
/** One of each kind of frame and of line table, with and without a GIL. */
const chosen = interpreters.filter(
  (one) =>
    one === newest ||
    one.freeThreaded ||
    one.major === 2 ||
    ([8, 10, 11, 12].includes(one.minor) && interpreters.find(({ minor, major }) => major === one.major && minor === one.minor) === one),
);

describe('Large programs', function () {
  this.timeout(180_000);
  for (const interpreter of chosen) {
    for (const [kind, name, atLeast, atLeastBefore] of [
      ['deep', 'a recursion of depth 5000 and more', 5, 3],
      ['chains', '50 000 functions', 10, 10],
      ['lines', 'a function of 100 000 lines', 11, 11],
      ['threads', '500 threads', 1, 1],
    ] as const) {
      // It takes 5 to 20 s, and what is judged is the same for each kind of frame.
      if (kind === 'chains' && ![chosen[0], chosen.find(({ minor }) => minor === 11), newest].includes(interpreter)) continue;
      it(`${title(interpreter)}: ${name}`, async () => {
        await using target = await startTarget(interpreter, script, { arguments: [kind], interpreterOptions: withStops(interpreter) });
        assert.equal(await checkStops(target), isLegacy(interpreter) ? atLeastBefore : atLeast);
      });
    }
  }
});

function isLegacy({ major, minor }: Interpreter): boolean {
  return major < 3 || minor < 11;
}

/** What stops a program is different before 3.11, and found in another folder. */
function withStops(interpreter: Interpreter): readonly string[] {
  if (!isLegacy(interpreter)) return [];
  return ['-c', `import sys; sys.path[0] = ${JSON.stringify(legacyFolder)}; exec(compile(open(sys.argv[1]).read(), sys.argv[1], 'exec'))`];
}
