import assert from 'node:assert/strict';
import { SampleFlag } from '../../profile/delta.ts';
import { FreeThreadedProgram, freeThreadedVersions, type SynthesisedThread } from './testing/freeThreadedProgram.ts';
import { frameText, HandSampler } from './testing/handSampler.ts';

/** Flags and stack of each thread's last sample, in the order of `threads`. */
function look(hand: HandSampler, program: FreeThreadedProgram, ticks = 1): { flags: number; stack: string[] }[] {
  const runs = hand.tick(ticks);
  const last = new Map<string, { flags: number; stack: string[] }>();
  for (let run = 0; run < runs.threads.length; run++) {
    last.set(hand.threads[runs.threads[run]!]!.pythonThreadId, {
      flags: runs.flags[run]!,
      stack: hand.framesOf(runs.stacks[run]!).map(frameText),
    });
  }
  return program.threads.map((thread) => last.get(String(thread.state)) ?? assert.fail('a thread has no sample'));
}

function start(program: FreeThreadedProgram): HandSampler {
  const hand = new HandSampler(program.target());
  assert(hand.sampler.enumerate());
  return hand;
}

for (const version of freeThreadedVersions) {
  describe(`Free-threaded Python ${version}, synthesised`, () => {
    it('finds lines by the copy of the bytecode that a frame runs', () => {
      const program = new FreeThreadedProgram(version);
      const outer = program.addCode('outer', 30, {}, { firstLine: 100 });
      const inner = program.addCode('inner', 30, {}, { firstLine: 200 });
      const threads: SynthesisedThread[] = [];
      for (const copy of [0, 1, 3]) {
        if (copy > 0) for (const code of [outer, inner]) program.addCopy(code, copy);
        threads.push(program.addThread(500 + copy, copy));
        program.push(threads.at(-1)!, outer, 5 + copy);
        program.push(threads.at(-1)!, inner, 11 + copy);
      }
      const hand = start(program);
      assert.deepEqual(
        look(hand, program),
        threads.map(({ stack }) => ({ flags: 0, stack })),
      );
      threads.forEach((thread, index) => program.move(thread, inner, 20 + index));
      assert.deepEqual(
        look(hand, program, 3),
        threads.map(({ stack }) => ({ flags: 0, stack })),
      );
      assert.deepEqual([hand.sampler.lost, hand.sampler.book.partial], [0, 0]);
    });

    it('finds copies anew when some were freed: others may lie where these were', () => {
      const program = new FreeThreadedProgram(version);
      const code = program.addCode('function', 30);
      const block = program.allocate(200);
      program.addCopy(code, 1, block);
      const thread = program.addThread(700, 1);
      program.push(thread, code, 12);
      const hand = start(program);
      assert.deepEqual(look(hand, program)[0]!.stack, thread.stack);
      program.addCopy(code, 1, block + 8);
      program.bumpCopiesGeneration();
      program.move(thread, code, 14);
      assert.deepEqual(look(hand, program)[0]!.stack, thread.stack);
    });

    it('finds generators on the value stack, which may have run in another thread last', () => {
      const program = new FreeThreadedProgram(version);
      const loop = program.addCode('loop', 30, { 9: program.opcodeOfForIter() });
      const generate = program.addCode('generate', 30, {}, { firstLine: 50, flags: 0x20 });
      program.addCopy(loop, 1, undefined, { 9: program.opcodeOfForIter() });
      program.addCopy(generate, 1);
      program.addCopy(generate, 2);
      const thread = program.addThread(700, 1);
      program.push(thread, loop, 9);
      program.runGenerator(thread, loop, generate, 17, 2);
      const hand = start(program);
      assert.deepEqual(look(hand, program, 3), [{ flags: 0, stack: thread.stack }]);
      assert.deepEqual([hand.sampler.lost, hand.sampler.book.partial], [0, 0]);
    });

    it('takes nobody for the holder of a GIL that is off, and the holder of one that is on', () => {
      const program = new FreeThreadedProgram(version);
      const code = program.addCode('function', 30);
      const threads = [800, 801].map((id) => program.addThread(id, 0));
      for (const thread of threads) program.push(thread, code, 3);
      const gil = program.interpreter + program.layout.interpreter.gil;
      program.pointer(gil + program.layout.gil.lastHolder, threads[1]!.state);
      program.int(gil + program.layout.gil.locked, 1);
      const hand = start(program);
      assert.deepEqual(
        look(hand, program, 20).map(({ flags }) => flags),
        [0, 0],
      );
      program.int(gil + program.layout.gil.enabled!, 2 ** 31 - 1);
      assert.deepEqual(
        look(hand, program).map(({ flags }) => flags),
        [0, SampleFlag.HoldsGil],
      );
      program.int(gil + program.layout.gil.locked, 0);
      assert.deepEqual(
        look(hand, program).map(({ flags }) => flags),
        [0, 0],
      );
    });

    it('says who collects garbage as long as it does, once it was the only one attached', () => {
      const program = new FreeThreadedProgram(version);
      const code = program.addCode('function', 30);
      const threads = [800, 801, 802].map((id) => program.addThread(id, 0));
      for (const thread of threads) program.push(thread, code, 3);
      const attach = (...attached: boolean[]): void => threads.forEach((thread, index) => program.setAttached(thread, attached[index]!));
      const collecting = program.interpreter + program.layout.interpreter.gcCollecting;
      const hand = start(program);
      const flags = (): number[] => look(hand, program).map((one) => one.flags);
      const { CollectingGarbage } = SampleFlag;
      program.int(collecting, 1);
      attach(true, true, false);
      assert.deepEqual(flags(), [0, 0, 0], 'not known who');
      attach(false, true, false);
      assert.deepEqual(flags(), [0, CollectingGarbage, 0]);
      attach(true, true, true);
      assert.deepEqual(flags(), [0, CollectingGarbage, 0], 'finalizers run, and other threads again');
      program.int(collecting, 0);
      assert.deepEqual(flags(), [0, 0, 0]);
      program.int(collecting, 1);
      assert.deepEqual(flags(), [0, 0, 0], 'another collection');
    });

    it('shows the frames below one whose copy of bytecode makes no sense', () => {
      for (const copy of [-1, 2, 4, 1000, 2 ** 31 - 1]) {
        const program = new FreeThreadedProgram(version);
        const code = program.addCode('function', 30);
        program.addCopy(code, 1);
        const thread = program.addThread(900, 1);
        program.push(thread, code, 3);
        program.push(thread, code, 4);
        program.int(thread.frame + program.layout.frame.bytecodeCopy!, copy);
        assert.deepEqual(look(start(program), program)[0]!.stack, thread.stack.slice(0, 1));
      }
      const program = new FreeThreadedProgram(version);
      const code = program.addCode('function', 30);
      program.addCopy(code, 1);
      const thread = program.addThread(900, 1);
      program.push(thread, code, 3);
      program.pointer(code.address + program.layout.code.bytecodeCopies!, 2 ** 47 - 64);
      const hand = start(program);
      hand.tick(3);
      assert.deepEqual([hand.sampler.book.samples, hand.sampler.lost], [0, 3]);
    });
  });
}
