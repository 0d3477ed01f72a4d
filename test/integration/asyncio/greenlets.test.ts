import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { lookAtGreenlets, TargetError } from '../../../native/index.ts';
import { since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';

const script = path.join(import.meta.dirname, 'targets/greenlets.py');

/** What the target says of a suspended greenlet. */
interface Told {
  readonly id: string;
  readonly type: string;
  readonly parent: string | null;
  readonly stack: readonly (readonly [name: string, file: string, line: number])[];
}

/** Until all threads of a process wait: after it has said that it is ready it goes on for a moment. */
async function waits(pid: number): Promise<void> {
  const isWaiting = (id: string): boolean => {
    const stat = fs.readFileSync(`/proc/${pid}/task/${id}/stat`, 'latin1');
    return stat[stat.lastIndexOf(')') + 2] === 'S';
  };
  while (!fs.readdirSync(`/proc/${pid}/task`).every(isWaiting)) await turn();
}

describe('Greenlets', () => {
  for (const interpreter of since(3, 8)) {
    it(`are seen as the program sees them itself, on ${title(interpreter)}`, async function () {
      if (interpreter.greenlet === null || interpreter.freeThreaded) this.skip();
      await using target = await startTarget(interpreter, script);
      await waits(target.pid);
      const { greenlets, unreadable } = await lookAtGreenlets(target.pid);
      const told = (await target.ask('stacks')) as unknown as readonly Told[];
      assert.equal(unreadable, 0);
      assert(told.length > 200);
      const byId = new Map(greenlets.map((one) => [one.id, one]));
      for (const { id, type, parent, stack } of told) {
        const one = byId.get(id);
        assert(one !== undefined, `${type} ${id} was not found`);
        const seen = {
          type: one.type,
          parent: greenlets[one.parent]?.id ?? null,
          stack: one.stack.map((place) => [place.function, place.file, place.line]),
        };
        assert.deepEqual(seen, { type, parent, stack });
        assert(one.condition === 'suspended' && one.complete && !one.moved, id);
      }
      // Besides, two threads' greenlets that run: neither those that ended nor one that did not begin.
      const others = greenlets.filter(({ id }) => !told.some((one) => one.id === id));
      assert.deepEqual(
        others.map(({ condition }) => condition),
        ['running', 'running'],
      );
    }).timeout(60_000);
  }

  it('are none in a program without them', async function () {
    const interpreter = since(3, 8).findLast(({ freeThreaded }) => !freeThreaded);
    if (interpreter === undefined) this.skip();
    await using target = await startTarget(interpreter, path.join(import.meta.dirname, '../targets/interpreter.py'));
    assert.deepEqual((await lookAtGreenlets(target.pid)).greenlets, []);
  }).timeout(60_000);

  it('can’t be found without a list of objects, and it is said why', async function () {
    const interpreter = since(3, 13).find(({ freeThreaded }) => freeThreaded);
    if (interpreter === undefined) this.skip();
    await using target = await startTarget(interpreter, path.join(import.meta.dirname, '../targets/interpreter.py'));
    await assert.rejects(
      lookAtGreenlets(target.pid),
      (error) => error instanceof TargetError && error.failure.code === 'not-visible' && error.failure.reason === 'free-threaded',
    );
  }).timeout(60_000);
});
