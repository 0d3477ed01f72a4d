import assert from 'node:assert/strict';
import type { ProfileDelta } from '../../profile/delta.ts';
import { Profile } from '../../profile/profile.ts';
import { processNode } from '../../profile/callTree.ts';
import { FOLDED } from '../../profile/weighedStacks.ts';
import { deltaOf, pieces, processOf, profileOf, threadOf } from '../../profile/testing/build.ts';
import { DEFAULT_QUERY, type NodePath, type Query } from '../../webview/query.ts';
import { Feed } from './feed.ts';

const files = { main: '/work/app.py', work: '/work/app.py', parse: '/work/parse.py' };
const delta: ProfileDelta = deltaOf({
  files,
  processes: [{ pid: 1 }, { pid: 2, name: 'worker' }],
  threads: [{ process: 0 }, { process: 1, name: 'Pool-1' }],
  runs: [
    { stack: 'main:1 work:11 parse:30', count: 4, flags: 3 },
    { stack: 'main:1 work:12 parse:31', count: 5, flags: 1 },
    { stack: 'main:2 work:11', count: 2, flags: 0 },
    { thread: 1, stack: 'work:19 parse:35', count: 3, flags: 1 },
  ],
});
const [MAIN, WORK, PARSE] = [0, 1, 2];

function feedOf(query: Partial<Query> = {}): Feed {
  const profile = new Profile();
  profile.append(delta);
  const feed = new Feed(profile);
  feed.query = { ...DEFAULT_QUERY, ...query };
  return feed;
}

describe('Feed', () => {
  it('sends names and files once', () => {
    const profile = new Profile();
    const feed = new Feed(profile);
    const [first, second] = pieces(delta, [1]);
    assert.deepEqual(feed.functions(), []);
    profile.append(first!);
    assert.deepEqual(feed.functions(), [
      {
        type: 'functions',
        first: 0,
        firstFile: 0,
        names: ['main', 'work', 'parse'],
        files: Int32Array.of(0, 0, 1),
        firstLines: Int32Array.of(10, 20, 30),
        native: new Uint8Array(3),
        newFiles: ['/work/app.py', '/work/parse.py'],
        libraries: Int32Array.of(-1, -1, -1),
        firstLibrary: 0,
        newLibraries: [],
      },
    ]);
    profile.append({ ...second!, functions: [{ name: 'late', file: '/work/parse.py', firstLine: 4 }] });
    assert.deepEqual(feed.functions(), [
      {
        type: 'functions',
        first: 3,
        firstFile: 2,
        names: ['late'],
        files: Int32Array.of(1),
        firstLines: Int32Array.of(4),
        native: new Uint8Array(1),
        newFiles: [],
        libraries: Int32Array.of(-1),
        firstLibrary: 0,
        newLibraries: [],
      },
    ]);
    assert.deepEqual(feed.functions(), []);
  });

  it('tells native functions whose source is known, and opens it where most time is', () => {
    const profile = new Profile();
    const [main, work, parse] = delta.functions;
    const native = { kind: 'native', firstLine: 0 } as const;
    const functions = [main!, { ...work!, ...native, file: '/lib/z.so' }, { ...parse!, ...native, library: '/lib/z.so' }];
    profile.append({ ...delta, functions });
    const feed = new Feed(profile);
    assert.deepEqual(feed.functions()[0]!.native, Uint8Array.of(0, 1, 2));
    const place = feed.place({ type: 'open', func: 2, line: 0, path: null });
    assert.equal(place?.file, '/work/parse.py');
    assert(place.line > 0);
  });

  it('sends names that are meant for people, and opens the file behind them', () => {
    const profile = new Profile();
    profile.append(delta);
    const feed = new Feed(profile, undefined, ({ name, file }) =>
      file === '/work/app.py' ? { name: `${name} of Cell 3`, file: 'a.ipynb, Cell 3' } : { name, file },
    );
    const [message] = feed.functions();
    assert.deepEqual(
      [message?.names, message?.newFiles],
      [
        ['main of Cell 3', 'work of Cell 3', 'parse'],
        ['a.ipynb, Cell 3', '/work/parse.py'],
      ],
    );
    assert.deepEqual(feed.place({ type: 'open', func: WORK, line: 11, path: null }), { file: '/work/app.py', line: 11, process: 0 });
  });

  it('sends very many functions in parts', () => {
    const profile = profileOf({ runs: [] });
    profile.append({
      ...delta,
      sequence: 1,
      processes: [],
      threads: [],
      functions: Array.from({ length: 45_000 }, (_, i) => ({ name: `f${i}`, file: `${i % 10}.py`, firstLine: i })),
      frames: { functions: new Uint32Array(0), lines: new Uint32Array(0) },
      stacks: { parents: new Uint32Array(0), frames: new Uint32Array(0) },
      runs: {
        threads: new Uint32Array(0),
        stacks: new Uint32Array(0),
        starts: new Float64Array(0),
        durations: new Float64Array(0),
        counts: new Uint32Array(0),
        cpu: new Float64Array(0),
        flags: new Uint8Array(0),
      },
    });
    assert.deepEqual(
      new Feed(profile).functions().map(({ first, names }) => [first, names.length]),
      [
        [0, 20_000],
        [20_000, 20_000],
        [40_000, 5000],
      ],
    );
  });

  it('sends threads and processes when they are new or have changed', () => {
    const feed = feedOf();
    assert.deepEqual(
      feed.participants()?.threads.map(({ name, process, endedAt }) => [name, process, endedAt]),
      [
        ['MainThread', 0, null],
        ['Pool-1', 1, null],
      ],
    );
    assert.equal(feed.participants(), undefined);
  });

  it('answers questions about threads, processes, CPU and GIL', () => {
    const samples = (query: Partial<Query>): number => feedOf(query).tree(1, 1000).totalSamples;
    assert.equal(samples({}), 14);
    assert.equal(samples({ onCpuOnly: true }), 12);
    assert.equal(samples({ readyOnly: true }), 0);
    assert.equal(samples({ onCpuOnly: true, readyOnly: true }), 12);
    assert.equal(samples({ gilOnly: true }), 4);
    assert.equal(samples({ scope: { kind: 'thread', id: 0 } }), 11);
    assert.equal(samples({ scope: { kind: 'process', id: 1 } }), 3);
    assert.equal(samples({ scope: { kind: 'thread', id: 99 } }), 0);
  });

  it('takes steps, says what they leave, and takes them back', () => {
    const feed = feedOf({ transforms: [{ kind: 'focusFunction', func: PARSE }] });
    const asked = (): unknown => {
      const { totalSamples, samplesBeforeSteps, nodes } = feed.tree(1, 1000);
      return [totalSamples, samplesBeforeSteps, [...nodes.func]];
    };
    assert.deepEqual(asked(), [12, 14, [-1, processNode(0), PARSE, processNode(1), PARSE]]);
    feed.query = { ...feed.query, transforms: [{ kind: 'dropFunction', func: PARSE }] };
    assert.deepEqual(asked(), [2, 14, [-1, processNode(0), MAIN, WORK]]);
    feed.query = DEFAULT_QUERY;
    assert.equal((asked() as number[])[0], 14);
    feed.query = { ...DEFAULT_QUERY, transforms: [{ kind: 'dropFunction', func: 99 }] };
    assert.equal((asked() as number[])[0], 14, 'a page can make functions up');
  });

  it('has callers and callees of one function, in place of all calls, and all functions', () => {
    const { nodes, callers, totalTime, functions } = feedOf({ sandwich: WORK }).tree(1, 1000);
    assert.deepEqual(
      [[...nodes.func], [...nodes.total], [...nodes.parent]],
      [
        [-1, PARSE],
        [14_000, 12_000],
        [-1, 0],
      ],
    );
    assert.deepEqual(
      [[...callers!.func], [...callers!.total], [...callers!.parent]],
      [
        [-1, MAIN],
        [14_000, 11_000],
        [-1, 0],
      ],
    );
    assert.deepEqual([totalTime, functions.func.length], [14_000, 3]);
    const none = feedOf({ sandwich: 99 }).tree(1, 1000);
    assert.deepEqual([none.nodes.total[0], none.callers!.total[0], none.totalTime], [0, 0, 14_000]);
  });

  it('has a box for each process where there are several, not in inverted graphs or for one of them', () => {
    const drawn = (query: Partial<Query>): string => {
      const { func, parent, total } = feedOf(query).tree(1, 1000).nodes;
      return Array.from(func, (id, node) => `${parent[node]}>${id}:${total[node]! / 1000}`).join(' ');
    };
    const [first, second] = [processNode(0), processNode(1)];
    assert.equal(drawn({}), `-1>-1:14 0>${first}:11 1>${MAIN}:11 2>${WORK}:11 3>${PARSE}:9 0>${second}:3 5>${WORK}:3 6>${PARSE}:3`);
    assert.equal(drawn({ scope: { kind: 'process', id: 1 } }), `-1>-1:3 0>${WORK}:3 1>${PARSE}:3`);
    assert.doesNotMatch(drawn({ inverted: true }), new RegExp(`>${first}`));
  });

  it('opens the line that is hottest in the process whose box it is', () => {
    const open = (path: NodePath) => feedOf().place({ type: 'open', func: WORK, line: 0, path });
    assert.deepEqual(open([processNode(1), 0, WORK, 0]), { file: '/work/app.py', line: 19, process: 1 });
    assert.deepEqual(open([processNode(0), 0, MAIN, 0, WORK, 0]), { file: '/work/app.py', line: 11, process: 0 });
  });

  it('has boxes of processes as soon as there is a second one', () => {
    const profile = new Profile();
    const feed = new Feed(profile);
    profile.append(deltaOf({ runs: [{ stack: 'main:1' }] }));
    assert.equal(feed.tree(1, 1000).nodes.func[1], MAIN);
    profile.append({
      ...deltaOf({ runs: [] }),
      sequence: 1,
      processes: [processOf({ pid: 2 })],
      threads: [threadOf({ process: 1 }, 1)],
      until: 2000,
    });
    assert.equal(feed.tree(1, 1000).nodes.func[1], processNode(0));
  });

  it('takes in what came since, and another question, too', () => {
    const profile = new Profile();
    const feed = new Feed(profile);
    const parts = pieces(delta, [1, 2]);
    const counts = parts.map((part) => {
      profile.append(part);
      return feed.tree(1, 1000).totalSamples;
    });
    assert.deepEqual(counts, [4, 9, 14]);
    feed.query = { ...DEFAULT_QUERY, gilOnly: true };
    assert.equal(feed.tree(2, 1000).totalSamples, 4);
    feed.query = { ...DEFAULT_QUERY, inverted: true };
    const { nodes, query } = feed.tree(3, 1000);
    assert.equal(query, 3);
    assert.equal(nodes.func[1], PARSE);
  });

  it('sends functions with recursion counted once', () => {
    const { functions } = new Feed(profileOf({ runs: [{ stack: 'f:1 f:2 f:3', count: 5 }] })).tree(1, 1000);
    assert.deepEqual([...functions.func, ...functions.total, ...functions.self, ...functions.samples], [0, 5000, 5000, 5]);
  });

  it('sends lines of functions where boxes are lines, recursion counted once', () => {
    const { functions } = new Feed(
      profileOf({
        runs: [
          { stack: 'f:1 f:2 f:1', count: 5 },
          { stack: 'f:1 g:3', count: 2 },
        ],
      }),
    ).tree(1, 1000);
    assert.deepEqual([...functions.line], [0, 0]);
    const feed = new Feed(
      profileOf({
        runs: [
          { stack: 'f:1 f:2 f:1', count: 5 },
          { stack: 'f:1 g:3', count: 2 },
        ],
      }),
    );
    feed.query = { ...DEFAULT_QUERY, by: 'line' };
    const lines = feed.tree(1, 1000).functions;
    assert.deepEqual(
      Array.from(lines.func, (func, row) => [func, lines.line[row], lines.self[row], lines.total[row], lines.samples[row]]),
      [
        [0, 1, 5000, 7000, 7],
        [0, 2, 0, 5000, 5],
        [1, 3, 2000, 2000, 2],
      ],
    );
  });

  describe('finds the line to show', () => {
    const open = (feed: Feed, func: number, path: NodePath | null, line = 0): unknown => {
      const place = feed.place({ type: 'open', func, line, path });
      return place && [place.file, place.line, place.process];
    };

    it('where most of the time goes in a box', () => {
      assert.deepEqual(open(feedOf(), WORK, [MAIN, 0, WORK, 0]), ['/work/app.py', 11, 0]);
      assert.deepEqual(open(feedOf(), PARSE, [MAIN, 0, WORK, 0, PARSE, 0]), ['/work/parse.py', 31, 0]);
      assert.deepEqual(open(feedOf(), PARSE, [WORK, 0, PARSE, 0]), ['/work/parse.py', 35, 0]);
    });

    it('in the chosen samples only', () => {
      assert.deepEqual(open(feedOf({ gilOnly: true }), PARSE, [MAIN, 0, WORK, 0, PARSE, 0]), ['/work/parse.py', 30, 0]);
    });

    it('in what the steps that were taken left', () => {
      const steps = [{ kind: 'mergeFunction', func: WORK }] as const;
      assert.deepEqual(open(feedOf({ transforms: steps }), PARSE, [MAIN, 0, PARSE, 0]), ['/work/parse.py', 31, 0]);
      assert.equal(open(feedOf({ transforms: [{ kind: 'onlyMine' }] }), FOLDED, null), undefined);
    });

    it('of callers in an inverted tree', () => {
      assert.deepEqual(open(feedOf({ inverted: true }), WORK, [PARSE, 0, WORK, 0]), ['/work/app.py', 12, 0]);
      assert.deepEqual(open(feedOf({ inverted: true, by: 'line' }), WORK, [PARSE, 30, WORK, 11]), ['/work/app.py', 11, 0]);
    });

    it('that a box is, where boxes are lines', () => {
      assert.deepEqual(open(feedOf({ by: 'line' }), WORK, [MAIN, 1, WORK, 12], 12), ['/work/app.py', 12, 0]);
    });

    it('of a function anywhere', () => {
      assert.deepEqual(open(feedOf(), WORK, null), ['/work/app.py', 11, 0]);
    });

    it('or the first one of a function that was not seen there', () => {
      assert.deepEqual(open(feedOf(), WORK, [PARSE, 0, WORK, 0]), ['/work/app.py', 20, 0]);
      assert.equal(open(feedOf(), 99, null), undefined);
    });

    it('as the process sees it that ran it', () => {
      assert.deepEqual(open(feedOf({ scope: { kind: 'thread', id: 1 } }), PARSE, null), ['/work/parse.py', 35, 1]);
      const other = profileOf({
        processes: [{}, {}],
        threads: [{}, { process: 1 }],
        runs: [{ stack: 'f:1' }, { thread: 1, stack: 'g:1 h:2' }],
      });
      assert.deepEqual(open(new Feed(other), 2, null), ['/work/app.py', 2, 1]);
    });
  });

  it('counts samples a second of late while live, and over all when not', () => {
    const profile = new Profile();
    const feed = new Feed(profile);
    profile.append({ ...delta, quality: { ...delta.quality, samples: 1000, elapsed: 10e6 } });
    assert.equal(feed.quality(0, true).samplesPerSecond, 100);
    profile.append({
      ...delta,
      sequence: 1,
      processes: [],
      threads: [],
      functions: [],
      frames: { functions: new Uint32Array(0), lines: new Uint32Array(0) },
      stacks: { parents: new Uint32Array(0), frames: new Uint32Array(0) },
      runs: {
        threads: new Uint32Array(0),
        stacks: new Uint32Array(0),
        starts: new Float64Array(0),
        durations: new Float64Array(0),
        counts: new Uint32Array(0),
        cpu: new Float64Array(0),
        flags: new Uint8Array(0),
      },
      quality: { ...delta.quality, samples: 3000, elapsed: 12e6 },
    });
    assert.equal(feed.quality(2000, true).samplesPerSecond, 1000);
    assert.equal(feed.quality(2000, false).samplesPerSecond, 250);
  });

  it('answers what threads did, with the calls of those that are open', () => {
    const feed = feedOf({ onCpuOnly: true });
    const asked = { type: 'timeline', number: 3, range: null, columns: 11, threads: [0, 1, 9], open: [0] } as const;
    const { lanes, ...rest } = feed.timeline(asked);
    assert.deepEqual(rest, { type: 'timeline', number: 3, until: 11_000, range: { start: 0, end: 11_000 }, columns: 11 });
    assert.deepEqual(
      lanes.map(({ thread, bands, boxes }) => [thread, [...bands.onCpu].lastIndexOf(255), boxes === null]),
      [
        [0, 8, false],
        [1, 2, true],
      ],
    );
    // The box of main ends where it waits, as that was not asked for.
    const { row, from, to, func } = lanes[0]!.boxes!;
    assert.deepEqual(
      Array.from(row, (depth, at) => [depth, func[at], from[at], to[at]]).filter(([depth]) => depth === 0),
      [[0, MAIN, 0, 9]],
    );
    const merged = feedOf({ transforms: [{ kind: 'mergeFunction', func: WORK }] }).timeline(asked).lanes[0]!.boxes!;
    assert.deepEqual(new Set(merged.func), new Set([MAIN, PARSE]), 'steps show here, too');
    const later = feed.timeline({ ...asked, range: { start: 9000, end: 10_000 }, columns: 1 });
    assert.deepEqual([later.lanes[0]?.bands.waiting[0], later.lanes[0]?.boxes?.func.length], [255, 0]);
  });

  it('answers questions about a range of time', () => {
    assert.equal(feedOf({ range: { start: 2000, end: 6000 } }).tree(1, 100).nodes.total[0], 5000);
  });

  it('tells how much other choices of samples would leave', () => {
    const { threads, states } = feedOf({ onCpuOnly: true }).left();
    assert.deepEqual([...threads], [9000, 3000]);
    assert.deepEqual(states, { onCpuOnly: 12_000, readyOnly: 0, waitingOnly: 2000, gilOnly: 4000, gcOnly: 0, all: 14_000 });
    const worker = feedOf({ scope: { kind: 'process', id: 1 }, range: { start: 0, end: 2000 } });
    assert.deepEqual([...worker.left().threads], [2000, 2000]);
    assert.equal(worker.left().states.all, 2000);
    assert.equal(feedOf({ scope: { kind: 'threads', ids: [0, 1] }, waitingOnly: true }).tree(1, 100).nodes.total[0], 2000);
  });
});
