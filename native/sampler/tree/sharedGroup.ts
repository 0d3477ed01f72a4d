import type { System } from '../../os/system.ts';

/** Processes above one another at most, as far as they are asked for; and others in a group at most, all of which are asked when one is left. */
const most = { above: 64, watched: 64 };

type Processes = Pick<System, 'execution' | 'groupLeader' | 'parentId' | 'processCpu' | 'processIds'>;

/**
 * The process group of the tree's root where somebody above it leads that, as a script does of all that it runs (shells make a group for
 * each job only at a prompt). Whatever is left in it is the root's if it can be nobody else's: when all others in it have done nothing since
 * but wait, as the script does for the root. Only who is in a group, or its parent, brings others into it (setpgid(2)).
 */
export class SharedGroup {
  private readonly system: Processes;
  private readonly leader: number;
  /** CPU time (µs) that all others in the group had used, by pid: what is above the root, and what has nothing to do with it. */
  private readonly waiting: ReadonlyMap<number, number>;

  private constructor(system: Processes, leader: number, waiting: ReadonlyMap<number, number>) {
    this.system = system;
    this.leader = leader;
    this.waiting = waiting;
  }

  /**
   * Takes 10 µs for each process there is.
   * @param ours pids that start nothing but the root: of Heatline
   * @param launched the root was started a moment ago: what came after it may be left already, and is its
   * @returns null where the root or we lead the group, or very many are in it
   */
  static of(system: Processes, root: number, ours: ReadonlySet<number>, launched: boolean): SharedGroup | null {
    const leader = system.groupLeader(root);
    if (leader === 0 || leader === root || ours.has(leader)) return null;
    const since = launched ? (system.execution(root)?.startTime ?? Infinity) : Infinity;
    const waiting = new Map<number, number>();
    for (const pid of system.processIds()) {
      if (pid === root || ours.has(pid) || system.groupLeader(pid) !== leader) continue;
      const above = ancestors(system, pid);
      if (above.has(root) || [...ours].some((own) => above.has(own)) || (system.execution(pid)?.startTime ?? 0) >= since) continue;
      if (waiting.size === most.watched) return null;
      waiting.set(pid, system.processCpu(pid));
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
  for (let at = system.parentId(pid); at > 1 && found.size < most.above && !found.has(at); at = system.parentId(at)) found.add(at);
  return found;
}
