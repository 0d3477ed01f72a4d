import {
  type ProcessChange,
  type ProcessRecord,
  type ProfileDelta,
  type Quality,
  runColumns,
  type ThreadChange,
  type ThreadRecord,
} from '../../profile/delta.ts';
import type { CutCallRecorder } from './tables/cutCalls.ts';
import type { SharedTables } from './sampleBook.ts';

/** What a session found since its last delta. */
export class News {
  processes: ProcessRecord[] = [];
  processChanges: ProcessChange[] = [];
  threadChanges: ThreadChange[] = [];
  private threads: ThreadRecord[] = [];
  private readonly tables: SharedTables & { readonly cutCalls: CutCallRecorder };
  private sequence = 0;
  private stacksSent = 1;
  private threadCount = 0;

  constructor(tables: SharedTables & { readonly cutCalls: CutCallRecorder }) {
    this.tables = tables;
  }

  /** @returns the number of the thread in the profile */
  addThread(record: ThreadRecord): number {
    this.threads.push(record);
    return this.threadCount++;
  }

  /**
   * Makes a delta of it; then there is nothing new.
   * @param until µs since the session's start
   * @returns with it what need not be copied when it is sent to another thread
   */
  take(until: number, quality: Quality): { delta: ProfileDelta; transfer: ArrayBuffer[] } {
    const { stacks, recorder, cutCalls } = this.tables;
    const cut = cutCalls.take();
    const { functions, opcodes, frames } = this.tables.frames.takeNew();
    const parents = Uint32Array.from(stacks.parents.subarray(this.stacksSent, stacks.count));
    const stackFrames = Uint32Array.from(stacks.frames.subarray(this.stacksSent, stacks.count));
    this.stacksSent = stacks.count;
    const runs = recorder.take();
    const delta: ProfileDelta = {
      sequence: this.sequence++,
      until,
      processes: this.processes,
      ...(this.processChanges.length > 0 ? { processChanges: this.processChanges } : {}),
      threads: this.threads,
      threadChanges: this.threadChanges,
      functions,
      ...(opcodes.length > 0 ? { opcodes } : {}),
      frames,
      stacks: { parents, frames: stackFrames },
      runs,
      ...(cut === null ? {} : { cut }),
      quality,
    };
    this.processes = [];
    this.threads = [];
    this.processChanges = [];
    this.threadChanges = [];
    const instructions = Object.values(frames.instructions ?? {}) as Uint32Array[];
    const columns = [
      frames.functions,
      frames.lines,
      ...instructions,
      parents,
      stackFrames,
      ...[runs, ...(cut === null ? [] : [cut.calls, cut.leaves])].flatMap((one) => runColumns.map((name) => one[name])),
    ];
    return { delta, transfer: columns.map((column) => column.buffer as ArrayBuffer) };
  }
}
