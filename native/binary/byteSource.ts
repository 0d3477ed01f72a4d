import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Memory } from '../memory/memory.ts';

/** Bytes read piece by piece: a binary on disk, or its image in a process's memory. */
export interface ByteSource {
  /** Bytes there are at most; reads beyond it fail. */
  readonly size: number;
  /** @returns exactly `length` bytes, or null when they are not all there. */
  read(offset: number, length: number): Buffer | null;
  close(): void;
}

/** No reader of ours needs more in one piece; a length from a hostile file doesn't get it either. */
const maxPiece = 64 * 1024 * 1024;

function isReadable(offset: number, length: number, size: number): boolean {
  return (
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    length <= maxPiece &&
    offset + length <= size
  );
}

export class FileSource implements ByteSource {
  readonly size: number;
  /** Equal for equal content: device, inode, size and times of change. */
  readonly key: string;
  readonly device: number;
  readonly inode: number;
  /** User id. */
  readonly owner: number;
  private fd: number;

  /**
   * @param file its path, of which links are followed; or a descriptor, which it owns from then on
   * @throws what fs throws, or an Error when it isn't a regular file
   */
  constructor(file: string | number) {
    // O_NONBLOCK: a path in a target's file system could be a named pipe by now.
    this.fd = typeof file === 'number' ? file : openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(this.fd);
      if (!stat.isFile()) throw new Error(`${file} is not a regular file`);
      this.size = stat.size;
      this.device = stat.dev;
      this.inode = stat.ino;
      this.owner = stat.uid;
      this.key = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}`;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  read(offset: number, length: number): Buffer | null {
    if (this.fd < 0 || !isReadable(offset, length, this.size)) return null;
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      let count: number;
      try {
        count = readSync(this.fd, bytes, done, length - done, offset + done);
      } catch {
        return null;
      }
      if (count === 0) return null;
      done += count;
    }
    return bytes;
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
  }
}

export class BufferSource implements ByteSource {
  readonly size: number;
  private readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.size = bytes.byteLength;
  }

  read(offset: number, length: number): Buffer | null {
    return isReadable(offset, length, this.size) ? this.bytes.subarray(offset, offset + length) : null;
  }

  close(): void {
    // Nothing to release.
  }
}

/** A part of something else, which it does not close. */
export class PartSource implements ByteSource {
  readonly size: number;
  private readonly whole: ByteSource;
  private readonly start: number;

  constructor(whole: ByteSource, start: number, size: number) {
    this.whole = whole;
    this.start = start;
    this.size = size;
  }

  read(offset: number, length: number): Buffer | null {
    return isReadable(offset, length, this.size) ? this.whole.read(this.start + offset, length) : null;
  }

  close(): void {
    // The whole belongs to someone else.
  }
}

/** A range of a process's memory, from `base` on. */
export class MemorySource implements ByteSource {
  readonly size: number;
  private readonly memory: Memory;
  private readonly base: number;

  constructor(memory: Memory, base: number, size: number) {
    this.memory = memory;
    this.base = base;
    this.size = size;
  }

  read(offset: number, length: number): Buffer | null {
    if (!isReadable(offset, length, this.size)) return null;
    const bytes = Buffer.allocUnsafe(length);
    return this.memory.read(this.base + offset, bytes, 0, length) ? bytes : null;
  }

  close(): void {
    // The memory belongs to someone else.
  }
}
