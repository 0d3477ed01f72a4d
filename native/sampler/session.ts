import type { NoStopsReason, ProcessChange, Quality, ThreadChange, ThreadRecord } from '../../profile/delta.ts';
import { isPythonName } from '../cpython/commandLine.ts';
import type { EndReason, EngineEvent, EngineOptions } from '../engine.ts';
import type { OpenTarget } from '../openTarget.ts';
import type { System } from '../os/system.ts';
import { TargetError } from '../targetError.ts';
import { CutCallRecorder } from './tables/cutCalls.ts';
import { FrameTable } from './tables/frameTable.ts';
import { LateThreads } from './nativeFrames/lateThreads.ts';
import { NativeTally } from './nativeFrames/nativeTally.ts';
import type { NativeView } from './nativeFrames/stackMaker.ts';
import { News } from './news.ts';
import { OtherPythons } from './tree/otherPythons.ts';
import { ProcessTree } from './tree/processTree.ts';
import { RunRecorder } from './tables/runRecorder.ts';
import type { SampleCounts } from './sampleBook.ts';
import { SampledProcess, type SessionTables } from './sampledProcess.ts';
import { Histogram, Schedule } from './schedule.ts';
import type { SharedCore } from './sharedCore.ts';
import { fastestSleeping, openCore, whyNotShare } from './sharing.ts';
import { StackTrie } from './tables/stackTrie.ts';

/** Values of the control word that the engine's owner sets; the loop sleeps on it. */
export const Control = { Run: 0, Pause: 1, Stop: 2 } as const;

/**
 * ms. Where looks are made from programs' cores, the house is kept only with what is sent: all that is touched on another core has to
 * be fetched from there at the next look (measured: 310 µs a look with 100 ms, 170 µs with 250).
 */
const intervals = { delta: 250, housekeeping: { usual: 100, shared: 250 }, children: 2, launching: 4 };
/** µs: shorter waits than this are spun, since a wake-up takes 20–60 µs. */
const shortestSleep = 90;
/** The same: so long a sleep need not be ended by a command. */
const longestDeafSleep = 25_000;
/** How far shares are off at most where a program is read as it runs, which does nothing but call: docs/sampling.md. */
export const worstAsItRuns = 0.35;
/** The same, where all looks come too late: measured of a thread that worked 3 ms and slept 5, beside as many others as it got. */
const worstLate = 0.15;

/**
 * Samples a process, and those it starts if that is asked for, until told to stop or it ends, and emits
 * what was found as deltas. Runs in a thread of its own: it blocks.
 */
export class SamplingSession implements SessionTables {
  readonly frames: FrameTable;
  readonly stacks = new StackTrie(() => this.frames.notRead());
  readonly recorder = new RunRecorder();
  readonly cutCalls: CutCallRecorder;
  readonly showsTasks: boolean;
  readonly core: SharedCore | null;
  readonly native: { readonly tally: NativeTally; readonly view: NativeView; readonly late: LateThreads } | null;
  private readonly noStops: NoStopsReason | null;
  private readonly system: System;
  /** Null: waits for it to become Python. */
  private readonly target: OpenTarget | null;
  private readonly options: EngineOptions;
  private readonly control: Int32Array;
  private readonly emit: (event: EngineEvent, transfer: ArrayBuffer[]) => void;
  private processes: SampledProcess[] = [];
  private readonly tree: ProcessTree | null;
  private schedule: Schedule | null = null;

  followsSince = 0;
  private startedAt = 0; // monotonic µs
  private cpuBefore = 0;
  /**
   * µs of our CPU time when the last look ended; −1: there was other work since. From there to the end of the next look is what a
   * program loses, our going to sleep and waking included.
   */
  private cpuAfter = -1;
  private pausedFor = 0; // µs
  private readonly news: News;
  private processCount = 0;
  /** Numbers of processes by pid, for their children. */
  private readonly numbers = new Map<number, number>();
  /** Figures of processes that are gone. */
  private readonly before: SampleCounts = { samples: 0, partial: 0, lost: 0, sure: 0, late: 0, doubtful: 0 };
  private ticks = 0;
  /** Index of the process whose turn it is to have its house kept. */
  private keptHouse = 0;

  constructor(
    system: System,
    target: OpenTarget | null,
    options: EngineOptions,
    control: Int32Array,
    emit: (event: EngineEvent, transfer: ArrayBuffer[]) => void,
  ) {
    this.system = system;
    this.target = target;
    this.options = options;
    this.showsTasks = options.tasks === true;
    this.frames = new FrameTable(options.instructions === true);
    this.cutCalls = new CutCallRecorder(this.frames, this.stacks);
    this.news = new News(this);
    this.control = control;
    this.emit = emit;
    const view = { showsAll: options.native === 'all', debugFolders: options.debugFolders ?? [] };
    this.native =
      options.native === undefined ? null : { tally: new NativeTally(new Histogram()), view, late: new LateThreads(system.clock) };
    this.noStops = whyNotShare(system, options);
    if (this.native !== null && this.noStops !== null)
      throw new TargetError({
        code: 'not-native',
        pid: options.pid,
        reason: this.noStops === 'unsupported' ? 'unsupported' : 'never-stop',
      });
    this.core = this.noStops === null ? openCore(system, options) : null;
    this.tree = options.subprocesses === true || target === null ? this.openTree() : null;
  }

  /**
   * Samples until the end; closes the target. Null, and `started` was not emitted: Python has no thread (yet).
   * @throws TargetError when there was no target and the process ended, or was to be stopped, without becoming Python
   */
  run(): EndReason | null {
    const { clock } = this.system;
    clock.setTimerSlack(1);
    clock.askForShortSlices();
    this.startedAt = clock.monotonic();
    // What was launched, and all that it starts, is followed from the start.
    if (this.options.launched !== true) this.followsSince = Date.now();
    this.cpuBefore = clock.threadCpu();
    const first = this.target ?? this.awaitPython();
    if (this.target !== null && !this.addProcess(this.target, null)) return null;
    for (const process of [...this.processes]) this.addOthers(process, true);
    this.emit({ type: 'started', pid: first.pid, pythonVersion: first.pythonVersion, epoch: Date.now() }, []);
    const reason = this.loop();
    this.core?.leave();
    this.core?.lineUp();
    this.closeEnded();
    for (const process of this.processes) process.finish();
    this.sendDelta();
    for (const process of this.processes) process.release();
    this.tree?.close();
    return reason;
  }

  private openTree(): ProcessTree {
    const { system, target } = this;
    const { pid, subprocesses, launched } = this.options;
    const execution = target?.execution ?? system.execution(pid);
    if (execution === null) throw new TargetError({ code: 'no-such-process', pid });
    return new ProcessTree(system, { pid, execution }, target, subprocesses === true, launched === true);
  }

  /** Waits until a process of the tree is Python, and begins with it. */
  private awaitPython(): OpenTarget {
    const { control, system } = this;
    const tree = this.tree!;
    const { pid } = this.options;
    let executable = '';
    let isTold = this.options.launched === true;
    // What was started for this is sampled from its beginning on, however long that takes to come.
    const until = this.options.launched === true ? Infinity : system.clock.monotonic() + (this.options.duration ?? Infinity) * 1000;
    while (tree.alive && system.clock.monotonic() < until) {
      executable = system.execution(pid)?.executable ?? executable; // a program that starts another one in its place
      this.startedAt = system.clock.monotonic();
      let first: OpenTarget | null = null;
      for (const { target, parentPid } of tree.scan(this.startedAt)) {
        if (this.addProcess(target, parentPid)) first ??= target;
        else tree.release(target.pid, null, this.startedAt);
      }
      if (first !== null) return first;
      if (!isTold && !tree.isBusy) {
        isTold = true; // all that there is was looked at
        this.emit({ type: 'waiting' }, []);
      }
      const command = Atomics.load(control, 0);
      if (command === Control.Stop) break;
      Atomics.wait(control, 0, command, intervals.launching);
    }
    // What ended says nothing of itself any more, and what was tried last may have come too late.
    const isGone = !tree.alive || system.execution(pid) === null; // its end may have been heard of before a look told it
    if (isGone && this.options.launched === true && (executable === '' || isPythonName(executable)))
      throw new TargetError({ code: 'ended-early', pid, executable });
    throw new TargetError(tree.failure ?? { code: 'not-python', pid, executable });
  }

  now(): number {
    return this.system.clock.monotonic() - this.startedAt - this.pausedFor;
  }

  addThread(record: ThreadRecord): number {
    return this.news.addThread(record);
  }

  changeProcess(change: ProcessChange): void {
    this.news.processChanges.push(change);
  }

  changeThread(change: ThreadChange): void {
    this.news.threadChanges.push(change);
  }

  private addProcess(target: OpenTarget, parentPid: number | null): boolean {
    if (!this.add(target, parentPid, null)) return false;
    this.numbers.set(target.pid, this.processCount - 1); // what it starts is below the first Python that there is in it
    return true;
  }

  /** @param first the process's first Python, if this is another one of it */
  private add(target: OpenTarget, parentPid: number | null, first: SampledProcess | null): boolean {
    const original = this.processes.find((one) => one.others !== null && one.target.understanding === target.understanding);
    const others = first === null ? new OtherPythons(this.system, target, original?.others) : null;
    const process = new SampledProcess(this.system, target, this.processCount, this, others, parentPid);
    if (!process.start()) {
      process.release();
      return false;
    }
    this.news.processes.push(process.record(parentPid === null ? null : (this.numbers.get(parentPid) ?? null)));
    this.processCount++;
    this.processes.push(process);
    return true;
  }

  /**
   * Adds the other Pythons that there are in a process by now.
   * @param isWhole whatever time it takes
   */
  private addOthers(first: SampledProcess, isWhole = false): void {
    const { others, parentPid } = first;
    for (const target of others?.find(this.system.clock.monotonic(), isWhole) ?? []) {
      try {
        if (this.add(target, parentPid, first)) continue;
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        target.close(); // its process is ending
      }
      others?.forget(target); // it is ending, or beginning: another time
    }
  }

  private loop(): EndReason {
    const { control, options, core } = this;
    // On a program's core only sleep lets it go on.
    const spinning = core === null && (options.rate === 'max' || options.rate > fastestSleeping);
    const duration = (options.duration ?? Infinity) * 1000;
    const deltaInterval = (options.deltaInterval ?? intervals.delta) * 1000;
    let now = this.now();
    const rate = options.rate === 'max' && core !== null ? fastestSleeping : options.rate;
    const schedule = rate === 'max' ? null : new Schedule(rate, now, Math.floor(this.startedAt) | 0);
    this.schedule = schedule;
    let last = now;
    let deltaDue = now + deltaInterval;
    let lastKept = now;
    const houseInterval = (core === null ? intervals.housekeeping.usual : intervals.housekeeping.shared) * 1000;
    let childrenDue = this.tree === null ? Infinity : now;
    for (;;) {
      let lateness = 0;
      const command = Atomics.load(control, 0);
      if (command !== Control.Run) {
        if (command !== Control.Pause) return 'stopped';
        this.pause();
        this.cpuAfter = -1;
        last = this.now();
        continue;
      }
      if (schedule !== null) {
        const due = Math.min(schedule.next(this.now()), duration);
        now = this.waitUntil(due, spinning);
        if (Atomics.load(control, 0) !== Control.Run) continue;
        lateness = Math.max(0, now - due);
        schedule.lateness.add(lateness);
      } else {
        now = this.now();
      }
      if (now >= duration) {
        schedule?.next(duration); // deadlines that a late end passed over were missed, too
        return 'duration';
      }
      core?.begin(lateness);
      const end = this.look(now, now - last);
      if (end !== null) return end;
      last = now;
      if (now >= childrenDue) {
        this.cpuAfter = -1;
        if (this.lookForChildren()) return 'exited';
        childrenDue = this.tree?.isBusy === true ? now : now + intervals.children * 1000;
      }
      // One process after the other: of a hundred at once many samples would be late.
      const turns = Math.floor(((now - lastKept) * Math.max(1, this.processes.length)) / houseInterval);
      if (turns > 0) {
        lastKept = now;
        const reason = this.keepHouse(now, turns);
        if (reason !== null) return reason;
      }
      if (now >= deltaDue) {
        core?.leave();
        this.cpuAfter = -1;
        this.sendDelta();
        deltaDue = now + deltaInterval;
      }
      core?.settle(now);
    }
  }

  /** Takes samples of all processes. @param weight µs they stand for @returns why there can be no more, or null */
  private look(now: number, weight: number): EndReason | null {
    const { core, schedule } = this;
    const { clock } = this.system;
    this.ticks++;
    if (this.stacks.isCrowded) this.forgetPassingStacks();
    const cpuBefore = core === null ? 0 : this.cpuAfter >= 0 ? this.cpuAfter : clock.threadCpu();
    for (let i = 0; i < this.processes.length; i++) {
      const reason = this.processes[i]!.tick(now, weight);
      if (reason !== null) {
        if (this.removeProcess(i, reason)) return reason;
        i--;
      }
    }
    if (core !== null) {
      this.cpuAfter = clock.threadCpu();
      core.end(this.cpuAfter - cpuBefore, now);
      schedule?.setPeriod(core.period, now);
      if (this.tickRest(now)) this.cpuAfter = -1;
    }
    return null;
  }

  /** What of a look need not be of the program's time. @returns whether there was anything */
  private tickRest(now: number): boolean {
    let found = false;
    for (const { sampler } of this.processes) {
      if (!sampler.isHalfDone) continue;
      found = true;
      this.core?.leave();
      sampler.tickRest(now);
    }
    return found;
  }

  /** Sleeps, or spins through what is too short to sleep. @returns the time it is then */
  private waitUntil(due: number, spinning: boolean): number {
    const { clock } = this.system;
    let now = this.now();
    while (now < due) {
      const left = Math.min(due - now, this.native?.late.wait(this.processes) ?? Infinity);
      if (!spinning && left > shortestSleep) {
        // What wakes on a program's core, with nothing of ours in its caches, is to be as little as can be; it ends soon enough to be stopped.
        if (this.core !== null && left <= longestDeafSleep) clock.sleep(left);
        else if (
          Atomics.wait(this.control, 0, Control.Run, (left - (this.core === null ? 0 : longestDeafSleep / 2)) / 1000) !== 'timed-out'
        )
          return this.now();
        if (Atomics.load(this.control, 0) !== Control.Run) return this.now();
      }
      now = this.now();
    }
    return now;
  }

  private pause(): void {
    this.core?.leave();
    this.core?.lineUp();
    this.sendDelta();
    this.emit({ type: 'paused' }, []);
    const { clock } = this.system;
    const since = clock.monotonic();
    while (Atomics.load(this.control, 0) === Control.Pause) {
      Atomics.wait(this.control, 0, Control.Pause, Math.min(500, (this.native?.late.wait(this.processes) ?? Infinity) / 1000));
      if (this.tree === null && this.processes[0]!.ended() !== null) break; // the loop finds out again, and ends
    }
    this.pausedFor += clock.monotonic() - since;
    Atomics.compareExchange(this.control, 0, Control.Pause, Control.Run);
    if (Atomics.load(this.control, 0) === Control.Run) this.emit({ type: 'resumed' }, []);
  }

  /** @param turns for how many of the processes, at most all of them */
  private keepHouse(now: number, turns: number): EndReason | null {
    for (let turn = Math.min(turns, this.processes.length); turn > 0; turn--) {
      if (this.keptHouse >= this.processes.length) this.keptHouse = 0;
      const process = this.processes[this.keptHouse]!;
      if (process.sleeps(now)) {
        this.keptHouse++;
        continue;
      }
      this.core?.leave();
      this.cpuAfter = -1;
      const reason = process.keepHouse(now);
      if (reason === null) {
        this.addOthers(process);
        this.keptHouse++;
      } else if (this.removeProcess(this.keptHouse, reason)) return reason;
    }
    return null;
  }

  /** Who started a program, or looks for its children, may have heard of its end first. */
  private closeEnded(): void {
    this.processes = this.processes.filter((process) => {
      if (process.ended() === null) return true;
      this.retire(process);
      return false;
    });
  }

  /** A process is gone: its figures stay. */
  private retire(process: SampledProcess): void {
    process.close();
    process.sampler.addTo(this.before);
  }

  /** @returns true when that was the last one */
  private removeProcess(index: number, reason: EndReason): boolean {
    const process = this.processes[index]!;
    this.processes.splice(index, 1);
    this.retire(process);
    if (process.others === null) {
      // The process goes on, or its first Python tells.
      for (const { others, target } of this.processes) if (target.pid === process.target.pid) others?.forget(process.target);
      return false;
    }
    if (this.tree === null) return true;
    this.tree.release(process.target.pid, reason, this.system.clock.monotonic());
    return !this.tree.alive && this.lookForChildren();
  }

  /** @returns true when there is no process left */
  private lookForChildren(): boolean {
    const { tree } = this;
    if (tree === null) return false;
    this.core?.lineUp();
    const now = this.system.clock.monotonic();
    for (const { target, parentPid } of tree.scan(now)) {
      let added = false;
      try {
        added = this.addProcess(target, parentPid);
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        target.close(); // a child that can't be stopped, perhaps because a debugger has it, is left alone
      }
      if (!added) tree.release(target.pid, null, now);
    }
    return !tree.alive;
  }

  private forgetPassingStacks(): void {
    for (const { sampler } of this.processes) sampler.forgetPassingStacks();
    this.stacks.forgetPassing();
  }

  private sendDelta(): void {
    for (const { sampler } of this.processes) sampler.settleAll();
    const { delta, transfer } = this.news.take(this.now(), this.quality());
    this.emit({ type: 'delta', delta }, transfer);
  }

  private quality(): Quality {
    const { schedule, before } = this;
    const counts = { ...before };
    for (const { sampler } of this.processes) sampler.addTo(counts);
    const { samples, partial, lost, sure, late, doubtful } = counts;
    const running = sure + late + doubtful;
    return {
      ticks: this.ticks,
      samples,
      partial,
      lost,
      missed: schedule?.missed ?? 0,
      latenessMedian: schedule?.lateness.quantile(0.5) ?? 0,
      latenessMax: schedule?.lateness.maximum ?? 0,
      elapsed: this.now(),
      samplerCpu: this.system.clock.threadCpu() - this.cpuBefore,
      requestedRate: this.options.rate === 'max' ? 0 : this.options.rate,
      stops: this.core?.looks ?? 0,
      stoppedTime: this.core?.time ?? 0,
      shareError: running === 0 ? null : (worstLate * late + worstAsItRuns * doubtful) / running,
      noStops: this.core?.isPossible === false ? 'cores' : this.noStops,
      ...(this.native === null ? {} : { native: this.native.tally.quality() }),
    };
  }
}
