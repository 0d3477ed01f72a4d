import type { System } from '../../os/system.ts';

/** Processes above one another at most, as far as they are asked for. */
const mostAbove = 64;

type Processes = Pick<System, 'groupLeader' | 'parentId' | 'processCpu' | 'processIds'>;

/**
 * The process group of the tree's root where somebody above it leads that, as a script does of all that it runs (shells make a group for
 * each job only at a prompt). Whatever is left in it is the root's if it can be nobody else's: when there was nobody else in it, and those
 * above the root have done nothing since but wait for it. Only who is in a group, or its parent, brings others into it (setpgid(2)).
 */
export class SharedGroup {
  private readonly system: Processes;
  private readonly leader: number;
  /** CPU time (µs) that those in the group had used that are above the root, by pid. */
  private readonly waiting: ReadonlyMap<number, number>;

  private constructor(system: Processes, leader: number, waiting: ReadonlyMap<number, number>) {
    this.system = system;
    this.leader = leader;
    this.waiting = waiting;
  }

  /**
   * Takes 10 µs for each process there is.
   * @param ours pids that start nothing but the root: of Heatline
   * @returns null where the root or we lead the group, or others are in it
   */
  static of(system: Processes, root: number, ours: ReadonlySet<number>): SharedGroup | null {
    const leader = system.groupLeader(root);
    if (leader === 0 || leader === root || ours.has(leader)) return null;
    const waiting = new Map<number, number>();
    const above = ancestors(system, root);
    for (const pid of above) if (!ours.has(pid) && system.groupLeader(pid) === leader) waiting.set(pid, system.processCpu(pid));
    for (const pid of system.processIds()) {
      if (pid === root || above.has(pid) || ours.has(pid) || system.groupLeader(pid) !== leader) continue;
      const from = ancestors(system, pid);
      if (!from.has(root) && ![...ours].some((own) => from.has(own))) return null;
    }
    return new SharedGroup(system, leader, waiting);
  }

  /** Whether what is in a group that somebody leads, and was left by its parent, is the root's. */
  has(leader: number): boolean {
    if (leader !== this.leader) return false;
    for (const [pid, cpu] of this.waiting) if (this.system.processCpu(pid) !== cpu) return false;
    return true;
  }
}

function ancestors(system: Processes, pid: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (let at = system.parentId(pid); at > 1 && found.size < mostAbove && !found.has(at); at = system.parentId(at)) found.add(at);
  return found;
}
