import assert from 'node:assert/strict';
import { SampleFlag } from '../../../profile/delta.ts';
import type { DataStackLayout } from '../../cpython/layout.ts';
import { InstructionKind, opcodesOf } from '../../cpython/opcodes.ts';
import { RecordedMemory } from '../../memory/recorded.ts';
import { frameStride, FrameWord } from '../threads/sampledThread.ts';
import { HandSampler } from '../testing/handSampler.ts';
import { layoutOf, minorVersionOf, recordedTarget, type Recording, recordings } from '../testing/recordedTarget.ts';

const { CallsNothing, Leaves } = InstructionKind;

/** A recorded process whose frames a test moves. */
class MovedFrames {
  readonly memory: RecordedMemory;
  private readonly layout: DataStackLayout;
  private readonly recording: Recording;
  /** Addresses of the frames on the data stack of the thread whose stack begins with a function, outermost first. */
  private readonly addresses: number[];

  constructor(recording: Recording, root: string) {
    this.recording = recording;
    this.memory = RecordedMemory.fromText(recording.memory);
    const layout = layoutOf(recording, this.memory);
    assert(layout.frames === 'data-stack');
    this.layout = layout;
    const hand = new HandSampler(recordedTarget(recording, this.memory));
    assert(hand.sampler.enumerate());
    const runs = hand.tick();
    const thread = [...runs.threads].findIndex((_, run) => hand.framesOf(runs.stacks[run]!)[0]!.name === root);
    const { frames, depth, chunkAddresses, chunkLow } = hand.sampler.sampledThreads[runs.threads[thread]!]!;
    this.addresses = Array.from(
      { length: depth },
      (_, i) => chunkAddresses[0]! + (frames[i * frameStride + FrameWord.Address]! - chunkLow[0]!),
    );
  }

  /** Moves a frame of the data stack to its first instruction of a kind, and has it executing (−1) or suspended. @returns the line of it */
  move(frame: number, kind: number, stackTop: number): void {
    const address = this.addresses[frame]!;
    const code = this.pointer(address + this.layout.frame.code);
    const instructions = code + this.layout.code.instructions;
    const { kinds, cacheEntries } = opcodesOf(this.layout.minor);
    let found = 0;
    // Behind RESUME, where it has begun.
    for (let unit = 0; found === 0; unit++) {
      const opcode = this.byte(instructions + 2 * unit);
      if (unit > 3 && kinds[opcode] === kind && this.byte(instructions + 2 * unit - 2) !== 0) found = unit;
      unit += cacheEntries[opcode]!;
    }
    this.write(address + this.layout.frame.instruction, 8, instructions + 2 * found);
    this.suspend(frame, stackTop);
  }

  /** From 3.14 on it is suspended as it was recorded. */
  suspend(frame: number, stackTop: number): void {
    if (this.layout.frame.stackTop < 0) return;
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(stackTop);
    this.memory.put(this.addresses[frame]! + this.layout.frame.stackTop, bytes);
  }

  /** Has the frame above another one, which is none any more, lead to something that is no frame. */
  unlinkAbove(frame: number): void {
    const above = this.addresses[frame + 1]!;
    this.write(above + this.layout.frame.previous, 8, this.pointer(above + this.layout.frame.code));
  }

  /** Has something else lie on the C stack where the trampoline was that links a frame to the one below it. */
  overwriteTrampolineBelow(frame: number): void {
    this.memory.put(this.pointer(this.addresses[frame]! + this.layout.frame.previous), Buffer.alloc(this.layout.frame.localsPlus, 0xff));
  }

  clearAbove(frame: number): void {
    this.memory.put(this.addresses[frame + 1]!, Buffer.alloc(256));
  }

  /** Functions of the stack that begins with another one, and whether it is partial. */
  look(root: string): { names: string[]; partial: boolean } {
    const hand = new HandSampler(recordedTarget(this.recording, this.memory));
    assert(hand.sampler.enumerate());
    const runs = hand.tick();
    for (const [run, stack] of runs.stacks.entries()) {
      const names = hand.framesOf(stack).map(({ name }) => name);
      if (names[0] === root) return { names, partial: (runs.flags[run]! & SampleFlag.Partial) !== 0 };
    }
    throw new Error(`no stack begins with ${root}`);
  }

  private pointer(address: number): number {
    const bytes = Buffer.alloc(8);
    assert(this.memory.read(address, bytes, 0, 8));
    return Number(bytes.readBigUInt64LE());
  }

  private byte(address: number): number {
    const bytes = Buffer.alloc(1);
    assert(this.memory.read(address, bytes, 0, 1));
    return bytes[0]!;
  }

  private write(address: number, length: number, value: number): void {
    const bytes = Buffer.alloc(length);
    bytes.writeBigUInt64LE(BigInt(value));
    this.memory.put(address, bytes);
  }
}

for (const recording of recordings) {
  describe(`A copy of Python ${recording.version} in which`, () => {
    it('a frame is suspended at what calls nothing: it was copied in two moments, and called nothing in the first', () => {
      const moved = new MovedFrames(recording, 'work');
      moved.move(10, CallsNothing, 1);
      assert.deepEqual(moved.look('work'), { names: ['work', ...Array.from({ length: 10 }, () => 'down')], partial: false });
    });

    // 3.12+ names the caller as the current frame first (RETURN_VALUE, Python/bytecodes.c).
    it('a frame is cleared when it returns: that is its caller’s time, as soon as the interpreter itself says so', () => {
      const moved = new MovedFrames(recording, 'work');
      moved.move(3, Leaves, 0);
      const left = minorVersionOf(recording) >= 12 ? 2 : 3;
      assert.deepEqual(moved.look('work'), { names: ['work', ...Array.from({ length: left }, () => 'down')], partial: false });
    });

    if (minorVersionOf(recording) > 13) return;

    it('a frame that C called lies there still though it has returned, and above it nothing', () => {
      const moved = new MovedFrames(recording, '<module>');
      const before = moved.look('<module>').names;
      const called = before.indexOf('sort.<locals>.<lambda>');
      // The generators `doubled` and `numbers` below it are not on the data stack; the trampoline around __init__ is, but not shown.
      const frame = called - 2 + (recording.version === '3.13.0' ? 1 : 0);
      moved.move(frame, Leaves, 0);
      moved.clearAbove(frame);
      assert.deepEqual(moved.look('<module>'), { names: before.slice(0, called), partial: false });
    });

    // 3.11 has no trampolines.
    if (minorVersionOf(recording) > 11)
      it('the C stack below a frame was used anew, where generators run: these may have lain between', () => {
        const moved = new MovedFrames(recording, '<module>');
        const before = moved.look('<module>').names;
        const called = before.indexOf('sort.<locals>.<lambda>');
        moved.overwriteTrampolineBelow(called - 2 + (recording.version === '3.13.0' ? 1 : 0));
        assert.deepEqual(moved.look('<module>'), { names: [...before.slice(0, called), '(not read)'], partial: true });
      });

    it('what former frames of other sizes left lies above one that executes', () => {
      const moved = new MovedFrames(recording, 'work');
      moved.suspend(3, -1);
      moved.unlinkAbove(3);
      assert.deepEqual(moved.look('work'), { names: ['work', 'down', 'down', 'down'], partial: false });
    });
  });
}
