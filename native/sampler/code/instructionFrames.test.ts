import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../../profile/testing/fuzz.ts';
import { opcodeNames } from '../../cpython/opcodeNames.ts';
import { InstructionKind, opcodesOf } from '../../cpython/opcodes.ts';
import { FreeThreadedProgram, freeThreadedVersions, type SynthesisedCode, type SynthesisedThread } from '../testing/freeThreadedProgram.ts';
import { HandSampler } from '../testing/handSampler.ts';

for (const version of freeThreadedVersions) {
  describe(`instructions of threads in Python ${version}`, () => {
    const minor = version.startsWith('3.14') ? 14 : 15;
    const number = (name: string): number => opcodeNames(minor).indexOf(name);
    const [plain, ints, floats] = [number('BINARY_OP'), number('BINARY_OP_ADD_INT'), number('BINARY_OP_ADD_FLOAT')];

    interface Scene {
      readonly program: FreeThreadedProgram;
      readonly code: SynthesisedCode;
      readonly threads: readonly SynthesisedThread[];
      readonly hand: HandSampler;
      /** Looks once; of each thread its innermost frame's opcode and offset, and with it whether it had only one. */
      readonly look: () => string[];
    }

    /** Two threads at the same unit, one in the code object's own bytecode and one in a copy of it. */
    function scene(own: Readonly<Record<number, number>>, copied: Readonly<Record<number, number>>, unit = 5): Scene {
      const program = new FreeThreadedProgram(version);
      const code = program.addCode('add', 40, own);
      program.addCopy(code, 1, undefined, copied);
      const threads = [0, 1].map((copy) => program.addThread(300 + copy, copy));
      for (const thread of threads) program.push(thread, code, unit);
      const hand = new HandSampler(program.target(), true);
      assert(hand.sampler.enumerate());
      const look = (): string[] => {
        const runs = hand.tick(1);
        return threads.map(({ state }) => {
          const id = hand.threads.findIndex(({ pythonThreadId }) => Number(pythonThreadId) === state);
          const { instruction, line } = hand.framesOf(runs.stacks[runs.threads.indexOf(id)]!).at(-1)!;
          return `${instruction!.opcode} at ${instruction!.offset} in ${line}`;
        });
      };
      return { program, code, threads, hand, look };
    }

    it('are read from the copy of the bytecode that each runs', () => {
      const { look } = scene({ 5: ints }, { 5: floats });
      assert.deepEqual(look(), ['BINARY_OP_ADD_INT at 10 in 15', 'BINARY_OP_ADD_FLOAT at 10 in 15']);
    });

    it('are others once the interpreter has specialised them, and the same again when it has given that up', () => {
      const { program, code, hand, look } = scene({ 5: plain }, { 5: plain });
      const set = (copy: number, opcode: number): void => program.memory.put(code.copies.get(copy)! + 10, Buffer.of(opcode));
      const before = look();
      assert.deepEqual(before, ['BINARY_OP at 10 in 15', 'BINARY_OP at 10 in 15']);
      set(1, floats);
      assert.deepEqual(look(), before, 'not looked at yet');
      hand.sampler.housekeeping();
      assert.deepEqual(look(), ['BINARY_OP at 10 in 15', 'BINARY_OP_ADD_FLOAT at 10 in 15']);
      set(1, plain);
      set(0, ints);
      hand.sampler.housekeeping();
      assert.deepEqual(look(), ['BINARY_OP_ADD_INT at 10 in 15', 'BINARY_OP at 10 in 15']);
      hand.sampler.housekeeping();
      assert.deepEqual(look(), ['BINARY_OP_ADD_INT at 10 in 15', 'BINARY_OP at 10 in 15']);
    });

    it('are those behind prefixes', () => {
      const prefix = number('EXTENDED_ARG');
      const { look } = scene({ 5: prefix, 6: prefix, 7: prefix, 8: ints }, { 38: prefix, 39: prefix });
      assert.equal(look()[0], 'BINARY_OP_ADD_INT at 16 in 15');
    });

    it('end with the code, whatever stands there', () => {
      const prefix = number('EXTENDED_ARG');
      const { look } = scene({ 38: prefix, 39: prefix }, { 39: 17 }, 38);
      assert.equal(look()[0], 'EXTENDED_ARG at 78 in 48');
    });

    it('are found anew in copies that lie elsewhere after some were freed', () => {
      const { program, code, threads, hand, look } = scene({ 5: plain }, { 5: floats });
      look();
      program.addCopy(code, 1, undefined, { 5: ints });
      program.move(threads[1]!, code, 5);
      program.bumpCopiesGeneration();
      assert.deepEqual(look(), ['BINARY_OP at 10 in 15', 'BINARY_OP_ADD_INT at 10 in 15']);
      hand.sampler.housekeeping();
      assert.deepEqual(look(), ['BINARY_OP at 10 in 15', 'BINARY_OP_ADD_INT at 10 in 15']);
    });

    it('are told as unknown where no opcode has the number', () => {
      const names = opcodeNames(minor);
      const { kinds } = opcodesOf(minor);
      fc.assert(
        // A frame that rests at what leaves it is none any more.
        fc.property(
          fc.nat(255).filter((opcode) => kinds[opcode] !== InstructionKind.Leaves),
          (opcode) => {
            const { look } = scene({ 39: opcode }, {}, 39);
            assert.equal(look()[0], `${names[opcode]!} at 78 in 49`);
          },
        ),
        { numRuns: rounds(60) },
      );
    });

    it('are of no interest unless asked for', () => {
      const program = new FreeThreadedProgram(version);
      const code = program.addCode('add', 40, { 5: ints });
      const thread = program.addThread(300, 0);
      program.push(thread, code, 5);
      const hand = new HandSampler(program.target());
      assert(hand.sampler.enumerate());
      const runs = hand.tick(1);
      assert.equal(hand.framesOf(runs.stacks[0]!).at(-1)!.instruction, undefined);
    });
  });
}
