import type { FunctionRecord } from './delta.ts';
import type { Transform } from './transforms/transform.ts';

/**
 * What becomes of a function's frames:
 * - `show`
 * - `hide`: the frame is taken out of its stacks, and its time is its caller's
 * - `leaveOut`: samples with it in their stack don't count at all
 */
export type FrameTreatment = 'show' | 'hide' | 'leaveOut';

/** Which samples a question is about: those that pass all that is given. */
export interface SampleFilter {
  /** Thread ids. */
  readonly threads?: ReadonlySet<number>;
  /** Process ids (indices, not pids). */
  readonly processes?: ReadonlySet<number>;
  /** Only samples of threads that were running. */
  readonly onCpuOnly?: boolean;
  /** Only samples of threads that could run but had no core. Together with `onCpuOnly`: those of either. */
  readonly readyOnly?: boolean;
  /** Only samples of threads that held their interpreter's GIL. */
  readonly gilOnly?: boolean;
  /** Only samples taken from `start` to before `end`, µs since the session's start. */
  readonly range?: { readonly start: number; readonly end: number };
  /** Asked once for each function; all are shown unless told. */
  readonly treatment?: (func: FunctionRecord) => FrameTreatment;
  /** What becomes of the stacks that are left: TransformedStacks takes them, StackWeights is what it was before. */
  readonly transforms?: readonly Transform[];
}
