import { PairTable } from './pairTable.ts';
import type { Profile } from './profile.ts';

/** Which frames a query takes for the same. */
export interface FrameGroups {
  readonly length: number;
  /** Group by frame id; -1: the frame is hidden. */
  readonly ofFrame: Int32Array;
  readonly func: (group: number) => number;
  /** 0 unless frames are grouped by line. */
  readonly line: (group: number) => number;
}

/** Groups frames by function (the group is the function's id) or by function and line. */
export function frameGroups(profile: Profile, by: 'function' | 'line' = 'function', hide?: (functionId: number) => boolean): FrameGroups {
  const { frameCount } = profile;
  const { frameFunctions, frameLines } = profile.columns;
  const hidden = Uint8Array.from(profile.functions, (_, func) => (hide?.(func) === true ? 1 : 0));
  const ofFrame = new Int32Array(frameCount);
  if (by === 'function') {
    for (let frame = 0; frame < frameCount; frame++) {
      const func = frameFunctions[frame]!;
      ofFrame[frame] = hidden[func] === 1 ? -1 : func;
    }
    return { length: hidden.length, ofFrame, func: (group) => group, line: () => 0 };
  }
  const pairs = new PairTable(frameCount);
  for (let frame = 0; frame < frameCount; frame++) {
    const func = frameFunctions[frame]!;
    ofFrame[frame] = hidden[func] === 1 ? -1 : pairs.id(func, frameLines[frame]!);
  }
  return {
    get length() {
      return pairs.length;
    },
    ofFrame,
    func: (group) => pairs.first(group),
    line: (group) => pairs.second(group),
  };
}

/** The group of every stack's leaf frame, which is what `totalsByKey` wants; -1 for stack 0. */
export function groupsOfStacks(profile: Profile, stackCount: number, groups: FrameGroups): Int32Array {
  const { stackFrames } = profile.columns;
  const ofStack = new Int32Array(stackCount);
  ofStack[0] = -1;
  for (let stack = 1; stack < stackCount; stack++) ofStack[stack] = groups.ofFrame[stackFrames[stack]!]!;
  return ofStack;
}
