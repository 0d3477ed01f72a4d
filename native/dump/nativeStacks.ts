import { StackCopy } from '../unwind/stackCopy.ts';
import type { Architecture } from '../unwind/architecture.ts';
import type { FoundEvaluations } from '../unwind/evaluationList.ts';
import { Evaluations } from '../unwind/evaluations.ts';
import { isInterpretersOwn } from '../unwind/interpreterFrames.ts';
import { StackMerger } from '../unwind/merge.ts';
import type { Modules } from '../unwind/modules.ts';
import { type NativeName, NativeNames } from '../unwind/nativeNames.ts';
import type { RuleTable } from '../unwind/rules.ts';
import { FoundBy, StackEnd, Unwinder } from '../unwind/unwinder.ts';
import type { ThreadContexts } from '../os/threadContexts.ts';
import type { NativeFrameRecord, NativeStack } from './dumpSnapshot.ts';

const endings: Readonly<Record<StackEnd, string | null>> = {
  [StackEnd.Root]: null,
  [StackEnd.CopyEnds]: 'the native stack goes on elsewhere, or is too large',
  [StackEnd.NoInformation]: 'the native stack ends in code that does not say how its frames are laid out',
  [StackEnd.Unknown]: 'the native stack ends where a register is needed that is not known',
  [StackEnd.Broken]: 'the native stack ends where it makes no sense',
  [StackEnd.TooDeep]: 'the native stack has too many frames',
};

/** Makes native stacks of copies: unwinds, merges with Python's frames, names. */
export class NativeStacks {
  private readonly unwinder: Unwinder;
  private readonly evaluations: Evaluations;
  private readonly merger: StackMerger;
  private readonly names: NativeNames;

  constructor(modules: Modules, rules: RuleTable, architecture: Architecture, contexts: ThreadContexts, debugFolders: readonly string[]) {
    this.unwinder = new Unwinder(modules, rules);
    this.names = new NativeNames(modules, contexts, debugFolders);
    this.evaluations = new Evaluations(modules, this.names, architecture);
    this.merger = new StackMerger(this.unwinder, this.evaluations, architecture);
  }

  /**
   * @param copy of the stack, or why there is none
   * @param pythonFrames how many Python frames the thread has
   */
  of(copy: StackCopy | string, evaluations: FoundEvaluations, pythonFrames: number): NativeStack {
    if (!(copy instanceof StackCopy)) return { frames: Array.from({ length: pythonFrames }, (_, i) => i), isMerged: false, problem: copy };
    const { unwinder, merger } = this;
    unwinder.unwind(copy);
    const end = merger.merge(evaluations, pythonFrames);
    const all = [...merger.merged.subarray(0, merger.count)].flatMap<NativeFrameRecord | number>((frame) =>
      frame >= 0 ? [frame] : this.frames(-1 - frame),
    );
    const frames = ownFrames(all);
    const left = merger.left > 0 ? `${merger.left} Python frames were found no place for among the native ones` : null;
    const ending = merger.isCut || frames.length < all.length ? null : endings[end];
    const problem = [ending, left].filter((one) => one !== null).join('; ');
    return { frames, isMerged: merger.left === 0, problem: problem === '' ? null : problem };
  }

  close(): void {
    this.names.close();
  }

  /** What was inlined at a frame's address, and the frame itself. */
  private frames(index: number): NativeFrameRecord[] {
    const { addresses, isExact, foundBy } = this.unwinder;
    const address = addresses[index]!;
    const names = this.names.of(address, isExact[index] === 1);
    const isOwn = ({ function: name, library }: NativeName): boolean =>
      isInterpretersOwn(name, library !== null && library === this.evaluations.module?.path);
    // What was inlined into a function that is not shown is a part of it.
    // A trampoline calls one Python function, for tools that see nothing of Python (-X perf).
    const isHidden = foundBy[index] === FoundBy.Trampoline || isOwn(names.at(-1)!);
    return names.map((name) => ({
      ...name,
      address: `0x${address.toString(16)}`,
      isGuessed: index > 0 && (foundBy[index - 1] === FoundBy.FramePointer || foundBy[index - 1] === FoundBy.Scan),
      isInterpreters: isHidden || isOwn(name),
    }));
  }
}

/**
 * Without what lies beyond a greenlet's first function: that was the stack of who started it, which has gone on since and has other frames there now
 * (g_initialstub, PyGreenlet.cpp or greenlet.c).
 */
function ownFrames(frames: readonly (NativeFrameRecord | number)[]): readonly (NativeFrameRecord | number)[] {
  const outermost = frames.findLastIndex((frame) => typeof frame === 'number');
  if (outermost < 0) return frames;
  const start = frames.findIndex((frame, i) => i > outermost && typeof frame !== 'number' && frame.function.includes('g_initialstub'));
  return start < 0 ? frames : frames.slice(0, start + 1);
}
