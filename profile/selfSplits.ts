import { isKernel, isNative } from './delta.ts';
import { Innermost, innermostOfFrames, innermostSource } from './innermost.ts';
import { FOLDED, type WeighedStacks } from './weighedStacks.ts';

/** How the own time of Python lines was spent, µs. */
export interface SelfSplit {
  /** With what could not be found out. */
  readonly all: number;
  readonly python: number;
  readonly native: number;
  /** Of `native`, in the file that Python itself is in: its operators, containers and built-in functions. */
  readonly interpreter: number;
  /** In the kernel; 0 where only instructions tell. */
  readonly system: number;
  /** Native functions that were innermost, or called the system, most time first. None where only instructions tell. */
  readonly functions: readonly { readonly func: number; readonly time: number }[];
}

/** Files that Python is in: libpython3.12.so.1.0, python3.13t. */
const interpreterFile = /(?:^|\/)(?:lib)?python\d[\d.]*[a-z]*(?:\.so[\d.]*)?$/;

/** Splits the own time of Python lines, which has that of the native code they call. */
export class SelfSplits {
  readonly #weights: WeighedStacks;
  readonly #ofFrame: Uint8Array;
  readonly #isNative: Uint8Array;
  readonly #isKernel: Uint8Array;
  readonly #isInterpreter: Uint8Array;

  private constructor(weights: WeighedStacks) {
    this.#weights = weights;
    this.#ofFrame = innermostOfFrames(weights.profile);
    this.#isNative = Uint8Array.from(weights.profile.functions, (record) => (isNative(record) ? 1 : 0));
    this.#isKernel = Uint8Array.from(weights.profile.functions, (record) => (isKernel(record) ? 1 : 0));
    this.#isInterpreter = Uint8Array.from(weights.profile.functions, (record) =>
      isNative(record) && interpreterFile.test(record.library ?? record.file) ? 1 : 0,
    );
  }

  /** Undefined where a profile does not tell native code from Python's. */
  static of(weights: WeighedStacks): SelfSplits | undefined {
    return innermostSource(weights.profile) === null ? undefined : new SelfSplits(weights);
  }

  /**
   * @param isOf whether a Python frame is of what is asked for; stacks count of which it is the innermost Python frame
   * @param limit most native functions
   */
  split(isOf: (frame: number) => boolean, limit: number): SelfSplit {
    const { profile, time, parents, stackFrames } = this.#weights;
    const { frameFunctions } = profile.columns;
    const sums = [0, 0, 0, 0];
    let interpreter = 0;
    const ofFunctions = new Map<number, number>();
    /** By stack: 1 where its innermost Python frame is of it, 2 where not. Parents come first. */
    const wanted = new Uint8Array(time.length);
    for (let stack = 1; stack < time.length; stack++) {
      const frame = stackFrames[stack]!;
      if (frame >= FOLDED) wanted[stack] = 2;
      else if (this.#isNative[frameFunctions[frame]!] === 1) wanted[stack] = wanted[parents[stack]!]!;
      else wanted[stack] = isOf(frame) ? 1 : 2;
      if (wanted[stack] !== 1 || time[stack] === 0) continue;
      sums[this.#ofFrame[frame]!]! += time[stack]!;
      let func = frameFunctions[frame]!;
      if (this.#isInterpreter[func] === 1) interpreter += time[stack]!;
      // What the system does is done for who called it.
      if (this.#isKernel[func] === 1) func = frameFunctions[stackFrames[parents[stack]!]!] ?? func;
      if (this.#isNative[func] === 1 && this.#ofFrame[frame] !== Innermost.NotRead)
        ofFunctions.set(func, (ofFunctions.get(func) ?? 0) + time[stack]!);
    }
    return {
      all: sums.reduce((sum, one) => sum + one, 0),
      python: sums[Innermost.Python]!,
      native: sums[Innermost.Native]!,
      interpreter,
      system: sums[Innermost.System]!,
      functions: [...ofFunctions]
        .map(([func, spent]) => ({ func, time: spent }))
        .sort((a, b) => b.time - a.time)
        .slice(0, limit),
    };
  }
}
