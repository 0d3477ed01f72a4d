import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type RunColumns, runColumns } from './delta.ts';
import { Profile } from './profile.ts';
import type { RunStore } from './runStore.ts';
import { snapshotOf } from './snapshot.ts';
import { anyDelta, anyProfile, profileFrom } from './testing/arbitrary.ts';
import { deltaOf, NOTHING_NEW } from './testing/build.ts';

const columnsOf = (runs: RunStore): Record<string, number[]> =>
  Object.fromEntries(runColumns.map((name) => [name, [...runs[name].subarray(0, runs.length)]]));

/** All that a profile says. */
function contentOf(profile: Profile): unknown {
  const { frameCount, stackCount, columns, instructions } = profile;
  return {
    processes: profile.processes,
    threads: profile.threads,
    functions: profile.functions,
    frames: [columns.frameFunctions, columns.frameLines].map((column) => [...column.subarray(0, frameCount)]),
    stacks: [columns.stackParents, columns.stackFrames].map((column) => [...column.subarray(1, stackCount)]),
    instructions: Array.from({ length: frameCount }, (_, frame) => instructions.of(frame)),
    runs: columnsOf(profile.runs),
    cut: [columnsOf(profile.cut.calls), columnsOf(profile.cut.leaves), profile.cutSamples],
    quality: profile.quality,
    until: profile.until,
  };
}

const madeAnew = (profile: Profile, piece: number): Profile => {
  const made = new Profile();
  for (const delta of snapshotOf(profile, piece).deltas) made.append(delta);
  return made;
};

describe('a snapshot of a profile', () => {
  it('makes it anew, in pieces of any size', () => {
    fc.assert(
      fc.property(anyProfile, fc.integer({ min: 1, max: 20 }), (profile, piece) =>
        assert.deepEqual(contentOf(madeAnew(profile, piece)), contentOf(profile)),
      ),
    );
  });

  it('has what was cut off stacks', () => {
    const profile = new Profile();
    const delta = deltaOf({ runs: [{ stack: 'f:1 g:2', duration: 1000 }] });
    const first = Object.fromEntries(runColumns.map((name) => [name, delta.runs[name].slice(0, 1)])) as unknown as RunColumns;
    profile.append({ ...delta, cut: { calls: first, leaves: first } });
    assert.equal(profile.cutSamples, 1);
    assert.deepEqual(contentOf(madeAnew(profile, 3)), contentOf(profile));
  });

  it('is of the moment when it was taken, and can be gone on from', () => {
    fc.assert(
      fc.property(anyDelta, (delta) => {
        const profile = profileFrom([delta]);
        const snapshot = snapshotOf(profile, 5);
        const before = contentOf(profile);
        profile.append({ ...delta, ...NOTHING_NEW, sequence: 1, opcodes: [] });
        const made = new Profile();
        for (const one of snapshot.deltas) made.append(one);
        assert.deepEqual(contentOf(made), before);
        snapshot.release();
      }),
    );
  });

  it('holds the profile until it is released, and says how coarse its times are', () => {
    const profile = new Profile({ maxRuns: 16 });
    let sequence = 0;
    const more = (): void => {
      const runs = ['f:1', 'g:2', 'f:1'].map((stack) => ({ stack, duration: 10 }));
      const delta = deltaOf({ runs });
      profile.append(sequence === 0 ? delta : { ...delta, ...NOTHING_NEW, sequence });
      sequence++;
    };
    for (let i = 0; i < 20; i++) more();
    const before = contentOf(profile);
    const snapshot = snapshotOf(profile, 2);
    assert.deepEqual(snapshot.coarseTimes, profile.coarseTimes);
    assert.ok(snapshot.coarseTimes.length > 0);
    for (let i = 0; i < 20; i++) more();
    const made = new Profile({ coarseTimes: snapshot.coarseTimes });
    for (const one of snapshot.deltas) made.append(one);
    assert.deepEqual(contentOf(made), before);
    snapshot.release();
    const { mergings } = profile.runs;
    for (let i = 0; i < 20; i++) more();
    assert.ok(profile.runs.mergings > mergings);
  });
});
