import type { EndReason, EngineFailure } from '../../engine.ts';
import { openTarget, type OpenTarget } from '../../openTarget.ts';
import { type Execution, isCopy, sameExecution, type System } from '../../os/system.ts';
import { TargetError } from '../../targetError.ts';
import { NewProcesses } from './newProcesses.ts';
import { SharedGroup } from './sharedGroup.ts';

/** µs until a process that is not Python (yet) is looked at again: `growth` times as long each time. */
const lookAgain = { first: 4000, growth: 1.5, longest: 500_000, longestRoot: 50_000 };
/** Processes of one tree at most; beyond that new ones are left out. */
const maxProcesses = 4096;
/** µs that one scan may take before it leaves the rest to the next one: samples are due meanwhile. */
const longestScan = 2000;
/** What processes that ended executed, the latest so many: their copies may be found after them. */
const mostFormer = 256;
/**
 * µs after which a copy that Python does not know of (fork in C) is taken for one that goes on as Python, and not for one about
 * to execute something else.
 */
const forkSettles = 20_000;

/** A process of the tree, Python or not. */
interface Member {
  readonly pid: number;
  /** Pid of the process it stems from; of one that ended and was never sampled, of what that stems from. */
  parent: number;
  execution: Execution;
  /** When it was seen first, or executed something else. */
  since: number;
  /** It is being sampled. */
  sampled: boolean;
  /** It is, or was, sampled. */
  wasSampled: boolean;
  lookAt: number;
  wait: number;
  /** CPU time (µs) it had used at the last look: until it uses more, it is what it was. */
  cpu: number;
  /** Python that has not begun: in a child that was forked and may execute something else, or that is starting up. */
  opened: OpenTarget | null;
  /** Its Python when it was sampled last, for children that are copies of it. */
  like: OpenTarget | null;
}

/** A Python that appeared in the tree. */
export interface NewProcess {
  readonly target: OpenTarget;
  /** Pid of the next process above it that is or was sampled: who started it, or who started that; 0: there is none. */
  readonly parentPid: number;
}

/**
 * Finds the descendants of a process as they come. A process once seen is followed even when its parent
 * ends; one that ended is forgotten, so a reused pid is a new process. A daemon, whose parent ended before it was seen
 * (the double fork of python-daemon and others), is known by where its stack begins: only copies of a process have the same place; or, if
 * it executes something else already (`(python server.py &)` in a shell), by its process group, if one of the tree leads that or nobody
 * else can have started what is in it.
 *
 * A look costs 2 µs, and 0.5 µs for each process that is not sampled, while nothing starts and nothing of these runs; a fork about 0.1 ms,
 * another program that starts 1 ms.
 */
export class ProcessTree {
  /** Why the root could not be sampled when it was looked at last. */
  failure: EngineFailure | null = null;
  private readonly system: System;
  private readonly root: number;
  /** Who of Heatline started the root, as a job of its own that it leads; else −1. */
  private readonly launcher: number;
  /** The root's process group where somebody else leads it. */
  private readonly group: SharedGroup | null;
  private readonly newProcesses: NewProcesses | null;
  private readonly members = new Map<number, Member>();
  /** What those executed that are gone, with the pid each had, and that of what is sampled there: itself, or who is above it. */
  private readonly former: { readonly pid: number; readonly execution: Execution; readonly above: number }[] = [];
  /** Where the last scan stopped for lack of time. */
  private unfinished = false;

  /**
   * @param sampled the root's Python, which is being sampled already; null: it is among what `scan` finds, once it
   *   is Python
   * @param withDescendants false to follow the root alone, through whatever it executes
   * @param launched Heatline started the root: its parent starts nothing else
   */
  constructor(
    system: System,
    root: { readonly pid: number; readonly execution: Execution },
    sampled: OpenTarget | null,
    withDescendants: boolean,
    launched = false,
  ) {
    this.system = system;
    this.root = root.pid;
    const parent = launched && withDescendants ? system.parentId(root.pid) : -1;
    this.launcher = parent > 1 && system.groupLeader(parent) === parent ? parent : -1;
    // Where a part that is root tells who took in what was left, groups are not asked.
    const asksGroups = withDescendants && system.originOf === undefined;
    const ours = new Set(launched ? [process.pid, parent] : [process.pid]);
    this.group = asksGroups ? SharedGroup.of(system, root.pid, ours, launched) : null;
    this.newProcesses = withDescendants ? new NewProcesses(system, root.pid) : null;
    const member = memberOf(root.pid, 0, root.execution, 0);
    member.sampled = member.wasSampled = sampled !== null;
    member.like = sampled;
    this.members.set(root.pid, member);
  }

  /** True while some process of the tree exists. */
  get alive(): boolean {
    return this.members.size > 0;
  }

  /**
   * Looks for new processes, and again at those that were not Python before.
   * @param now µs, of any clock, but always the same
   */
  scan(now: number): NewProcess[] {
    const { members, system } = this;
    const found: NewProcess[] = [];
    const until = system.clock.monotonic() + longestScan;
    this.findNew(now);
    this.unfinished = false;
    for (const member of members.values()) {
      if (member.sampled || !this.isDue(member, now)) continue;
      const target = this.look(member, now);
      if (target !== null) found.push({ target, parentPid: this.above(member.parent) });
      if (system.clock.monotonic() > until) {
        this.unfinished = true;
        break;
      }
    }
    // What the last one left may have come since.
    if (members.size === 0) this.findNew(now);
    return found;
  }

  private findNew(now: number): void {
    for (const [child, parent] of this.newProcesses?.find(this.members, now, (pid, above) => this.whoLeft(pid, above)) ?? [])
      this.add(child, parent, now);
  }

  /** The last scan left something for the next one. */
  get isBusy(): boolean {
    return this.unfinished;
  }

  /**
   * A sampled process can't be sampled any more: it ended, or executes something else that may be Python, too.
   * @param reason null when it could not be sampled at all
   */
  release(pid: number, reason: EndReason | null, now: number): void {
    const member = this.members.get(pid);
    if (member === undefined) return;
    const execution = this.system.execution(pid);
    if (reason === 'exited' || execution?.startTime !== member.execution.startTime) {
      this.remove(member, now);
      return;
    }
    if (!sameExecution(execution, member.execution)) member.like = null;
    member.execution = execution;
    member.sampled = false;
    member.wait = 0;
    member.lookAt = now;
  }

  /** Lets go of what it has opened. */
  close(): void {
    for (const member of this.members.values()) forgetOpened(member);
  }

  /** The pid itself of a process that is or was sampled, else that of the next one above it; 0: there is none. */
  above(pid: number): number {
    let at = pid;
    for (let member = this.members.get(at); member !== undefined && !member.wasSampled; member = this.members.get(at)) at = member.parent;
    return at;
  }

  private add(pid: number, parent: number, now: number): void {
    if (this.members.has(pid) || this.members.size >= maxProcesses) return;
    const execution = this.system.execution(pid);
    const from = this.members.has(parent) ? parent : (this.former.find((one) => one.pid === parent)?.above ?? parent);
    if (execution !== null) this.members.set(pid, memberOf(pid, from, execution, now));
  }

  /**
   * Whose copy a process is, though its parent is none of the tree: nobody's whose parent is such a copy as well, which is
   * another one's then (of two workers that one server started, each has its own).
   * @returns 0 when it is none
   */
  private whoLeft(pid: number, parent: number): number {
    if (this.system.originOf !== undefined) {
      const origin = this.system.originOf(pid, parent);
      return this.members.has(origin) || this.former.some((one) => one.pid === origin) ? origin : 0;
    }
    const execution = this.system.execution(pid);
    if (execution?.stackIsDrawn !== true) return 0;
    const original = [...this.members.values(), ...this.former].find((one) => isCopy(one.execution, execution));
    if (original === undefined) return this.whoseJob(pid, parent);
    const above = this.system.execution(parent);
    return above !== null && isCopy(above, execution) ? 0 : original.pid;
  }

  /**
   * Who of the tree leads the process group of a process that was left. A shell makes a group for each job, so that nobody else is in it
   * (setpgid(2)); a program started by `heatline run` is in ours. Groups that others lead, as scripts do, may have others' processes, too.
   * @returns 0: nobody
   */
  private whoseJob(pid: number, parent: number): number {
    const leader = this.system.groupLeader(pid);
    if (leader === 0 || this.system.groupLeader(parent) === leader) return 0;
    if (leader === this.launcher || this.group?.has(leader) === true) return this.root;
    return this.members.has(leader) || this.former.some((one) => one.pid === leader) ? leader : 0;
  }

  private remove(member: Member, now: number): void {
    forgetOpened(member);
    const above = this.above(member.pid);
    for (const other of this.members.values()) if (other.parent === member.pid) other.parent = above;
    this.former.unshift({ pid: member.pid, execution: member.execution, above });
    if (this.former.length > mostFormer) this.former.pop();
    this.members.delete(member.pid);
    this.newProcesses?.expect(member.pid, now); // another process may have its pid already, and be of the tree as well
  }

  /** Whether it is time to look at it, or it has run since the last look. */
  private isDue(member: Member, now: number): boolean {
    const cpu = this.system.processCpu(member.pid);
    const hasRun = cpu !== member.cpu;
    member.cpu = cpu;
    return hasRun || member.lookAt <= now;
  }

  /** @returns its Python when it is one that has begun */
  private look(member: Member, now: number): OpenTarget | null {
    const execution = this.system.execution(member.pid);
    if (execution?.startTime !== member.execution.startTime) {
      this.remove(member, now);
      return null;
    }
    if (!sameExecution(execution, member.execution)) {
      forgetOpened(member);
      member.like = null;
      member.execution = execution;
      member.since = now;
      member.wait = 0;
      member.lookAt = now;
    }
    const isDue = member.lookAt <= now;
    if (isDue) {
      forgetOpened(member);
      member.opened = this.tryOpen(member);
    }
    const target = member.opened;
    // Between fork and exec (subprocess) a child is a copy of its parent, whose thread states name the
    // parent's threads; one that goes on as Python has its own id in it at once (PyOS_AfterFork_Child), unless Python was not told.
    const owner = target?.owner(this.system.threadIds(member.pid)) ?? null;
    if (target !== null && (owner === 'python' || (owner === 'fork' && (member.pid === this.root || now - member.since >= forkSettles)))) {
      member.opened = null;
      member.like = target;
      member.sampled = member.wasSampled = true;
      return target;
    }
    if (target !== null && member.pid === this.root) this.failure = { code: 'not-ready', pid: member.pid };
    if (isDue) {
      // Of an Apache with mod_wsgi the first process never becomes what its children are.
      const isAwaited = member.pid === this.root && ![...this.members.values()].some(({ sampled }) => sampled);
      const longest = isAwaited ? lookAgain.longestRoot : lookAgain.longest;
      member.wait = Math.min(Math.max(member.wait * lookAgain.growth, lookAgain.first), longest);
      member.lookAt = now + member.wait;
    }
    return null;
  }

  private tryOpen(member: Member): OpenTarget | null {
    const { pid } = member;
    try {
      return openTarget(this.system, pid, pid === this.root ? 'wanted' : (this.members.get(member.parent)?.like ?? null));
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (pid === this.root) this.failure = error.failure;
      return null;
    }
  }
}

function memberOf(pid: number, parent: number, execution: Execution, now: number): Member {
  return { pid, parent, execution, since: now, sampled: false, wasSampled: false, lookAt: now, wait: 0, cpu: -1, opened: null, like: null };
}

function forgetOpened(member: Member): void {
  member.opened?.close();
  member.opened = null;
}
