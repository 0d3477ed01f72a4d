import assert from 'node:assert/strict';
import { SampleFlag } from '../../profile/delta.ts';
import { RecordedMemory } from '../memory/recorded.ts';
import { freeThreadedRecording, freeThreadedVersions } from './testing/freeThreadedProgram.ts';
import { frameText, HandSampler } from './testing/handSampler.ts';
import { asProcess, layoutOf, minorVersionOf, recordedTarget, recordings } from './testing/recordedTarget.ts';
import { frameStride, FrameWord } from './threads/sampledThread.ts';

describe('Sampler on recorded memory', () => {
  it('has a recording of every version with frames of its own', () => {
    assert.deepEqual(
      recordings.map(({ version }) => version.replace(/\.\d+(?=t?$)/, '')),
      ['3.11', '3.12', '3.13', '3.13t', '3.14', '3.15'],
    );
  });

  for (const recording of [...recordings, ...freeThreadedVersions.map(freeThreadedRecording)]) {
    describe(`of Python ${recording.version}`, () => {
      it('finds the stacks that the process said it had, in the first sample and in later ones', () => {
        const hand = new HandSampler(recordedTarget(recording));
        assert(hand.sampler.enumerate());
        for (let tick = 0; tick < 5; tick++) {
          const runs = hand.tick();
          const stacks = [...runs.threads].map((thread, run) => [
            hand.threads[thread]!.pythonThreadId,
            hand.framesOf(runs.stacks[run]!).map(frameText),
          ]);
          assert.deepEqual(Object.fromEntries(stacks), recording.stacks);
          for (const flags of runs.flags) assert.equal(flags, 0);
        }
        assert.deepEqual([hand.sampler.book.partial, hand.sampler.lost], [0, 0]);
      });

      it('needs one read per sample when nothing changes', () => {
        const memory = RecordedMemory.fromText(recording.memory);
        const reads = { single: 0, spans: 0 };
        const hand = new HandSampler({
          ...recordedTarget(recording, memory),
          memory: {
            ...asProcess(memory),
            read: (address, target, offset, length) => (reads.single++, memory.read(address, target, offset, length)),
            readSpans: (plan, target) => (reads.spans++, memory.readSpans(plan, target)),
          },
        });
        assert(hand.sampler.enumerate());
        hand.tick(3);
        Object.assign(reads, { single: 0, spans: 0 });
        hand.tick(100);
        // Every 64 ticks it asks anew whether an iterator is a generator (3.14+), and who called the outermost frames (3.12+).
        // Where no GIL says that a thread in a generator which C resumed stood still, the frame below is read once more each
        // time; only 3.13t resumes all of them by C.
        assert.equal(reads.spans, 100);
        assert(reads.single <= (/^3\.13.*t$/.test(recording.version) ? 104 : 4), `${reads.single} single reads`);
      });

      it('loses a thread whose memory can’t be read, keeps the others, and finds it again', () => {
        const memory = RecordedMemory.fromText(recording.memory);
        const hidden = new Set<number>();
        const shown: typeof memory.readSpans = (plan, target) => {
          let copied = 0;
          for (let i = 0; i < plan.count; i++) {
            if (hidden.has(plan.addresses[i]!) || !memory.read(plan.addresses[i]!, target, copied, plan.lengths[i]!)) break;
            copied += plan.lengths[i]!;
          }
          return copied;
        };
        const process = {
          ...asProcess(memory),
          read: (address: number, target: Uint8Array, offset: number, length: number) =>
            !hidden.has(address) && memory.read(address, target, offset, length),
          readSpans: shown,
        };
        const hand = new HandSampler({ ...recordedTarget(recording, memory), memory: process });
        assert(hand.sampler.enumerate());
        assert.equal(hand.tick().threads.length, 2);
        for (const address of hand.sampler.sampledThreads[0]!.chunkAddresses.subarray(0, 1)) hidden.add(address);
        const without = hand.tick(2);
        assert.deepEqual([...new Set(without.threads)], [1]);
        assert.equal(hand.sampler.lost, 2);
        hidden.clear();
        const again = hand.tick();
        assert.deepEqual([...again.threads].sort(), [0, 1]);
        assert.equal(hand.sampler.book.partial, 0);
        assert((again.flags[0]! & SampleFlag.Partial) === 0);
      });
    });
  }

  for (const recording of recordings.filter((one) => minorVersionOf(one) <= 13)) {
    it(`takes a frame of ${recording.version} that is suspended where nothing is called for the innermost: it was copied while it made the call`, () => {
      const memory = RecordedMemory.fromText(recording.memory);
      const layout = layoutOf(recording, memory);
      assert(layout.frames === 'data-stack');
      const hand = new HandSampler(recordedTarget(recording, memory));
      assert(hand.sampler.enumerate());
      const before = hand.tick();
      const run = [...before.stacks].findIndex((stack) => hand.framesOf(stack)[1]?.name === 'down');
      const stack = hand.framesOf(before.stacks[run]!);
      const thread = hand.sampler.sampledThreads.find(({ id }) => id === before.threads[run])!;
      const depth = 4; // of many calls of `down`, each by the one before
      assert.deepEqual(
        stack.slice(depth - 1, depth + 2).map(({ name }) => name),
        ['down', 'down', 'down'],
      );

      const slot = depth * frameStride;
      const address = thread.chunkAddresses[0]! + ((thread.frames[slot + FrameWord.Address]! - thread.chunkLow[0]!) | 0);
      const code = (thread.frames[slot + FrameWord.CodeLow]! >>> 0) + (thread.frames[slot + FrameWord.CodeHigh]! >>> 0) * 2 ** 32;
      const position = Buffer.alloc(8);
      position.writeBigUInt64LE(BigInt(code + layout.code.instructions + 2)); // behind RESUME: the function's first line
      memory.put(address + layout.frame.instruction, position);

      const after = hand.tick();
      const expected = [...stack.slice(0, depth), { ...stack[depth]!, line: stack[depth]!.firstLine + 1 }];
      assert.deepEqual(hand.framesOf(after.stacks[[...after.threads].indexOf(thread.id)]!).map(frameText), expected.map(frameText));
      assert.deepEqual([hand.sampler.book.partial, hand.sampler.lost], [0, 0]);
    });
  }
});
