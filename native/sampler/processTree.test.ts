import assert from 'node:assert/strict';
import type { Execution, System } from '../os/system.ts';
import { TargetError } from '../targetError.ts';
import { ProcessTree } from './processTree.ts';

const root: Execution = { startTime: 1, executable: '/bin/python', file: '1', stackStart: 100 };

/** A child that is no Python (yet); counts how often it is opened. */
function treeWithChild(): { tree: ProcessTree; child: { cpu: number; execution: Execution | null }; opened: () => number } {
  const child = { cpu: 5, execution: { startTime: 2, executable: '/bin/sh', file: '2', stackStart: 200 } as Execution | null };
  let opened = 0;
  const system: Partial<System> = {
    clock: { monotonic: () => 0, threadCpu: () => 0, setTimerSlack: () => undefined, askForShortSlices: () => undefined },
    lastCreatedId: () => 11,
    parentId: () => 0,
    childIds: (pid) => (pid === 10 && child.execution !== null ? [11] : []),
    threadIds: () => [11],
    processCpu: () => (child.execution === null ? -1 : child.cpu),
    execution: (pid) => (pid === 10 ? root : child.execution),
    openMemory: (pid) => {
      if (pid === 11) opened++;
      throw new TargetError({ code: 'not-python', pid, executable: '/bin/sh' });
    },
  };
  const tree = new ProcessTree(system as System, { pid: 10, execution: root }, null, true);
  return { tree, child, opened: () => opened };
}

describe('A process of a tree that is no Python', () => {
  it('is looked at again at once when it executes something else, however long ago it was looked at', () => {
    const { tree, child, opened } = treeWithChild();
    let now = 0;
    for (; now < 5_000_000; now += 2000) tree.scan(now);
    const before = opened();
    for (; now < 5_020_000; now += 2000) tree.scan(now);
    // One that does nothing is asked twice a second.
    assert.ok(opened() - before <= 1, `${opened() - before}`);
    child.cpu += 100;
    child.execution = { ...child.execution!, executable: '/bin/python', file: '1', stackStart: 300 };
    const asleep = opened();
    tree.scan(now);
    assert.equal(opened(), asleep + 1);
  });

  it('is forgotten when it ended', () => {
    const { tree, child } = treeWithChild();
    tree.scan(0);
    child.execution = null;
    tree.scan(2000);
    tree.release(10, 'exited', 2000);
    assert.equal(tree.alive, false);
  });
});
