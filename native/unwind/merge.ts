import type { Architecture } from './architecture.ts';
import type { FoundEvaluations } from './evaluationList.ts';
import type { Evaluations } from './evaluations.ts';
import type { StackEnd, Unwinder } from './unwinder.ts';

/** What is asked of an unwinder. */
export type UnwoundStack = Pick<
  Unwinder,
  'addresses' | 'stackPointers' | 'frameEnds' | 'isExact' | 'count' | 'end' | 'savedRegister' | 'word'
>;

/**
 * Puts a thread's Python frames in their places among its native ones: each evaluation's C frame is replaced by its Python frames. It is
 * found by address, not counted: C frames don't overlap, so that there is only one an address can lie in.
 */
export class StackMerger {
  /** Innermost first: n for Python's frame n, −1 − n for native frame n. */
  merged = new Int32Array(256);
  count = 0;
  /** Python frames that were found no place for. They are the outermost ones of `merged`. */
  left = 0;
  /** Whether native frames were cut off that are another stack's: of who started a greenlet. */
  isCut = false;

  private readonly unwinder: UnwoundStack;
  private readonly evaluations: Pick<Evaluations, 'has'>;
  private readonly savedCount: number;

  constructor(unwinder: UnwoundStack, evaluations: Pick<Evaluations, 'has'>, architecture: Architecture) {
    this.unwinder = unwinder;
    this.evaluations = evaluations;
    this.savedCount = architecture.saved.length;
  }

  /**
   * Merges what the unwinder found last.
   * @param frames Python frames there are
   * @returns why the native stack ends
   */
  merge(list: FoundEvaluations, frames: number): StackEnd {
    const { unwinder } = this;
    const { addresses, isExact, count } = unwinder;
    this.count = 0;
    this.isCut = false;
    let evaluation = 0;
    let python = 0;
    for (let native = 0; native < count; native++) {
      if (evaluation < list.count && this.holds(native, list, list.addresses[evaluation]!)) {
        for (const end = list.frames[evaluation]!; python < end && python < frames; python++) this.put(python);
        evaluation++;
        continue;
      }
      if (!this.evaluations.has(addresses[native]!, isExact[native] === 1)) {
        this.put(-1 - native);
        continue;
      }
      // An evaluation without Python frames: one that has just begun, or ends. Beyond all of the thread's, it is of who started a greenlet.
      if (evaluation < list.count || evaluation === 0) continue;
      this.isCut = true;
      break;
    }
    this.left = frames - python;
    for (; python < frames; python++) this.put(python);
    return unwinder.end;
  }

  private holds(native: number, { kind }: FoundEvaluations, address: number): boolean {
    const { unwinder } = this;
    const start = unwinder.stackPointers[native]!;
    const end = unwinder.frameEnds[native]!;
    if (kind === 'local') return address >= start && address < end;
    if (!this.evaluations.has(unwinder.addresses[native]!, unwinder.isExact[native] === 1)) return false;
    for (let i = 0; i < this.savedCount; i++) if (unwinder.savedRegister(native, i) === address) return true;
    for (let at = start; at < end && at < start + maxEvaluation; at += 8) if (unwinder.word(at) === address) return true;
    return false;
  }

  private put(frame: number): void {
    if (this.count === this.merged.length) {
      const larger = new Int32Array(2 * this.merged.length);
      larger.set(this.merged);
      this.merged = larger;
    }
    this.merged[this.count++] = frame;
  }
}

/** Bytes of an evaluation's C frame at most: it has some hundred. */
const maxEvaluation = 16 * 1024;
