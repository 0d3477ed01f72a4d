import type { FunctionRecord, InstructionColumns, RunColumns } from '../../../profile/delta.ts';
import type { ThreadStates } from '../../os/system.ts';
import { CutCallRecorder } from '../tables/cutCalls.ts';
import { FrameTable } from '../tables/frameTable.ts';
import { RunRecorder } from '../tables/runRecorder.ts';
import type { SampledThread } from '../threads/sampledThread.ts';
import type { ThreadListener } from '../knownThreads.ts';
import type { SharedTables } from '../sampleBook.ts';
import { type PythonTarget, Sampler } from '../sampler.ts';
import type { SharedCore } from '../sharedCore.ts';
import { StackTrie } from '../tables/stackTrie.ts';

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
  /** Where the sampler tells instructions apart: what InstructionColumns say, and the opcode's name ('': not known). */
  readonly instruction?: Readonly<Record<'offset' | 'endLine' | 'startColumn' | 'endColumn', number>> & { readonly opcode: string };
}

/** The real sampler with its loop replaced by a test's own hand: every tick is asked for. */
export class HandSampler implements SharedTables, ThreadListener {
  readonly frames: FrameTable;
  readonly stacks: StackTrie;
  readonly recorder = new RunRecorder();
  readonly cutCalls: CutCallRecorder;
  readonly core: SharedCore | null;
  readonly sampler: Sampler;
  readonly threads: HandThread[] = [];

  private now = 0;
  private readonly functions: FunctionRecord[] = [];
  private readonly frameFunctions: number[] = [];
  private readonly frameLines: number[] = [];
  private readonly opcodes = [''];
  private readonly instructions: NonNullable<PlainFrame['instruction']>[] = [];

  /**
   * @param core lets threads stand still, as far as `target.states` says that they are on it
   * @param room how many stacks last, and pass
   */
  constructor(
    target: PythonTarget,
    tellsInstructions = false,
    core: SharedCore | null = null,
    room: readonly [number, number] | readonly [] = [],
  ) {
    this.core = core;
    this.frames = new FrameTable(tellsInstructions);
    this.stacks = new StackTrie(() => this.frames.notRead(), ...room);
    this.cutCalls = new CutCallRecorder(this.frames, this.stacks);
    // What stands still is read all the same: that is what is tested.
    const { states } = target;
    const doubting: ThreadStates = {
      track: (threadId) => states.track(threadId),
      untrack: (slot) => states.untrack(slot),
      look: (slot) => states.look(slot),
      cpuTime: (slot) => states.cpuTime(slot),
      stoodStill: () => false,
      processTime: () => -1,
      readyOn: (slot) => states.readyOn(slot),
      hasRun: () => false,
      isGone: (slot) => states.isGone(slot),
      close: () => states.close(),
    };
    this.sampler = new Sampler({ ...target, states: doubting }, this, this);
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
      if (this.stacks.isCrowded) {
        this.sampler.forgetPassingStacks();
        this.stacks.forgetPassing();
      }
      this.sampler.tick(this.now, 1000);
    }
    this.sampler.settleAll();
    const { functions, opcodes, frames } = this.frames.takeNew();
    this.functions.push(...functions);
    this.frameFunctions.push(...frames.functions);
    this.frameLines.push(...frames.lines);
    this.opcodes.push(...opcodes);
    if (frames.instructions !== undefined) this.addInstructions(frames.instructions);
    return this.recorder.take();
  }

  private addInstructions({ opcodes, offsets, endLines, startColumns, endColumns }: InstructionColumns): void {
    opcodes.forEach((opcode, i) =>
      this.instructions.push({
        opcode: this.opcodes[opcode]!,
        offset: offsets[i]!,
        endLine: endLines[i]!,
        startColumn: startColumns[i]!,
        endColumn: endColumns[i]!,
      }),
    );
  }

  /** Root first. */
  framesOf(stack: number): PlainFrame[] {
    const found: PlainFrame[] = [];
    for (let at = stack; at !== 0; at = this.stacks.parentOf(at)) {
      const frame = this.stacks.frameOf(at);
      const { name, file, firstLine } = this.functions[this.frameFunctions[frame]!]!;
      const instruction = this.instructions[frame];
      found.push({ name, file, firstLine, line: this.frameLines[frame]!, ...(instruction === undefined ? {} : { instruction }) });
    }
    return found.reverse();
  }
}

/** For comparing whole stacks with a readable difference. */
export function frameText({ name, file, line, firstLine }: PlainFrame): string {
  return `${name} ${file}:${line} (${firstLine})`;
}
