import { frameGroups } from './frameGroups.ts';
import { PairTable } from './pairTable.ts';
import type { Profile } from './profile.ts';

/**
 * For each stack the first one whose frames have the same functions and lines: where instructions are told apart several stacks
 * read the same. Without that each is its own.
 */
export function stacksByLine(profile: Profile): Uint32Array {
  const { stackParents, stackFrames } = profile.columns;
  const groups = frameGroups(profile, 'line').ofFrame;
  const pairs = new PairTable(profile.stackCount);
  const firstOf: number[] = [];
  const same = new Uint32Array(profile.stackCount);
  for (let stack = 1; stack < same.length; stack++) {
    const pair = pairs.id(same[stackParents[stack]!]!, groups[stackFrames[stack]!]!);
    if (pair === firstOf.length) firstOf.push(stack);
    same[stack] = firstOf[pair]!;
  }
  return same;
}
