import type { FoundEvaluations } from '../../unwind/evaluationList.ts';
import { StackMerger } from '../../unwind/merge.ts';
import type { Architecture } from '../../unwind/architecture.ts';
import { Evaluations } from '../../unwind/evaluations.ts';
import type { Modules } from '../../unwind/modules.ts';
import { NativeNames } from '../../unwind/nativeNames.ts';
import type { RuleTable } from '../../unwind/rules.ts';
import type { StackCopy } from '../../unwind/stackCopy.ts';
import { FoundBy, StackEnd, Unwinder } from '../../unwind/unwinder.ts';
import type { ThreadContexts } from '../../os/threadContexts.ts';
import type { FrameTable } from '../tables/frameTable.ts';
import { grown } from '../tables/grown.ts';
import type { StackTrie } from '../tables/stackTrie.ts';
import { AddressFrames, hiddenFrame } from './addressFrames.ts';
import type { NativeTally } from './nativeTally.ts';

/** Which native frames are shown, and how they are named. */
export interface NativeView {
  /** What the interpreter does for every call alike, too. */
  readonly showsAll: boolean;
  /** Where separate debug files are looked for, besides the process's own places. */
  readonly debugFolders: readonly string[];
}

/** Makes stacks of Python's and native frames, for as long as a process has the same code. */
export class StackMaker {
  private readonly frames: FrameTable;
  private readonly stacks: StackTrie;
  private readonly tally: NativeTally;
  private readonly modules: Modules;
  private readonly names: NativeNames;
  private readonly unwinder: Unwinder;
  private readonly merger: StackMerger;
  private readonly addressFrames: AddressFrames;
  private readonly showsAll: boolean;
  /** Of the stack that is made: Python's frames, the innermost first. */
  private python = new Int32Array(256);

  constructor(
    tables: { readonly frames: FrameTable; readonly stacks: StackTrie },
    tally: NativeTally,
    code: { readonly modules: Modules; readonly rules: RuleTable; readonly architecture: Architecture; readonly contexts: ThreadContexts },
    { showsAll, debugFolders }: NativeView,
  ) {
    this.frames = tables.frames;
    this.stacks = tables.stacks;
    this.tally = tally;
    this.modules = code.modules;
    this.showsAll = showsAll;
    this.unwinder = new Unwinder(code.modules, code.rules);
    this.names = new NativeNames(code.modules, code.contexts, debugFolders);
    const evaluations = new Evaluations(code.modules, this.names, code.architecture);
    this.merger = new StackMerger(this.unwinder, evaluations, code.architecture);
    this.addressFrames = new AddressFrames(tables.frames, this.names, evaluations.module?.path, showsAll);
  }

  /**
   * @param stack Python's frames
   * @param copy of the thread's native stack at the same moment
   * @returns the stack with native frames among them; what could not be read has its own frame there, and no Python frame is missing
   */
  make(stack: number, copy: StackCopy, evaluations: FoundEvaluations): number {
    const { tally, merger, unwinder, stacks, python: before } = this;
    let python = before;
    let depth = 0;
    for (let at = stack; at !== 0; at = stacks.parentOf(at)) {
      if (depth === python.length) python = this.python = grown(python, new Int32Array(2 * depth));
      python[depth++] = stacks.frameOf(at);
    }
    tally.stacks++;
    if (!evaluations.isWhole || evaluations.count === 0 || evaluations.frames[evaluations.count - 1] !== depth) return this.unread(stack);
    unwinder.unwind(copy);
    const end = merger.merge(evaluations, depth);
    const { merged, left } = merger;
    const outermost = this.outermost();
    if (end === StackEnd.Root || merger.isCut || outermost < merger.count) tally.whole++;
    if (left === 0) tally.merged++;
    let made = 0;
    for (let i = outermost - 1; i >= 0; i--) {
      // What lies between the Python frames that were found no place for and the rest is not known.
      if (left > 0 && i === merger.count - left - 1) made = this.unread(made);
      const one = merged[i]!;
      const frame = one >= 0 ? python[one]! : this.nativeFrame(-1 - one);
      if (frame >= 0) made = stacks.child(made, frame);
      else if (frame !== hiddenFrame) for (const inlined of this.addressFrames.list(frame)) made = stacks.child(made, inlined);
    }
    return made;
  }

  /** The stack with what stands for native frames that were not read. */
  unread(stack: number): number {
    return this.stacks.child(stack, this.frames.nativeNotRead());
  }

  close(): void {
    this.names.close();
    this.modules.close();
  }

  /** How many of what was merged are the thread's own: without what lies beyond a greenlet's first function. */
  private outermost(): number {
    const { merged, count } = this.merger;
    let first = count;
    while (first > 0 && merged[first - 1]! < 0) first--;
    for (let i = first; i < count; i++) if (this.addressFrames.isGreenletStart(this.nativeFrame(-1 - merged[i]!))) return i + 1;
    return count;
  }

  private nativeFrame(index: number): number {
    const { addresses, isExact, foundBy } = this.unwinder;
    // A trampoline calls one Python function, for tools that see nothing of Python (-X perf).
    if (!this.showsAll && foundBy[index] === FoundBy.Trampoline) return hiddenFrame;
    return this.addressFrames.of(addresses, isExact, index);
  }
}
