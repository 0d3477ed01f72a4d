import { PairTable } from '../pairTable.ts';
import type { Profile } from '../profile.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { pathOf } from './chromeTrace.ts';
import { frameGroups } from '../frameGroups.ts';
import type { WrittenSamples } from './format.ts';
import { Column, jsonPieces } from './jsonPieces.ts';
import { threadName } from './names.ts';
import { threadTimelines } from './threadTimeline.ts';

/** Node ids that V8 gives: the root is 1. */
const ROOT = 1;

/** Samples at most: viewers take the whole file into memory. */
const MAX_SAMPLES = 4_000_000;

interface CallNode {
  readonly func: number;
  readonly name: string;
  readonly children: number[];
  hits: number;
  /** Samples by line, where it was innermost. */
  readonly ticks: Map<number, number>;
}

/**
 * V8's CPU profile (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile), which VS Code and Chrome's DevTools
 * open. It knows one thread: of several, each is below the root by its name, and they follow each other in time.
 */
export function* cpuProfileText(profile: Profile, samples: WrittenSamples = {}): Generator<string, void> {
  const { functions, runs } = profile;
  const { ofFrame } = frameGroups(profile);
  const nodes: CallNode[] = [{ func: -1, name: '(root)', children: [], hits: 0, ticks: new Map() }];
  const children = new PairTable();
  /** @param func function's id; below 0: none */
  const child = (parent: number, func: number, name: string): number => {
    const node = children.id(parent, func) + 1;
    if (node === nodes.length) {
      nodes.push({ func, name, children: [], hits: 0, ticks: new Map() });
      nodes[parent]!.children.push(node);
    }
    return node;
  };
  const order: number[] = [];
  const deltas: number[] = [];
  const timelines = threadTimelines(profile, samples);
  const used = new Set<number>();
  for (const [thread, timeline] of timelines.entries()) if (!timeline().next().done!) used.add(thread);
  let now = 0;
  /** A sample is the start of what it shows until the next one begins. */
  let pending = 0;
  const place = (node: number, duration: number): void => {
    if (order.length >= MAX_SAMPLES)
      throw new ProfileFormatError('This profile is too big for a CPU profile. Save it in the Firefox Profiler format.');
    order.push(node + ROOT);
    deltas.push(pending);
    pending = duration;
    now += duration;
  };
  for (const thread of used) {
    const above = used.size > 1 ? child(0, -2 - thread, threadName(profile, thread)) : 0;
    const idle = child(above, -1, '(idle)');
    let last: number | undefined;
    for (const { run, start, end } of timelines[thread]!()) {
      if (last !== undefined && start > last) place(idle, start - last);
      last = end;
      const stack = runs.stacks[run]!;
      let node = stack === 0 ? idle : above;
      for (const func of pathOf(profile, stack, ofFrame)) node = child(node, func, functions[func]!.name);
      const { ticks } = nodes[node]!;
      nodes[node]!.hits += runs.counts[run]!;
      const line = stack === 0 ? 0 : profile.frameLine(profile.stackFrame(stack));
      if (line > 0) ticks.set(line, (ticks.get(line) ?? 0) + runs.counts[run]!);
      if (end > start) place(node, end - start);
    }
  }
  // The last sample ends where the next one would begin.
  if (order.length > 0) {
    order.push(ROOT);
    deltas.push(pending);
  }
  yield* jsonPieces({
    nodes: new Column(nodes.length, (id) => callNode(nodes[id]!, id, profile)),
    startTime: 0,
    endTime: now,
    samples: order,
    timeDeltas: deltas,
  });
  yield '\n';
}

function callNode({ func, name, children, hits, ticks }: CallNode, id: number, { functions }: Profile): object {
  const record = func < 0 ? undefined : functions[func]!;
  return {
    id: id + ROOT,
    callFrame: {
      functionName: name,
      scriptId: '0',
      url: record?.file ?? '',
      // From 0 on.
      lineNumber: (record?.firstLine ?? 0) - 1,
      columnNumber: -1,
    },
    hitCount: hits,
    children: children.map((child) => child + ROOT),
    ...(ticks.size === 0 ? {} : { positionTicks: Array.from(ticks, ([line, count]) => ({ line, ticks: count })) }),
  };
}
