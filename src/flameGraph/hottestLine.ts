import { stackTotals } from '../../profile/stackTotals.ts';
import { functionOfFrame, lineOfFrame, type WeighedStacks } from '../../profile/weighedStacks.ts';
import type { NodePath, Query } from '../../webview/query.ts';

/**
 * The line of a function where most of its time goes, be it in the line itself or in what it
 * calls. That is the line to show for a box of the graph, which stands for all lines of a function.
 * @param node where in the tree; undefined: anywhere
 * @returns undefined if the function was not seen there, or only without a line
 */
export function hottestLine(weights: WeighedStacks, func: number, node: { path: NodePath; query: Query } | undefined): number | undefined {
  const times = new Map<number, number>();
  const add = (line: number, time: number): void => {
    if (line > 0) times.set(line, (times.get(line) ?? 0) + time);
  };
  if (node === undefined) addEverywhere(weights, func, add);
  else if (node.query.inverted) addFromLeaves(weights, node.path, node.query.by === 'line', add);
  else addFromRoot(weights, node.path, node.query.by === 'line', add);
  let hottest: number | undefined;
  for (const [line, time] of times) if (hottest === undefined || time > times.get(hottest)!) hottest = line;
  return hottest;
}

type Add = (line: number, time: number) => void;

function addEverywhere(weights: WeighedStacks, func: number, add: Add): void {
  const { profile, stackFrames } = weights;
  const { time } = stackTotals(weights);
  for (let stack = 1; stack < time.length; stack++) {
    const frame = stackFrames[stack]!;
    if (functionOfFrame(profile, frame) === func) add(lineOfFrame(profile, frame), time[stack]!);
  }
}

function addFromRoot(weights: WeighedStacks, path: NodePath, byLine: boolean, add: Add): void {
  const { profile, parents, stackFrames } = weights;
  const { time } = stackTotals(weights);
  /** By stack: how many steps of the path it is, or -1. */
  const steps = new Int32Array(time.length).fill(-1);
  steps[0] = 0;
  for (let stack = 1; stack < time.length; stack++) {
    const done = steps[parents[stack]!]!;
    if (done === -1 || !isStep(weights, stack, path, done, byLine)) continue;
    steps[stack] = done + 1;
    if (2 * (done + 1) === path.length) add(lineOfFrame(profile, stackFrames[stack]!), time[stack]!);
  }
}

function addFromLeaves(weights: WeighedStacks, path: NodePath, byLine: boolean, add: Add): void {
  const { profile, time, parents, stackFrames } = weights;
  for (let leaf = 1; leaf < time.length; leaf++) {
    if (weights.samples[leaf] === 0) continue;
    let stack = leaf;
    for (let done = 0; stack !== 0 && isStep(weights, stack, path, done, byLine); done++) {
      if (2 * (done + 1) === path.length) {
        add(lineOfFrame(profile, stackFrames[stack]!), time[leaf]!);
        break;
      }
      stack = parents[stack]!;
    }
  }
}

/** Whether a stack's leaf frame is the step of a path that comes after `done` steps. */
function isStep({ profile, stackFrames }: WeighedStacks, stack: number, path: NodePath, done: number, byLine: boolean): boolean {
  const frame = stackFrames[stack]!;
  if (2 * done >= path.length || functionOfFrame(profile, frame) !== path[2 * done]) return false;
  return !byLine || lineOfFrame(profile, frame) === path[2 * done + 1];
}

/** A process that ran the function: files are looked up as it sees them. 0 if none did. */
export function processOf({ profile }: WeighedStacks, func: number): number {
  if (profile.processes.length < 2) return 0;
  const calls = new Uint8Array(profile.stackCount); // the function is in the stack
  for (let stack = 1; stack < calls.length; stack++) {
    if (calls[profile.stackParent(stack)] === 1 || profile.frameFunction(profile.stackFrame(stack)) === func) calls[stack] = 1;
  }
  const { stacks, threads, length } = profile.runs;
  for (let run = 0; run < length; run++) if (calls[stacks[run]!] === 1) return profile.threads[threads[run]!]!.process;
  return 0;
}
