import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { oneOfEachMinor, since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { sampleSeparately } from '../sample.ts';

const folder = import.meta.dirname;
/** Stops of running threads to make; thousands for a night. */
const stops = 20 * Number(process.env['HEATLINE_HARM'] ?? 5);

describe('Waits of a program whose native frames are recorded', function () {
  this.timeout(Math.max(60_000, stops * 60));
  const built = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-waits-'));
  const library = path.join(built, 'waits.so');
  before(function () {
    if (process.platform !== 'linux' || process.arch !== 'x64') return this.skip();
    execFileSync('cc', ['-O1', '-shared', '-fPIC', '-o', library, path.join(folder, 'waits.c')]);
  });
  after(() => fs.rmSync(built, { recursive: true, force: true }));

  for (const interpreter of oneOfEachMinor([since(2, 7)[0], since(3, 12)[0]].filter((one) => one !== undefined))) {
    it(`${title(interpreter)}: are not interrupted: poll, epoll_wait, read, nanosleep, futex`, async () => {
      await using target = await startTarget(interpreter, path.join(folder, 'waits.py'), { arguments: [library] });
      await sampleSeparately({ pid: target.pid, rate: 1000, native: 'functions' }, ({ quality }) => quality.native!.stops >= stops);
      const { waited, interrupted } = (await target.ask(null)) as { waited: number[]; interrupted: number[] };
      assert.deepEqual(interrupted, [0, 0, 0, 0, 0]);
      assert(
        waited.every((count) => count > 0),
        String(waited),
      );
    });
  }
});
