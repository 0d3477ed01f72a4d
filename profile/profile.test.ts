import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type InstructionColumns, type ProfileDelta, SampleFlag } from './delta.ts';
import { Profile } from './profile.ts';
import { ProfileFormatError } from './profileFormatError.ts';
import { anyDelta, profileFrom } from './testing/arbitrary.ts';
import { deltaOf, pieces, processOf, threadOf } from './testing/build.ts';

describe('Profile', () => {
  it('is empty at first, with the empty stack', () => {
    const profile = new Profile({ startedAtEpoch: 5 });
    assert.equal(profile.stackCount, 1);
    assert.equal(profile.runs.length, 0);
    assert.equal(profile.version, 0);
    assert.equal(profile.startedAtEpoch, 5);
  });

  it('holds what deltas brought', () => {
    const profile = profileFrom([deltaOf({ runs: [{ stack: 'main:3 f:7', count: 2 }, { stack: 'main:4' }], quality: { lost: 3 } })]);
    assert.deepEqual(
      profile.functions.map(({ name }) => name),
      ['main', 'f'],
    );
    assert.equal(profile.frameCount, 3);
    assert.deepEqual([profile.frameFunction(1), profile.frameLine(1)], [1, 7]);
    assert.deepEqual([profile.stackParent(2), profile.stackFrame(2)], [1, 1]);
    assert.deepEqual([...profile.runs.stacks.subarray(0, profile.runs.length)], [2, 3]);
    assert.equal(profile.until, 3000);
    assert.equal(profile.quality.lost, 3);
    assert.equal(profile.version, 1);
  });

  it('learns names and ends of threads later', () => {
    const first = deltaOf({ runs: [{ stack: 'main:1' }] });
    const none = { ...deltaOf({ runs: [] }), processes: [], threads: [], functions: [] };
    const profile = profileFrom([
      first,
      { ...none, sequence: 1, threadChanges: [{ thread: 0, name: 'Worker' }] },
      { ...none, sequence: 2, threadChanges: [{ thread: 0, endedAt: 900 }] },
    ]);
    assert.equal(profile.threads[0]!.name, 'Worker');
    assert.equal(profile.threads[0]!.endedAt, 900);
    assert.equal(profile.threads[0]!.osThreadId, first.threads[0]!.osThreadId);
  });

  it('learns names of processes later', () => {
    const none = { ...deltaOf({ runs: [] }), processes: [], threads: [], functions: [] };
    const profile = profileFrom([
      deltaOf({ runs: [{ stack: 'main:1' }] }),
      { ...none, sequence: 1, processChanges: [{ process: 0, name: 'fetcher' }] },
    ]);
    assert.equal(profile.processes[0]!.name, 'fetcher');
    assert.equal(profile.processes[0]!.pid, deltaOf({ runs: [] }).processes[0]!.pid);
  });

  it('is the same however it was cut into deltas', () => {
    fc.assert(
      fc.property(anyDelta, fc.array(fc.nat(60), { maxLength: 6 }), fc.integer({ min: 2, max: 80 }), (delta, cuts, maxRuns) => {
        const whole = profileFrom([delta], { maxRuns });
        const cut = profileFrom(pieces(delta, cuts), { maxRuns });
        assert.deepEqual(contents(cut), contents(whole));
      }),
    );
  });

  it('knows instructions from the delta on that brought some', () => {
    const plain = deltaOf({ runs: [{ stack: 'main:1' }] });
    const told = deltaOf({ runs: [{ stack: 'main:1@CALL:3-9' }, { stack: 'main:1' }] });
    const profile = profileFrom([plain]);
    assert.deepEqual(
      [profile.instructions.isPresent, profile.instructions.columns, profile.instructions.of(0)],
      [false, undefined, undefined],
    );
    const rest = { processes: [], threads: [], functions: [] };
    profile.append({ ...told, ...rest, sequence: 1 });
    profile.append({ ...plain, ...rest, sequence: 2 });
    profile.append({
      ...told,
      ...rest,
      opcodes: ['BINARY_OP'],
      sequence: 3,
      frames: { ...told.frames, instructions: { ...told.frames.instructions!, opcodes: Uint32Array.of(2, 1) } },
    });
    const names = Array.from({ length: profile.frameCount }, (_, frame) => profile.instructions.of(frame)?.opcode);
    assert.deepEqual(names, [undefined, 'CALL', undefined, undefined, 'BINARY_OP', 'CALL']);
    assert.deepEqual(profile.instructions.of(1), { opcode: 'CALL', offset: 0, endLine: 1, startColumn: 3, endColumn: 9 });
    assert.equal(profile.instructions.columns?.offsets.length, 6);
  });

  describe('refuses a delta that makes no sense, and stays as it was', () => {
    const good = deltaOf({ runs: [{ stack: 'main:3 f:7', count: 2 }, { stack: 'main:4' }] });
    const u32 = (...values: number[]): Uint32Array => Uint32Array.from(values);
    const told = deltaOf({ runs: [{ stack: 'main:3@CALL:4-9 f:7@BINARY_OP:1-5', count: 2 }, { stack: 'main:4' }] });
    const instructions = (parts: Partial<InstructionColumns>): Partial<ProfileDelta> => ({
      ...told,
      frames: { ...told.frames, instructions: { ...told.frames.instructions!, ...parts } },
    });
    const wrong: Record<string, Partial<ProfileDelta>> = {
      'an instruction of no opcode': instructions({ opcodes: u32(1, 3, 0) }),
      'an opcode without a name': { ...told, opcodes: ['CALL', ''] },
      'an opcode whose name is no text': { ...told, opcodes: ['CALL', 1 as unknown as string] },
      'instruction columns of different lengths': instructions({ offsets: u32(0, 2) }),
      'a plain list of offsets': instructions({ offsets: [0, 2, 4] as unknown as Uint32Array }),
      'an expression that ends before it begins': instructions({ endColumns: u32(3, 5, 0) }),
      'an expression that ends in a line before': instructions({ endLines: u32(2, 7, 0) }),
      'an expression that ends in an impossible line': instructions({ endLines: u32(3, 2 ** 31, 0) }),
      'an expression without an end': instructions({ endColumns: u32(0, 5, 0) }),
      'an expression without an end line': instructions({ endLines: u32(0, 7, 0) }),
      'a lost one before it': { sequence: 1 },
      'a time that is no number': { until: NaN },
      'a process that started itself': { processes: [processOf({ parent: 0 })] },
      'a process without a name': { processes: [processOf({ name: undefined as unknown as string })] },
      'a negative pid': { processes: [processOf({ pid: -1 })] },
      'a thread of no process': { threads: [threadOf({ process: 1 })] },
      'a change of no process': { processChanges: [{ process: 7, name: 'x' }] },
      'a change of no thread': { threadChanges: [{ thread: 7, name: 'x' }] },
      'a function without a file': { functions: [good.functions[0]!, { name: 'x', firstLine: 1 } as ProfileDelta['functions'][0]] },
      'a frame of no function': { frames: { functions: u32(0, 1, 2), lines: u32(1, 2, 3) } },
      'a frame at an impossible line': { frames: { functions: u32(0, 1, 0), lines: u32(1, 2, 2 ** 31) } },
      'frame columns of different lengths': { frames: { functions: u32(0, 1, 0), lines: u32(1, 2) } },
      'a stack on itself': { stacks: { parents: u32(0, 2, 0), frames: u32(0, 1, 2) } },
      'a stack on a later one': { stacks: { parents: u32(0, 3, 0), frames: u32(0, 1, 2) } },
      'a stack of no frame': { stacks: { parents: u32(0, 1, 0), frames: u32(0, 1, 3) } },
      'a run of no thread': { runs: { ...good.runs, threads: u32(0, 1) } },
      'a run of no stack': { runs: { ...good.runs, stacks: u32(0, 4) } },
      'a run without samples': { runs: { ...good.runs, counts: u32(1, 0) } },
      'unknown flags': { runs: { ...good.runs, flags: Uint8Array.of(0, 32) } },
      'a run on a core and without one': { runs: { ...good.runs, flags: Uint8Array.of(0, SampleFlag.OnCpu | SampleFlag.Ready) } },
      'a negative CPU time': { runs: { ...good.runs, cpu: Float64Array.of(1, -1) } },
      'CPU times of the wrong type': { runs: { ...good.runs, cpu: Uint32Array.of(1, 1) as unknown as Float64Array } },
      'fewer CPU times than runs': { runs: { ...good.runs, cpu: Float64Array.of(1) } },
      'a negative duration': { runs: { ...good.runs, durations: Float64Array.of(1, -1) } },
      'a start that is no number': { runs: { ...good.runs, starts: Float64Array.of(1, NaN) } },
      'an infinite duration': { runs: { ...good.runs, durations: Float64Array.of(1, Infinity) } },
      'run columns of different lengths': { runs: { ...good.runs, flags: Uint8Array.of(0) } },
      'a plain list for a column': { runs: { ...good.runs, stacks: [1, 2] as unknown as Uint32Array } },
      'a quality figure that is no number': { quality: { ...good.quality, lost: NaN } },
      'an error of more than all': { quality: { ...good.quality, shareError: 1.1 } },
      'an error that is no number': { quality: { ...good.quality, shareError: NaN } },
      'stops before the first': { quality: { ...good.quality, stops: -1 } },
      'a reason not to stop that there is not': { quality: { ...good.quality, noStops: 'mood' as 'asked' } },
    };
    for (const [name, parts] of Object.entries(wrong)) {
      it(name, () => {
        const profile = new Profile();
        assert.throws(() => profile.append({ ...good, ...parts }), ProfileFormatError);
        assert.deepEqual(contents(profile), contents(new Profile()));
        profile.append(good);
        assert.equal(profile.version, 1);
      });
    }
  });
});

/** All of a profile that does not depend on the number of deltas. */
function contents(profile: Profile): unknown {
  const { runs, frameCount, stackCount } = profile;
  return {
    startedAtEpoch: profile.startedAtEpoch,
    until: profile.until,
    quality: profile.quality,
    processes: profile.processes,
    threads: profile.threads,
    functions: profile.functions,
    frames: Array.from({ length: frameCount }, (_, frame) => [
      profile.frameFunction(frame),
      profile.frameLine(frame),
      profile.instructions.of(frame),
    ]),
    instructions: profile.instructions.columns,
    stacks: Array.from({ length: stackCount }, (_, stack) => [profile.stackParent(stack), profile.stackFrame(stack)]),
    steps: runs.steps,
    runs: Array.from({ length: runs.length }, (_, run) => [
      runs.threads[run],
      runs.stacks[run],
      runs.starts[run],
      runs.durations[run],
      runs.counts[run],
      runs.cpu[run],
      runs.flags[run],
    ]),
  };
}
