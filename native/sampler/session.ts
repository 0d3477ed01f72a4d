import type { NoStopsReason, ProcessChange, ProcessRecord, ProfileDelta, Quality, ThreadChange, ThreadRecord } from '../../profile/delta.ts';
import { defaultMaxStopped, type EndReason, type EngineEvent, type EngineOptions } from '../engine.ts';
import type { OpenTarget } from '../openTarget.ts';
import type { System } from '../os/system.ts';
import { TargetError } from '../targetError.ts';
import { FrameTable } from './frameTable.ts';
import { ProcessTree } from './processTree.ts';
import { RunRecorder } from './runRecorder.ts';
import { SampledProcess, type SessionTables } from './sampledProcess.ts';
import { Schedule } from './schedule.ts';
import { SharedCore } from './sharedCore.ts';
import { StackTrie } from './stackTrie.ts';

/** Values of the control word that the engine's owner sets; the loop sleeps on it. */
export const Control = { Run: 0, Pause: 1, Stop: 2 } as const;

/** ms */
const intervals = { delta: 250, housekeeping: 100, children: 2, launching: 4 };
/** µs: shorter waits than this are spun, since a wake-up takes 20–60 µs. */
const shortestSleep = 90;
/** How far shares are off at most where a program is read as it runs, which does nothing but call: docs/sampling.md. */
export const worstAsItRuns = 0.35;
/** Rates are per second; above this the loop spins. */
const fastestSleeping = 10_000;
/** The same, above which looks are not made from the programs' cores: these would have little time left. */
const fastestSharing = 2000;

/**
 * Samples a process, and those it starts if that is asked for, until told to stop or it ends, and emits
 * what was found as deltas. Runs in a thread of its own: it blocks.
 */
export class SamplingSession implements SessionTables {
  readonly frames: FrameTable;
  readonly stacks = new StackTrie(() => this.frames.notRead());
  readonly recorder = new RunRecorder();
  readonly showsTasks: boolean;
  readonly core: SharedCore | null;
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
  private pausedFor = 0; // µs
  private sequence = 0;
  private stacksSent = 1;
  private processCount = 0;
  private threadCount = 0;
  private newProcesses: ProcessRecord[] = [];
  private newThreads: ThreadRecord[] = [];
  private processChanges: ProcessChange[] = [];
  private threadChanges: ThreadChange[] = [];
  /** Numbers of processes by pid, for their children. */
  private readonly numbers = new Map<number, number>();
  /** Figures of processes that are gone. */
  private readonly before = { samples: 0, partial: 0, lost: 0, sure: 0, doubtful: 0 };
  private ticks = 0;
  /** Index of the process whose turn it is to have its house kept. */
  private keptHouse = 0;

  constructor(
    system: System, target: OpenTarget | null, options: EngineOptions, control: Int32Array,
    emit: (event: EngineEvent, transfer: ArrayBuffer[]) => void,
  ) {
    this.system = system;
    this.target = target;
    this.options = options;
    this.showsTasks = options.tasks === true;
    this.frames = new FrameTable(options.instructions === true);
    this.control = control;
    this.emit = emit;
    this.noStops = whyNotShare(system, options);
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
    this.emit({ type: 'started', pid: first.pid, pythonVersion: first.pythonVersion, epoch: Date.now() }, []);
    const reason = this.loop();
    this.core?.leave();
    for (const process of this.processes) process.finish();
    this.sendDelta();
    for (const process of this.processes) process.release();
    this.tree?.close();
    return reason;
  }

  private openTree(): ProcessTree {
    const { system, target } = this;
    const { pid, subprocesses } = this.options;
    const execution = target?.execution ?? system.execution(pid);
    if (execution === null) throw new TargetError({ code: 'no-such-process', pid });
    return new ProcessTree(system, { pid, execution }, target, subprocesses === true);
  }

  /** Waits until a process of the tree is Python, and begins with it. */
  private awaitPython(): OpenTarget {
    const { control, system } = this;
    const tree = this.tree!;
    const { pid } = this.options;
    const executable = system.execution(pid)?.executable ?? '';
    while (tree.alive) {
      this.startedAt = system.clock.monotonic();
      let first: OpenTarget | null = null;
      for (const { target, parentPid } of tree.scan(this.startedAt)) {
        if (this.addProcess(target, parentPid)) first ??= target;
        else tree.release(target.pid, null, this.startedAt);
      }
      if (first !== null) return first;
      const command = Atomics.load(control, 0);
      if (command === Control.Stop) break;
      Atomics.wait(control, 0, command, intervals.launching);
    }
    throw new TargetError(tree.failure ?? { code: 'not-python', pid, executable });
  }

  now(): number {
    return this.system.clock.monotonic() - this.startedAt - this.pausedFor;
  }

  addThread(record: ThreadRecord): number {
    this.newThreads.push(record);
    return this.threadCount++;
  }

  changeProcess(change: ProcessChange): void {
    this.processChanges.push(change);
  }

  changeThread(change: ThreadChange): void {
    this.threadChanges.push(change);
  }

  private addProcess(target: OpenTarget, parentPid: number | null): boolean {
    const process = new SampledProcess(this.system, target, this.processCount, this);
    if (!process.start()) {
      process.release();
      return false;
    }
    this.newProcesses.push(process.record(parentPid === null ? null : (this.numbers.get(parentPid) ?? null)));
    this.numbers.set(target.pid, this.processCount++);
    this.processes.push(process);
    return true;
  }

  private loop(): EndReason {
    const { control, options, core } = this;
    const { clock } = this.system;
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
    let childrenDue = this.tree === null ? Infinity : now;
    for (;;) {
      const command = Atomics.load(control, 0);
      if (command !== Control.Run) {
        if (command !== Control.Pause) return 'stopped';
        this.pause();
        last = this.now();
        continue;
      }
      if (schedule !== null) {
        const due = Math.min(schedule.next(this.now()), duration);
        now = this.waitUntil(due, spinning);
        if (Atomics.load(control, 0) !== Control.Run) continue;
        schedule.lateness.add(Math.max(0, now - due));
      } else {
        now = this.now();
      }
      if (now >= duration) {
        schedule?.next(duration); // deadlines that a late end passed over were missed, too
        return 'duration';
      }
      this.ticks++;
      const cpuBefore = core === null ? 0 : clock.threadCpu();
      for (let i = 0; i < this.processes.length; i++) {
        const reason = this.processes[i]!.tick(now, now - last);
        if (reason !== null) {
          if (this.removeProcess(i, reason)) return reason;
          i--;
        }
      }
      last = now;
      if (core !== null) {
        core.end(clock.threadCpu() - cpuBefore);
        schedule?.setPeriod(core.period, now);
      }
      if (now >= childrenDue) {
        if (this.lookForChildren()) return 'exited';
        childrenDue = this.tree?.isBusy === true ? now : now + intervals.children * 1000;
      }
      // One process after the other: of a hundred at once many samples would be late.
      const turns = Math.floor(((now - lastKept) * Math.max(1, this.processes.length)) / (intervals.housekeeping * 1000));
      if (turns > 0) {
        core?.leave();
        lastKept = now;
        const reason = this.keepHouse(now, turns);
        if (reason !== null) return reason;
      }
      if (now >= deltaDue) {
        core?.leave();
        this.sendDelta();
        deltaDue = now + deltaInterval;
      }
      core?.settle(now);
    }
  }

  /** Sleeps, or spins through what is too short to sleep. @returns the time it is then */
  private waitUntil(due: number, spinning: boolean): number {
    let now = this.now();
    while (now < due) {
      if (!spinning && due - now > shortestSleep) {
        if (Atomics.wait(this.control, 0, Control.Run, (due - now) / 1000) !== 'timed-out') return this.now();
      }
      now = this.now();
    }
    return now;
  }

  private pause(): void {
    this.core?.leave();
    this.sendDelta();
    this.emit({ type: 'paused' }, []);
    const { clock } = this.system;
    const since = clock.monotonic();
    while (Atomics.load(this.control, 0) === Control.Pause) {
      Atomics.wait(this.control, 0, Control.Pause, 500);
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
      const reason = this.processes[this.keptHouse]!.keepHouse(now);
      if (reason === null) this.keptHouse++;
      else if (this.removeProcess(this.keptHouse, reason)) return reason;
    }
    return null;
  }

  /** @returns true when that was the last one */
  private removeProcess(index: number, reason: EndReason): boolean {
    const process = this.processes[index]!;
    const { sampler } = process;
    this.processes.splice(index, 1);
    process.close();
    this.before.samples += sampler.samples;
    this.before.partial += sampler.partial;
    this.before.lost += sampler.lost;
    this.before.sure += sampler.sure;
    this.before.doubtful += sampler.doubtful;
    if (this.tree === null) return true;
    this.tree.release(process.target.pid, reason, this.system.clock.monotonic());
    return !this.tree.alive;
  }

  /** @returns true when there is no process left */
  private lookForChildren(): boolean {
    const { tree } = this;
    if (tree === null) return false;
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

  private sendDelta(): void {
    const { functions, opcodes, frames } = this.frames.takeNew();
    const { stacks } = this;
    const parents = Uint32Array.from(stacks.parents.subarray(this.stacksSent, stacks.count));
    const stackFrames = Uint32Array.from(stacks.frames.subarray(this.stacksSent, stacks.count));
    this.stacksSent = stacks.count;
    const runs = this.recorder.take();
    const delta: ProfileDelta = {
      sequence: this.sequence++,
      until: this.now(),
      processes: this.newProcesses,
      ...(this.processChanges.length > 0 ? { processChanges: this.processChanges } : {}),
      threads: this.newThreads,
      threadChanges: this.threadChanges,
      functions,
      ...(opcodes.length > 0 ? { opcodes } : {}),
      frames,
      stacks: { parents, frames: stackFrames },
      runs,
      quality: this.quality(),
    };
    this.newProcesses = [];
    this.newThreads = [];
    this.processChanges = [];
    this.threadChanges = [];
    const instructions = Object.values(frames.instructions ?? {}) as Uint32Array[];
    const columns = [frames.functions, frames.lines, ...instructions, parents, stackFrames, runs.threads, runs.stacks, runs.starts, runs.durations, runs.counts, runs.cpu, runs.flags];
    this.emit({ type: 'delta', delta }, columns.map((column) => column.buffer as ArrayBuffer));
  }

  private quality(): Quality {
    const { schedule, before } = this;
    let { samples, partial, lost, sure, doubtful } = before;
    for (const { sampler } of this.processes) {
      samples += sampler.samples;
      partial += sampler.partial;
      lost += sampler.lost;
      sure += sampler.sure;
      doubtful += sampler.doubtful;
    }
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
      shareError: sure + doubtful === 0 ? null : (worstAsItRuns * doubtful) / (sure + doubtful),
      noStops: this.core?.isPossible === false ? 'cores' : this.noStops,
    };
  }
}

/** Why programs are not to be looked at from their own cores. */
function whyNotShare(system: System, { rate, maxStopped, blocking }: EngineOptions): NoStopsReason | null {
  if (maxStopped === 0) return 'asked';
  if (blocking !== true && (rate === 'max' || rate > fastestSharing)) return 'rate';
  return system.openCorePlace === undefined ? 'unsupported' : null;
}

function openCore(system: System, { rate, maxStopped, blocking }: EngineOptions): SharedCore | null {
  const place = system.openCorePlace?.();
  if (place === undefined) return null;
  const share = maxStopped ?? (blocking === true ? defaultMaxStopped.blocking : defaultMaxStopped.usual);
  return new SharedCore(place, share, 1e6 / (rate === 'max' ? fastestSleeping : rate), 0);
}
