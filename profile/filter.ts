import { type FunctionRecord, SampleFlag } from './delta.ts';
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
  /** Only samples of threads that waited for something else than a core. Together with others of these: those of any. */
  readonly waitingOnly?: boolean;
  /** Only samples of threads that held their interpreter's GIL. */
  readonly gilOnly?: boolean;
  /** Only samples of threads that collected garbage. */
  readonly gcOnly?: boolean;
  /** Only samples taken from `start` to before `end`, µs since the session's start. */
  readonly range?: { readonly start: number; readonly end: number };
  /** Asked once for each function; all are shown unless told. */
  readonly treatment?: (func: FunctionRecord) => FrameTreatment;
  /** What becomes of the stacks that are left: TransformedStacks takes them, StackWeights is what it was before. */
  readonly transforms?: readonly Transform[];
}

/** What a filter says of threads' states. */
export type StateFilter = Pick<SampleFilter, 'onCpuOnly' | 'readyOnly' | 'waitingOnly' | 'gilOnly' | 'gcOnly'>;

/** Whether samples with certain flags pass, by those flags (a sum of SampleFlag values): 1 or 0. */
export function passingFlags({ onCpuOnly, readyOnly, waitingOnly, gilOnly, gcOnly }: StateFilter): Uint8Array {
  const anyState = onCpuOnly !== true && readyOnly !== true && waitingOnly !== true;
  return Uint8Array.from({ length: 256 }, (_, flags) => {
    const onCpu = (flags & SampleFlag.OnCpu) !== 0;
    const ready = (flags & SampleFlag.Ready) !== 0;
    const isState =
      anyState || (onCpuOnly === true && onCpu) || (readyOnly === true && ready) || (waitingOnly === true && !onCpu && !ready);
    const isHolder = gilOnly !== true || (flags & SampleFlag.HoldsGil) !== 0;
    const isCollector = gcOnly !== true || (flags & SampleFlag.CollectingGarbage) !== 0;
    return isState && isHolder && isCollector ? 1 : 0;
  });
}
