import { frameGroups, type FrameGroups } from '../frameGroups.ts';
import { PairTable } from '../pairTable.ts';
import type { Profile } from '../profile.ts';
import { StackWeights } from '../weights.ts';
import type { WrittenSamples } from './format.ts';

/** µs and samples in which something was on the stack, once for each sample however often it recurs. */
export interface CallTime {
  time: number;
  samples: number;
  /** µs and samples in which it was innermost. */
  self: number;
  selfSamples: number;
}

/** What formats of deterministic profilers hold: functions, lines of functions, and who called whom from which line. */
export interface CallTimes {
  readonly groups: FrameGroups;
  /** By function id. */
  readonly functions: readonly CallTime[];
  /** By group, a line of a function. */
  readonly lines: readonly CallTime[];
  /** By pair in `edges`: (group of the caller, function called). */
  readonly calls: readonly CallTime[];
  readonly edges: PairTable;
  /** The same by (caller's function, function called). */
  readonly pairs: PairTable;
  readonly pairCalls: readonly CallTime[];
}

export function callTimes(profile: Profile, samples: WrittenSamples): CallTimes {
  const { time, samples: counts } = new StackWeights(profile, samples);
  const groups = frameGroups(profile, 'line');
  const edges = new PairTable();
  const pairs = new PairTable();
  const nothing = (): CallTime => ({ time: 0, samples: 0, self: 0, selfSamples: 0 });
  const functions = profile.functions.map(nothing);
  const lines = Array.from({ length: groups.length }, nothing);
  const [calls, pairCalls]: [CallTime[], CallTime[]] = [[], []];
  for (let stack = 1; stack < time.length; stack++) {
    if (counts[stack] === 0) continue;
    const seen = new Set<CallTime>();
    let called = -1;
    const add = (one: CallTime, isLeaf: boolean): void => {
      if (isLeaf) {
        one.self += time[stack]!;
        one.selfSamples += counts[stack]!;
      }
      if (seen.has(one)) return;
      seen.add(one);
      one.time += time[stack]!;
      one.samples += counts[stack]!;
    };
    for (let at = stack; at !== 0; at = profile.stackParent(at)) {
      const group = groups.ofFrame[profile.stackFrame(at)]!;
      const func = groups.func(group);
      const isLeaf = at === stack;
      if (!isLeaf) {
        const wasLeaf = profile.stackParent(stack) === at;
        add((calls[edges.id(group, called)] ??= nothing()), wasLeaf);
        add((pairCalls[pairs.id(func, called)] ??= nothing()), wasLeaf);
      }
      add(functions[func]!, isLeaf);
      add(lines[group]!, isLeaf);
      called = func;
    }
  }
  return { groups, functions, lines, calls, edges, pairs, pairCalls };
}
