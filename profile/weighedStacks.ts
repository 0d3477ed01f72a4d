import type { ProcessStacks } from './processStacks.ts';
import type { Profile } from './profile.ts';
import type { CutWeights } from './weights.ts';

/** What queries are asked of: stacks, as they are in the profile or as they were transformed, and what they weigh. */
export interface WeighedStacks {
  readonly profile: Profile;
  /** µs by stack; as long as there are stacks. Stack 0 is the empty one. */
  readonly time: Float64Array;
  /** Number of samples by stack. */
  readonly samples: Float64Array;
  /** µs of all stacks. */
  readonly totalTime: number;
  readonly totalSamples: number;
  /** Always less than the stack. May be longer than there are stacks, like `stackFrames`. */
  readonly parents: Uint32Array;
  /** The leaf frame by stack: of the profile, or from FOLDED on a folded library. */
  readonly stackFrames: Uint32Array;
  /** What a sample with a stack of the profile counts as; -1: it does not count. */
  readonly stackOf: (stack: number) => number;
  /** The same by process, where it is known. */
  readonly byProcess: ProcessStacks | undefined;
  /** What was cut off stacks, where that is known. */
  readonly cut: CutWeights | undefined;
}

/**
 * From here on ids of frames and of functions stand for the calls of libraries that are folded into one box: FOLDED + the library's id
 * (Libraries). A profile has far fewer functions and frames, and the sum is still a signed 32-bit integer.
 */
export const FOLDED = 0x4000_0000;

/** The function of a frame, be it a folded one. */
export function functionOfFrame(profile: Profile, frame: number): number {
  return frame >= FOLDED ? frame : profile.frameFunction(frame);
}

/** 0 where a frame has no line. */
export function lineOfFrame(profile: Profile, frame: number): number {
  return frame >= FOLDED ? 0 : profile.frameLine(frame);
}
