import assert from 'node:assert/strict';
import { SampleFlag } from '../delta.ts';
import type { Profile } from '../profile.ts';
import { deltaOf, NOTHING_NEW, profileOf, type RunInWords } from '../testing/build.ts';
import { laneBands, laneBoxes, type LaneFilter, MAX_ROWS } from './lane.ts';
import { ThreadRuns } from './threadRuns.ts';

const { OnCpu, HoldsGil, CollectingGarbage, Ready } = SampleFlag;

function indexed(profile: Profile): ThreadRuns {
  const runs = new ThreadRuns(profile);
  runs.update();
  return runs;
}

/** Boxes as "row function from-to", sorted. */
function boxes(
  runs: readonly RunInWords[],
  columns: number,
  options: { start?: number; end?: number; filter?: LaneFilter } = {},
): string[] {
  const profile = profileOf({ runs });
  const { start = 0, end = profile.until } = options;
  const { row, from, to, func } = laneBoxes(profile, indexed(profile), { thread: 0, start, end, columns }, options.filter);
  return Array.from(row, (depth, at) => `${depth} ${profile.functions[func[at]!]!.name} ${from[at]!}-${to[at]!}`).sort();
}

describe('Lanes of a timeline', () => {
  it('have shares of what a thread did by columns', () => {
    const profile = profileOf({
      runs: [
        { stack: 'a:1', duration: 2000, flags: OnCpu | HoldsGil },
        { stack: 'a:1', duration: 1000, flags: OnCpu | HoldsGil | CollectingGarbage },
        { stack: 'a:2', duration: 1000, flags: Ready },
        { stack: 'a:3', duration: 4000, flags: 0 },
        { stack: 'b:3', duration: 8000, thread: 1 },
      ],
    });
    const { onCpu, ready, waiting, holdsGil, collectsGarbage } = laneBands(profile, indexed(profile), {
      thread: 0,
      start: 0,
      end: 10_000,
      columns: 5,
    });
    assert.deepEqual([...onCpu], [255, 128, 0, 0, 0]);
    assert.deepEqual([...holdsGil], [255, 128, 0, 0, 0]);
    assert.deepEqual([...collectsGarbage], [0, 128, 0, 0, 0]);
    assert.deepEqual([...ready], [0, 128, 0, 0, 0]);
    assert.deepEqual([...waiting], [0, 0, 255, 255, 0]);
  });

  it('show what took next to no time', () => {
    const profile = profileOf({
      runs: [
        { stack: 'a:1', duration: 1 },
        { stack: 'a:1', duration: 1e6, flags: 0 },
      ],
    });
    const { onCpu } = laneBands(profile, indexed(profile), { thread: 0, start: 0, end: 1e6, columns: 2 });
    assert.deepEqual([...onCpu], [1, 0]);
  });

  it('are without gaps where samples are not evenly spaced, and have those that there were', () => {
    const profile = profileOf({
      runs: [
        { stack: 'a:1', duration: 900, start: 0 },
        { stack: 'a:1', duration: 1100, start: 1000 },
        { stack: 'a:1', duration: 1000, start: 7000 },
      ],
    });
    const { onCpu } = laneBands(profile, indexed(profile), { thread: 0, start: 0, end: 8000, columns: 8 });
    assert.deepEqual([...onCpu], [255, 255, 0, 0, 0, 0, 0, 255]);
  });

  it('are those of a range', () => {
    const runs = [
      { stack: 'a:1', duration: 10_000 },
      { stack: 'a:1 b:1', duration: 10_000 },
    ];
    assert.deepEqual(boxes(runs, 10, { start: 5000, end: 15_000 }), ['0 a 0-10', '1 b 5-10']);
  });

  it('have one box for neighbours that were called in the same way', () => {
    const runs = [{ stack: 'a:1 b:1' }, { stack: 'a:2 b:7 c:1', count: 2 }, { stack: 'a:1 c:1 b:1' }, { stack: '' }, { stack: 'a:1' }];
    assert.deepEqual(boxes(runs, 6), ['0 a 0-4', '0 a 5-6', '1 b 0-3', '1 c 3-4', '2 b 3-4', '2 c 1-3']);
  });

  it('have in each column the stack that took most of it', () => {
    const runs = [
      { stack: 'a:1', duration: 300 },
      { stack: 'b:1', duration: 400 },
      { stack: 'a:1', duration: 300 },
      { stack: 'c:1', duration: 1000 },
    ];
    assert.deepEqual(boxes(runs, 2), ['0 a 0-1', '0 c 1-2']);
  });

  it('have boxes of the samples that count, without the functions that are hidden', () => {
    const runs = [
      { stack: 'a:1 lib:1 b:1', flags: OnCpu },
      { stack: 'a:1 lib:1 c:1', flags: 0 },
      { stack: 'a:1 lib:1 d:1', flags: Ready },
      { stack: 'a:1 out:1 d:1', flags: OnCpu },
    ];
    const filter: LaneFilter = {
      onCpuOnly: true,
      readyOnly: true,
      treatment: ({ name }) => (name === 'lib' ? 'hide' : name === 'out' ? 'leaveOut' : 'show'),
    };
    assert.deepEqual(boxes(runs, 4, { filter }), ['0 a 0-1', '0 a 2-3', '1 b 0-1', '1 d 2-3']);
  });

  it('end at the deepest row, however deep the stack', () => {
    const stack = Array.from({ length: 3 * MAX_ROWS }, () => 'f:1').join(' ');
    assert.equal(boxes([{ stack }], 1).length, MAX_ROWS);
  });
});

describe('The runs of a thread', () => {
  it('are in the order of time, however they came', () => {
    const profile = profileOf({
      runs: [
        { stack: 'a:1', start: 5000 },
        { stack: 'b:1', start: 1000 },
        { stack: 'c:1', start: 3000, thread: 1 },
      ],
    });
    const runs = indexed(profile);
    assert.deepEqual([[...runs.of(0)], [...runs.of(1)], [...runs.of(2)]], [[1, 0], [2], []]);
    assert.deepEqual([runs.firstFrom(0, 0), runs.firstFrom(0, 1001), runs.firstFrom(0, 9999)], [0, 1, 2]);
  });

  it('go on with what comes', () => {
    const first = deltaOf({ runs: Array.from({ length: 40 }, (_, i) => ({ stack: 'a:1', start: i * 1000 })) });
    const profile = profileOf({ runs: [] });
    profile.append({ ...first, sequence: 1, processes: [], threads: [] });
    const runs = indexed(profile);
    assert.equal(runs.of(0).length, 40);
    profile.append({ ...first, ...NOTHING_NEW, sequence: 2 });
    runs.update();
    assert.equal(runs.of(0).length, 80);
    assert.equal(runs.of(0)[1], 40); // both begin at 0
  });

  it('are found again when they were merged', () => {
    const profile = profileOf({ maxRuns: 64, runs: [] });
    const delta = deltaOf({ runs: Array.from({ length: 500 }, (_, i) => ({ stack: i % 2 === 0 ? 'a:1' : 'b:1', start: i * 1000 })) });
    const runs = indexed(profile);
    profile.append({ ...delta, sequence: 1, processes: [], threads: [] });
    runs.update();
    assert.ok(profile.runs.mergings > 0);
    assert.equal(runs.of(0).length, profile.runs.length);
    assert.ok(Math.max(...runs.of(0)) < profile.runs.length);
  });
});
