import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { interpreters, title } from '../support/interpreters.ts';
import type { Seen } from './pidReuse/inside.ts';

const inside = path.join(import.meta.dirname, 'pidReuse', 'inside.ts');
const script = path.join(import.meta.dirname, 'targets', 'reusedPid.py');

describe('Processes with the same pid one after the other', function () {
  this.timeout(60_000);
  before(function () {
    // Only in a namespace of pids of one's own can they be chosen, and only root makes one.
    if (process.platform !== 'linux' || process.getuid?.() !== 0 || !fs.existsSync('/usr/bin/unshare')) this.skip();
  });

  // Copies of one process have the same addresses: nothing but the process tells them apart.
  for (const interpreter of [interpreters.find(({ major }) => major === 3)!, interpreters.at(-1)!]) {
    it(`are never taken for each other (${title(interpreter)})`, () => {
      const command = ['--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, inside, script, interpreter.path];
      const { pids, functions } = JSON.parse(
        execFileSync('unshare', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
      ) as Seen;
      assert.equal(pids.length, 3);
      assert.equal(new Set(pids).size, 1, pids.join());
      const work = functions.map((names) => names.filter((name) => name.endsWith('_work')));
      assert.deepEqual(
        work.filter((names) => names.length > 0),
        [['first_work'], ['second_work'], ['third_work']],
        JSON.stringify(functions),
      );
    });
  }
});
