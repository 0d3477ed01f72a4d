import type { FrameGroups } from './frameGroups.ts';
import { frameGroups, groupsOfStacks } from './frameGroups.ts';
import { PairTable } from './pairTable.ts';
import type { ProcessStacks } from './processStacks.ts';
import { stackTotals } from './stackTotals.ts';
import type { WeighedStacks } from './weighedStacks.ts';

/**
 * A call tree in columns, in preorder: every node is followed by its whole subtree, so parents come
 * before children. Siblings are sorted by total, descending. Node 0 is the root, which stands for
 * everything and has the total of all samples.
 *
 * self + totals of the children = total, at every node. In an inverted tree children are callers,
 * and self is the time of stacks that have no further caller.
 */
export interface CallTree {
  /** Number of nodes, at least 1. */
  readonly length: number;
  /** -1 at the root. */
  readonly parent: Int32Array;
  /** Function id; -1 at the root; `processNode(id)` for a process. */
  readonly func: Int32Array;
  /** 0 unless the tree is by line; also 0 where a frame has no line. */
  readonly line: Int32Array;
  /** 0 at the root. */
  readonly depth: Int32Array;
  /** µs */
  readonly self: Float64Array;
  /** µs */
  readonly total: Float64Array;
  /** Number of samples in the total. */
  readonly samples: Float64Array;
}

export interface CallTreeOptions {
  /** From the leaves to their callers. */
  readonly inverted?: boolean;
  /** What makes two calls the same: the function (unless told), or the function and the line it is at. */
  readonly by?: 'function' | 'line';
  /** Functions to leave out: their time is their callers', in an inverted tree too. */
  readonly hide?: (functionId: number) => boolean;
  /** A node for each process between the root and its calls; not in inverted trees. Takes weights that are known by process. */
  readonly byProcess?: boolean;
  /**
   * An inverted tree may be far bigger than the profile. Past this many nodes (500 000 unless told)
   * it gets no deeper: what is cut off counts as self time. Other trees never have more nodes than
   * the profile has stacks.
   */
  readonly maxNodes?: number;
}

/**
 * What stands for a process where otherwise there are function ids. -2 has another meaning for who draws trees.
 * @param id its id in the profile, not its pid
 */
export function processNode(id: number): number {
  return -3 - id;
}

/** The id of the process that a node's `func` stands for; undefined for functions and everything else. */
export function processOfNode(func: number): number | undefined {
  return func <= -3 ? -3 - func : undefined;
}

const DEFAULT_MAX_NODES = 500_000;

/** Bounds the work where few nodes of an inverted tree take many steps: samples at each of 10 000 depths of a recursion, say. */
const STEPS_PER_NODE = 16;

/** The calls of the weights' samples as of their last update. */
export function callTree(weights: WeighedStacks, options: CallTreeOptions = {}): CallTree {
  const groups = frameGroups(weights.profile, options.by, options.hide);
  if (options.inverted === true) return arranged(invertedNodes(weights, groups, options.maxNodes ?? DEFAULT_MAX_NODES), groups);
  if (options.byProcess !== true || weights.byProcess === undefined) return arranged(nodesOf(weights, groups), groups);
  return arranged(nodesByProcess(weights, weights.byProcess, groups), withProcesses(groups));
}

/** A tree in the order its nodes were found, parents before children. */
interface Nodes {
  /** Pairs of (parent node, group): pair i belongs to node i + 1, for the root has none. */
  readonly pairs: PairTable;
  /** By node, µs; may be longer than there are nodes. */
  readonly self: Float64Array;
  /** By node, number of samples in self; as long as `self`. */
  readonly selfSamples: Float64Array;
}

function nodesOf(weights: WeighedStacks, groups: FrameGroups): Nodes {
  const { time, parents } = weights;
  const { samples } = stackTotals(weights);
  const groupOf = groupsOfStacks(weights, groups);
  const pairs = new PairTable(time.length / 2);
  const nodeOf = new Int32Array(time.length);
  const self = new Float64Array(time.length);
  const selfSamples = new Float64Array(time.length);
  self[0] = time[0]!;
  selfSamples[0] = weights.samples[0]!;
  for (let stack = 1; stack < time.length; stack++) {
    if (samples[stack] === 0) continue;
    let node = nodeOf[parents[stack]!]!;
    if (groupOf[stack]! >= 0) node = pairs.id(node, groupOf[stack]!) + 1;
    nodeOf[stack] = node;
    self[node]! += time[stack]!;
    selfSamples[node]! += weights.samples[stack]!;
  }
  return { pairs, self, selfSamples };
}

/** Groups beyond those of functions are processes. */
function withProcesses(groups: FrameGroups): Pick<FrameGroups, 'func' | 'line'> {
  const length = groups.lengthWithFolded;
  return {
    func: (group) => (group < length ? groups.func(group) : processNode(group - length)),
    line: (group) => (group < length ? groups.line(group) : 0),
  };
}

function nodesByProcess(weights: WeighedStacks, byProcess: ProcessStacks, groups: FrameGroups): Nodes {
  const groupOf = groupsOfStacks(weights, groups);
  const { parents } = weights;
  const pairs = new PairTable(byProcess.length);
  /** Pairs of process and stack whose nodes are known, and by their id these. */
  const seen = new PairTable(byProcess.length);
  const nodeOf: number[] = [];
  const way: number[] = [];
  const find = (process: number, leaf: number): number => {
    let known = seen.id(process, leaf);
    let stack = leaf;
    for (; known === nodeOf.length; known = seen.id(process, stack)) {
      nodeOf.push(-1); // until the way back
      way.push(known, stack);
      if (stack === 0) break;
      stack = parents[stack]!;
    }
    let node = nodeOf[known]!;
    while (way.length > 0) {
      const at = way.pop()!;
      const id = way.pop()!;
      if (at === 0) node = pairs.id(0, groups.lengthWithFolded + process) + 1;
      else if (groupOf[at]! >= 0) node = pairs.id(node, groupOf[at]!) + 1;
      nodeOf[id] = node;
    }
    return node;
  };
  const nodes = Int32Array.from({ length: byProcess.length }, (_, pair) =>
    byProcess.samples[pair] === 0 ? 0 : find(byProcess.process(pair), byProcess.stack(pair)),
  );
  const self = new Float64Array(pairs.length + 1);
  const selfSamples = new Float64Array(pairs.length + 1);
  nodes.forEach((node, pair) => {
    self[node]! += byProcess.time[pair]!;
    selfSamples[node]! += byProcess.samples[pair]!;
  });
  return { pairs, self, selfSamples };
}

function invertedNodes(weights: WeighedStacks, groups: FrameGroups, maxNodes: number): Nodes {
  const { time, parents } = weights;
  const groupOf = groupsOfStacks(weights, groups);
  /** The stack itself, or the nearest one below whose leaf is not hidden. */
  const visible = new Int32Array(time.length);
  for (let stack = 1; stack < time.length; stack++) visible[stack] = groupOf[stack]! < 0 ? visible[parents[stack]!]! : stack;

  const pairs = new PairTable(time.length);
  let self = new Float64Array(time.length);
  let selfSamples = new Float64Array(time.length);
  // Level by level, all ways from the leaves at once: pairs of (stack still to go, node reached). Ways that
  // meet go on as one, so the cost is that of the tree and not that of all stacks' depths.
  let ways = new PairTable(time.length);
  let times = new Float64Array(time.length);
  let counts = new Float64Array(time.length);
  for (let stack = 0; stack < time.length; stack++) {
    if (weights.samples[stack] === 0) continue;
    const way = ways.id(visible[stack]!, 0);
    times[way]! += time[stack]!;
    counts[way]! += weights.samples[stack]!;
  }
  let steps = 0;
  while (ways.length > 0) {
    steps += ways.length;
    const end = pairs.length > maxNodes || steps > maxNodes * STEPS_PER_NODE;
    const nextWays = new PairTable(ways.length);
    const nextTimes = new Float64Array(ways.length);
    const nextCounts = new Float64Array(ways.length);
    for (let way = 0; way < ways.length; way++) {
      const stack = ways.first(way);
      const node = ways.second(way);
      if (stack === 0 || end) {
        self[node]! += times[way]!;
        selfSamples[node]! += counts[way]!;
        continue;
      }
      const caller = pairs.id(node, groupOf[stack]!) + 1;
      const next = nextWays.id(visible[parents[stack]!]!, caller);
      nextTimes[next]! += times[way]!;
      nextCounts[next]! += counts[way]!;
    }
    if (pairs.length >= self.length) {
      self = grown(self, pairs.length * 2);
      selfSamples = grown(selfSamples, pairs.length * 2);
    }
    ways = nextWays;
    times = nextTimes;
    counts = nextCounts;
  }
  return { pairs, self, selfSamples };
}

function grown(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(length);
  longer.set(column);
  return longer;
}

/** Puts nodes into preorder, siblings by total. */
function arranged({ pairs, self, selfSamples }: Nodes, groups: Pick<FrameGroups, 'func' | 'line'>): CallTree {
  const length = pairs.length + 1;
  const totals = self.slice(0, length);
  const samples = selfSamples.slice(0, length);
  const parents = new Int32Array(length);
  const group = new Int32Array(length);
  for (let node = 1; node < length; node++) {
    parents[node] = pairs.first(node - 1);
    group[node] = pairs.second(node - 1);
  }
  /** Where the children of a node end in `children`, after they have been put in; the next node's follow. */
  const childEnd = new Int32Array(length);
  for (let node = length - 1; node > 0; node--) {
    const parent = parents[node]!;
    totals[parent]! += totals[node]!;
    samples[parent]! += samples[node]!;
    childEnd[parent]!++;
  }
  let end = 0;
  for (let node = 0; node < length; node++) {
    const count = childEnd[node]!;
    childEnd[node] = end;
    end += count;
  }
  const children = new Int32Array(end);
  for (let node = 1; node < length; node++) children[childEnd[parents[node]!]!++] = node;

  const tree = {
    length,
    parent: new Int32Array(length),
    func: new Int32Array(length),
    line: new Int32Array(length),
    depth: new Int32Array(length),
    self: new Float64Array(length),
    total: new Float64Array(length),
    samples: new Float64Array(length),
  };
  const newNumber = new Int32Array(length);
  /** By node: where its next child is in `children`. */
  const nextChild = new Int32Array(length);
  tree.parent[0] = -1;
  tree.func[0] = -1;
  let node = 0;
  for (let number = 0; ; number++) {
    newNumber[node] = number;
    tree.self[number] = self[node]!;
    tree.total[number] = totals[node]!;
    tree.samples[number] = samples[node]!;
    if (number > 0) {
      const parent = newNumber[parents[node]!]!;
      tree.parent[number] = parent;
      tree.depth[number] = tree.depth[parent]! + 1;
      tree.func[number] = groups.func(group[node]!);
      tree.line[number] = groups.line(group[node]!);
    }
    const first = node === 0 ? 0 : childEnd[node - 1]!;
    sortSiblings(children, first, childEnd[node]!, totals, group);
    nextChild[node] = first;
    while (nextChild[node] === childEnd[node]) {
      if (node === 0) return tree;
      node = parents[node]!;
    }
    node = children[nextChild[node]!++]!;
  }
}

/** Sorts a part of `nodes` by total, descending; equal totals by group, so that a live picture keeps still. */
function sortSiblings(nodes: Int32Array, from: number, to: number, totals: Float64Array, group: Int32Array): void {
  if (to - from > 20) {
    nodes.subarray(from, to).sort((a, b) => totals[b]! - totals[a]! || group[a]! - group[b]!);
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const node = nodes[i]!;
    const total = totals[node]!;
    let at = i;
    while (at > from) {
      const before = nodes[at - 1]!;
      if (totals[before]! > total || (totals[before] === total && group[before]! < group[node]!)) break;
      nodes[at--] = before;
    }
    nodes[at] = node;
  }
}
