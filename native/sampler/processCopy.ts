import { threadAttached, type Layout } from '../cpython/layout.ts';
import { CopyBuffer } from '../memory/copyBuffer.ts';
import { SpanPlan } from '../memory/memory.ts';
import type { ProcessMemory } from '../os/system.ts';
import type { CodeCache } from './code/codeCache.ts';
import { identityOffset, type Interpreter } from './threads/interpreters.ts';
import type { KnownThreads } from './knownThreads.ts';
import type { ReadThreads } from './threads/readThreads.ts';
import { alwaysClose } from './threads/runStates.ts';
import type { SampledThread } from './threads/sampledThread.ts';
import type { Walker } from './threads/walker.ts';

/**
 * The copy of one process that a look is made of: the heads of the interpreters' lists of threads and their GIL, each thread state,
 * and the frames. In the steady state that is one read.
 */
export class ProcessCopy {
  bytes = new CopyBuffer(64 * 1024);
  /** The last copy holds all that was planned; if not, some thread's memory was in the way of the others'. */
  isComplete = true;
  /** The lists of threads had changed again in the last copy: each thread has to be known by itself. */
  listsChange = false;

  private readonly memory: ProcessMemory;
  private readonly layout: Layout;
  private readonly walker: Walker;
  private readonly codes: CodeCache;
  private readonly known: KnownThreads;
  private readonly choice: ReadThreads;
  private readonly plan = new SpanPlan();
  private isPlanned = false;
  /** Number and length of the plan's first spans, which are the interpreters'. */
  private interpreterSpans = 0;
  private interpreterLength = 0;
  /** When (µs) the interpreters were copied last. */
  private lookedAt = -Infinity;

  constructor(
    { memory, layout }: { readonly memory: ProcessMemory; readonly layout: Layout },
    walker: Walker,
    codes: CodeCache,
    known: KnownThreads,
    choice: ReadThreads,
  ) {
    this.memory = memory;
    this.layout = layout;
    this.walker = walker;
    this.codes = codes;
    this.known = known;
    this.choice = choice;
  }

  /** Bytes of the last copy, were it complete. */
  get length(): number {
    return this.plan.totalLength;
  }

  /** What is to be copied has changed. */
  planAnew(): void {
    this.isPlanned = false;
  }

  /**
   * Copies what is planned, after planning anew where that is needed. Afterwards `isComplete` says whether the copy holds
   * all of it; if not, each thread has to be read by itself.
   * @param now µs since the session's start
   * @returns false when nothing could be read
   */
  read(now: number): boolean {
    if (this.readWithoutInterpreters(now)) return true;
    this.lookedAt = now;
    for (let attempt = 0; attempt < 3; attempt++) {
      if (!this.isPlanned || this.walker.planChanged) this.makePlan();
      const copied = this.memory.readSpans(this.plan, this.bytes.bytes);
      this.isComplete = copied === this.plan.totalLength;
      const isUnchanged = this.isComplete && this.areListsUnchanged();
      // Threads come and go faster than the lists can be read: those that are there can be read all the same.
      this.listsChange = this.isComplete && !isUnchanged && attempt === 2;
      if (isUnchanged || this.listsChange) {
        if (!this.choice.look(this.lookAtInterpreters()) || attempt === 2) return true;
        this.isPlanned = false;
        continue;
      }
      if (attempt === 2 || !this.known.findChanges()) return false;
      if (this.known.threads.length === 0) return true;
      if (!this.isComplete) this.walker.copyEnded(copied);
      if (!this.isComplete && attempt === 1) return true;
    }
    return false;
  }

  /**
   * Copies what is planned once more, of a thread that was found standing still: it may have run since the first copy, where others took
   * the core from both of us, and its native frames will be those of now.
   * @returns whether the copy is whole, and of the same threads
   */
  readAgain(): boolean {
    this.isComplete = this.memory.readSpans(this.plan, this.bytes.bytes) === this.plan.totalLength;
    if (!this.isComplete || !this.areListsUnchanged()) return false;
    this.lookAtInterpreters();
    return true;
  }

  /** Whether a thread's state in the copy is still that thread's. */
  holds(thread: SampledThread): boolean {
    const { words } = this.bytes;
    const { layout } = this;
    const at = thread.stateOffset >> 2;
    return (
      words[at + (identityOffset(layout) >> 2)] === thread.identity && words[at + (layout.threadState.threadId >> 2)] === thread.pythonIdLow
    );
  }

  /**
   * Copies the only thread of the only interpreter, without the interpreter when that was copied less than `alwaysClose` µs
   * ago: of three to five segments one or two. Who holds the GIL, and whether garbage is collected, is then as it was. Not for
   * 3.14+, whose interpreter says with each copy whether code objects were freed.
   * @returns false when everything has to be read
   */
  private readWithoutInterpreters(now: number): boolean {
    if (now - this.lookedAt >= alwaysClose || !this.isPlanned || this.walker.planChanged || this.known.threads.length !== 1) return false;
    const { memory, layout } = this;
    if (memory.readLaterSpans === undefined || layout.interpreter.codeObjectGeneration >= 0) return false;
    const { plan, bytes, interpreterLength } = this;
    this.isComplete =
      memory.readLaterSpans(plan, bytes.bytes, this.interpreterSpans, interpreterLength) === plan.totalLength - interpreterLength;
    return this.isComplete && this.areListsUnchanged();
  }

  private makePlan(): void {
    const { plan } = this;
    plan.clear();
    for (const interpreter of this.known.interpreters) interpreter.plan(plan);
    this.interpreterSpans = plan.count;
    this.interpreterLength = plan.totalLength;
    this.walker.plan(plan, this.choice.list);
    this.walker.planChanged = false;
    const needed = plan.totalLength + this.walker.spareLength;
    if (needed > this.bytes.bytes.length) this.bytes = new CopyBuffer(2 * needed);
    this.isPlanned = true;
  }

  /** Whether the lists of threads, as far as they are in the copy, are those that are known. */
  private areListsUnchanged(): boolean {
    const { words } = this.bytes;
    const { layout } = this;
    const { interpreters } = this.known;
    for (let i = 0; i < interpreters.length; i++) {
      const interpreter = interpreters[i]!;
      const at = interpreter.headOffset >> 2;
      if (words[at] !== interpreter.headLow || words[at + 1] !== interpreter.headHigh) return false;
    }
    const next = layout.threadState.next >> 2;
    const id = identityOffset(layout) >> 2;
    const pythonId = layout.threadState.threadId >> 2;
    const { list } = this.choice;
    for (let i = 0; i < list.length; i++) {
      const thread = list[i]!;
      const at = thread.stateOffset >> 2;
      if (words[at + next] !== thread.nextLow || words[at + next + 1] !== thread.nextHigh) return false;
      if (words[at + id] !== thread.identity || words[at + pythonId] !== thread.pythonIdLow) return false;
    }
    return true;
  }

  /** @returns whether some GIL may have changed hands since the last look */
  private lookAtInterpreters(): boolean {
    const { words } = this.bytes;
    const { isRest } = this.choice;
    const { interpreters } = this.known;
    let switched = false;
    for (let i = 0; i < interpreters.length; i++) {
      const interpreter = interpreters[i]!;
      if (interpreter.look(words, isRest)) {
        // Some code object was freed: what is remembered by address has to be looked up again.
        this.codes.bumpGeneration();
        this.known.forgetStacks();
      }
      if (interpreter.switched) switched = true;
      if (interpreter.bytecodeCopiesFreed) this.codes.forgetCopies();
      if (interpreter.collecting && interpreter.collector === null) interpreter.collector = this.onlyAttached(interpreter);
    }
    return switched;
  }

  /**
   * Without a GIL the garbage collector begins by stopping all threads but its own (stop_the_world(), Python/pystate.c), so
   * that this is the only one attached then. Later, while finalizers run, others may be.
   */
  private onlyAttached(interpreter: Interpreter): SampledThread | null {
    const { layout } = this;
    const state = layout.frames === 'data-stack' ? layout.threadState.attached : undefined;
    if (state === undefined) return null;
    const attached = this.known.threads.filter(
      (thread) => thread.interpreter === interpreter && this.bytes.words[(thread.stateOffset + state) >> 2] === threadAttached,
    );
    return attached.length === 1 ? attached[0]! : null;
  }
}
