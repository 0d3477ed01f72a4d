import assert from 'node:assert/strict';
import { readPointer } from '../../cpython/strings.ts';
import { RecordedMemory } from '../../memory/recorded.ts';
import { ThreadState, type ThreadStates } from '../../os/system.ts';
import { frameStride, FrameWord, type SampledThread } from '../threads/sampledThread.ts';
import { SharedCore } from '../sharedCore.ts';
import { frameText, HandSampler } from '../testing/handSampler.ts';
import { layoutOf, minorVersionOf, nobodyRuns, recordedTarget, type Recording, recordings } from '../testing/recordedTarget.ts';

/** The only core there is. */
const onlyCore = { core: 0, moveTo: () => true, leave: () => undefined, lineUp: () => undefined };
const allReady: ThreadStates = { ...nobodyRuns, look: () => ThreadState.Running, readyOn: () => 0 };

/** Stacks of a recorded process by thread, each as it is when the thread holds the GIL and stands still. */
function stacksOf(recording: Recording, memory: RecordedMemory): { stacks: Record<string, string[]>; partial: number } {
  const target = { ...recordedTarget(recording, memory), states: allReady };
  const hand = new HandSampler(target, false, new SharedCore(onlyCore, 0.01, 1000, 0));
  assert(hand.sampler.enumerate());
  const stacks: Record<string, string[]> = {};
  for (const thread of hand.sampler.sampledThreads) {
    giveGil(recording, memory, thread);
    const runs = hand.tick();
    const run = [...runs.threads].findIndex((id) => hand.threads[id]!.pythonThreadId === thread.pythonThreadId);
    stacks[thread.pythonThreadId] = hand.framesOf(runs.stacks[run]!).map(frameText);
    assert(thread.isStill);
  }
  return { stacks, partial: hand.sampler.book.partial };
}

/** Makes a thread of a recorded process the one that runs. */
function giveGil(recording: Recording, memory: RecordedMemory, { interpreter, address }: SampledThread): void {
  const { gil: gilLayout, interpreter: interpreterLayout, runtime } = layoutOf(recording, memory);
  const { gilPointer } = interpreterLayout;
  const gil = gilPointer >= 0 ? readPointer(memory, interpreter!.address + gilPointer) : recording.runtimeAddress + runtime.gil;
  memory.put(gil + gilLayout.locked, Buffer.from([1, 0, 0, 0]));
  memory.put(gil + gilLayout.lastHolder, pointerTo(address));
}

function pointerTo(address: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(address));
  return bytes;
}

for (const recording of recordings) {
  describe(`A thread of Python ${recording.version} that stands still`, () => {
    it('has the stacks that it says it has', () => {
      const { stacks, partial } = stacksOf(recording, RecordedMemory.fromText(recording.memory));
      assert.deepEqual(stacks, recording.stacks);
      assert.equal(partial, 0);
    });

    // Later versions have no structure on the C stack between.
    if (minorVersionOf(recording) > 12) return;

    it('has none that begin above all frames that live, to which what a former call left on the C stack leads', () => {
      const memory = RecordedMemory.fromText(recording.memory);
      const layout = layoutOf(recording, memory);
      assert(layout.frames === 'data-stack');
      const { threadState, frame } = layout;
      // The parse knows where frames are.
      const hand = new HandSampler(recordedTarget(recording, memory));
      assert(hand.sampler.enumerate());
      hand.tick();
      for (const thread of hand.sampler.sampledThreads) {
        const top = readPointer(memory, thread.address + threadState.dataStackTop);
        const innermost =
          thread.chunkAddresses[0]! + (thread.frames[(thread.depth - 1) * frameStride + FrameWord.Address]! - thread.chunkLow[0]!);
        // A frame that was popped: it looks like the one that called it, and that was its caller.
        const popped = Buffer.alloc(frame.localsPlus);
        assert(memory.read(innermost, popped, 0, popped.length));
        popped.writeBigUInt64LE(BigInt(innermost), frame.previous);
        memory.put(top, popped);
        const pointer = Buffer.alloc(8);
        pointer.writeBigUInt64LE(BigInt(top));
        const current = readPointer(memory, thread.address + threadState.cframe) + layout.cframeCurrentFrame;
        memory.put(current, pointer);
      }
      const { stacks } = stacksOf(recording, memory);
      for (const [thread, frames] of Object.entries(stacks)) {
        assert.deepEqual(frames, recording.stacks[thread]!.slice(0, frames.length), 'of frames that live');
      }
    });
  });
}

describe('A process that is gone while a sample of standing still is waited for', () => {
  it('has that time in the stack it was in, whatever the next process with its number does', () => {
    const recording = recordings.at(-1)!;
    const memory = RecordedMemory.fromText(recording.memory);
    let gone = false;
    const elsewhere = { core: 1, moveTo: () => true, leave: () => undefined, lineUp: () => undefined };
    const states: ThreadStates = {
      ...allReady,
      look: () => (gone ? ThreadState.Waiting : ThreadState.Running),
      readyOn: () => (gone ? -1 : 0),
      isGone: () => gone,
    };
    const hand = new HandSampler({ ...recordedTarget(recording, memory), states }, false, new SharedCore(elsewhere, 0.01, 1000, 0));
    assert(hand.sampler.enumerate());
    const thread = hand.sampler.sampledThreads[0]!;
    giveGil(recording, memory, thread);
    hand.tick();
    assert(thread.pending.looks > 0);
    gone = true;
    const layout = layoutOf(recording, memory);
    assert(layout.frames === 'data-stack');
    // No call is under way there.
    memory.put(thread.address + layout.threadState.currentFrame, Buffer.alloc(8));
    memory.put(thread.chunkAddresses[0]! + layout.chunk.data, Buffer.alloc(thread.chunkLengths[0]! - layout.chunk.data));
    memory.put(thread.address + layout.threadState.dataStackTop, pointerTo(thread.chunkAddresses[0]! + layout.chunk.data + 8));
    hand.tick();
    hand.sampler.bookAll();
    const runs = hand.tick(0);
    const stacks = [...runs.threads].flatMap((id, run) =>
      hand.threads[id]!.pythonThreadId === thread.pythonThreadId ? [hand.framesOf(runs.stacks[run]!).map(frameText)] : [],
    );
    assert.deepEqual(stacks, [recording.stacks[thread.pythonThreadId]]);
  });
});
