import assert from 'node:assert/strict';
import type { Execution, System } from '../../os/system.ts';
import type { OpenTarget } from '../../openTarget.ts';
import { TargetError } from '../../targetError.ts';
import { ProcessTree } from './processTree.ts';

const root: Execution = { startTime: 1, executable: '/bin/python', file: '1', stackStart: 100, stackIsDrawn: true };

/** A child that is no Python (yet); counts how often it is opened. */
function treeWithChild(): { tree: ProcessTree; child: { cpu: number; execution: Execution | null }; opened: () => number } {
  const child = {
    cpu: 5,
    execution: { startTime: 2, executable: '/bin/sh', file: '2', stackStart: 200, stackIsDrawn: true } as Execution | null,
  };
  let opened = 0;
  const system: Partial<System> = {
    clock: {
      monotonic: () => 0,
      threadCpu: () => 0,
      sleep: () => undefined,
      setTimerSlack: () => undefined,
      askForShortSlices: () => undefined,
    },
    lastCreatedId: () => 11,
    parentId: () => 0,
    groupLeader: () => 0,
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

/** Processes that are no Python; a look begins with `scan`. */
class FakeProcesses {
  readonly executions = new Map<number, Execution>();
  readonly parents = new Map<number, number>();
  readonly groups = new Map<number, number>();
  /** µs */
  readonly cpu = new Map<number, number>();
  last = 10;

  start(parent: number, execution: Pick<Execution, 'file' | 'stackStart'> & Partial<Execution>): number {
    const pid = ++this.last;
    this.parents.set(pid, parent);
    this.executions.set(pid, { startTime: pid, executable: '/bin/python', stackIsDrawn: true, ...execution });
    return pid;
  }

  end(pid: number): void {
    this.executions.delete(pid);
    for (const [child, parent] of this.parents) if (parent === pid) this.parents.set(child, 1);
    this.parents.delete(pid);
  }

  /** @returns the pids of what was opened, in order, without what was before. @param sampled whether the root is */
  tree(root: number, sampled = false, launched = false): { tree: ProcessTree; opened: number[] } {
    const opened: number[] = [];
    const system: Partial<System> = {
      clock: {
        monotonic: () => 0,
        threadCpu: () => 0,
        sleep: () => undefined,
        setTimerSlack: () => undefined,
        askForShortSlices: () => undefined,
      },
      lastCreatedId: () => this.last,
      parentId: (pid) => this.parents.get(pid) ?? 0,
      groupLeader: (pid) => this.groups.get(pid) ?? 0,
      childIds: (pid) => [...this.parents].flatMap(([child, parent]) => (parent === pid ? [child] : [])),
      threadIds: (pid) => [pid],
      processCpu: (pid) => this.cpu.get(pid) ?? 0,
      processIds: () => [...this.parents.keys()],
      execution: (pid) => this.executions.get(pid) ?? null,
      openMemory: (pid) => {
        opened.push(pid);
        throw new TargetError({ code: 'not-python', pid, executable: '/bin/python' });
      },
    };
    const like = sampled ? ({ execution: { ...this.executions.get(root)!, stackIsDrawn: false } } as OpenTarget) : null;
    const tree = new ProcessTree(system as System, { pid: root, execution: this.executions.get(root)! }, like, true, launched);
    tree.scan(0);
    opened.length = 0;
    return { tree, opened };
  }
}

describe('A process whose parent ended before it was seen', () => {
  const python = { file: '1', stackStart: 100 };
  let fake: FakeProcesses;
  beforeEach(() => (fake = new FakeProcesses()));

  it('is of the tree if it is a copy of one that is or was', () => {
    const root = fake.start(1, python);
    const { tree, opened } = fake.tree(root);
    const daemon = fake.start(fake.start(root, python), python);
    fake.end(daemon - 1);
    tree.scan(2000);
    assert.deepEqual(opened, [daemon]);
    const second = fake.start(fake.start(daemon, python), python);
    fake.end(second - 1);
    fake.end(daemon);
    fake.end(root);
    tree.scan(4000);
    assert.ok(tree.alive);
    assert.deepEqual(opened, [daemon, second]);
  });

  it('is of the tree if one of it leads its group, whatever it executes by now', () => {
    const root = fake.start(1, python);
    const { tree, opened } = fake.tree(root);
    const left = fake.start(1, { file: '2', stackStart: 200 });
    fake.groups.set(left, root);
    const others = fake.start(1, { file: '2', stackStart: 300 });
    fake.groups.set(others, 5);
    tree.scan(2000);
    assert.deepEqual(opened, [left]);
    assert.equal(tree.above(left), 0);
  });

  it('is of what we started if we lead its group, and started that', () => {
    const root = fake.start(process.pid, python);
    for (const pid of [process.pid, root]) fake.groups.set(pid, process.pid);
    const { tree, opened } = fake.tree(root, false, true);
    const left = fake.start(1, { file: '2', stackStart: 200 });
    fake.groups.set(left, process.pid);
    tree.scan(2000);
    assert.deepEqual(opened, [left]);

    const other = fake.start(1, python);
    const { tree: attached, opened: openedThere } = fake.tree(other);
    fake.groups.set(fake.start(1, { file: '2', stackStart: 300 }), process.pid);
    attached.scan(2000);
    assert.deepEqual(openedThere, []);
  });

  describe('in a group that a script leads', () => {
    let script: number;
    let other: number;
    let root: number;
    const inGroup = (parent: number): number => {
      const pid = fake.start(parent, { file: '2', stackStart: 100 * fake.last });
      fake.groups.set(pid, script);
      return pid;
    };
    beforeEach(() => {
      script = fake.last + 1;
      inGroup(1);
      fake.groups.set(process.pid, script);
      fake.parents.set(process.pid, script);
      other = inGroup(script);
      root = inGroup(process.pid);
    });

    it('is of what we started, while the script and others in it wait', () => {
      const worker = inGroup(root);
      const { tree, opened } = fake.tree(root, false, true);
      const left = inGroup(1);
      tree.scan(2000);
      assert.deepEqual(opened, [left]);
      assert.equal(tree.above(left), 0);
      fake.cpu.set(worker, 50);
      fake.end(worker);
      tree.scan(4000);
      const another = inGroup(1);
      tree.scan(6000);
      assert.equal(opened.at(-1), another);
    });

    it('is of what we started whatever that left before the first look has done since', () => {
      const early = inGroup(1);
      const { tree, opened } = fake.tree(root, false, true);
      fake.cpu.set(early, 50);
      const left = inGroup(1);
      tree.scan(2000);
      assert.ok(opened.includes(left));
    });

    it('may be the script’s once that has run', () => {
      const { tree, opened } = fake.tree(root, false, true);
      fake.cpu.set(script, 50);
      inGroup(1);
      tree.scan(2000);
      assert.deepEqual(opened, []);
    });

    it('may be another’s who was in it, too, and has run or ended since', () => {
      const { tree, opened } = fake.tree(root, false, true);
      const left = inGroup(1);
      tree.scan(2000);
      assert.deepEqual(opened, [left]);
      fake.cpu.set(other, 50);
      inGroup(1);
      tree.scan(3000);
      assert.deepEqual(opened, [left]);
    });
  });

  it('is looked for when the last one has ended', () => {
    const root = fake.start(1, python);
    const { tree, opened } = fake.tree(root);
    fake.end(root);
    tree.release(root, 'exited', 2000);
    assert.equal(tree.alive, false);
    const daemon = fake.start(1, python);
    tree.scan(2000);
    assert.deepEqual(opened, [daemon]);
  });

  it('is not of the tree if it is none of it, or another copy’s child, or addresses are not drawn', () => {
    const server = fake.start(1, python);
    const worker = fake.start(server, python);
    const { tree, opened } = fake.tree(worker);
    fake.start(server, python);
    fake.start(1, { file: '1', stackStart: 200 });
    fake.start(1, { file: '2', stackStart: 100 });
    fake.start(1, { ...python, stackIsDrawn: false });
    tree.scan(2000);
    assert.deepEqual(opened, []);
  });
});

describe('Who is above a process', () => {
  const python = { file: '1', stackStart: 100 };
  const shell = { file: '2', stackStart: 300 };
  let fake: FakeProcesses;
  beforeEach(() => (fake = new FakeProcesses()));

  it('is the next one that is sampled, whether what is between is there still or not', () => {
    const root = fake.start(1, python);
    const { tree } = fake.tree(root, true);
    const between = fake.start(root, shell);
    tree.scan(2000);
    const daemon = fake.start(between, python);
    tree.scan(4000);
    assert.deepEqual([tree.above(daemon), tree.above(between), tree.above(root)], [root, root, root]);
    fake.end(between);
    tree.scan(1_000_000);
    assert.equal(tree.above(daemon), root);
  });

  it('is the one that ended, if that was sampled, and for copies found later, too', () => {
    const root = fake.start(1, python);
    const { tree } = fake.tree(root, true);
    const between = fake.start(root, python);
    tree.scan(2000);
    fake.end(between);
    tree.scan(1_000_000);
    fake.end(root);
    tree.release(root, 'exited', 1_000_000);
    const daemon = fake.start(1, python);
    tree.scan(1_002_000);
    assert.equal(tree.above(daemon), root);
  });

  it('is nobody where nobody is sampled', () => {
    const root = fake.start(1, shell);
    const { tree } = fake.tree(root);
    const child = fake.start(root, python);
    tree.scan(2000);
    assert.equal(tree.above(child), 0);
  });
});
