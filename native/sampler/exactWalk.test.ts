import assert from 'node:assert/strict';
import { readPointer } from '../cpython/strings.ts';
import { RecordedMemory } from '../memory/recorded.ts';
import { ThreadState, type ThreadStates } from '../os/system.ts';
import { frameStride, FrameWord } from './sampledThread.ts';
import { SharedCore } from './sharedCore.ts';
import { frameText, HandSampler } from './testing/handSampler.ts';
import { layoutOf, minorVersionOf, nobodyRuns, recordedTarget, type Recording, recordings } from './testing/recordedTarget.ts';

/** The only core there is. */
const onlyCore = { core: 0, moveTo: () => true, leave: () => undefined };
const allReady: ThreadStates = { ...nobodyRuns, look: () => ThreadState.Running, readyOn: () => 0 };

/** Stacks of a recorded process by thread, each as it is when the thread holds the GIL and stands still. */
function stacksOf(recording: Recording, memory: RecordedMemory): { stacks: Record<string, string[]>; partial: number } {
  const target = { ...recordedTarget(recording, memory), states: allReady };
  const { layout } = target;
  const hand = new HandSampler(target, false, new SharedCore(onlyCore, 0.01, 1000, 0));
  assert(hand.sampler.enumerate());
  const stacks: Record<string, string[]> = {};
  for (const thread of hand.sampler.sampledThreads) {
    const { gilPointer } = layout.interpreter;
    const gil = gilPointer >= 0 ? readPointer(memory, thread.interpreter!.address + gilPointer) : recording.runtimeAddress + layout.runtime.gil;
    memory.put(gil + layout.gil.locked, Buffer.from([1, 0, 0, 0]));
    const holder = Buffer.alloc(8);
    holder.writeBigUInt64LE(BigInt(thread.address));
    memory.put(gil + layout.gil.lastHolder, holder);
    const runs = hand.tick();
    const run = [...runs.threads].findIndex((id) => hand.threads[id]!.pythonThreadId === thread.pythonThreadId);
    stacks[thread.pythonThreadId] = hand.framesOf(runs.stacks[run]!).map(frameText);
    assert(thread.isStill);
  }
  return { stacks, partial: hand.sampler.partial };
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
        const innermost = thread.chunkAddresses[0]! + (thread.frames[(thread.depth - 1) * frameStride + FrameWord.Address]! - thread.chunkLow[0]!);
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
