import fc from 'fast-check';
import { type FunctionRecord, type InstructionColumns, type ProfileDelta, SampleFlag } from '../delta.ts';
import type { ProfileOptions } from '../profile.ts';
import { NO_QUALITY, Profile } from '../profile.ts';
import { processOf, threadOf } from './build.ts';

const anyFunction: fc.Arbitrary<FunctionRecord> = fc.record(
  { name: fc.constantFrom('<module>', 'f', 'g', 'Größe.λ', ''), file: fc.constantFrom('/a.py', 'b.py', '<string>'), firstLine: fc.nat(5) },
  { noNullPrototype: true },
);

const anyInstruction = fc.record({ opcode: fc.nat(2), offset: fc.nat(6), height: fc.nat(2), start: fc.nat(3), width: fc.nat(2) });

function instructionColumns(
  rows: readonly { line: number; opcode: number; offset: number; height: number; start: number; width: number }[],
): InstructionColumns {
  const isPlace = (line: number, start: number): boolean => line > 0 && start > 0;
  return {
    opcodes: Uint32Array.from(rows, ({ opcode }) => opcode),
    offsets: Uint32Array.from(rows, ({ offset }) => offset),
    endLines: Uint32Array.from(rows, ({ line, height }) => (line === 0 ? 0 : line + height)),
    startColumns: Uint32Array.from(rows, ({ line, start }) => (isPlace(line, start) ? start : 0)),
    endColumns: Uint32Array.from(rows, ({ line, start, width }) => (isPlace(line, start) ? start + width : 0)),
  };
}

/**
 * Any delta that begins a profile: few functions, files and lines, so that stacks recurse and meet;
 * times are whole µs, so that sums are exact. Runs may come in any order, tables may hold more than runs use.
 */
export const anyDelta: fc.Arbitrary<ProfileDelta> = fc
  .record({
    processes: fc.integer({ min: 1, max: 3 }),
    threads: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
    functions: fc.array(anyFunction, { minLength: 1, maxLength: 5 }),
    instructions: fc.option(fc.array(anyInstruction, { minLength: 10, maxLength: 10 }), { nil: undefined }),
    frames: fc.array(fc.tuple(fc.nat(), fc.nat(3)), { minLength: 1, maxLength: 10 }),
    stacks: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 40 }),
    runs: fc.array(
      fc.record({
        thread: fc.nat(),
        stack: fc.nat(),
        start: fc.nat(20_000),
        duration: fc.oneof({ weight: 9, arbitrary: fc.nat(3000) }, { weight: 1, arbitrary: fc.constant(0) }),
        count: fc.integer({ min: 1, max: 9 }),
        cpu: fc.nat(3000),
        // No thread both runs and waits for a core.
        flags: fc.nat(31).map((flags) => ((flags & SampleFlag.OnCpu) === 0 ? flags : flags & ~SampleFlag.Ready)),
      }),
      { maxLength: 60 },
    ),
  })
  .map(({ processes, threads, functions, instructions, frames, stacks, runs }) => ({
    sequence: 0,
    until: 23_000,
    processes: Array.from({ length: processes }, (_, i) => processOf({ pid: 100 + i, parent: i === 0 ? null : i - 1 })),
    threads: threads.map((process, i) => threadOf({ process: process % processes }, i)),
    threadChanges: [{ thread: 0, name: 'renamed', endedAt: 22_000 }],
    functions,
    ...(instructions === undefined ? {} : { opcodes: ['CALL', 'BINARY_OP_ADD_INT'] }),
    frames: {
      functions: Uint32Array.from(frames, ([func]) => func % functions.length),
      lines: Uint32Array.from(frames, ([, line]) => line),
      ...(instructions === undefined
        ? {}
        : { instructions: instructionColumns(frames.map(([, line], i) => ({ ...instructions[i]!, line }))) }),
    },
    stacks: {
      // Mostly on top of the stack before, so that there are deep ones.
      parents: Uint32Array.from(stacks, ([parent], i) => (parent % 3 === 0 ? parent % (i + 1) : i)),
      frames: Uint32Array.from(stacks, ([, frame]) => frame % frames.length),
    },
    runs: {
      threads: Uint32Array.from(runs, ({ thread }) => thread % threads.length),
      stacks: Uint32Array.from(runs, ({ stack }) => stack % (stacks.length + 1)),
      starts: Float64Array.from(runs, ({ start }) => start),
      durations: Float64Array.from(runs, ({ duration }) => duration),
      counts: Uint32Array.from(runs, ({ count }) => count),
      cpu: Float64Array.from(runs, ({ cpu }) => cpu),
      flags: Uint8Array.from(runs, ({ flags }) => flags),
    },
    quality: { ...NO_QUALITY, ticks: 60, samples: 300, elapsed: 23_000, requestedRate: 1000 },
  }));

export const anyProfile: fc.Arbitrary<Profile> = anyDelta.map((delta) => profileFrom([delta]));

export function profileFrom(deltas: readonly ProfileDelta[], options: ProfileOptions = {}): Profile {
  const profile = new Profile(options);
  for (const delta of deltas) profile.append(delta);
  return profile;
}
