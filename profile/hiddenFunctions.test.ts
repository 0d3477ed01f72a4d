import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CallTree, callTree } from './callTree.ts';
import type { FunctionRecord, ProfileDelta } from './delta.ts';
import type { FrameTreatment } from './filter.ts';
import { calleesOfFunction, callersOfFunction, functionTimes } from './functionTimes.ts';
import { callersOfLine, lineTimes } from './lines.ts';
import { Profile } from './profile.ts';
import { anyDelta, profileFrom } from './testing/arbitrary.ts';
import { pieces, profileOf } from './testing/build.ts';
import { StackWeights } from './weights.ts';

type Treatment = (func: FunctionRecord) => FrameTreatment;

const anyTreatment: fc.Arbitrary<Treatment> = fc
  .array(fc.constantFrom<FrameTreatment>('show', 'hide', 'hide', 'leaveOut'), { minLength: 7, maxLength: 7 })
  .map(
    (choices) =>
      ({ name, file, firstLine }) =>
        choices[(name.length + file.length + firstLine) % choices.length]!,
  );

/** What would have been recorded had there never been such frames and samples. */
function without(delta: ProfileDelta, treatment: Treatment): ProfileDelta {
  const parents: number[] = [];
  const frames: number[] = [];
  /** By stack: its new id, -1 where its samples are left out. */
  const ids = [0];
  delta.stacks.parents.forEach((parent, i) => {
    const frame = delta.stacks.frames[i]!;
    const own = treatment(delta.functions[delta.frames.functions[frame]!]!);
    const below = ids[parent]!;
    if (own === 'leaveOut' || below < 0) ids.push(-1);
    else if (own === 'hide') ids.push(below);
    else {
      frames.push(frame);
      ids.push(parents.push(below));
    }
  });
  const { runs } = delta;
  const kept = [...runs.stacks.keys()].filter((run) => ids[runs.stacks[run]!]! >= 0);
  return {
    ...delta,
    stacks: { parents: Uint32Array.from(parents), frames: Uint32Array.from(frames) },
    runs: {
      threads: Uint32Array.from(kept, (run) => runs.threads[run]!),
      stacks: Uint32Array.from(kept, (run) => ids[runs.stacks[run]!]!),
      starts: Float64Array.from(kept, (run) => runs.starts[run]!),
      durations: Float64Array.from(kept, (run) => runs.durations[run]!),
      counts: Uint32Array.from(kept, (run) => runs.counts[run]!),
      cpu: Float64Array.from(kept, (run) => runs.cpu[run]!),
      flags: Uint8Array.from(kept, (run) => runs.flags[run]!),
    },
  };
}

/** All that can be asked of weights. */
function answers(weights: StackWeights): unknown {
  const columns = (tree: CallTree): unknown =>
    Object.fromEntries(
      Object.entries(tree).map(([name, column]) => [name, typeof column === 'number' ? column : [...(column as Int32Array)]]),
    );
  return {
    totals: [weights.totalTime, weights.totalSamples],
    trees: [false, true].flatMap((inverted) => (['function', 'line'] as const).map((by) => columns(callTree(weights, { inverted, by })))),
    functions: functionTimes(weights),
    calls: weights.profile.functions.map((_, func) => [callersOfFunction(weights, func, 99), calleesOfFunction(weights, func, 99)]),
    lines: [...lineTimes(weights)],
    callers: ['/a.py', 'b.py', '<string>'].flatMap((file) =>
      [1, 2, 3].map((line) => sortedCallers(callersOfLine(weights, file, line, 99))),
    ),
  };
}

/** Callers that are equally heavy come in the order in which their frames were seen. */
function sortedCallers(callers: ReturnType<typeof callersOfLine>): unknown {
  return callers.map((caller) => JSON.stringify(caller)).sort();
}

describe('a filter with a treatment of functions', () => {
  it('gives the time of hidden frames to their callers, and leaves samples out', () => {
    const profile = profileOf({
      runs: [
        { stack: 'main:1 trace:9 work:2', count: 2 },
        { stack: 'main:1 work:2 trace:9', count: 4 },
        { stack: 'trace:9', count: 8 },
        { stack: 'boot:1 daemon:5 trace:9', count: 16 },
      ],
    });
    const treatment: Treatment = ({ name }) => (name === 'trace' ? 'hide' : name === 'daemon' ? 'leaveOut' : 'show');
    const weights = new StackWeights(profile, { treatment });
    assert.equal(weights.totalTime, 14_000);
    const named = functionTimes(weights).map(({ func, self, total }) => [profile.functions[func]!.name, self, total]);
    assert.deepEqual(named, [
      ['main', 0, 6000],
      ['work', 6000, 6000],
    ]);
  });

  it('answers as if the frames and samples had never been recorded', () => {
    fc.assert(
      fc.property(anyDelta, anyTreatment, (delta, treatment) => {
        assert.deepEqual(
          answers(new StackWeights(profileFrom([delta]), { treatment })),
          answers(new StackWeights(profileFrom([without(delta, treatment)]))),
        );
      }),
    );
  });

  it('answers the same when samples come bit by bit', () => {
    fc.assert(
      fc.property(anyDelta, anyTreatment, fc.array(fc.nat(60), { maxLength: 3 }), (delta, treatment, cuts) => {
        const profile = new Profile();
        const weights = new StackWeights(profile, { treatment });
        for (const piece of pieces(delta, cuts)) {
          profile.append(piece);
          weights.update();
        }
        assert.deepEqual(answers(weights), answers(new StackWeights(profileFrom([delta]), { treatment })));
      }),
    );
  });
});
