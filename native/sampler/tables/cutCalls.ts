import type { CutCalls, RunColumns } from '../../../profile/delta.ts';
import { type FrameTable, noExpression } from './frameTable.ts';
import { grown } from './grown.ts';
import { RunBuffer } from './runBuffer.ts';
import type { StackTrie } from './stackTrie.ts';

/**
 * Collects which expressions, lines and functions samples had in the part of their stacks that found no room in the profile and was cut off,
 * so that what each of them took in all stays right however many kinds of stacks a program has. Times in µs since the
 * session's start.
 */
export class CutCallRecorder {
  private readonly frames: FrameTable;
  private readonly stacks: StackTrie;
  private readonly calls = new RunTally();
  private readonly leaves = new RunTally();
  /** By frame of a line or a function, and by line of a file: the number of the last sample that had it. */
  private readonly framesSeen = new LastSamples();
  private readonly fileLinesSeen = new LastSamples();
  private readonly expressionsSeen = new LastSamples();
  private sample = 0;

  constructor(frames: FrameTable, stacks: StackTrie) {
    this.frames = frames;
    this.stacks = stacks;
  }

  /** Adds a sample with a passing stack. What its outer part, which lasts, has is known from that. */
  add(thread: number, stack: number, flags: number, now: number, weight: number, looks: number): void {
    const { frames, stacks } = this;
    this.sample = (this.sample + 1) | 0;
    for (let at = stacks.lastingPart(stack); at !== 0; at = stacks.parents[at]!) {
      const frame = stacks.frames[at]!;
      this.framesSeen.isNew(frames.lineFrame(frame), this.sample);
      this.framesSeen.isNew(frames.functionFrame(frame), this.sample);
      this.fileLinesSeen.isNew(frames.fileLine(frame), this.sample);
      this.expressionsSeen.isNew(frames.expression(frame), this.sample);
    }
    for (let at = stack; stacks.isPassing(at); at = stacks.parentOf(at)) {
      const frame = stacks.frameOf(at);
      if (frame === frames.notRead()) continue;
      const line = frames.lineFrame(frame);
      const func = frames.functionFrame(frame);
      const expression = frames.expression(frame);
      const hasOne = expression !== noExpression;
      if (at === stack) this.leaves.add(thread, this.alone(hasOne ? frame : line), flags, now, weight, looks);
      if (hasOne && this.expressionsSeen.isNew(expression, this.sample))
        this.calls.add(thread, this.alone(frame), flags, now, weight, looks);
      if (line !== func && this.framesSeen.isNew(line, this.sample)) {
        const isFirst = this.fileLinesSeen.isNew(frames.fileLine(line), this.sample);
        this.calls.add(thread, isFirst ? this.alone(line) : stacks.lastingChild(this.alone(func), line), flags, now, weight, looks);
      }
      if (this.framesSeen.isNew(func, this.sample)) this.calls.add(thread, this.alone(func), flags, now, weight, looks);
    }
  }

  /** What has come since the last call; null: nothing. */
  take(): CutCalls | null {
    return this.calls.length + this.leaves.length === 0 ? null : { calls: this.calls.take(), leaves: this.leaves.take() };
  }

  /** The stack of one frame. */
  private alone(frame: number): number {
    return this.stacks.lastingChild(0, frame);
  }
}

/** By number, the last sample that had it. */
class LastSamples {
  private samples = new Int32Array(1024);

  /** Whether it was not met yet in this sample; it is now. */
  isNew(number: number, sample: number): boolean {
    if (number >= this.samples.length) this.samples = grown(this.samples, new Int32Array(2 ** Math.ceil(Math.log2(number + 1))));
    const isNew = this.samples[number] !== sample;
    this.samples[number] = sample;
    return isNew;
  }
}

/** Runs that are one for each thread, stack and flags, whatever lies between their samples. */
class RunTally extends RunBuffer {
  /** Open addressing: numbers of runs plus 1. At most half is in use. */
  private slots = new Int32Array(2 * this.capacity);

  add(thread: number, stack: number, flags: number, now: number, weight: number, looks: number): void {
    let slot = this.slotOf(thread, stack, flags);
    for (let run = this.slots[slot]! - 1; run >= 0; run = this.slots[slot]! - 1) {
      if (this.stacks[run] === stack && this.threads[run] === thread && this.flags[run] === flags) {
        this.durations[run]! += weight;
        this.counts[run]! += looks;
        return;
      }
      slot = (slot + 1) & (this.slots.length - 1);
    }
    this.slots[slot] = this.push(thread, stack, flags, now, weight, 0, looks) + 1;
    if (this.length * 2 > this.slots.length) this.rehash();
  }

  override take(): RunColumns {
    this.slots.fill(0);
    return super.take();
  }

  private slotOf(thread: number, stack: number, flags: number): number {
    return (Math.imul(Math.imul(stack, 0x85ebca6b) ^ (thread * 256 + flags), 0x9e3779b1) >>> 7) & (this.slots.length - 1);
  }

  private rehash(): void {
    this.slots = new Int32Array(2 * this.slots.length);
    for (let run = 0; run < this.length; run++) {
      let slot = this.slotOf(this.threads[run]!, this.stacks[run]!, this.flags[run]!);
      while (this.slots[slot] !== 0) slot = (slot + 1) & (this.slots.length - 1);
      this.slots[slot] = run + 1;
    }
  }
}
