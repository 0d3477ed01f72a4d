import type { System } from '../../os/system.ts';

/** Ids created since the last look beyond which all children are asked for instead. */
const mostAsked = 64;
/** µs for which something that was given an id, but was not there yet, is looked for, and how many of these at most. */
const patience = 20_000;
const mostPending = 64;
/** µs between looks at all children where the system does not tell what was created, and where it does, but may be wrong. */
const intervals = { untold: 10_000, told: 100_000 };

/**
 * Finds processes that known ones started. The system tells cheaply whether anything was created anywhere, and what could it be:
 * these few are asked for their parent. So a look costs next to nothing while nothing starts, however many processes and threads
 * there are. What that may miss – a process whose parent was found only after it – is seen by asking the known ones for their
 * children in turn, one a look.
 */
export class NewProcesses {
  private readonly system: System;
  private lastId: number;
  private isFirst = true;
  /** Ids that were given out, but had no process yet, and until when (µs) they are looked for. */
  private readonly pending = new Map<number, number>();
  /** Known processes that are still to be asked for their children. */
  private unasked: number[] = [];
  /** They are all to be asked once more, from when (µs) on. */
  private askAgainAt = 0;
  private askAllAt = -Infinity;

  /** @param root pid of the first of the known processes: where it was started just now, what came after it may be left already */
  constructor(system: System, root: number) {
    this.system = system;
    // What is left by its parent before the first look is told apart from what was there.
    const id = system.lastCreatedId();
    this.lastId = id >= root && id - root <= mostAsked ? root : id;
  }

  /**
   * @param known processes whose children are wanted, by pid
   * @param now µs
   * @param whoLeft asked of a new process whose parent is not known: which known one it stems from all the same, or 0
   * @returns pids, each with that of its parent, parents first; known ones may be among them
   */
  find(known: ReadonlyMap<number, unknown>, now: number, whoLeft: (pid: number, parent: number) => number): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    const { system, lastId, pending } = this;
    const id = system.lastCreatedId();
    if (id === 0) {
      if (now < this.askAllAt) return found;
      this.askAllAt = now + intervals.untold;
      this.askAll(known, found);
      return found;
    }
    this.lastId = id;
    // Ids wrap around, and jump where somebody sets them (ns_last_pid).
    const isInOrder = id >= lastId && id - lastId <= mostAsked;
    if (this.isFirst || !isInOrder) this.askAll(known, found);
    if (isInOrder) for (let created = lastId + 1; created <= id; created++) this.expect(created, now);
    if (this.isFirst || id !== lastId) this.askAgainAt = now;
    this.isFirst = false;
    for (const [created, until] of pending) {
      const parent = system.parentId(created);
      if (parent !== 0 || now > until) pending.delete(created);
      if (parent <= 0 || known.has(created)) continue;
      const from = known.has(parent) || found.has(parent) ? parent : whoLeft(created, parent);
      if (from > 0) found.set(created, from);
    }
    if (this.unasked.length === 0 && now >= this.askAgainAt) {
      this.unasked = [...known.keys()];
      this.askAgainAt = now + intervals.told;
    }
    const next = this.unasked.pop();
    if (next !== undefined && known.has(next)) this.ask(next, known, found);
    return found;
  }

  /** Something may get this id, or have got it. */
  expect(id: number, now: number): void {
    if (this.pending.size < mostPending) this.pending.set(id, now + patience);
  }

  private askAll(known: ReadonlyMap<number, unknown>, found: Map<number, number>): void {
    for (const pid of known.keys()) this.ask(pid, known, found);
  }

  /** Its children that are not known, and theirs. */
  private ask(pid: number, known: ReadonlyMap<number, unknown>, found: Map<number, number>): void {
    const asked = [pid];
    for (const parent of asked) {
      for (const child of this.system.childIds(parent)) {
        if (known.has(child) || found.has(child)) continue;
        found.set(child, parent);
        asked.push(child);
      }
    }
  }
}
