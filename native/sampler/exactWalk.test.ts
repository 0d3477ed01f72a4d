import assert from 'node:assert/strict';
import { readPointer } from '../cpython/strings.ts';
import { RecordedMemory } from '../memory/recorded.ts';
import { frameStride, FrameWord } from './sampledThread.ts';
import { frameText, HandSampler } from './testing/handSampler.ts';
import { layoutOf, minorVersionOf, recordedTarget, type Recording, recordings } from './testing/recordedTarget.ts';

/** Stacks of a recorded process that is stopped for each sample, by thread. */
function stacksOf(recording: Recording, memory: RecordedMemory): { stacks: Record<string, string[]>; partial: number } {
  const hand = new HandSampler(recordedTarget(recording, memory));
  assert(hand.sampler.enumerate());
  hand.sampler.askStates();
  const runs = hand.tick();
  const stacks = [...runs.threads].map((thread, run) => [hand.threads[thread]!.pythonThreadId, hand.framesOf(runs.stacks[run]!).map(frameText)] as const);
  return { stacks: Object.fromEntries(stacks), partial: hand.sampler.partial };
}

for (const recording of recordings) {
  describe(`A process of Python ${recording.version} that is stopped`, () => {
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
