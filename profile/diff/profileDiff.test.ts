import assert from 'node:assert/strict';
import fc from 'fast-check';
import { functionTimes } from '../functionTimes.ts';
import { anyProfile } from '../testing/arbitrary.ts';
import { profileOf, type RunInWords } from '../testing/build.ts';
import { StackWeights } from '../weights.ts';
import { type Change, type DiffOptions, diffProfiles } from './profileDiff.ts';

const shares: DiffOptions = { by: 'share', lines: false };
const seconds: DiffOptions = { by: 'seconds', lines: false };

const before = profileOf({
  runs: [
    { stack: 'main:1 work:21', count: 4000 },
    { stack: 'main:2 rest:31', count: 5000 },
    { stack: 'main:3 old:41', count: 1000 },
    { stack: 'main:1', count: 5000, flags: 0 },
  ],
});
const after = profileOf({
  runs: [
    { stack: 'main:1 work:21', count: 6000 },
    { stack: 'main:2 rest:31', count: 5050 },
    { stack: 'main:3 fresh:51', count: 950 },
  ],
});

const rounded = ({ before: one, after: other, isSignificant }: Change): unknown[] => [
  Number(one.toFixed(4)),
  Number(other.toFixed(4)),
  isSignificant,
];

describe('diffProfiles', () => {
  it('compares shares of what counts', () => {
    const diff = diffProfiles(before, after, shares);
    assert.deepEqual(
      diff.rows.map(({ place, self, total }) => [place.function, rounded(self), rounded(total)]),
      [
        ['main', [0, 0, false], [1, 1, false]],
        ['work', [0.4, 0.5, true], [0.4, 0.5, true]],
        ['rest', [0.5, 0.4208, true], [0.5, 0.4208, true]],
      ],
    );
    assert.equal(diff.program, null);
    assert.deepEqual([diff.before.samples, diff.after.samples, diff.before.seconds], [10_000, 12_000, 10]);
    assert.ok(Math.abs(diff.before.effectiveSamples - 10_000) < 1e-6);
  });

  it('says what has no counterpart', () => {
    const { onlyBefore, onlyAfter } = diffProfiles(before, after, shares);
    assert.deepEqual(
      onlyBefore.map(({ place, self, isSignificant }) => [place.function, self, isSignificant]),
      [['old', 0.1, true]],
    );
    assert.deepEqual(
      onlyAfter.map(({ place, isSignificant }) => [place.function, isSignificant]),
      [['fresh', true]],
    );
  });

  it('compares seconds, and the whole program', () => {
    const diff = diffProfiles(before, after, seconds);
    assert.deepEqual(rounded(diff.program!), [10, 12, true]);
    const rest = diff.rows.find(({ place }) => place.function === 'rest')!;
    assert.deepEqual(rounded(rest.self), [5, 5.05, false]);
  });

  it('counts waiting threads when asked', () => {
    assert.equal(diffProfiles(before, after, { ...shares, idle: true }).before.samples, 15_000);
  });

  it('finds what became slower by more than was allowed, and is not chance', () => {
    const slower = (above: number, options = seconds): string[] =>
      diffProfiles(before, after, { ...options, above }).slower.map(({ place, of }) => `${place?.function ?? 'program'} ${of}`);
    assert.deepEqual(slower(0.1).sort(), ['main total', 'program total', 'work self', 'work total']);
    assert.deepEqual(slower(0.4).sort(), ['work self', 'work total']);
    assert.deepEqual(slower(0.5), []);
    assert.deepEqual(slower(0.1, shares).sort(), ['work self', 'work total'], 'all is all');
    const few = (count: number): ReturnType<typeof profileOf> => profileOf({ runs: [{ stack: 'main:1 work:21', count }] });
    assert.deepEqual(diffProfiles(few(4), few(6), { ...seconds, above: 0.1 }).slower, [], 'ten samples say nothing');
  });

  it('weighs samples: few heavy ones say less than many', () => {
    const heavy = profileOf({
      runs: [
        { stack: 'a:1', duration: 1_000_000 },
        { stack: 'b:2', count: 1000, duration: 1_000_000 },
      ],
    });
    const { effectiveSamples } = diffProfiles(heavy, heavy, shares).before;
    assert.ok(effectiveSamples > 3.9 && effectiveSamples < 4.1, String(effectiveSamples));
  });

  it('matches lines by how far they are from the first line of their function', () => {
    const at = (firstLine: number, runs: readonly RunInWords[]): ReturnType<typeof profileOf> => {
      const profile = profileOf({ runs });
      // In words, the first function begins at line 10.
      assert.equal(profile.functions[0]!.firstLine, 10);
      profile.functions.forEach((record, i) => ((profile.functions as unknown[])[i] = { ...record, firstLine }));
      return profile;
    };
    const one = at(10, [
      { stack: 'f:12', count: 500 },
      { stack: 'f:13', count: 500 },
    ]);
    const moved = at(110, [
      { stack: 'f:112', count: 800 },
      { stack: 'f:113', count: 200 },
      { stack: 'f:120', count: 1 },
    ]);
    const diff = diffProfiles(one, moved, { ...shares, lines: true });
    assert.deepEqual(
      diff.rows.map(({ place, placeBefore, self }) => [
        placeBefore.line,
        place.line,
        Number(self.before.toFixed(2)),
        Number(self.after.toFixed(2)),
      ]),
      [
        [12, 112, 0.5, 0.8],
        [13, 113, 0.5, 0.2],
      ],
    );
    assert.deepEqual(
      diff.onlyAfter.map(({ place }) => place.line),
      [120],
    );
    const unknown = diffProfiles(at(0, [{ stack: 'f:12' }]), at(0, [{ stack: 'f:12' }]), { ...shares, lines: true });
    assert.equal(unknown.rows.length, 1, 'by their numbers, where first lines are not known');
  });

  it('finds no change between a profile and itself, and the times that the profile has', () => {
    fc.assert(
      fc.property(anyProfile, fc.boolean(), (profile, lines) => {
        const diff = diffProfiles(profile, profile, { by: 'seconds', lines, idle: true, above: 0 });
        assert.deepEqual([diff.onlyBefore, diff.onlyAfter, diff.slower], [[], [], []]);
        for (const { self, total } of diff.rows)
          for (const { before: one, after: other, isSignificant } of [self, total]) {
            assert.equal(one, other);
            assert.ok(!isSignificant);
          }
        const times = functionTimes(new StackWeights(profile));
        const self = (of: readonly number[]): number => of.reduce((sum, value) => sum + value, 0);
        const [whole, parts] = [self(times.map((time) => time.self)) / 1e6, self(diff.rows.map((row) => row.self.before))];
        assert.ok(Math.abs(whole - parts) < 1e-9);
      }),
    );
  });
});
