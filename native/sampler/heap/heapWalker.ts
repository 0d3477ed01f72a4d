import { CodeTrait } from '../../cpython/codeObject.ts';
import type { HeapFrameLayout } from '../../cpython/layout.ts';
import { CopyBuffer } from '../../memory/copyBuffer.ts';
import { type Memory, SpanPlan } from '../../memory/memory.ts';
import type { FoundEvaluations } from '../../unwind/evaluationList.ts';
import { CallEdges } from '../callers/callEdges.ts';
import type { CodeCache } from '../code/codeCache.ts';
import { GilWatch } from './gilWatch.ts';
import { ReadTaskMemory } from '../tasks/readTaskMemory.ts';
import type { RunningTasks } from '../tasks/runningTasks.ts';
import { HeapChain } from './heapChain.ts';
import { FramePlaces, HeapFrames } from './heapFrames.ts';
import { HeapFrameView } from './heapFrameView.ts';
import type { InterpreterSource } from '../threads/interpreters.ts';
import { frameStride, FrameWord, type SampledThread } from '../threads/sampledThread.ts';
import { notCalling, SecondLook } from './secondLook.ts';
import type { StackTrie } from '../tables/stackTrie.ts';
import { noStack, type Walker } from '../threads/walker.ts';

/** Ticks after which a frame that was not met again is no longer copied. */
const frameLifetime = 192;
const maxAttempts = 4;
/** Pages read to get to know a thread's frames: those of 16 000 frames at least, of 150 000 that lie side by side. */
const maxDiscoveryReads = 1 << 14;
/** Ticks after which a thread that had too many is looked at again. */
const tooDeepFor = 512;

/**
 * Stacks of versions whose frames are objects on the heap, linked by `f_back`. All frames that recent
 * samples met are copied in one call; the chain is followed in the copy from the thread state's frame on.
 *
 * A frame that was popped between the two has lost its `f_back`, as every second one in a program that
 * does nothing but call. Then the deepest frame takes its place that executes, and whose callers all do, in
 * the same copy. To read again until the chain holds would favour stacks that stand still.
 */
export class HeapWalker implements Walker {
  partial = false;
  planChanged = false;
  evaluations: FoundEvaluations | null = null;
  readonly spareLength = FramePlaces.spareLength;

  private readonly frames = new HeapFrames();
  private readonly view: HeapFrameView;
  private readonly chain: HeapChain;
  private readonly ownGil: GilWatch;
  private readonly aloneGil: GilWatch;
  private gil: GilWatch;
  private readonly secondLook: SecondLook;
  private readonly ownPlaces: FramePlaces;
  private readonly alonePlaces: FramePlaces;
  private places: FramePlaces;
  private readonly alonePlan = new SpanPlan();
  private aloneCopy = new CopyBuffer(2 * FramePlaces.spareLength);
  private copy!: CopyBuffer;
  private length = 0;
  private words!: Int32Array;
  private tick = 0;

  private discoveries = 0;
  /** Per thread with too many frames to know: the tick from which on it is looked at again. */
  private readonly tooDeepUntil = new Map<number, number>();

  private readonly memory: Memory;
  private readonly layout: HeapFrameLayout;
  private readonly codes: CodeCache;
  private readonly trie: StackTrie;
  private readonly tasks: RunningTasks | null;
  private readonly taskMemory: ReadTaskMemory;
  /** The frame before was a coroutine's, which awaits this one. */
  private inCoroutine = false;
  private readonly edges: CallEdges;
  private readonly positionShift: number;

  constructor(
    source: Pick<InterpreterSource, 'memory' | 'runtimeAddress' | 'currentThreadAddress'>,
    layout: HeapFrameLayout,
    codes: CodeCache,
    trie: StackTrie,
    tasks: RunningTasks | null = null,
  ) {
    const { memory } = source;
    this.memory = memory;
    this.tasks = tasks;
    this.taskMemory = new ReadTaskMemory(memory);
    this.layout = layout;
    this.codes = codes;
    this.trie = trie;
    this.edges = new CallEdges(codes);
    this.view = new HeapFrameView(layout);
    this.chain = new HeapChain(this.frames, this.view, codes);
    this.ownGil = new GilWatch({ ...source, layout });
    this.aloneGil = new GilWatch({ ...source, layout });
    this.gil = this.ownGil;
    this.secondLook = new SecondLook(memory, this.frames, new HeapFrameView(layout));
    this.ownPlaces = new FramePlaces(memory, this.frames, this.view.length);
    this.alonePlaces = new FramePlaces(memory, this.frames, this.view.length);
    this.places = this.ownPlaces;
    this.positionShift = layout.code.instructionUnit === 2 && layout.code.positionUnit === 1 ? 1 : 0;
  }

  plan(plan: SpanPlan, threads: readonly SampledThread[]): void {
    this.frames.wantNone();
    for (const thread of threads) {
      this.frames.want(thread.id);
      if (thread.rootLow === 0 && thread.rootHigh === 0) this.discover(thread);
    }
    this.planInto(plan, threads, this.ownPlaces, this.ownGil);
  }

  copyEnded(copied: number): void {
    this.ownPlaces.dropUnreadable(copied);
    // Memory goes back to the system in arenas: what was not part of a stack just now may be gone as well.
    const { frames, tick } = this;
    frames.retain((frame) => frames.used[frame]! >= tick || (frames.used[frame]! >= 0 && !frames.isWanted(frame)));
    this.planChanged = true;
  }

  use(copy: CopyBuffer, length: number, tick: number): void {
    this.copy = copy;
    this.length = length;
    this.tick = tick;
    this.look(copy, this.ownPlaces, length);
  }

  walk(thread: SampledThread): number {
    const { words, places } = this;
    this.partial = false;
    this.evaluations?.clear();
    places.begin();
    this.secondLook.begin();
    const at = (thread.stateOffset + this.layout.threadState.frame) >> 2;
    const low = words[at]!;
    const high = words[at + 1]!;
    if ((low | high) === 0) {
      thread.depth = 0;
      return 0;
    }
    this.chain.isTraced = words[(thread.stateOffset + this.layout.threadState.tracing) >> 2]! > 0;
    let count = thread.isStill ? this.chain.followStill(thread, low, high) : this.chain.follow(thread, low, high);
    if (count === 0) {
      if (places.exhausted && places === this.ownPlaces) return noStack; // walkAlone may read as much as it takes
      count = this.chain.deepest(thread);
      this.partial = places.exhausted;
    }
    if (places.missed) this.planChanged = true;
    if (count > 1 && !thread.isStill && this.isJustMade(thread, this.chain.frames[0]!)) {
      this.chain.frames.copyWithin(0, 1, count--);
    }
    if (count === 0) return noStack;
    const stack = this.resolve(thread, count);
    if (this.evaluations !== null && thread.isStill && stack > 0 && !this.partial && !this.trie.isCut(stack))
      this.noteEvaluations(this.evaluations, thread, stack, count);
    return stack;
  }

  /** Each frame is one evaluation's, whose C frame has a pointer to it. With a task's, it is two frames of the trie. */
  private noteEvaluations(evaluations: FoundEvaluations, { frames: remembered }: SampledThread, stack: number, count: number): void {
    const { low, high } = this.frames;
    const chain = this.chain.frames;
    for (let i = 0, shown = 0; i < count; i++) {
      const below = i === count - 1 ? 0 : remembered[(count - 2 - i) * frameStride + FrameWord.Stack]!;
      for (; stack !== below && stack !== 0; stack = this.trie.parentOf(stack)) shown++;
      const frame = chain[i]!;
      evaluations.add((low[frame]! >>> 0) + (high[frame]! >>> 0) * 2 ** 32, shown);
    }
    evaluations.isWhole = true;
  }

  /**
   * Whether a frame is a generator's that has not begun and does not run: it took the place of one that ran. Until it is made
   * it is linked to who makes it, which does not call it (`_PyEval_EvalCodeWithName`, Python/ceval.c).
   */
  private isJustMade(thread: SampledThread, frame: number): boolean {
    const { words, view, codes } = this;
    const offset = this.places.offsets[frame]!;
    const at = offset >> 2;
    if (words[at + view.position] !== -1 || view.isExecuting(offset, thread.addressLow, thread.addressHigh)) return false;
    const code = codes.find(words[at + view.code]!, words[at + view.code + 1]!);
    return code !== 0 && (codes.traits[code]! & CodeTrait.Generator) !== 0;
  }

  walkAlone(thread: SampledThread, failure: number): number {
    const { alonePlan: plan, copy, length } = this;
    const stateOffset = thread.stateOffset;
    let stack = failure;
    this.planChanged = true;
    for (let attempt = 0; attempt < maxAttempts && stack < 0; attempt++) {
      thread.rootLow = 0;
      thread.rootHigh = 0;
      if (!this.discover(thread)) break;
      plan.clear();
      this.frames.wantNone();
      this.frames.want(thread.id);
      this.alone[0] = thread;
      this.frames.wantOnly(this.discoveries);
      this.planInto(plan, this.alone, this.alonePlaces, this.aloneGil);
      const needed = plan.totalLength + this.spareLength;
      if (needed > this.aloneCopy.bytes.length) this.aloneCopy = new CopyBuffer(2 * needed);
      const copied = this.memory.readSpans(plan, this.aloneCopy.bytes);
      if (copied < plan.totalLength) {
        this.alonePlaces.dropUnreadable(copied);
        continue;
      }
      this.look(this.aloneCopy, this.alonePlaces, plan.totalLength);
      stack = this.walk(thread);
    }
    thread.stateOffset = stateOffset;
    this.look(copy, this.ownPlaces, length);
    return stack;
  }

  private readonly alone: SampledThread[] = [];

  tidy(_threads: readonly SampledThread[], tick: number): void {
    const { frames } = this;
    // Threads that are not read at the moment are where they were.
    const isUsed = (frame: number): boolean =>
      frames.used[frame]! > tick - frameLifetime || (frames.used[frame]! >= 0 && !frames.isWanted(frame));
    if (this.frames.retain(isUsed)) this.planChanged = true;
  }

  housekeeping(): void {
    // Nothing goes stale but what `tidy` sees to.
  }

  private look(copy: CopyBuffer, places: FramePlaces, length: number): void {
    this.words = copy.words;
    this.view.look(copy);
    this.places = places;
    this.gil = places === this.ownPlaces ? this.ownGil : this.aloneGil;
    places.use(copy.bytes, length);
    this.chain.look(copy.words, places, this.tick);
  }

  private planInto(plan: SpanPlan, threads: readonly SampledThread[], places: FramePlaces, gil: GilWatch): void {
    const { threadState } = this.layout;
    const length = (Math.max(threadState.threadId, threadState.frame, threadState.tracing, threadState.id) + 8 + 7) & ~7;
    gil.planBefore(plan);
    for (const thread of threads) thread.stateOffset = plan.add(thread.address, length);
    places.plan(plan);
    gil.planAfter(plan);
  }

  /**
   * Gets to know the frames of a thread that was not sampled yet, by reads of their own.
   * @returns false when there are too many
   */
  private discover(thread: SampledThread): boolean {
    const { memory, layout, view, frames, aloneCopy, alonePlaces: places } = this;
    const { bytes, words } = aloneCopy;
    if (this.tick < (this.tooDeepUntil.get(thread.id) ?? 0)) return false;
    if (!memory.read(thread.address + layout.threadState.frame, bytes, 0, 8)) return true;
    let low = words[0]!;
    let high = words[1]!;
    let reads = 0;
    const discovery = ++this.discoveries;
    places.useNothing(bytes);
    while ((low | high) !== 0) {
      let frame = places.meet(low, high, thread.id, this.tick);
      if (frame < 0 && places.exhausted) {
        reads += FramePlaces.maxReads;
        if (reads > maxDiscoveryReads) return this.giveUp(thread);
        places.useNothing(bytes);
        frame = places.meet(low, high, thread.id, this.tick);
      }
      if (frame < 0) return frames.isFull ? this.giveUp(thread) : true; // it can't be read
      if (frames.discovery[frame] === discovery) return true; // part of a cycle
      frames.discovery[frame] = discovery;
      frames.used[frame] = this.tick;
      frames.owner[frame] = thread.id;
      const at = (places.offsets[frame]! >> 2) + view.back;
      low = words[at]!;
      high = words[at + 1]!;
    }
    return true;
  }

  private giveUp(thread: SampledThread): false {
    this.tooDeepUntil.set(thread.id, this.tick + tooDeepFor);
    return false;
  }

  /** The stack of the first `count` frames of `chain`. */
  private resolve(thread: SampledThread, count: number): number {
    const { words, view, codes, places, tick } = this;
    const chain = this.chain.frames;
    const { used, owner } = this.frames;
    const { offsets } = places;
    let remembered = thread.frames;
    const known = thread.depth;
    let depth = 0;
    let stack = 0;
    const runs = !thread.isStill && this.gil.mayHaveRun(words, thread);
    this.inCoroutine = false;
    const root = chain[count - 1]!;
    thread.rootLow = this.frames.low[root]!;
    thread.rootHigh = this.frames.high[root]!;
    for (let i = count - 1; i >= 0; i--, depth++) {
      const frame = chain[i]!;
      used[frame] = tick;
      owner[frame] = thread.id;
      const at = offsets[frame]! >> 2;
      const codeLow = words[at + view.code]!;
      const codeHigh = words[at + view.code + 1]!;
      const said = words[at + view.position]!;
      const line = said === -1 ? this.compiledLine(at, codeLow, codeHigh) : 0;
      // What is remembered: no position is below −1.
      const position = line > 0 ? -1 - line : said;
      if (this.tasks !== null) stack = this.withTask(this.tasks, thread, stack, frame, codeLow, codeHigh);
      const calleeAt = i > 0 ? (offsets[chain[i - 1]!]! >> 2) + view.code : 0;
      const calleeLow = i > 0 ? words[calleeAt]! : 0;
      const slot = depth * frameStride;
      if (
        depth < known &&
        remembered[slot + FrameWord.Instruction] === position &&
        remembered[slot + FrameWord.CodeLow] === codeLow &&
        remembered[slot + FrameWord.CodeHigh] === codeHigh &&
        remembered[slot + FrameWord.CalleeLow] === calleeLow &&
        remembered[slot + FrameWord.Below] === stack &&
        (!thread.isStill || remembered[slot + FrameWord.Code] === codes.find(codeLow, codeHigh)) &&
        !(remembered[slot + FrameWord.Doubt] !== 0 && (!runs || this.wantsLook(remembered[slot + FrameWord.Doubt]!)))
      ) {
        stack = remembered[slot + FrameWord.Stack]!;
        continue;
      }
      const code = codes.find(codeLow, codeHigh);
      let unit = code === 0 ? -1 : this.unitOf(code, said);
      if (unit < 0) {
        if (depth === 0) return noStack;
        this.partial = true;
        break;
      }
      // What has no bytecode is believed to call whatever it calls.
      const callee = i > 0 && line === 0 ? codes.find(calleeLow, words[calleeAt + 1]!) : 0;
      let doubt = 0;
      // But where it calls that from, no name tells.
      let isBroken =
        line > 0 &&
        i > 0 &&
        runs &&
        this.secondLook.isAllowed &&
        !this.secondLook.stayedOnLine(thread, frame, chain[i - 1]!, words[at + view.line]!, codeLow, calleeLow);
      if (callee !== 0 && runs) {
        const { edges } = this;
        const seen = unit;
        unit = edges.check(code, seen, callee);
        ({ doubt, isBroken } = edges);
        if (
          doubt !== 0 &&
          this.wantsLook(doubt) &&
          edges.look(doubt, this.secondLook.stayed(thread, frame, chain[i - 1]!, position, codeLow, calleeLow))
        ) {
          unit = seen;
          doubt = 0;
          isBroken = false;
        }
        if (edges.wantsProbes && this.probe(thread, code, seen, frame, callee, chain[i - 1]!)) {
          unit = edges.settledUnit;
          ({ doubt, isBroken } = edges);
        }
      } else if (callee !== 0) {
        this.edges.learn(code, unit, callee);
      } else if (i === 0 && line === 0) {
        this.edges.visit(code, unit);
      }
      if (slot + frameStride > remembered.length) {
        thread.growFrames();
        remembered = thread.frames;
      }
      remembered[slot + FrameWord.Below] = stack;
      stack = this.trie.child(stack, line > 0 ? codes.frameAt(code, line) : codes.frame(code, unit, 0));
      remembered[slot + FrameWord.CodeLow] = codeLow;
      remembered[slot + FrameWord.CodeHigh] = codeHigh;
      remembered[slot + FrameWord.Instruction] = position;
      remembered[slot + FrameWord.Stack] = stack;
      remembered[slot + FrameWord.Code] = code;
      remembered[slot + FrameWord.CalleeLow] = calleeLow;
      remembered[slot + FrameWord.Doubt] = doubt;
      if (isBroken) {
        this.partial = true;
        break; // and what was remembered of it is forgotten
      }
    }
    thread.depth = depth;
    return stack;
  }

  /** The stack, with the asyncio task on top that a frame is the coroutine of, if it is. */
  private withTask(tasks: RunningTasks, thread: SampledThread, stack: number, frame: number, codeLow: number, codeHigh: number): number {
    const code = this.codes.find(codeLow, codeHigh);
    const isAwaited = this.inCoroutine;
    this.inCoroutine = code !== 0 && (this.codes.traits[code]! & CodeTrait.Coroutine) !== 0;
    if (!this.inCoroutine || isAwaited) return stack;
    const task = tasks.frameOf(thread, this.frames.low[frame]!, this.frames.high[frame]!, this.taskMemory, this.tick);
    return task < 0 ? stack : this.trie.child(stack, task);
  }

  /**
   * Asks a few times where a caller calls its callee from.
   * @param code, calleeCode numbers of their codes
   * @param seen the unit at which the caller was seen
   * @returns whether that tells where it did; then `edges` say what
   */
  private probe(thread: SampledThread, code: number, seen: number, frame: number, calleeCode: number, callee: number): boolean {
    const { edges, secondLook, words, view } = this;
    const { offsets } = this.places;
    const codeLow = words[(offsets[frame]! >> 2) + view.code]!;
    const calleeLow = words[(offsets[callee]! >> 2) + view.code]!;
    let isWanted = secondLook.mayProbe;
    if (!isWanted) return false;
    while (isWanted) {
      const callerFirst = secondLook.callerComesFirst;
      const position = secondLook.probe(thread, frame, callee, codeLow, calleeLow);
      const unit = position === notCalling ? -1 : this.unitOf(code, position);
      if (unit >= 0) edges.found(code, unit, calleeCode, callerFirst);
      isWanted = edges.asks(code, seen, calleeCode) && secondLook.mayProbe;
    }
    return edges.settle(code, seen, calleeCode);
  }

  private wantsLook(doubt: number): boolean {
    return this.secondLook.isAllowed && this.edges.wantsLook(doubt);
  }

  /** The line that a frame without position is at, where its code has no bytecode (CodeTrait.Compiled); 0: it has not begun. */
  private compiledLine(at: number, codeLow: number, codeHigh: number): number {
    const { codes } = this;
    const code = codes.find(codeLow, codeHigh);
    if (code === 0 || (codes.traits[code]! & CodeTrait.Compiled) === 0) return 0;
    const line = this.words[at + this.view.line]!;
    return line > 0 ? line : Math.max(1, codes.lineAt(codes.unitBase[code]!));
  }

  /** Index of the unit a frame is at: the last one stands for a frame that has not begun, or has no bytecode; −1 for nonsense. */
  private unitOf(code: number, position: number): number {
    const units = this.codes.unitCount[code]! - 1;
    if (position === -1) return units;
    const unit = position >> this.positionShift;
    return unit >= 0 && unit < units ? unit : -1;
  }
}
