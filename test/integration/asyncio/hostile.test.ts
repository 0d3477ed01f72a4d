import assert from 'node:assert/strict';
import path from 'node:path';
import { openSystem } from '../../../native/os/index.ts';
import type { ProcessMemory, System } from '../../../native/os/system.ts';
import { TargetError } from '../../../native/targetError.ts';
import { readGreenlets } from '../../../native/tasks/readGreenlets.ts';
import { readTasks } from '../../../native/tasks/readTasks.ts';
import { since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';

const targets = path.join(import.meta.dirname, 'targets');
const looks = 40;

/** Numbers from 0 to 1 that follow from a seed. */
function random(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

/** A system whose memory lies: now and then a word of what is read is another one, as a program could make it. */
function lying(system: System, seed: number): System {
  const next = random(seed);
  const lie = (bytes: Uint8Array, offset: number, length: number): void => {
    if (length < 8 || next() > 0.02) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
    const at = Math.floor(next() * Math.floor(length / 8)) * 8;
    const other = Math.floor(next() * Math.floor(length / 8)) * 8;
    const words = [
      0n,
      2n ** 64n - 1n,
      2n ** 40n,
      BigInt(Math.floor(next() * 2 ** 47)),
      view.getBigUint64(other, true),
      view.getBigUint64(at, true) + 16n,
    ];
    view.setBigUint64(at, BigInt.asUintN(64, words[Math.floor(next() * words.length)]!), true);
  };
  return Object.assign(Object.create(system) as System, {
    openMemory(pid: number): ProcessMemory {
      const memory = system.openMemory(pid);
      return Object.assign(Object.create(memory) as ProcessMemory, {
        read(address: number, target: Uint8Array, offset: number, length: number): boolean {
          const isRead = memory.read(address, target, offset, length);
          if (isRead) lie(target, offset, length);
          return isRead;
        },
        readSpans(...[plan, target]: Parameters<ProcessMemory['readSpans']>): number {
          const copied = memory.readSpans(plan, target);
          if (copied > 0) lie(target, 0, copied - (copied % 8));
          return copied;
        },
      });
    },
  });
}

describe('Tasks and greenlets in memory that lies', () => {
  for (const interpreter of since(3, 8)) {
    it(`give a part of them or an error, on ${title(interpreter)}`, async function () {
      const system = await openSystem();
      const looksAt = async (script: string, look: (system: System, pid: number) => unknown): Promise<void> => {
        await using target = await startTarget(interpreter, path.join(targets, script));
        look(system, target.pid); // the truth can be read
        let seen = 0;
        for (let seed = 0; seed < looks; seed++) {
          try {
            look(lying(system, seed), target.pid);
            seen++;
          } catch (error) {
            assert(error instanceof TargetError, `seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
          }
        }
        assert(seen > 0, 'nothing was looked at');
      };
      await looksAt('tasks.py', readTasks);
      if (interpreter.greenlet !== null && !interpreter.freeThreaded) await looksAt('greenlets.py', readGreenlets);
    }).timeout(120_000);
  }
});
