import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { locateInterpreter } from '../../../native/cpython/locate.ts';
import { openSystem } from '../../../native/os/index.ts';
import type { Interpreter } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { checkStops } from '../stops.ts';
import { legacy, title } from './legacy.ts';

const script = path.join(import.meta.dirname, 'targets', 'stacks.py');

/** What may be missing of a binary, each with what takes it away; false: that tool is not here. */
const missing: readonly (readonly [what: string, remove: (file: string) => boolean])[] = [
  ['symbols', (file) => stripped(file)],
  [
    'section headers, so that only the dynamic symbols are left',
    (file) => {
      const bytes = fs.readFileSync(file);
      bytes.fill(0, 40, 48); // e_shoff (elf(5))
      bytes.fill(0, 58, 64); // e_shentsize, e_shnum, e_shstrndx
      fs.writeFileSync(file, bytes);
      return true;
    },
  ],
];

describe('Interpreters to Python 3.10', () => {
  for (const interpreter of legacy) {
    for (const [what, remove] of missing) {
      it(`${title(interpreter)} without ${what}`, async function () {
        await using plain = await startTarget(interpreter, script, { arguments: ['plain'] });
        const binary = await binaryOf(plain.pid);
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-binary-'));
        try {
          const copy = path.join(folder, path.basename(binary));
          fs.copyFileSync(binary, copy);
          fs.chmodSync(copy, 0o755);
          if (!remove(copy)) this.skip();
          const executable = binary === interpreter.path ? copy : interpreter.path;
          const scenarios = ['construction', 'recursion', 'generators', 'forgotten_code'];
          await using target = await startTarget({ ...interpreter, path: executable }, script, {
            arguments: scenarios,
            environment: environmentFor(interpreter, folder),
          });
          assert.equal(await binaryOf(target.pid), copy);
          assert.equal(await checkStops(target), 30);
        } finally {
          fs.rmSync(folder, { recursive: true });
        }
      }).timeout(60_000);
    }
  }
});

/** For an interpreter whose library, or itself, lies in another folder. */
function environmentFor(interpreter: Interpreter, folder: string): Record<string, string> {
  const home = execFileSync(interpreter.path, ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' }).trim();
  return { PYTHONHOME: home, LD_LIBRARY_PATH: folder };
}

/** Where a process has its interpreter, found as the sampler finds it. */
async function binaryOf(pid: number): Promise<string> {
  const system = await openSystem();
  const memory = system.openMemory(pid);
  try {
    return locateInterpreter(system, memory, pid).binary;
  } finally {
    memory.close();
  }
}

function stripped(file: string): boolean {
  const strip = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'strip'))
    .find((one) => fs.existsSync(one));
  if (strip === undefined) return false;
  execFileSync(strip, ['--strip-all', file]);
  return true;
}
