import assert from 'node:assert/strict';
import path from 'node:path';
import { lookAtTasks, type TaskSnapshot } from '../../../native/index.ts';
import { environmentWith } from '../../support/asyncPackages.ts';
import { since, title } from '../../support/interpreters.ts';
import { startTarget, type Target } from '../../support/target.ts';

const script = path.join(import.meta.dirname, 'targets/tasks.py');

/** What the target says of a task. */
interface Told {
  readonly name: string;
  readonly stack: readonly (readonly [name: string, file: string, line: number])[];
  /** Task.get_stack() */
  readonly top: readonly (readonly [name: string, line: number])[];
  /** By asyncio.capture_call_graph() (3.14+), else null. */
  readonly awaiters: readonly string[] | null;
  readonly waits: boolean;
  readonly thread: string | null;
}

/** What Heatline says, in the same form. */
function seen({ tasks, loops }: TaskSnapshot): Map<string, Omit<Told, 'top'>> {
  return new Map(
    tasks.map((task) => [
      task.name,
      {
        name: task.name,
        stack: task.stack.map(({ function: name, file, line }) => [name, file, line] as const),
        awaiters: task.awaitedBy.map((by) => tasks[by]!.name).sort(),
        waits: task.condition === 'waiting',
        thread: loops[task.loop]!.threadName,
      },
    ]),
  );
}

async function lookTwice(target: Target): Promise<{ told: readonly Told[]; snapshot: TaskSnapshot }> {
  const told = (await target.ask('facts')) as unknown as readonly Told[];
  return { told, snapshot: await lookAtTasks(target.pid) };
}

function check(told: readonly Told[], snapshot: TaskSnapshot): void {
  const found = seen(snapshot);
  assert.deepEqual([...found.keys()].sort(), told.map(({ name }) => name).sort());
  for (const { top, ...task } of told) {
    const { awaiters, ...rest } = found.get(task.name)!;
    assert.deepEqual(rest, { name: task.name, stack: task.stack, waits: task.waits, thread: task.thread });
    if (task.awaiters !== null) assert.deepEqual(awaiters, task.awaiters, task.name);
    const shortName = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
    assert.deepEqual(
      task.stack.slice(0, 1).map(([name, , line]) => [shortName(name), line]),
      top,
    );
  }
  assert.equal(snapshot.unreadable, 0);
  for (const { moved, complete, name } of snapshot.tasks) assert(!moved && complete, name);
}

describe('asyncio tasks', () => {
  for (const interpreter of since(3, 8)) {
    describe(title(interpreter), () => {
      it('are seen as the program sees them itself', async () => {
        await using target = await startTarget(interpreter, script);
        const { told, snapshot } = await lookTwice(target);
        assert(told.length > 25);
        check(told, snapshot);
        const { expected } = target.ready as unknown as { readonly expected: Readonly<Record<string, readonly string[]>> };
        const found = seen(snapshot);
        for (const [name, awaiters] of Object.entries(expected)) assert.deepEqual(found.get(name)?.awaiters, awaiters, name);
        assert.equal(snapshot.exact, interpreter.minor >= 14);
        assert.equal(snapshot.pythonVersion, `${interpreter.version}${interpreter.freeThreaded ? 't' : ''}`);
        assert.deepEqual(
          snapshot.loops.map(({ threadId }) => threadId === null),
          snapshot.loops.map(({ threadName }) => threadName === null),
        );
      }).timeout(60_000);

      it('of uvloop are seen as the program sees them itself', async function () {
        const environment = environmentWith('uvloop', interpreter);
        if (environment === null) this.skip();
        await using target = await startTarget(interpreter, script, { environment });
        const { told, snapshot } = await lookTwice(target);
        assert(told.length > 25);
        assert.deepEqual(new Set(snapshot.loops.map(({ type }) => type)), new Set(['Loop']));
        check(told, snapshot);
      }).timeout(60_000);

      it('that run are seen down to the function they run', async () => {
        await using target = await startTarget(interpreter, path.join(import.meta.dirname, 'targets/blocking.py'));
        const { tasks } = await lookAtTasks(target.pid);
        const [running, ...others] = tasks.filter(({ condition }) => condition === 'running');
        assert.deepEqual(
          [running?.name, running?.stack.map((place) => [place.function, place.line]), others],
          [
            'blocking',
            [
              ['outer', 17],
              ['inner', 13],
              ['block', 8],
            ],
            [],
          ],
        );
        assert.deepEqual(
          running?.awaitedBy.map((by) => tasks[by]!.stack[0]?.function),
          ['main'],
        );
      }).timeout(60_000);

      it('may be a thousand', async () => {
        await using target = await startTarget(interpreter, script, { arguments: ['1000'] });
        const { told, snapshot } = await lookTwice(target);
        assert(told.length > 1000);
        check(told, snapshot);
      }).timeout(60_000);
    });
  }
});
