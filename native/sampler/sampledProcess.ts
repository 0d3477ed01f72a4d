import type { ProcessChange, ProcessRecord, ThreadChange, ThreadRecord } from '../../profile/delta.ts';
import { isPythonName, parseCommandLine } from '../cpython/commandLine.ts';
import { readProcessName } from '../cpython/processName.ts';
import { ThreadNames } from '../cpython/threadNames.ts';
import type { EndReason } from '../engine.ts';
import type { OpenTarget } from '../openTarget.ts';
import { sameExecution, type System } from '../os/system.ts';
import { TargetError } from '../targetError.ts';
import type { OtherPythons } from './tree/otherPythons.ts';
import { NativeReader } from './nativeFrames/nativeReader.ts';
import type { NativeTally } from './nativeFrames/nativeTally.ts';
import type { NativeView } from './nativeFrames/stackMaker.ts';
import { RunningTasks } from './tasks/runningTasks.ts';
import type { SampledThread } from './threads/sampledThread.ts';
import type { SharedTables } from './sampleBook.ts';
import { Sampler } from './sampler.ts';
import type { ThreadListener } from './knownThreads.ts';

/** µs between looks at thread names, and what each known thread adds to it. */
const namesInterval = { base: 1e6, thread: 2e4 };

/** µs for which a process's own name is looked for often: a worker is told it when it begins. */
const namedWithin = 2e6;

/** µs after which the house of a process that sleeps is kept all the same: others may rename it, or write to its memory. */
const longestAsleep = 5e6;

const probe = new Uint8Array(1);
/** Looks at lists of threads that change under the look. */
const maxAttempts = 20;

/** What a session's processes share: numbers for everything, a clock, and where news go. */
export interface SessionTables extends SharedTables {
  /** Whether samples are to show asyncio tasks. */
  readonly showsTasks?: boolean;
  /** How native frames are read; null: they are not asked for. */
  readonly native?: { readonly tally: NativeTally; readonly view: NativeView } | null;
  /** Processes that started then or later are seen from their start; ms since 1970. */
  readonly followsSince: number;
  /** µs since the session's start. */
  now(): number;
  /** @returns the thread's number in the profile */
  addThread(record: ThreadRecord): number;
  changeThread(change: ThreadChange): void;
  changeProcess(change: ProcessChange): void;
}

/**
 * A thread of the profile: one of the system's, of which an interpreter may have several states one after the other
 * (PyGILState_Ensure).
 */
interface KnownThread {
  readonly id: number;
  readonly osThreadId: number;
  name: string;
  /** It has a state now. */
  inPython: boolean;
  /** When (µs since the session's start) it lost its last one. */
  leftAt: number;
}

/** One process of a session: its sampler, its threads' names, and whether it still is what it was. */
export class SampledProcess implements ThreadListener {
  readonly target: OpenTarget;
  readonly sampler: Sampler;
  /** Its number in the profile. */
  readonly id: number;
  /** The other Pythons in the process; null for those themselves. */
  readonly others: OtherPythons | null;
  /** Of the process that started it, if that is known. */
  readonly parentPid: number | null;
  private readonly system: System;
  private readonly tables: SessionTables;
  /** What the profile has of each thread of the system, by interpreter and its id. */
  private readonly threads = new Map<string, KnownThread>();
  private namesDue = 0;
  /** CPU time of the process (ThreadStates.processTime) before its house was kept last, and when it is to be kept again whatever that is. */
  private timeAtHouse = -1;
  private houseDue = 0;
  private readonly namedUntil: number;
  /** What the profile says. */
  private name = '';
  private failures = 0;
  private readonly tasks: RunningTasks | null;
  private readonly native: NativeReader | null;
  private processName: string | null = null;

  constructor(
    system: System,
    target: OpenTarget,
    id: number,
    tables: SessionTables,
    others: OtherPythons | null,
    parentPid: number | null,
  ) {
    this.system = system;
    this.target = target;
    this.id = id;
    this.tables = tables;
    this.others = others;
    this.parentPid = parentPid;
    this.namedUntil = tables.now() + namedWithin;
    this.tasks = tables.showsTasks === true ? new RunningTasks(system, target, tables.frames) : null;
    this.native = openNative(system, target, tables);
    this.sampler = new Sampler(target, tables, this, this.tasks, this.native);
    this.processName = system.threadName(target.pid, target.pid);
  }

  /**
   * Finds its threads.
   * @returns false when Python has none (yet)
   */
  start(): boolean {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      // Lists that can't be read are being changed: threads come and go.
      if (!this.sampler.enumerate()) continue;
      if (this.sampler.threadCount === 0) return false;
      this.refreshNames();
      return true;
    }
    return false;
  }

  /** Takes a sample. @returns why there can be no more, or null */
  tick(now: number, weight: number): EndReason | null {
    if (this.sampler.tick(now, weight)) {
      this.failures = 0;
      return this.sampler.takeGone() ? this.ended() : null;
    }
    // What can't be read may have ended: ask the first time, and then now and again.
    const reason = this.failures++ % 16 === 0 ? this.ended() : null;
    if (reason === null) this.sampler.loseAll();
    return reason;
  }

  /**
   * Whether the process has done nothing at all since its house was kept last, which it was some seconds ago at most: there is nothing to see
   * to that was not seen to then. To end, too, it would have to run.
   */
  sleeps(now: number): boolean {
    return now < this.houseDue && this.timeAtHouse >= 0 && this.target.states.processTime() === this.timeAtHouse;
  }

  keepHouse(now: number): EndReason | null {
    this.timeAtHouse = this.target.states.processTime();
    this.houseDue = now + longestAsleep;
    this.sampler.housekeeping();
    this.endGone();
    if (this.tasks?.find(now) === true) this.sampler.planAnew();
    if (now < this.namedUntil || now >= this.namesDue) this.refreshProcessName();
    if (now >= this.namesDue) {
      this.namesDue = now + namesInterval.base + namesInterval.thread * this.sampler.threadCount;
      this.refreshNames();
    }
    return this.ended();
  }

  /** Whether the process ended or executes something else. */
  ended(): EndReason | null {
    if (this.sampler.isOver() || this.isUnloaded()) return 'exited';
    const execution = this.system.execution(this.target.pid);
    // Another start time: the pid belongs to another process by now.
    if (execution?.startTime !== this.target.execution.startTime) return 'exited';
    // Where addresses are not drawn (setarch -R), a program that executes itself looks the same.
    return sameExecution(execution, this.target.execution) && this.target.memory.isAlive() ? null : 'replaced';
  }

  /** Whether a library was unloaded that had brought another Python into the process. */
  private isUnloaded(): boolean {
    const { memory, understanding } = this.target;
    return this.others === null && !memory.read(understanding.location.runtimeAddress, probe, 0, 1);
  }

  /** The session ends: no time waits for a sample after it, and what has ended is known to have. */
  finish(): void {
    this.sampler.bookAll();
    this.endGone();
  }

  /** Lets threads go on that stopped late. @returns whether there are more to come */
  releaseLate(): boolean {
    return this.native?.releaseLate() ?? false;
  }

  /** Ends its threads in the profile and lets go of the process. */
  close(): void {
    this.sampler.bookAll();
    const endedAt = this.tables.now();
    const ends = new Map([...this.threads.values()].map(({ id, inPython, leftAt }) => [id, inPython ? endedAt : leftAt]));
    for (const { id } of this.sampler.sampledThreads) if (!ends.has(id)) ends.set(id, endedAt);
    for (const [thread, end] of ends) this.tables.changeThread({ thread, endedAt: end });
    this.threads.clear();
    this.release();
  }

  /** Lets go of the process. */
  release(): void {
    this.native?.close();
    this.target.close();
  }

  /** What the profile says of the process. @param parent number of the process that started it */
  record(parent: number | null): ProcessRecord {
    const { pid, pythonVersion } = this.target;
    const facts = this.system.processFacts(pid);
    const commandLine = facts?.commandLine ?? [];
    this.sampler.book.namesStart = isPythonName(commandLine[0] ?? '') && (facts?.startedAt ?? -Infinity) >= this.tables.followsSince;
    this.name = parseCommandLine(commandLine, facts?.executable ?? null).name || String(pid);
    return {
      pid,
      parent,
      name: this.name,
      commandLine,
      executable: facts?.executable ?? '',
      workingDirectory: facts?.workingDirectory ?? null,
      pythonVersion,
      startedAt: this.tables.now(),
    };
  }

  threadStarted(thread: SampledThread, interpreterId: number): number {
    const { osThreadId, pythonThreadId } = thread;
    const known = this.threads.get(keyOf(thread, interpreterId));
    if (known?.inPython === false) {
      known.inPython = true;
      return known.id;
    }
    const isMain = osThreadId === this.target.pid;
    const name = isMain ? 'MainThread' : `Thread ${osThreadId}`;
    this.namesDue = 0;
    const id = this.tables.addThread({
      process: this.id,
      osThreadId,
      pythonThreadId,
      interpreterId,
      name,
      isMain,
      startedAt: this.tables.now(),
    });
    // Another state of the same thread at the same time, of a host that goes from one to the other, is a thread of its own.
    if (known === undefined) this.threads.set(keyOf(thread, interpreterId), { id, osThreadId, name, inPython: true, leftAt: 0 });
    return id;
  }

  threadEnded(thread: SampledThread): void {
    const key = keyOf(thread, thread.interpreter?.id ?? 0);
    const known = this.threads.get(key);
    if (known?.id !== thread.id) {
      this.tables.changeThread({ thread: thread.id, endedAt: this.tables.now() });
      return;
    }
    known.inPython = false;
    // Whether the system has it still is seen to when keeping house.
    known.leftAt = this.tables.now();
  }

  private endGone(): void {
    for (const [key, known] of this.threads) if (!known.inPython) this.endIfGone(key, known);
  }

  /** Ends a thread in the profile that is out of Python, unless the system has it still: it may come back. */
  private endIfGone(key: string, { id, osThreadId, leftAt }: KnownThread): void {
    if (this.system.threadName(this.target.pid, osThreadId) !== null) return;
    this.tables.changeThread({ thread: id, endedAt: leftAt });
    this.threads.delete(key);
  }

  /** The command lines of workers of a pool are all the same. */
  private refreshProcessName(): void {
    const { sampler, target } = this;
    const main = sampler.knownInterpreters.find(({ id }) => id === 0);
    const name = main === undefined ? null : readProcessName(target.memory, main.address, target.layout);
    if (name === null || name === this.name) return;
    this.name = name;
    this.tables.changeProcess({ process: this.id, name });
  }

  /** Takes thread names from the target's `threading` module, else from the system. */
  private refreshNames(): void {
    const { sampler, target, system } = this;
    const names = new ThreadNames(target.memory, sampler.knownInterpreters, target.layout);
    for (const thread of sampler.sampledThreads) {
      const interpreterId = thread.interpreter?.id ?? 0;
      let name = names.of(interpreterId, thread.pythonThreadId);
      if (name === undefined && thread.osThreadId !== target.pid) {
        const systemName = system.threadName(target.pid, thread.osThreadId);
        // Threads inherit the process's name: only one of their own says something.
        if (systemName !== null && systemName !== this.processName) name = systemName;
      }
      const known = this.threads.get(keyOf(thread, interpreterId));
      if (name === undefined || known?.id !== thread.id || name === known.name) continue;
      known.name = name;
      this.tables.changeThread({ thread: thread.id, name });
    }
  }
}

function keyOf({ osThreadId }: SampledThread, interpreterId: number): string {
  return `${interpreterId} ${osThreadId}`;
}

/** Null where native frames are not asked for. @throws TargetError where they can't be read */
function openNative(system: System, target: OpenTarget, { native, frames, stacks }: SessionTables): NativeReader | null {
  if (!native) return null;
  const { pid } = target;
  const contexts = system.openThreadContexts?.(pid);
  if (contexts === undefined) throw new TargetError({ code: 'not-native', pid, reason: 'unsupported' });
  const { stopObstacle } = contexts;
  // Of others than the first one there is the rest, then.
  if (native.tally.processes++ === 0 && (stopObstacle === 'own-child' || stopObstacle === 'traced'))
    throw new TargetError({ code: 'not-native', pid, reason: stopObstacle });
  // To 3.10 each frame is an object that its evaluation has a pointer to.
  const kind = target.layout.frames === 'heap' ? 'pointer' : 'local';
  return new NativeReader(system, contexts, target, kind, { frames, stacks }, native.tally, native.view);
}
