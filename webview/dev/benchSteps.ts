// How long the host takes to answer another question, of a million samples with 100 000 stacks: node webview/dev/benchSteps.ts
import type { Transform } from '../../profile/transforms/transform.ts';
import { Feed } from '../../src/flameGraph/feed.ts';
import { DEFAULT_QUERY, type Query } from '../query.ts';
import { largeSample, random, recordedProfile } from './sampleTrees.ts';

const STACKS = 100_000;
const SAMPLES = 1_000_000;
const profile = recordedProfile(largeSample(STACKS));
const next = random(2);
const stackCount = profile.stackCount;
const more = SAMPLES - profile.runs.length;
profile.append({
  sequence: profile.version,
  until: profile.until + SAMPLES * 1000,
  processes: [],
  threads: [],
  threadChanges: [],
  functions: [],
  frames: { functions: new Uint32Array(0), lines: new Uint32Array(0) },
  stacks: { parents: new Uint32Array(0), frames: new Uint32Array(0) },
  runs: {
    threads: new Uint32Array(more),
    stacks: Uint32Array.from({ length: more }, () => 1 + Math.floor(next() * (stackCount - 1))),
    starts: Float64Array.from({ length: more }, (_, run) => profile.until + run * 1000),
    durations: new Float64Array(more).fill(1000),
    counts: new Uint32Array(more).fill(1),
    cpu: new Float64Array(more),
    flags: new Uint8Array(more).fill(1),
  },
  quality: profile.quality,
});
const feed = new Feed(profile);
const asked = (transforms: readonly Transform[], change: Partial<Query> = {}): void => {
  feed.query = { ...DEFAULT_QUERY, transforms, ...change };
  feed.tree(1, 100_000);
};
const path = [...feed.tree(1, 100_000).nodes.func.subarray(1, 3)].flatMap((func) => [func, 0]);
const questions: Record<string, () => void> = {
  'no steps': () => asked([]),
  'only my code': () => asked([{ kind: 'onlyMine' }]),
  'focus on a subtree': () => asked([{ kind: 'focusSubtree', path, inverted: false, byLine: false }]),
  'focus on a function': () => asked([{ kind: 'focusFunction', func: 3 }]),
  'merge a function': () => asked([{ kind: 'mergeFunction', func: 3 }]),
  'collapse recursion': () => asked([{ kind: 'collapseRecursion', func: 3 }]),
  'hide the standard library': () => asked([{ kind: 'hideLibrary', library: '<standard library>' }]),
  'three steps': () => asked([{ kind: 'onlyMine' }, { kind: 'mergeFunction', func: 3 }, { kind: 'focusFunction', func: 1 }]),
  'only my code, callers': () => asked([{ kind: 'onlyMine' }], { inverted: true }),
};
console.log(
  `${profile.runs.length} runs of samples, ${stackCount} stacks: ms of processor time for tree and table, median of 7 and the first`,
);
for (const [what, ask] of Object.entries(questions)) {
  const times = Array.from({ length: 7 }, () => {
    feed.query = DEFAULT_QUERY; // so that each asks something new
    feed.tree(0, 100_000);
    const before = process.cpuUsage();
    ask();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  console.log(
    `${what.padEnd(28)} ${times
      .toSorted((a, b) => a - b)[3]!
      .toFixed(0)
      .padStart(5)} ${times[0]!.toFixed(0).padStart(5)}`,
  );
}
