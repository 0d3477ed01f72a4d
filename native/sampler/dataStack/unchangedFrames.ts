import { type DataStackLayout, FrameOwner } from '../../cpython/layout.ts';
import { InstructionKind } from '../../cpython/opcodes.ts';
import { frameStride, FrameWord, type SampledThread } from '../threads/sampledThread.ts';

/**
 * Passes the frames of a data stack that are as they were in the last sample, most of a deep stack, faster than by the full rules:
 * as a whole those that have not changed for a while (StillFrames), one by one those above them.
 */
export class UnchangedFrames {
  /** Where the last `skip` ended: offset of the first frame it did not skip. */
  end = 0;
  private words!: Int32Array;
  private bytes!: Uint8Array;
  private readonly hasStackTop: boolean;
  private readonly codeWord: number;
  private readonly previousWord: number;
  private readonly instructionWord: number;
  private readonly stackWord: number;
  private readonly ownerByte: number;

  constructor({ frame }: DataStackLayout) {
    this.hasStackTop = frame.stackTop >= 0;
    this.codeWord = frame.code >> 2;
    this.previousWord = frame.previous >> 2;
    this.instructionWord = frame.instruction >> 2;
    this.stackWord = (this.hasStackTop ? frame.stackTop : frame.stackPointer) >> 2;
    this.ownerByte = frame.owner;
  }

  /** The copy that is looked at: `words` and `bytes` are views of the same memory. */
  use(words: Int32Array, bytes: Uint8Array): void {
    this.words = words;
    this.bytes = bytes;
  }

  /**
   * Whether the frames that were still are, all of them, and the frame above them is called by the topmost of them.
   * @param remembered number of frames of the last sample
   */
  canResume({ still, chunkOffsets, chunkCount, frames }: SampledThread, remembered: number): boolean {
    if (still.depth >= remembered || still.chunk >= chunkCount || !still.isUnchanged(this.bytes, chunkOffsets[0]!)) return false;
    const offset = chunkOffsets[0]! + still.length;
    return (
      this.words[(offset >> 2) + this.previousWord] === frames[(still.depth - 1) * frameStride + FrameWord.Address] &&
      this.bytes[offset + this.ownerByte] === FrameOwner.Thread
    );
  }

  /**
   * Skips frames of one chunk that are as they were in the last sample and suspended in an ordinary call of the frame
   * above. What it does not skip the full rules decide. `end` says where it came to.
   * @param depth number of frames below `offset`, all of them as they were
   * @param remembered number of frames of the last sample
   * @param root stack of those that called the outermost frame
   * @param offset of the frame to begin with, in the copy
   * @param limit the last offset at which there may be a frame
   * @param shift from an offset in the copy to the low half of the address
   * @returns the depth it came to
   */
  skip(thread: SampledThread, depth: number, remembered: number, root: number, offset: number, limit: number, shift: number): number {
    const { words, bytes, hasStackTop, codeWord, previousWord, instructionWord, stackWord, ownerByte } = this;
    const { frames } = thread;
    let slot = depth * frameStride;
    let stack = depth === 0 ? root : frames[slot - frameStride + FrameWord.Stack]!;
    // The topmost remembered frame is left to the full rules in any case.
    const end = (remembered - 1) * frameStride;
    while (slot < end) {
      const at = offset >> 2;
      if (
        frames[slot + FrameWord.CodeLow] !== words[at + codeWord] ||
        frames[slot + FrameWord.CodeHigh] !== words[at + codeWord + 1] ||
        frames[slot + FrameWord.Instruction] !== words[at + instructionWord] ||
        frames[slot + FrameWord.Below] !== stack ||
        frames[slot + FrameWord.Kind] !== InstructionKind.Other ||
        (hasStackTop ? words[at + stackWord]! < 0 : (words[at + stackWord]! | words[at + stackWord + 1]!) === 0)
      )
        break;
      const next = offset + frames[slot + FrameWord.Length]!;
      if (next > limit || words[(next >> 2) + previousWord] !== ((offset + shift) | 0) || bytes[next + ownerByte] !== FrameOwner.Thread)
        break;
      stack = frames[slot + FrameWord.Stack]!;
      slot += frameStride;
      offset = next;
    }
    this.end = offset;
    return slot / frameStride;
  }
}
