import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../../profile/testing/fuzz.ts';
import { decodeMessage, encodeMessage, MessageReader } from '../../helper/messages.ts';
import { isNotRead, type ProfileDelta, SampleFlag } from '../../../profile/delta.ts';
import type { SampleFilter } from '../../../profile/filter.ts';
import { expressionTimes } from '../../../profile/expressions.ts';
import { fromFirefox, toFirefox } from '../../../profile/formats/firefox.ts';
import { functionLineTimes, functionTimes } from '../../../profile/functionTimes.ts';
import { lineTimes } from '../../../profile/lines.ts';
import { LiveTimes } from '../../../profile/live/liveTimes.ts';
import { NO_QUALITY, Profile } from '../../../profile/profile.ts';
import { reshaped } from '../../../profile/reshape.ts';
import { snapshotOf } from '../../../profile/snapshot.ts';
import { processOf, threadOf } from '../../../profile/testing/build.ts';
import { StackWeights } from '../../../profile/weights.ts';
import { CutCallRecorder } from './cutCalls.ts';
import { FrameTable, type SampledInstruction } from './frameTable.ts';
import { RunRecorder } from './runRecorder.ts';
import { StackTrie } from './stackTrie.ts';

interface Sample {
  readonly thread: number;
  /** Root first: function and line. */
  readonly stack: readonly (readonly [func: number, line: number])[];
  readonly flags: number;
  readonly weight: number;
}

const sample: fc.Arbitrary<Sample> = fc.record({
  thread: fc.nat(2),
  stack: fc.array(fc.tuple(fc.nat(4), fc.nat(3)), { maxLength: 9 }),
  flags: fc.constantFrom(0, SampleFlag.OnCpu, SampleFlag.OnCpu | SampleFlag.HoldsGil),
  weight: fc.integer({ min: 1, max: 5000 }),
});

/** Some have the same expression at several offsets, some none that is known. */
function instructionAt(line: number, weight: number): SampledInstruction {
  const startColumn = line === 0 ? 0 : weight % 3;
  const location = startColumn === 0 ? null : { line, endLine: line, startColumn, endColumn: startColumn + 2 };
  return { opcode: weight % 5 === 0 ? '' : `OP${weight % 2}`, offset: weight % 4, line, location };
}

/** A profile of these samples, recorded with room for so many kinds of stacks, and of what crosses to another process. */
function record(samples: readonly Sample[], capacity: number, tellsInstructions: boolean): Profile {
  const frames = new FrameTable(tellsInstructions);
  const stacks = new StackTrie(() => frames.notRead(), capacity, 64);
  const recorder = new RunRecorder();
  const cutCalls = new CutCallRecorder(frames, stacks);
  const profile = new Profile();
  let sent = 1;
  let now = 0;
  const send = (): void => {
    const cut = cutCalls.take();
    const delta: ProfileDelta = {
      sequence: profile.version,
      until: now,
      processes: profile.version === 0 ? [processOf()] : [],
      threads: profile.version === 0 ? [0, 1, 2].map((id) => threadOf({}, id)) : [],
      threadChanges: [],
      ...frames.takeNew(),
      stacks: {
        parents: Uint32Array.from(stacks.parents.subarray(sent, stacks.count)),
        frames: Uint32Array.from(stacks.frames.subarray(sent, stacks.count)),
      },
      runs: recorder.take(),
      ...(cut === null ? {} : { cut }),
      quality: NO_QUALITY,
    };
    sent = stacks.count;
    const [bytes] = new MessageReader().push(encodeMessage({ type: 'delta', delta }));
    const message = decodeMessage(bytes!);
    assert(message.type === 'delta');
    profile.append(message.delta);
  };
  for (const { thread, stack, flags, weight } of samples) {
    if (stacks.isCrowded) stacks.forgetPassing();
    let id = 0;
    for (const [func, line] of stack) {
      const functionId = frames.functionId(`f${func}`, func < 2 ? 'a.py' : 'b.py', func);
      const frame = tellsInstructions ? frames.instructionFrame(functionId, instructionAt(line, weight)) : frames.frame(functionId, line);
      id = stacks.child(id, frame);
    }
    const isCut = stacks.isPassing(id);
    if (isCut) cutCalls.add(thread, id, flags | SampleFlag.Partial, now, weight, 1);
    recorder.record(thread, isCut ? stacks.cutAbove(id) : id, isCut ? flags | SampleFlag.Partial : flags, now, weight, 0);
    now += weight;
    if (weight % 7 === 0) send();
  }
  send();
  return profile;
}

/** What expressions took, by file and line. */
function expressionFigures(profile: Profile, filter: SampleFilter): unknown {
  const weights = new StackWeights(profile, filter);
  return ['a.py', 'b.py'].map((file) =>
    [1, 2, 3].map((line) =>
      expressionTimes(weights, file, line, Infinity).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    ),
  );
}

/** What functions and lines took, by name. */
function figures(profile: Profile, filter: SampleFilter): unknown {
  const weights = new StackWeights(profile, filter);
  const named = <T extends { readonly func: number }>(times: readonly T[]): [string, Omit<T, 'func'>][] =>
    times
      .filter(({ func }) => !isNotRead(profile.functions[func]!))
      .map(({ func, ...time }): [string, Omit<T, 'func'>] => [profile.functions[func]!.name, time])
      .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  return {
    functions: named(functionTimes(weights)),
    functionLines: named(functionLineTimes(weights).filter(({ line }) => line > 0)),
    lines: [...lineTimes(weights)].sort(([a], [b]) => a.localeCompare(b)),
    all: weights.totalTime,
  };
}

describe('What is cut off stacks', () => {
  const filters: readonly SampleFilter[] = [
    {},
    { threads: new Set([1]) },
    { onCpuOnly: true },
    { gilOnly: true, threads: new Set([0, 2]) },
  ];

  it('leaves to every function and line what it took, however many kinds of stacks there is room for', () => {
    fc.assert(
      fc.property(
        fc.array(sample, { maxLength: 120 }),
        fc.integer({ min: 1, max: 30 }),
        fc.boolean(),
        (samples, capacity, tellsInstructions) => {
          const whole = record(samples, 1 << 20, false);
          const cut = record(samples, capacity, tellsInstructions);
          const saved = fromFirefox(JSON.parse(JSON.stringify(toFirefox(cut))));
          for (const filter of filters) {
            const expected = figures(whole, filter);
            assert.deepEqual(figures(cut, filter), expected);
            assert.deepEqual(figures(saved, filter), expected);
          }
        },
      ),
      { numRuns: rounds(200) },
    );
  });

  it('leaves to every expression what it took, too', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 120 }), fc.integer({ min: 1, max: 30 }), (samples, capacity) => {
        const whole = record(samples, 1 << 20, true);
        const cut = record(samples, capacity, true);
        const saved = fromFirefox(JSON.parse(JSON.stringify(toFirefox(cut))));
        for (const filter of filters) {
          const expected = expressionFigures(whole, filter);
          assert.deepEqual(expressionFigures(cut, filter), expected);
          assert.deepEqual(expressionFigures(saved, filter), expected);
          assert.deepEqual(figures(reshaped(cut, {}), filter), figures(whole, filter));
        }
      }),
      { numRuns: rounds(200) },
    );
  });

  it('is no more for who follows the profile live where expressions are told apart', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 60 }), fc.integer({ min: 1, max: 10 }), (samples, capacity) => {
        const profile = record(samples, capacity, true);
        const live = new LiveTimes({ idle: true });
        for (const delta of snapshotOf(profile, Infinity).deltas) live.append(delta);
        const { total } = live.tallies.line.since;
        const followed = new Map(
          Array.from({ length: live.length('line') }, (_, row) => {
            const { name, line } = live.place('line', row);
            return [`${name}:${line}`, total[row]!];
          }),
        );
        for (const time of functionLineTimes(new StackWeights(profile)).filter(({ line }) => line > 0)) {
          const key = `${profile.functions[time.func]!.name}:${time.line}`;
          assert.equal(followed.get(key), time.total, key);
        }
      }),
    );
  });

  it('does not add up to more than there was', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 60 }), fc.integer({ min: 1, max: 10 }), (samples, capacity) => {
        const weights = new StackWeights(record(samples, capacity, false));
        const self = functionTimes(weights).reduce((sum, time) => sum + time.self, 0);
        assert.equal(self, weights.totalTime - weights.time[0]!);
      }),
    );
  });

  it('takes as much memory however long it goes on', () => {
    const random = (seed: number): number => Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) >>> 0;
    const samples = Array.from({ length: 20_000 }, (_, i): Sample => ({
      thread: 0,
      flags: 1,
      weight: 10,
      stack: Array.from({ length: 12 }, (__, at) => [random(i * 13 + at) % 5, 1 + (random(i * 17 + at) % 3)] as const),
    }));
    const profile = record(samples, 1000, false);
    assert(profile.stackCount <= 2 * 1000 + profile.frameCount, `${profile.stackCount}`);
    assert(profile.cut.calls.length > 0 && profile.cut.leaves.length > 0);
  });
});
