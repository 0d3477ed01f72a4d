import type { EngineFailure } from '../engine.ts';
import { openTarget, type OpenTarget } from '../openTarget.ts';
import { type Execution, sameExecution, type System } from '../os/system.ts';
import { TargetError } from '../targetError.ts';

/** µs until a process that is not Python (yet) is looked at again: doubled each time. */
const lookAgain = { first: 4000, longest: 500_000, longestRoot: 50_000 };
/** Processes of one tree at most; beyond that new ones are left out. */
const maxProcesses = 4096;

/** A process of the tree, Python or not. */
interface Member {
  readonly pid: number;
  readonly parent: number;
  execution: Execution;
  /** It is being sampled. */
  sampled: boolean;
  lookAt: number;
  wait: number;
}

/** A Python that appeared in the tree. */
export interface NewProcess {
  readonly target: OpenTarget;
  /** Pid of the process that started it. */
  readonly parentPid: number;
}

/**
 * Finds the descendants of a process as they come. A process once seen is followed even when its parent
 * ends (daemons); one that ended is forgotten, so a reused pid is a new process.
 */
export class ProcessTree {
  /** Why the root could not be sampled when it was looked at last. */
  failure: EngineFailure | null = null;
  private readonly system: System;
  private readonly root: number;
  private readonly withDescendants: boolean;
  private readonly members = new Map<number, Member>();

  /**
   * @param sampled whether the root is being sampled already; otherwise it is among what `scan` finds, once it
   *   is Python
   * @param withDescendants false to follow the root alone, through whatever it executes
   */
  constructor(system: System, root: { readonly pid: number; readonly execution: Execution }, sampled: boolean, withDescendants: boolean) {
    this.system = system;
    this.root = root.pid;
    this.withDescendants = withDescendants;
    this.members.set(root.pid, { pid: root.pid, parent: 0, execution: root.execution, sampled, lookAt: 0, wait: 0 });
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
    const found: NewProcess[] = [];
    for (const pid of this.withDescendants ? [...this.members.keys()] : []) {
      for (const child of this.system.childIds(pid)) {
        const known = this.members.get(child);
        if (known === undefined && this.members.size < maxProcesses) this.add(child, pid, now);
      }
    }
    for (const member of this.members.values()) {
      // The root is asked every time whether it executes something else: a launcher may become Python any moment.
      if (member.sampled || (member.lookAt > now && member.pid !== this.root)) continue;
      const execution = this.system.execution(member.pid);
      if (execution?.startTime !== member.execution.startTime) {
        this.members.delete(member.pid);
        continue;
      }
      if (!sameExecution(execution, member.execution)) member.wait = 0;
      else if (member.lookAt > now) continue;
      member.execution = execution;
      const target = this.tryOpen(member.pid);
      if (target !== null) {
        member.sampled = true;
        found.push({ target, parentPid: member.parent });
      } else {
        member.wait = Math.min(Math.max(member.wait * 2, lookAgain.first), member.pid === this.root ? lookAgain.longestRoot : lookAgain.longest);
        member.lookAt = now + member.wait;
      }
    }
    return found;
  }

  /** A sampled process can't be sampled any more: it ended, or executes something else that may be Python, too. */
  release(pid: number, now: number): void {
    const member = this.members.get(pid);
    if (member === undefined) return;
    const execution = this.system.execution(pid);
    if (execution?.startTime !== member.execution.startTime) {
      this.members.delete(pid);
      return;
    }
    member.execution = execution;
    member.sampled = false;
    member.wait = 0;
    member.lookAt = now;
  }

  private add(pid: number, parent: number, now: number): void {
    const execution = this.system.execution(pid);
    if (execution !== null) this.members.set(pid, { pid, parent, execution, sampled: false, lookAt: now, wait: 0 });
  }

  /** @returns null when the process is not a Python that runs as itself: it may become one */
  private tryOpen(pid: number): OpenTarget | null {
    let target: OpenTarget;
    try {
      target = openTarget(this.system, pid);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (pid === this.root) this.failure = error.failure;
      return null;
    }
    // Between fork and exec (subprocess) a child is a copy of its parent, whose thread states name the
    // parent's threads; one that goes on as Python has its own id in it at once (PyOS_AfterFork_Child).
    if (target.ownsThread(this.system.threadIds(pid))) return target;
    target.close();
    if (pid === this.root) this.failure = { code: 'not-ready', pid };
    return null;
  }
}
