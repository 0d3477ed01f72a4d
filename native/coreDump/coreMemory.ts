import type { ByteSource } from '../binary/byteSource.ts';
import { UnvectoredMemory } from '../memory/unvectoredMemory.ts';
import type { ProcessMemory } from '../os/system.ts';
import type { CoreFile } from './coreFile.ts';

/** Bytes between two spans that are read along rather than by another call. */
const widestGap = 4096;
const blockSize = 64 * 1024;
/** Blocks of the dump that are kept: 8 MiB. */
const maxBlocks = 128;

/** What lies at an address that the dump left out. */
export interface LeftOut {
  /** Null: the file can't be had. */
  readonly source: ByteSource | null;
  readonly offset: number;
  /** Where the mapping ends. */
  readonly end: number;
}

/** A process's memory in its core dump. What that leaves out because it is in files is read from these. */
export class CoreMemory extends UnvectoredMemory implements ProcessMemory {
  readonly pid: number;
  readonly gone = false;
  private readonly core: CoreFile;
  private readonly leftOut: ((address: number) => LeftOut | null) | null;
  /** By their number, the one that was used last at the end. */
  private readonly blocks = new Map<number, Buffer>();

  /** @param leftOut where the rest is; null: only what the dump itself has. It doesn't own the dump. */
  constructor(core: CoreFile, leftOut: ((address: number) => LeftOut | null) | null) {
    super(widestGap);
    this.pid = core.notes.pid;
    this.core = core;
    this.leftOut = leftOut;
  }

  isAlive(): boolean {
    return true;
  }

  override read(address: number, target: Uint8Array, offset: number, length: number): boolean {
    return offset + length <= target.byteLength && this.copyTo(target, offset, length, address) === length;
  }

  override close(): void {
    super.close();
    this.blocks.clear();
  }

  protected override copyTo(target: Uint8Array, offset: number, length: number, address: number): number {
    if (!Number.isSafeInteger(address) || address < 0) return 0;
    let done = 0;
    while (done < length) {
      const count = this.copyPiece(target, offset + done, length - done, address + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  /** As much as lies in one place. */
  private copyPiece(target: Uint8Array, offset: number, length: number, address: number): number {
    const segment = this.core.segmentAt(address);
    if (segment !== null && address < segment.dumpedEnd) {
      return this.copyDumped(target, offset, Math.min(length, segment.dumpedEnd - address), segment.fileOffset + address - segment.start);
    }
    // What the program could write to is not in the file as it was.
    if (this.leftOut === null || segment?.writable === true) return 0;
    const place = this.leftOut(address);
    const source = place?.source ?? null;
    if (place === null || source === null) return 0;
    const count = Math.min(length, place.end - address, (segment?.end ?? place.end) - address, source.size - place.offset);
    const bytes = count > 0 ? source.read(place.offset, count) : null;
    if (bytes === null) return 0;
    target.set(bytes, offset);
    return count;
  }

  private copyDumped(target: Uint8Array, offset: number, length: number, from: number): number {
    const { source } = this.core;
    if (length > blockSize) {
      const bytes = source.read(from, Math.min(length, source.size - from));
      if (bytes === null) return 0;
      target.set(bytes, offset);
      return bytes.length;
    }
    const number = Math.floor(from / blockSize);
    const block = this.block(number);
    const start = from - number * blockSize;
    const count = Math.min(length, block.length - start);
    if (count <= 0) return 0;
    target.set(block.subarray(start, start + count), offset);
    return count;
  }

  private block(number: number): Buffer {
    const { source } = this.core;
    let block = this.blocks.get(number);
    if (block !== undefined) {
      this.blocks.delete(number);
    } else {
      const from = number * blockSize;
      block = source.read(from, Math.min(blockSize, source.size - from)) ?? Buffer.alloc(0);
      if (this.blocks.size >= maxBlocks) this.blocks.delete(this.blocks.keys().next().value!);
    }
    this.blocks.set(number, block);
    return block;
  }
}
