import assert from 'node:assert/strict';
import path from 'node:path';
import { lookAtTasks, type TaskSnapshot, taskTrees } from '../../../native/index.ts';
import { taskLimits } from '../../../native/cpython/asyncio.ts';
import { openSystem } from '../../../native/os/index.ts';
import { readTasks } from '../../../native/tasks/readTasks.ts';
import { type Interpreter, since, title } from '../../support/interpreters.ts';
import { startTarget, type Target } from '../../support/target.ts';

const script = path.join(import.meta.dirname, 'targets/hard.py');

function start(interpreter: Interpreter, what: string, count: number): Promise<Target> {
  return startTarget(interpreter, script, { arguments: [what, String(count)] });
}

/** Who awaits whom, by name. */
function awaitersOf({ tasks }: TaskSnapshot): Record<string, readonly string[]> {
  return Object.fromEntries(tasks.map(({ name, awaitedBy }) => [name, awaitedBy.map((by) => tasks[by]!.name).sort()]));
}

/** Reads with other limits, in this very thread. */
async function readWithin(limits: Partial<typeof taskLimits>, pid: number): Promise<TaskSnapshot> {
  const usual = { ...taskLimits };
  Object.assign(taskLimits, limits);
  try {
    return readTasks(await openSystem(), pid);
  } finally {
    Object.assign(taskLimits, usual);
  }
}

describe('asyncio tasks that are hard to look at', () => {
  for (const interpreter of since(3, 8)) {
    describe(title(interpreter), () => {
      it('await each other in a ring', async () => {
        await using target = await start(interpreter, 'ring', 0);
        const snapshot = await lookAtTasks(target.pid);
        const { a, b, c, d } = awaitersOf(snapshot);
        assert.deepEqual({ a, b, c, d }, { a: ['c', 'd'], b: ['a'], c: ['b'], d: [] });
        // Below the one outside of the ring, each of it once, and then the mention that closes it.
        const [tree] = taskTrees(snapshot)
          .flat()
          .filter(({ task }) => task.name === 'd');
        const names: string[] = [];
        for (let node = tree; node !== undefined; node = node.children[0]) names.push(`${node.task.name}${node.repeated ? ' again' : ''}`);
        assert.deepEqual(names, ['d', 'a', 'b', 'c', 'a again']);
      }).timeout(60_000);

      it('await what has but the name of a type of the interpreter’s', async () => {
        await using target = await start(interpreter, 'namesakes', 0);
        const { tasks } = await lookAtTasks(target.pid);
        const task = tasks.find(({ name }) => name === 'namesake')!;
        assert.deepEqual(
          [task.stack.map((place) => place.function), task.awaits, task.complete],
          [['consumer'], 'async_generator_asend', true],
        );
      }).timeout(60_000);

      it('are more than are looked at, which is said', async () => {
        await using target = await start(interpreter, 'many', 3000);
        const whole = await readWithin({}, target.pid);
        assert.deepEqual([whole.tasks.length, whole.isCut, whole.unreadable], [3001, false, 0]);
        const cut = await readWithin({ tasks: 1000 }, target.pid);
        assert.deepEqual([cut.tasks.length, cut.isCut, cut.unreadable], [1000, true, 0]);
        for (const { name, stack } of cut.tasks)
          assert.deepEqual(stack.map((place) => place.function).slice(0, 1), [/^n-\d+$/.test(name) ? 'leaf' : 'main']);
      }).timeout(60_000);

      it('await one in great numbers', async () => {
        await using target = await start(interpreter, 'fans', 3000);
        const snapshot = await readWithin({}, target.pid);
        assert.equal(awaitersOf(snapshot)['one']?.length, 3000);
        assert.equal(snapshot.isCut, false);
        if (interpreter.minor < 14) return; // each of them says whom it awaits
        const cut = await readWithin({ awaiters: 500 }, target.pid);
        assert.deepEqual([awaitersOf(cut)['one']?.length, cut.isCut, cut.tasks.length], [500, true, 3002]);
      }).timeout(60_000);

      it('are in several interpreters and threads', async function () {
        // 3.12 is the first whose asyncio other interpreters can import.
        if (interpreter.minor < 12) this.skip();
        await using target = await start(interpreter, 'interpreters', 3);
        const snapshot = await lookAtTasks(target.pid);
        const { tasks, loops } = snapshot;
        assert.deepEqual([snapshot.unreadable, snapshot.isCut], [0, false]);
        const inMain = tasks.filter(({ loop }) => loops[loop]!.interpreterId === 0).map(({ name }) => name);
        assert.deepEqual(inMain.sort().slice(-4), ['a', 'b', 'c', 'd']);
        for (let number = 0; number < 3; number++) {
          const [there, inner] = [`there ${number}`, `inner ${number}`].map((name) => tasks.find((task) => task.name === name));
          assert(there !== undefined && inner !== undefined, JSON.stringify(tasks.map(({ name }) => name)));
          assert.equal(there.loop, inner.loop);
          assert.deepEqual(
            inner.awaitedBy.map((by) => tasks[by]),
            [there],
          );
          assert.deepEqual(
            [there, inner].map(({ stack, condition }) => [condition, stack.map((place) => place.function)]),
            [
              ['waiting', ['there']],
              ['waiting', ['inner']],
            ],
          );
        }
        const others = loops.filter(({ interpreterId }) => interpreterId !== 0);
        assert.equal(new Set(others.map(({ interpreterId }) => interpreterId)).size, 3);
        assert.equal(new Set(loops.map(({ threadId }) => threadId)).size, 4);
        assert(
          loops.every(({ threadId }) => threadId !== null),
          JSON.stringify(loops),
        );
      }).timeout(60_000);
    });
  }
});
