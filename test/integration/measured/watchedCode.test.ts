import assert from 'node:assert/strict';
import path from 'node:path';
import { readBytecode } from '../../../native/cpython/bytecode.ts';
import { opcodeNames } from '../../../native/cpython/opcodeNames.ts';
import { opcodesOf } from '../../../native/cpython/opcodes.ts';
import { openTarget } from '../../../native/openTarget.ts';
import { openSystem } from '../../../native/os/index.ts';
import { type Interpreter, since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';

const targets = path.join(import.meta.dirname, '..', 'targets');
const watching: ReadonlySet<string | undefined> = new Set(['INSTRUMENTED_LINE', 'INSTRUMENTED_INSTRUCTION']);

/** Where what is watched stands is not known of builds that could not be had (docs/instructions.md). */
function isKnown({ minor, freeThreaded }: Interpreter): boolean {
  return minor < 14 || !freeThreaded;
}

for (const interpreter of since(3, 12).filter(isKnown)) {
  describe(`Code that debuggers and coverage watch, ${title(interpreter)}`, () => {
    it('has the instructions that it had before', async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'watched.py'));
      const opened = openTarget(await openSystem(), target.pid);
      try {
        const { memory, layout } = opened;
        assert(layout.frames === 'data-stack');
        const { cacheEntries } = opcodesOf(interpreter.minor);
        const names = opcodeNames(interpreter.minor);
        let watched = 0;
        for (const [address, name, was, is] of target.ready as unknown as [number, string, string, string][]) {
          const [before, now] = [Buffer.from(was, 'hex'), Buffer.from(is, 'hex')];
          const bytecode = readBytecode(memory, layout, address, before.length / 2);
          assert(bytecode !== null, name);
          for (let at = 0; at < before.length; at += 2 + 2 * cacheEntries[before[at]!]!) {
            assert(!watching.has(names[bytecode[at]!]), `${name}: ${names[bytecode[at]!]} at ${at}`);
            if (!watching.has(names[now[at]!])) continue; // it may be specialised by now
            watched++;
            assert.equal(names[bytecode[at]!], names[before[at]!], `${name} at ${at}`);
          }
        }
        assert(watched > 200, `${watched} instructions are watched`);
      } finally {
        opened.close();
      }
    }).timeout(20_000);
  });
}
