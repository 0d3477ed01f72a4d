/** Fewer frames than this are passed one by one as fast as they are compared as a whole. */
const fewest = 24;
/** Samples in a row that must have come at least as far before a part of the stack is taken to be still. */
const trial = 16;

/**
 * The outer part of a deep stack that has not changed for a while, as the bytes of its copy. While the next copy
 * begins with the same bytes, so does the stack: comparing them takes 0.12 µs and 0.01 µs a KiB, going through the frames
 * 14 ns each (about 0.12 µs a KiB).
 */
export class StillFrames {
  /** Number of frames that are still; 0: none. */
  depth = 0;
  /** Index of the data-stack chunk that the next frame is in, and where it begins, from the start of the thread's chunks in the copy. */
  chunk = 0;
  length = 0;
  private bytes = Buffer.alloc(0);
  private least = Infinity;
  private samples = 0;

  /** Whether the chunks at an offset of the copy begin as they did when the frames came to be still. */
  isUnchanged(copy: Uint8Array, start: number): boolean {
    return this.bytes.compare(copy, start, start + this.length, 0, this.length) === 0;
  }

  forget(): void {
    this.depth = 0;
    this.length = 0;
    this.samples = 0;
    this.least = Infinity;
  }

  /**
   * Takes note of how many frames were unchanged in a sample.
   * @param end offset in the copy of the frame above them, which lies in chunk `chunk`
   */
  note(depth: number, chunk: number, end: number, copy: Uint8Array, start: number): void {
    if (depth < this.least) this.least = depth;
    if (++this.samples < trial) return;
    if (depth === this.least && depth >= this.depth + fewest) {
      this.depth = depth;
      this.chunk = chunk;
      this.length = end - start;
      if (this.bytes.length < this.length) this.bytes = Buffer.alloc(2 * this.length);
      this.bytes.set(copy.subarray(start, end));
    } else if (this.samples < 4 * trial) {
      return;
    }
    this.samples = 0;
    this.least = Infinity;
  }
}
