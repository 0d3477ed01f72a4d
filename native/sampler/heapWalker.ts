import { CodeTrait } from '../cpython/codeObject.ts';
import type { HeapFrameLayout } from '../cpython/layout.ts';
import { type Memory, SpanPlan } from '../memory/memory.ts';
import { CallEdges } from './callEdges.ts';
import type { CodeCache } from './codeCache.ts';
import { GilWatch } from './gilWatch.ts';
import { ReadTaskMemory } from './readTaskMemory.ts';
import type { RunningTasks } from './runningTasks.ts';
import { FramePlaces, HeapFrames } from './heapFrames.ts';
import { HeapFrameView } from './heapFrameView.ts';
import type { InterpreterSource } from './interpreters.ts';
import { frameStride, FrameWord, type SampledThread } from './sampledThread.ts';
import { SecondLook } from './secondLook.ts';
import type { StackTrie } from './stackTrie.ts';
import { CopyBuffer, noStack, type Walker } from './walker.ts';

/** Ticks after which a frame that was not met again is no longer copied. */
const frameLifetime = 192;
const maxAttempts = 4;
const maxDepth = 1 << 17;

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
  readonly spareLength = FramePlaces.spareLength;

  private readonly frames = new HeapFrames();
  private readonly view: HeapFrameView;
  private readonly gil: GilWatch;
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

  /** Frames of the chain that is walked, innermost first. */
  private chain = new Int32Array(256);
  /** Per frame: number of the search that found its depth, and that depth; 0 when it leads nowhere. */
  private searched = new Int32Array(256);
  private depths = new Int32Array(256);
  private search = 0;
  private discoveries = 0;

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

  constructor(source: Pick<InterpreterSource, 'memory' | 'runtimeAddress' | 'currentThreadAddress'>, layout: HeapFrameLayout, codes: CodeCache, trie: StackTrie, tasks: RunningTasks | null = null) {
    const { memory } = source;
    this.memory = memory;
    this.tasks = tasks;
    this.taskMemory = new ReadTaskMemory(memory);
    this.layout = layout;
    this.codes = codes;
    this.trie = trie;
    this.edges = new CallEdges(codes);
    this.view = new HeapFrameView(layout);
    this.gil = new GilWatch({ ...source, layout });
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
    this.planInto(plan, threads, this.ownPlaces);
  }

  copyEnded(copied: number): void {
    this.ownPlaces.dropUnreadable(copied);
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
    places.begin();
    this.secondLook.begin();
    const at = (thread.stateOffset + this.layout.threadState.frame) >> 2;
    const low = words[at]!;
    const high = words[at + 1]!;
    if ((low | high) === 0) {
      thread.depth = 0;
      return 0;
    }
    let count = this.follow(thread, low, high);
    if (count === 0) {
      if (places.exhausted && places === this.ownPlaces) return noStack; // walkAlone may read as much as it takes
      count = this.deepest(thread);
      this.partial = places.exhausted;
    }
    if (places.missed) this.planChanged = true;
    return count === 0 ? noStack : this.resolve(thread, count);
  }

  walkAlone(thread: SampledThread, failure: number): number {
    const { alonePlan: plan, copy, length } = this;
    const stateOffset = thread.stateOffset;
    let stack = failure;
    this.planChanged = true;
    for (let attempt = 0; attempt < maxAttempts && stack < 0; attempt++) {
      thread.rootLow = 0;
      thread.rootHigh = 0;
      this.discover(thread);
      plan.clear();
      this.frames.wantNone();
      this.frames.want(thread.id);
      this.alone[0] = thread;
      this.planInto(plan, this.alone, this.alonePlaces);
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
    const isUsed = (frame: number): boolean => frames.used[frame]! > tick - frameLifetime || (frames.used[frame]! >= 0 && !frames.isWanted(frame));
    if (this.frames.retain(isUsed)) this.planChanged = true;
  }

  housekeeping(): void {
    // Nothing goes stale but what `tidy` sees to.
  }

  private look(copy: CopyBuffer, places: FramePlaces, length: number): void {
    this.words = copy.words;
    this.view.look(copy);
    this.places = places;
    places.use(copy.bytes, length);
  }

  private planInto(plan: SpanPlan, threads: readonly SampledThread[], places: FramePlaces): void {
    const { threadState } = this.layout;
    const length = (Math.max(threadState.threadId, threadState.frame, threadState.id) + 8 + 7) & ~7;
    this.gil.planBefore(plan);
    for (const thread of threads) thread.stateOffset = plan.add(thread.address, length);
    places.plan(plan);
    this.gil.planAfter(plan);
  }

  /** Gets to know the frames of a thread that was not sampled yet, by reads of their own. */
  private discover(thread: SampledThread): void {
    const { memory, layout, view, aloneCopy, alonePlaces: places } = this;
    const { bytes, words } = aloneCopy;
    if (!memory.read(thread.address + layout.threadState.frame, bytes, 0, 8)) return;
    let low = words[0]!;
    let high = words[1]!;
    const discovery = ++this.discoveries;
    places.useNothing(bytes);
    for (let depth = 0; (low | high) !== 0 && depth < maxDepth; depth++) {
      let frame = places.meet(low, high, thread.id, this.tick);
      if (frame < 0 && places.exhausted) {
        places.useNothing(bytes);
        frame = places.meet(low, high, thread.id, this.tick);
      }
      if (frame < 0 || this.frames.discovery[frame] === discovery) return; // can't be read, or is part of a cycle
      this.frames.discovery[frame] = discovery;
      this.frames.used[frame] = this.tick;
      this.frames.owner[frame] = thread.id;
      const at = (places.offsets[frame]! >> 2) + view.back;
      low = words[at]!;
      high = words[at + 1]!;
    }
  }

  /**
   * Follows `f_back` from a frame to the outermost one, whose `f_back` is NULL.
   * @returns how many frames there are (in `chain`, innermost first); 0 when one on the way is dead or can't be read
   */
  private follow(thread: SampledThread, low: number, high: number): number {
    const { words, view, frames, places, tick } = this;
    const { low: lows, high: highs, caller: callers } = frames;
    let frame = frames.find(low, high);
    let count = 0;
    for (;;) {
      if (frame < 0 || places.offsets[frame]! < 0) {
        frame = places.meet(low, high, thread.id, tick);
        if (frame < 0) return 0;
      }
      const offset = places.offsets[frame]!;
      const at = offset >> 2;
      if (!view.isAlive(offset) || (count > 0 && !view.mayCall(offset))) return 0;
      if (count === this.chain.length) this.chain = grown(this.chain);
      this.chain[count++] = frame;
      low = words[at + view.back]!;
      high = words[at + view.back + 1]!;
      if ((low | high) === 0) return this.isOutermost(thread, frame) ? count : 0;
      if (count > frames.count) return 0; // a cycle
      let next = frames.caller[frame]! - 1;
      if (next < 0 || lows[next] !== low || highs[next] !== high) {
        next = frames.find(low, high);
        if (next < 0) next = places.meet(low, high, thread.id, tick);
        if (next < 0) return 0;
        callers[frame] = next + 1;
      }
      frame = next;
    }
  }

  /**
   * The frame with the longest chain of executing frames to the thread's outermost one, among all in the copy.
   * @returns as `follow`
   */
  private deepest(thread: SampledThread): number {
    const { frames, places } = this;
    if (this.searched.length < frames.low.length) {
      this.searched = new Int32Array(frames.low.length);
      this.depths = new Int32Array(frames.low.length);
    }
    this.search++;
    let best = -1;
    let bestDepth = 0;
    for (let frame = 0; frame < frames.count; frame++) {
      if (frames.owner[frame] !== thread.id || places.offsets[frame]! < 0) continue;
      const depth = this.depthOf(thread, frame);
      if (depth > bestDepth) {
        best = frame;
        bestDepth = depth;
      }
    }
    if (best < 0) return 0;
    return this.follow(thread, frames.low[best]!, frames.high[best]!);
  }

  /** Length of the chain from a frame to the thread's outermost one, if all on it execute; else 0. */
  private depthOf(thread: SampledThread, frame: number): number {
    const { words, view, frames, places, searched, depths, search } = this;
    let count = 0;
    let depth = 0;
    for (;;) {
      if (searched[frame] === search) {
        depth = depths[frame]!;
        break;
      }
      searched[frame] = search;
      depths[frame] = 0;
      const offset = places.offsets[frame]!;
      if (offset < 0 || !view.isExecuting(offset, thread.addressLow, thread.addressHigh)) break;
      if (count === this.chain.length) this.chain = grown(this.chain);
      this.chain[count++] = frame;
      const at = (offset >> 2) + view.back;
      const low = words[at]!;
      const high = words[at + 1]!;
      if ((low | high) === 0) {
        const known = thread.rootLow !== 0 || thread.rootHigh !== 0;
        if (known && (frames.low[frame] !== thread.rootLow || frames.high[frame] !== thread.rootHigh)) break;
        depth = 1;
        depths[frame] = 1;
        count--;
        break;
      }
      frame = frames.find(low, high);
      if (frame < 0) break;
    }
    if (depth > 0) while (count > 0) depths[this.chain[--count]!] = ++depth;
    return depth;
  }

  /** The stack of the first `count` frames of `chain`. */
  private resolve(thread: SampledThread, count: number): number {
    const { words, view, codes, chain, places, tick } = this;
    const { used, owner } = this.frames;
    const { offsets } = places;
    let remembered = thread.frames;
    const known = thread.depth;
    let depth = 0;
    let stack = 0;
    const runs = this.gil.mayHaveRun(words, thread);
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
      const position = words[at + view.position]!;
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
        !(remembered[slot + FrameWord.Doubt] !== 0 && (!runs || this.wantsLook(remembered[slot + FrameWord.Doubt]!)))
      ) {
        stack = remembered[slot + FrameWord.Stack]!;
        continue;
      }
      const code = codes.find(codeLow, codeHigh);
      let unit = code === 0 ? -1 : this.unitOf(code, position);
      if (unit < 0) {
        if (depth === 0) return noStack;
        this.partial = true;
        break;
      }
      const callee = i > 0 ? codes.find(calleeLow, words[calleeAt + 1]!) : 0;
      let doubt = 0;
      let isBroken = false;
      if (callee !== 0 && runs) {
        const { edges } = this;
        const seen = unit;
        unit = edges.check(code, seen, callee);
        ({ doubt, isBroken } = edges);
        if (doubt !== 0 && this.wantsLook(doubt) && edges.look(doubt, this.secondLook.stayed(thread, frame, chain[i - 1]!, position))) {
          unit = seen;
          doubt = 0;
          isBroken = false;
        }
      } else if (callee !== 0) {
        this.edges.learn(code, unit, callee);
      }
      if (slot + frameStride > remembered.length) {
        thread.growFrames();
        remembered = thread.frames;
      }
      remembered[slot + FrameWord.Below] = stack;
      stack = this.trie.child(stack, codes.frame(code, unit));
      remembered[slot + FrameWord.CodeLow] = codeLow;
      remembered[slot + FrameWord.CodeHigh] = codeHigh;
      remembered[slot + FrameWord.Instruction] = position;
      remembered[slot + FrameWord.Stack] = stack;
      remembered[slot + FrameWord.Code] = code;
      remembered[slot + FrameWord.CalleeLow] = calleeLow;
      remembered[slot + FrameWord.Doubt] = doubt;
      if (isBroken) {
        this.partial = true;
        depth++;
        break;
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

  private wantsLook(doubt: number): boolean {
    return this.secondLook.isAllowed && this.edges.wantsLook(doubt);
  }

  /** Index of the unit a frame is at: the last one stands for a frame that has not begun; −1 for nonsense. */
  private unitOf(code: number, position: number): number {
    const units = this.codes.unitCount[code]! - 1;
    if (position === -1) return units;
    const unit = position >> this.positionShift;
    return unit >= 0 && unit < units ? unit : -1;
  }

  /** Whether a frame without caller is a thread's outermost one: not one that was popped, or a generator's. */
  private isOutermost(thread: SampledThread, frame: number): boolean {
    const { words, view, codes, frames } = this;
    const offset = this.places.offsets[frame]!;
    const at = offset >> 2;
    const isExecuting = view.isExecuting(offset, thread.addressLow, thread.addressHigh);
    if (frames.low[frame] === thread.rootLow && frames.high[frame] === thread.rootHigh) return isExecuting;
    if (!isExecuting && words[at + view.position] !== -1) return false;
    // A generator's frame has no caller before it is resumed and after it yielded, and always one meanwhile.
    const code = codes.find(words[at + view.code]!, words[at + view.code + 1]!);
    return code !== 0 && (codes.traits[code]! & CodeTrait.Generator) === 0;
  }
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(array.length * 2);
  copy.set(array);
  return copy;
}
