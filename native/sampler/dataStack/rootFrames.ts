import type { DataStackLayout } from '../../cpython/layout.ts';
import type { CallerJudge } from '../callers/callerJudge.ts';
import { linkLifetime } from './frameCopies.ts';
import type { LinkedFrames } from './linkedFrames.ts';
import type { SampledThread } from '../threads/sampledThread.ts';
import type { StackTrie } from '../tables/stackTrie.ts';

/**
 * The frames that called the outermost one of a data stack. Mostly there are none; where what runs Python code is compiled Python
 * (Nuitka) or a generator that C resumed, they lie elsewhere and are linked by `previous` alone. Who called a frame does not move
 * for as long as it lives: so they are what they seem if that frame, read once more after them, is the same call still.
 */
export class RootFrames {
  /** Of the last `below`: there are frames, and they could not be read. */
  partial = false;
  private readonly linked: LinkedFrames;
  private readonly judge: CallerJudge;
  private readonly trie: StackTrie;
  private readonly previousWord: number;

  constructor(linked: LinkedFrames, judge: CallerJudge, trie: StackTrie, { frame }: DataStackLayout) {
    this.linked = linked;
    this.judge = judge;
    this.trie = trie;
    this.previousWord = frame.previous >> 2;
  }

  /**
   * Whether it is known that nobody called the frame at an offset of the copy, the outermost one of the data stack, as with most
   * programs always.
   */
  areNone(thread: SampledThread, offset: number): boolean {
    const { words, now } = this.linked;
    if (now - thread.lastRootFrames < linkLifetime) return false;
    const at = (offset >> 2) + this.previousWord;
    const low = words[at]!;
    const high = words[at + 1]!;
    // None at all (3.11), or a frame that is just being pushed.
    if ((low | high) === 0) return true;
    // A trampoline (3.12+). To copy it along would cost more than to read it now and then.
    return thread.uncalledLow === low && thread.uncalledHigh === high && now < thread.uncalledUntil;
  }

  /**
   * To be asked where it is not known that there are none.
   * @param offset where in the copy the outermost frame of the data stack is
   * @param address where in the target
   * @returns the stack of those that called it; 0: nobody did
   */
  below(thread: SampledThread, offset: number, address: number): number {
    const { linked, judge } = this;
    this.partial = false;
    const at = (offset >> 2) + this.previousWord;
    const low = linked.words[at]!;
    const high = linked.words[at + 1]!;
    const { now } = linked;
    let isExpected = now - thread.lastRootFrames < linkLifetime;
    let found = 0;
    linked.forgetLinks();
    if (isExpected || !linked.endsInTrampolines(thread, low, high)) {
      // It is for generators that run above the data stack that it matters where the C stack is.
      const { trampolineLow, trampolineHigh, lastGenerator } = thread;
      found = linked.chain(thread, low, high, 0);
      thread.trampolineLow = trampolineLow;
      thread.trampolineHigh = trampolineHigh;
      thread.lastGenerator = lastGenerator;
      if (found > 0) thread.lastRootFrames = now;
      else linked.forgetLinks();
      isExpected = now - thread.lastRootFrames < linkLifetime;
    }
    // One that stands still where its pointers lead elsewhere (ExactWalk) is about to enter that frame or to leave it, so that it
    // may be linked to what a former call left.
    const isCertain = thread.isStill
      ? found > 0 && linked.isKnownRoot(thread)
      : !judge.mayMove || linked.isSameCall(thread, address, offset);
    // A trampoline that leads nowhere all at once is being written, for the next call from C.
    const isUnlinked = isExpected && found === 0 && judge.mayMove && (low | high) !== 0;
    if (!isCertain || isUnlinked) {
      this.partial = isExpected || (!thread.isStill && thread.uncalledUntil < 0);
      return 0;
    }
    if (found <= 0) {
      this.partial = isExpected && found < 0;
      thread.isUncalled(low, high, now + linkLifetime);
      return 0;
    }
    judge.none();
    const stack = linked.push(this.trie, 0, thread, judge);
    this.partial = linked.isCut;
    return linked.isCut ? 0 : stack;
  }
}
