import assert from 'node:assert/strict';
import { SampleFlag } from '../../../profile/delta.ts';
import { decodeCode } from '../../cpython/codeObject.ts';
import type { DataStackLayout } from '../../cpython/layout.ts';
import { opcodesOf } from '../../cpython/opcodes.ts';
import { readPointer } from '../../cpython/strings.ts';
import type { Memory } from '../../memory/memory.ts';
import { RecordedMemory } from '../../memory/recorded.ts';
import { frameStride, FrameWord, type SampledThread } from '../threads/sampledThread.ts';
import { frameText, HandSampler } from '../testing/handSampler.ts';
import { layoutOf, recordedTarget, type Recording, recordings } from '../testing/recordedTarget.ts';

/** Where in its stack the module is that calls `everything`: below it is what was given with -c. */
const module = 1;

/** A recorded process whose main thread calls `everything` from its module, sampled while it may be moving. */
class MovingModule {
  /** What copies of the process show; second looks show it as it was recorded unless `staysMoved`. */
  readonly copied: RecordedMemory;
  staysMoved = false;
  private readonly recorded: RecordedMemory;
  private readonly layout: DataStackLayout;
  private readonly hand: HandSampler;
  private readonly runtimeAddress: number;
  private readonly thread: SampledThread;
  /** Of the module's frame. */
  private readonly address: number;
  /** Of the frame it calls. */
  private readonly above: number;

  constructor(recording: Recording, { moves = true } = {}) {
    this.copied = RecordedMemory.fromText(recording.memory);
    this.recorded = RecordedMemory.fromText(recording.memory);
    this.runtimeAddress = recording.runtimeAddress;
    const layout = layoutOf(recording, this.copied);
    assert(layout.frames === 'data-stack');
    this.layout = layout;
    const memory: Memory = {
      read: (address, target, offset, length) => (this.staysMoved ? this.copied : this.recorded).read(address, target, offset, length),
      readSpans: (plan, target) => this.copied.readSpans(plan, target),
      close: () => undefined,
    };
    this.hand = new HandSampler(recordedTarget(recording, memory));
    assert(this.hand.sampler.enumerate());
    const runs = this.hand.tick();
    const main = [...runs.stacks].findIndex((stack) => this.hand.framesOf(stack)[0]!.name === '<module>');
    this.thread = this.hand.sampler.sampledThreads[runs.threads[main]!]!;
    const { frames, chunkAddresses, chunkLow } = this.thread;
    const addressOf = (frame: number): number => chunkAddresses[0]! + (frames[frame * frameStride + FrameWord.Address]! - chunkLow[0]!);
    this.address = addressOf(module);
    this.above = addressOf(module + 1);
    if (moves) this.giveGil();
  }

  /** Moves the module's frame to where it calls a function. @returns the line of that */
  moveToCallOf(name: string): number {
    const { layout, copied, address } = this;
    const codeAddress = this.codeOf(address);
    const header = Buffer.alloc(layout.code.size);
    assert(copied.read(codeAddress, header, 0, header.length));
    const decoded = decodeCode(
      copied,
      layout,
      opcodesOf(layout.minor),
      codeAddress,
      new DataView(header.buffer, header.byteOffset, header.length),
    );
    const call = decoded?.calledNames.findLast((one) => one.name === name && !one.iterates);
    assert(call !== undefined, `nothing calls ${name}`);
    this.write(address + layout.frame.instruction, codeAddress + layout.code.instructions + 2 * call.unit);
    return decoded!.lines[call.unit]!;
  }

  /** Samples of the main thread: frames, and whether they are partial. */
  look(): { frames: string[]; partial: boolean } {
    const runs = this.hand.tick();
    const run = [...runs.threads].indexOf(this.thread.id);
    return { frames: this.hand.framesOf(runs.stacks[run]!).map(frameText), partial: (runs.flags[run]! & SampleFlag.Partial) !== 0 };
  }

  /** Puts the frame of another function above the module's, one that its code never names. */
  callInstead(): void {
    const { layout, copied } = this;
    // That of the frame above, which `everything` calls: `down`.
    const inner = this.above + this.lengthOf(this.above);
    for (const member of [layout.frame.code, layout.frame.instruction])
      this.write(this.above + member, readPointer(copied, inner + member));
  }

  /** From 3.14 on the lowest bits are a tag. */
  private codeOf(frame: number): number {
    const pointer = readPointer(this.copied, frame + this.layout.frame.code);
    return pointer - (pointer % 8);
  }

  private lengthOf(frame: number): number {
    const header = Buffer.alloc(this.layout.code.size);
    assert(this.copied.read(this.codeOf(frame), header, 0, header.length));
    const { code } = this.layout;
    return this.layout.frame.localsPlus + 8 * (header.readInt32LE(code.localsPlusCount) + header.readInt32LE(code.stackSize));
  }

  private giveGil(): void {
    const { layout, copied, thread } = this;
    const { attached } = layout.threadState;
    if (attached !== undefined) {
      copied.put(thread.address + attached, Buffer.of(1, 0, 0, 0));
      return;
    }
    const gil =
      layout.interpreter.gilPointer >= 0
        ? readPointer(copied, thread.interpreter!.address + layout.interpreter.gilPointer)
        : this.runtimeAddress + layout.runtime.gil;
    this.write(gil + layout.gil.lastHolder, thread.address);
    copied.put(gil + layout.gil.locked, Buffer.of(1, 0, 0, 0));
  }

  private write(address: number, value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    this.copied.put(address, bytes);
  }
}

for (const recording of recordings) {
  describe(`A copy of Python ${recording.version} of a program that moves, in which`, () => {
    const before = new MovingModule(recording).look().frames;

    it('a caller is at another call than that of what lies above it: it was where it calls that', () => {
      const moving = new MovingModule(recording);
      moving.moveToCallOf('is_there');
      for (let tick = 0; tick < 100; tick++) assert.deepEqual(moving.look(), { frames: before, partial: false });
    });

    it('a caller is there still when it is looked at again: it is right, whatever the name', () => {
      const moving = new MovingModule(recording);
      const line = moving.moveToCallOf('is_there');
      moving.staysMoved = true;
      const moved = before.map((frame, depth) => (depth === module ? frame.replace(/:\d+/, `:${line}`) : frame));
      for (let tick = 0; tick < 10; tick++) assert.deepEqual(moving.look(), { frames: moved, partial: false });
    });

    it('what lies above a caller is called by its name, and nowhere in that caller: the sample ends there', () => {
      const moving = new MovingModule(recording);
      moving.callInstead();
      // The module's frame is where it is, and the time is not its own.
      for (let tick = 0; tick < 100; tick++)
        assert.deepEqual(moving.look(), { frames: [...before.slice(0, module + 1), '(not read) :0 (0)'], partial: true });
    });

    it('a thread does not run: what it shows is right, whatever the name', () => {
      const moving = new MovingModule(recording, { moves: false });
      const line = moving.moveToCallOf('is_there');
      const moved = before.map((frame, depth) => (depth === module ? frame.replace(/:\d+/, `:${line}`) : frame));
      assert.deepEqual(moving.look(), { frames: moved, partial: false });
    });
  });
}
