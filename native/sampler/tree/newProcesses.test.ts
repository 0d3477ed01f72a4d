import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { System } from '../../os/system.ts';
import { NewProcesses } from './newProcesses.ts';

/** A system in which processes and threads start and end; counts what is asked of it. */
class FakeSystem {
  /** By id: its parent, or −1 for a thread. */
  readonly parents = new Map<number, number>([[1, 0]]);
  last = 1;
  tells = true;
  asked = { parents: 0, children: 0 };

  create(parent: number, id = this.last + 1): number {
    this.last = id;
    this.parents.set(id, parent);
    return id;
  }

  readonly system = {
    lastCreatedId: () => (this.tells ? this.last : 0),
    parentId: (id: number) => {
      this.asked.parents++;
      return this.parents.get(id) ?? 0;
    },
    childIds: (pid: number) => {
      this.asked.children++;
      return [...this.parents].flatMap(([id, parent]) => (parent === pid ? [id] : []));
    },
  } as unknown as System;
}

describe('NewProcesses', () => {
  let fake: FakeSystem;
  let known: Map<number, number>;
  let look: NewProcesses;
  let now: number;
  /** By pid: the known process it stems from though its parent is not known. */
  let left: Map<number, number>;
  beforeEach(() => {
    left = new Map();
    fake = new FakeSystem();
    known = new Map([[1, 0]]);
    look = new NewProcesses(fake.system, 1);
    now = 0;
  });

  /** @returns what was found, now known */
  function find(): [number, number][] {
    now += 2000;
    const found = [...look.find(known, now, (pid) => left.get(pid) ?? 0)].filter(([pid]) => !known.has(pid));
    for (const [pid, parent] of found) known.set(pid, parent);
    return found;
  }

  it('finds those there are at the first look, to the last generation', () => {
    const child = fake.create(1);
    const grandchild = fake.create(child);
    fake.create(99);
    assert.deepEqual(find(), [
      [child, 1],
      [grandchild, child],
    ]);
  });

  it('finds what was left before the first look, by a program that was started just now', () => {
    const orphan = fake.create(99);
    left.set(orphan, 1);
    look = new NewProcesses(fake.system, 1);
    assert.deepEqual(find(), [[orphan, 1]]);
  });

  it('finds new ones at the next look, parents before their children, and no threads or strangers', () => {
    find();
    const child = fake.create(1);
    fake.create(-1);
    const grandchild = fake.create(child);
    fake.create(99);
    assert.deepEqual(find(), [
      [child, 1],
      [grandchild, child],
    ]);
  });

  it('asks for next to nothing while nothing starts', () => {
    for (let i = 0; i < 40; i++) fake.create(1);
    for (let i = 0; i < 60; i++) find();
    assert.equal(known.size, 41);
    fake.asked = { parents: 0, children: 0 };
    for (let i = 0; i < 1000; i++) assert.deepEqual(find(), []); // 2 s
    assert.equal(fake.asked.parents, 0);
    assert.ok(fake.asked.children <= 1000, `${fake.asked.children}`); // however many there are
  });

  it('asks all known ones in turn while something starts all the time', () => {
    find();
    const late = fake.create(99);
    const child = fake.create(late);
    find();
    for (let i = 0; i < 50; i++) known.set(fake.create(1), 1);
    known.set(late, 99);
    const found: unknown[] = [];
    for (let i = 0; i < 120; i++) {
      fake.create(-1);
      found.push(...find());
    }
    assert.deepEqual(found, [[child, late]]);
  });

  it('waits for one that has its number, but is not there yet', () => {
    find();
    const child = ++fake.last;
    for (let i = 0; i < 5; i++) assert.deepEqual(find(), []);
    fake.parents.set(child, 1);
    assert.deepEqual(find(), [[child, 1]]);
  });

  it('finds a child that was there before its parent was known', () => {
    find();
    const parent = fake.create(99);
    const child = fake.create(parent);
    assert.deepEqual(find(), []);
    known.set(parent, 99);
    fake.create(99);
    const found = [...find(), ...find(), ...find()];
    assert.deepEqual(found, [[child, parent]]);
  });

  it('takes one whose parent is a stranger if it stems from a known one, and its children', () => {
    find();
    const daemon = fake.create(99);
    const child = fake.create(daemon);
    fake.create(99);
    left.set(daemon, 1);
    assert.deepEqual(find(), [
      [daemon, 1],
      [child, daemon],
    ]);
    assert.deepEqual(find(), []);
  });

  it('finds one that has a number that a known one had', () => {
    const first = fake.create(1);
    find();
    fake.parents.delete(first);
    fake.parents.set(first, 1);
    known.delete(first);
    look.expect(first, now);
    assert.deepEqual(find(), [[first, 1]]);
  });

  it('finds them when numbers wrap around, jump, or are not told', () => {
    find();
    const late = fake.create(1, 30_000);
    assert.deepEqual(find(), [[late, 1]]);
    const early = fake.create(1, 300);
    assert.deepEqual(find(), [[early, 1]]);
    fake.tells = false;
    const untold = fake.create(early, 301);
    now += 10_000;
    assert.deepEqual(find(), [[untold, early]]);
  });

  it('finds all in the end, whatever starts and ends between two looks', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('start' as const), parent: fc.nat(20) }),
      fc.record({ kind: fc.constant('thread' as const) }),
      fc.record({ kind: fc.constant('jump' as const), to: fc.integer({ min: 2, max: 3000 }) }),
      fc.record({ kind: fc.constant('look' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        fake = new FakeSystem();
        known = new Map([[1, 0]]);
        look = new NewProcesses(fake.system, 1);
        const ours = [1];
        for (const one of steps) {
          let id = fake.last + 1;
          while (fake.parents.has(id)) id++;
          if (one.kind === 'start') ours.push(fake.create(ours[one.parent % ours.length]!, id));
          else if (one.kind === 'thread') fake.create(-1, id);
          else if (one.kind === 'jump') fake.last = one.to;
          else find();
        }
        // Numbers may jump back to where they were: that is seen by asking all now and then.
        for (let i = 0; i <= 2 * ours.length; i++) find();
        now += 1_000_000;
        for (let i = 0; i <= ours.length; i++) find();
        assert.deepEqual(
          [...known.keys()].sort((a, b) => a - b),
          ours.sort((a, b) => a - b),
        );
      }),
    );
  });
});
