import { PairTable } from './pairTable.ts';
import { librariesOf } from './libraries.ts';
import type { Profile } from './profile.ts';
import { FOLDED, type WeighedStacks } from './weighedStacks.ts';

/** Which frames a query takes for the same. */
export interface FrameGroups {
  /** Groups of the profile's frames. */
  readonly length: number;
  /** Group by frame id, of the profile's frames; -1: the frame is hidden. */
  readonly ofFrame: Int32Array;
  /** Those of libraries that are folded into one frame (FOLDED) included: they follow, in the order of the libraries. */
  readonly lengthWithFolded: number;
  readonly func: (group: number) => number;
  /** 0 unless frames are grouped by line. */
  readonly line: (group: number) => number;
}

/** Groups frames by function (the group is the function's id), by module (the group is the id of its file's first function) or by function and line. */
export function frameGroups(
  profile: Profile,
  by: 'function' | 'module' | 'line' = 'function',
  hide?: (functionId: number) => boolean,
): FrameGroups {
  const { frameCount } = profile;
  const { frameFunctions, frameLines } = profile.columns;
  const hidden = Uint8Array.from(profile.functions, (_, func) => (hide?.(func) === true ? 1 : 0));
  const ofFrame = new Int32Array(frameCount);
  if (by !== 'line') {
    const groupOf = by === 'module' ? firstOfFiles(profile) : undefined;
    for (let frame = 0; frame < frameCount; frame++) {
      const func = frameFunctions[frame]!;
      ofFrame[frame] = hidden[func] === 1 ? -1 : (groupOf?.[func] ?? func);
    }
    const { length } = hidden;
    const func = (group: number): number => (group < length ? group : FOLDED + group - length);
    return { length, ofFrame, lengthWithFolded: length + librariesOf(profile).names.length, func, line: () => 0 };
  }
  const pairs = new PairTable(frameCount);
  for (let frame = 0; frame < frameCount; frame++) {
    const func = frameFunctions[frame]!;
    ofFrame[frame] = hidden[func] === 1 ? -1 : pairs.id(func, frameLines[frame]!);
  }
  const { length } = pairs;
  return {
    length,
    ofFrame,
    lengthWithFolded: length + librariesOf(profile).names.length,
    func: (group) => (group < length ? pairs.first(group) : FOLDED + group - length),
    line: (group) => (group < length ? pairs.second(group) : 0),
  };
}

/** The group of every stack's leaf frame, which is what `totalsByKey` wants; -1 for stack 0. */
export function groupsOfStacks({ time, stackFrames }: WeighedStacks, groups: FrameGroups): Int32Array {
  const ofStack = new Int32Array(time.length);
  ofStack[0] = -1;
  for (let stack = 1; stack < time.length; stack++) {
    const frame = stackFrames[stack]!;
    ofStack[stack] = frame < FOLDED ? groups.ofFrame[frame]! : groups.length + frame - FOLDED;
  }
  return ofStack;
}

/** By function: the first one of the same file. */
function firstOfFiles({ functions }: Profile): Int32Array {
  const first = new Map<string, number>();
  return Int32Array.from(functions, ({ file }, func) => {
    const known = first.get(file) ?? func;
    first.set(file, known);
    return known;
  });
}
