import type { FunctionRecord, RunColumns } from '../../../profile/delta.ts';
import { FrameTable } from '../frameTable.ts';
import { RunRecorder } from '../runRecorder.ts';
import type { SampledThread } from '../sampledThread.ts';
import { type PythonTarget, Sampler, type SharedTables, type ThreadListener } from '../sampler.ts';
import { StackTrie } from '../stackTrie.ts';

export interface HandThread {
  readonly id: number;
  readonly osThreadId: number;
  readonly pythonThreadId: string;
  readonly interpreterId: number;
  ended: boolean;
}

/** A frame as a test states it. */
export interface PlainFrame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly firstLine: number;
}

/** The real sampler with its loop replaced by a test's own hand: every tick is asked for. */
export class HandSampler implements SharedTables, ThreadListener {
  readonly frames = new FrameTable();
  readonly stacks = new StackTrie();
  readonly recorder = new RunRecorder();
  readonly sampler: Sampler;
  readonly threads: HandThread[] = [];

  private now = 0;
  private readonly functions: FunctionRecord[] = [];
  private readonly frameFunctions: number[] = [];
  private readonly frameLines: number[] = [];

  constructor(target: PythonTarget) {
    this.sampler = new Sampler(target, this, this);
  }

  threadStarted(thread: SampledThread, interpreterId: number): number {
    const { osThreadId, pythonThreadId } = thread;
    const id = this.threads.length;
    this.threads.push({ id, osThreadId, pythonThreadId, interpreterId, ended: false });
    return id;
  }

  threadEnded(thread: SampledThread): void {
    this.threads[thread.id]!.ended = true;
  }

  /** Ticks `count` times without waiting (to the sampler they are 1 ms apart), and returns what was recorded. */
  tick(count = 1): RunColumns {
    for (let i = 0; i < count; i++) {
      this.now += 1000;
      this.sampler.tick(this.now, 1000);
    }
    const { functions, frameFunctions, frameLines } = this.frames.takeNew();
    this.functions.push(...functions);
    this.frameFunctions.push(...frameFunctions);
    this.frameLines.push(...frameLines);
    return this.recorder.take();
  }

  /** Root first. */
  framesOf(stack: number): PlainFrame[] {
    const found: PlainFrame[] = [];
    for (let at = stack; at !== 0; at = this.stacks.parents[at]!) {
      const frame = this.stacks.frames[at]!;
      const { name, file, firstLine } = this.functions[this.frameFunctions[frame]!]!;
      found.push({ name, file, firstLine, line: this.frameLines[frame]! });
    }
    return found.reverse();
  }
}

/** For comparing whole stacks with a readable difference. */
export function frameText({ name, file, line, firstLine }: PlainFrame): string {
  return `${name} ${file}:${line} (${firstLine})`;
}
