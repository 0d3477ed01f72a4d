import type { DataStackLayout } from '../../cpython/layout.ts';
import type { Memory, SpanPlan } from '../../memory/memory.ts';
import { ThreadState } from '../../os/system.ts';
import { grown } from '../tables/grown.ts';
import type { Interpreter } from './interpreters.ts';
import { SampledTime } from './sampledTime.ts';
import { StillFrames } from './stillFrames.ts';

const two32 = 2 ** 32;

/** Words per remembered frame in `SampledThread.frames`, and what each word is. */
export const frameStride = 11;
export const FrameWord = {
  /** Low half of the frame's address. */
  Address: 0,
  CodeLow: 1,
  CodeHigh: 2,
  /** Low half of the instruction pointer. */
  Instruction: 3,
  /** Stack (of the trie) that ends in this frame. */
  Stack: 4,
  /** Index of its code object. */
  Code: 5,
  /** InstructionKind of its instruction, whether it has begun, and whether it is a generator's. */
  Kind: 6,
  /** Stack below it, generators between included. */
  Below: 7,
  // To 3.10, where 0, 5 and 6 are not needed:
  /** Low half of the address of the code it calls, 0 for the innermost frame. */
  CalleeLow: 0,
  /** CallEdges.doubt */
  Doubt: 6,
  /** Bytes it takes. */
  Length: 8,
  /** Unit of its code that it is at. */
  Unit: 9,
  /** Number of the copy of its code's bytecode that it runs. */
  Copy: 10,
} as const;

/**
 * What a thread may have of data-stack chunks, their bytes in all (a million calls deep: 100 MB), and linked frames: beyond that
 * it is nonsense and the thread lost; linked frames make room for each other. Of compiled functions, none of whose frames are on
 * the data stack, and which take two each, more are known: what C's stack has room for.
 */
const limits = { chunks: 4096, chunkLength: 64 << 20, length: 256 << 20, linked: 512, compiled: 4096 };
/** Ticks for which compiled functions are expected again. */
const compiledLifetime = 64;
/** Bytes copied above the top of the data stack, for a call that begins meanwhile. */
const slack = 256;

const noTwins: readonly SampledThread[] = [];

/**
 * One thread state and what the last sample taught about it: which memory to copy next time, and the
 * frames that were there, so that the unchanged part of a stack is not looked up again.
 */
export class SampledThread {
  readonly address: number;
  readonly addressLow: number;
  readonly addressHigh: number;
  readonly osThreadId: number;
  readonly pythonThreadId: string;
  /** Low half of `pythonThreadId`. */
  readonly pythonIdLow: number;
  /** Low half of the member that tells the thread state from another one at its address (identityOffset). */
  identity = 0;
  /** Address of the thread state behind it in the interpreter's list, two halves. */
  nextLow = 0;
  nextHigh = 0;
  /** Its number in the profile. */
  id = -1;
  /** Slot of its run state in ThreadStates. */
  stateSlot = -1;
  interpreter: Interpreter | null = null;

  // What the last look at the thread's run state said, for samples that follow at once.
  lastStack = -1;
  mightRun = false;
  lastAsked = 0;
  runState: ThreadState = ThreadState.Waiting;
  /** µs of CPU it had used when its last sample was recorded; −1 while not known. */
  cpuBefore = -1;
  /** µs of CPU that its samples do not show as running yet; negative where they show more. */
  unshownCpu = 0;
  /** It has come into Python since the process was looked at last, and used CPU elsewhere before that. */
  hasArrived = false;
  /** Flags of its last sample. */
  lastFlags = 0;
  /** The system has no such thread any more, though Python has its state still. */
  isGone = false;

  /** Others that are states of the same thread of the system, in other interpreters: it runs in one of them at a time. */
  twins: readonly SampledThread[] = noTwins;
  /** Number of the last look that found it holding its GIL, or attached where there is none. */
  ranAt = -1;
  /** Number of the last look that found its state in the interpreter's list. */
  presentAt = 0;
  /** Whether it is read with each sample; else its last sample is known to hold still. */
  isRead = true;
  /** Number of the last look at which it was read and sampled. */
  sampledAt = -1;
  /**
   * Up to which of the sampler's looks its samples are booked, and up to which µs of what looks stand for: where it rests, the
   * rest comes together.
   */
  settledLooks = 0;
  settledTime = 0;
  /** Its last sample: a stack, negative when there was none, and whether that was partial. */
  sampledStack = -1;
  sampledPartial = false;
  /**
   * Where native frames are read: the stack that the thread had without them when it was last seen waiting, and the one with them, which
   * holds as long as it waits. −1: not known.
   */
  pythonStack = -1;
  nativeStack = -1;
  /** Free-threaded builds: in its last sample it was attached to its interpreter, which others may have been too. */
  isAttached = false;

  /** Offset of the copied thread state in the copy. */
  stateOffset = 0;

  chunkCount = 0;
  chunkAddresses = new Float64Array(8);
  chunkLow = new Int32Array(8);
  chunkHigh = new Int32Array(8);
  /** Bytes of each chunk to copy. */
  chunkLengths = new Int32Array(8);
  chunkOffsets = new Int32Array(8);
  /** Bytes the newest chunk has in all. */
  private topChunkSize = 0;

  /** Remembered frames of the last sample, root first, `frameStride` words each. */
  frames = new Int32Array(64 * frameStride);
  depth = 0;
  /** The part of these that has not changed for a while. */
  readonly still = new StillFrames();

  /**
   * Address of its outermost frame in the last sample, two halves; 0 when there was none yet. To 3.10; from then on of a frame in
   * its own frame object (LinkedFrames), where nothing lies on the data stack.
   */
  rootLow = 0;
  rootHigh = 0;
  /**
   * 3.11+: stack of the frames that called the outermost one of the data stack (RootFrames), and the tick in which compiled
   * functions, or such frames, were met last.
   */
  rootStack = 0;
  lastRootFrames = -Infinity;
  /**
   * What the outermost frame of the data stack was linked to, two halves, when nothing had called it, and the tick up to which
   * that is believed.
   */
  uncalledLow = 0;
  uncalledHigh = 0;
  uncalledUntil = -Infinity;

  /**
   * Frames (and 3.12's cframes) outside the data stack that recent samples met: generators on the
   * heap, trampolines on the C stack. Copied along with the rest.
   */
  linkedCount = 0;
  /** Where the thread's C stack is: address of the last trampoline met, two halves. */
  trampolineLow = 0;
  trampolineHigh = -1;
  linkedAddresses = new Float64Array(16);
  linkedLow = new Int32Array(16);
  linkedHigh = new Int32Array(16);
  linkedLengths = new Int32Array(16);
  linkedOffsets = new Int32Array(16);
  linkedUsed = new Float64Array(16);
  /** It stood still while it was copied, though it was ready to run. */
  isStill = false;
  /**
   * Looks at which it ran and may have moved on while it was copied, or was out of Python before it could be: its next sample of
   * standing still stands for them, too.
   */
  readonly pending = new SampledTime();
  /** Samples in a row, up to the last, in which it could not be read. */
  unread = 0;
  /** Tick in which a generator was met last. */
  lastGenerator = -Infinity;
  private order = new Int32Array(16);
  /** Index + 1 of each linked frame by a hash of its address, open addressing; 0 is free. */
  private linkedSlots = new Int32Array(64);

  constructor(address: number, osThreadId: number, pythonThreadId: string) {
    this.address = address;
    this.addressLow = (address % two32) | 0;
    this.addressHigh = Math.floor(address / two32) | 0;
    this.osThreadId = osThreadId;
    this.pythonThreadId = pythonThreadId;
    this.pythonIdLow = Number(BigInt.asIntN(32, BigInt(pythonThreadId)));
  }

  /** Nothing called the outermost frame of its data stack, which is linked to an address. @param until tick up to which that is believed */
  isUncalled(low: number, high: number, until: number): void {
    this.uncalledLow = low;
    this.uncalledHigh = high;
    this.uncalledUntil = until;
  }

  /** Takes over what is known of the system's thread, which has another thread state now. */
  goOnFrom(before: SampledThread): void {
    this.stateSlot = before.stateSlot;
    this.cpuBefore = before.cpuBefore;
    this.unshownCpu = before.unshownCpu;
    this.runState = before.runState;
    this.lastAsked = before.lastAsked;
    this.pending.take(before.pending);
  }

  /** Whether the system's thread is in another interpreter now: it was there last. */
  get isElsewhere(): boolean {
    for (let i = 0; i < this.twins.length; i++) if (this.twins[i]!.ranAt > this.ranAt) return true;
    return false;
  }

  /** In the last sample it held its interpreter's GIL, or was the last to hold it. */
  get heldGilLast(): boolean {
    const { interpreter } = this;
    return interpreter === null || (interpreter.lastHolderLow === this.addressLow && interpreter.lastHolderHigh === this.addressHigh);
  }

  /**
   * Finds the chunks of the data stack from the thread state's memory, by separate reads.
   * @returns false when they can't be read or make no sense; the thread then has none
   */
  locateChunks(memory: Memory, layout: DataStackLayout, scratch: Uint8Array, view: DataView): boolean {
    this.chunkCount = 0;
    this.depth = 0;
    const { threadState, chunk } = layout;
    if (!memory.read(this.address, scratch, 0, threadState.dataStackTop + 8)) return this.noChunks();
    let address = pointerAt(view, threadState.dataStackChunk);
    const top = pointerAt(view, threadState.dataStackTop);
    let used = top - address;
    let total = 0;
    let met = 0; // one of the chunks so far; every power of two another one, so that a cycle comes back to it (Brent)
    while (address !== 0) {
      if (this.chunkCount === limits.chunks || address === met) return this.noChunks();
      if ((this.chunkCount & (this.chunkCount - 1)) === 0) met = address;
      if (!memory.read(address, scratch, 0, chunk.data)) return this.noChunks();
      const size = pointerAt(view, chunk.size);
      if (!(size > chunk.data && size <= limits.chunkLength && size % 8 === 0 && address % 8 === 0)) return this.noChunks();
      if (this.chunkCount === 0) this.topChunkSize = size;
      const previous = pointerAt(view, chunk.previous);
      // Only the newest chunk's `top` is stale: it is written when the next one is opened.
      if (this.chunkCount > 0) used = chunk.data + pointerAt(view, chunk.top) * 8;
      else used = Math.min(size, roundedUp(used + slack));
      if (!(used >= chunk.data && used <= size)) used = this.chunkCount > 0 ? size : chunk.data;
      total += used;
      if (total > limits.length) return this.noChunks();
      this.pushChunk(address, used);
      address = previous;
    }
    this.reverseChunks();
    return true;
  }

  private noChunks(): boolean {
    this.chunkCount = 0;
    return false;
  }

  /** Wants at least `used` bytes of the newest chunk in the next copy. @returns false when that is nonsense */
  growTopChunk(used: number): boolean {
    if (used <= 0 || used > this.topChunkSize) return false;
    this.chunkLengths[this.chunkCount - 1] = Math.min(this.topChunkSize, roundedUp(used + slack));
    return true;
  }

  /** Bytes of its data stack that are to be copied. */
  get dataStackLength(): number {
    let sum = 0;
    for (let i = 0; i < this.chunkCount; i++) sum += this.chunkLengths[i]!;
    return sum;
  }

  /** Where in the copy a frame of the data stack is, by the low half of its address; 0: it lies elsewhere. */
  offsetOf(low: number): number {
    const chunk = this.chunkOf(low);
    return chunk < 0 ? 0 : this.chunkOffsets[chunk]! + ((low - this.chunkLow[chunk]!) | 0);
  }

  /** Whole address of a frame of the data stack, by its low half; 0: it lies elsewhere. */
  addressOf(low: number): number {
    const chunk = this.chunkOf(low);
    return chunk < 0 ? 0 : this.chunkAddresses[chunk]! + ((low - this.chunkLow[chunk]!) | 0);
  }

  /**
   * Whether a frame of the data stack is below its top.
   * @param chunkLow, topLow low halves of the newest chunk's address and of the top's, as they are now
   */
  isBelow(address: number, chunkLow: number, topLow: number): boolean {
    const low = address | 0;
    const chunk = this.chunkOf(low);
    for (let newest = chunk; newest >= 0 && newest < this.chunkCount; newest++) {
      if (this.chunkLow[newest] === chunkLow) return newest > chunk || ((topLow - low) | 0) > 0;
    }
    return false;
  }

  private chunkOf(low: number): number {
    for (let i = 0; i < this.chunkCount; i++) {
      const distance = (low - this.chunkLow[i]!) | 0;
      if (distance >= 0 && distance < this.chunkLengths[i]!) return i;
    }
    return -1;
  }

  /** Adds what is to be copied of this thread to the plan. @param stateLength bytes wanted of its thread state at least */
  plan(plan: SpanPlan, layout: DataStackLayout, stateLength = 0): void {
    for (let i = 0; i < this.chunkCount; i++) {
      this.chunkOffsets[i] = plan.add(this.chunkAddresses[i]!, this.chunkLengths[i]!);
    }
    this.stateOffset = plan.add(this.address, Math.max(stateLength, layout.threadState.dataStackTop + 8));
    if (this.linkedCount > 0) this.planLinked(plan);
  }

  /** Index of a linked frame, or −1. */
  findLinked(low: number, high: number): number {
    const { linkedSlots } = this;
    const mask = linkedSlots.length - 1;
    for (let slot = hashOf(low) & mask; ; slot = (slot + 1) & mask) {
      const index = linkedSlots[slot]! - 1;
      if (index < 0 || (this.linkedLow[index] === low && this.linkedHigh[index] === high)) return index;
    }
  }

  /**
   * Copies `length` bytes at an address along from now on; the one unused for longest makes room.
   * @param offset where they are in the copy of this sample
   */
  addLinked(low: number, high: number, length: number, offset: number, now: number): void {
    let index = this.linkedCount;
    if (index >= (now - this.lastRootFrames < compiledLifetime ? limits.compiled : limits.linked)) {
      index = 0;
      for (let i = 1; i < this.linkedCount; i++) if (this.linkedUsed[i]! < this.linkedUsed[index]!) index = i;
    } else {
      if (index === this.linkedLow.length) this.growLinked();
      this.linkedCount++;
    }
    const replaced = index < this.linkedCount - 1;
    this.linkedLow[index] = low;
    this.linkedHigh[index] = high;
    this.linkedAddresses[index] = (low >>> 0) + (high >>> 0) * two32;
    this.linkedLengths[index] = length;
    this.linkedOffsets[index] = offset;
    this.linkedUsed[index] = now;
    if (replaced) this.hashLinked();
    else this.hashOne(index);
  }

  /** Drops linked frames not met since `before`. @returns true when there were any */
  dropLinked(before: number): boolean {
    let kept = 0;
    for (let i = 0; i < this.linkedCount; i++) {
      if (this.linkedUsed[i]! < before) continue;
      if (kept !== i) {
        this.linkedLow[kept] = this.linkedLow[i]!;
        this.linkedHigh[kept] = this.linkedHigh[i]!;
        this.linkedAddresses[kept] = this.linkedAddresses[i]!;
        this.linkedLengths[kept] = this.linkedLengths[i]!;
        this.linkedOffsets[kept] = this.linkedOffsets[i]!;
        this.linkedUsed[kept] = this.linkedUsed[i]!;
      }
      kept++;
    }
    if (kept === this.linkedCount) return false;
    this.linkedCount = kept;
    this.hashLinked();
    return true;
  }

  private hashLinked(): void {
    this.linkedSlots.fill(0);
    for (let i = 0; i < this.linkedCount; i++) this.hashOne(i);
  }

  private hashOne(index: number): void {
    const { linkedSlots } = this;
    const mask = linkedSlots.length - 1;
    let slot = hashOf(this.linkedLow[index]!) & mask;
    while (linkedSlots[slot] !== 0) slot = (slot + 1) & mask;
    linkedSlots[slot] = index + 1;
  }

  private growLinked(): void {
    const size = this.linkedLow.length * 2;
    this.linkedAddresses = grown(this.linkedAddresses, new Float64Array(size));
    this.linkedLow = grown(this.linkedLow, new Int32Array(size));
    this.linkedHigh = grown(this.linkedHigh, new Int32Array(size));
    this.linkedLengths = grown(this.linkedLengths, new Int32Array(size));
    this.linkedOffsets = grown(this.linkedOffsets, new Int32Array(size));
    this.linkedUsed = grown(this.linkedUsed, new Float64Array(size));
    this.order = new Int32Array(size);
    this.linkedSlots = new Int32Array(size * 4);
    this.hashLinked();
  }

  /** Room for one more remembered frame. */
  growFrames(): void {
    const frames = new Int32Array(this.frames.length * 2);
    frames.set(this.frames);
    this.frames = frames;
  }

  private pushChunk(address: number, length: number): void {
    const index = this.chunkCount;
    if (index === this.chunkAddresses.length) {
      const size = index * 2;
      this.chunkAddresses = grown(this.chunkAddresses, new Float64Array(size));
      this.chunkLow = grown(this.chunkLow, new Int32Array(size));
      this.chunkHigh = grown(this.chunkHigh, new Int32Array(size));
      this.chunkLengths = grown(this.chunkLengths, new Int32Array(size));
      this.chunkOffsets = new Int32Array(size);
    }
    this.chunkAddresses[index] = address;
    this.chunkLengths[index] = length;
    this.chunkCount++;
  }

  private reverseChunks(): void {
    const count = this.chunkCount;
    this.chunkAddresses.subarray(0, count).reverse();
    this.chunkLengths.subarray(0, count).reverse();
    for (let i = 0; i < count; i++) {
      this.chunkLow[i] = (this.chunkAddresses[i]! % two32) | 0;
      this.chunkHigh[i] = Math.floor(this.chunkAddresses[i]! / two32) | 0;
    }
  }

  /** Linked frames in address order, neighbours in one span: a segment costs as much as 4 KiB. */
  private planLinked(plan: SpanPlan): void {
    const { order, linkedAddresses: addresses, linkedLengths: lengths } = this;
    for (let i = 0; i < this.linkedCount; i++) {
      let at = i;
      if (this.linkedCount <= limits.linked) {
        while (at > 0 && addresses[order[at - 1]!]! > addresses[i]!) {
          order[at] = order[at - 1]!;
          at--;
        }
      }
      order[at] = i;
    }
    if (this.linkedCount > limits.linked) order.subarray(0, this.linkedCount).sort((a, b) => addresses[a]! - addresses[b]!);
    let first = 0;
    while (first < this.linkedCount) {
      const start = addresses[order[first]!]!;
      let end = start + lengths[order[first]!]!;
      let last = first;
      while (last + 1 < this.linkedCount && addresses[order[last + 1]!]! < end + 1024) {
        last++;
        end = Math.max(end, addresses[order[last]!]! + lengths[order[last]!]!);
      }
      const offset = plan.add(start, end - start);
      for (let i = first; i <= last; i++) this.linkedOffsets[order[i]!] = offset + addresses[order[i]!]! - start;
      first = last + 1;
    }
  }
}

function hashOf(low: number): number {
  return Math.imul(low >>> 3, 0x9e3779b1) >>> 16;
}

function roundedUp(length: number): number {
  return (length + 255) & ~255;
}

function pointerAt(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * two32;
}
