import { randomBytes } from 'node:crypto';
import { closeSync, createReadStream, ftruncateSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { FileSource } from '../binary/byteSource.ts';
import { CoreError } from './coreFailure.ts';
import { unpackLz4 } from './lz4.ts';

/** How packed files begin: RFC 1952; RFC 8878; LZ4's and xz's frame formats; bzip2. */
const formats = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['lz4', Buffer.from([0x04, 0x22, 0x4d, 0x18])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['bzip2', Buffer.from('BZh', 'latin1')],
] as const;

/** Share of a folder's free room that an unpacked dump may take. */
const mostOfRoom = 0.9;

/**
 * Unpacks a core dump to a file without a name, which is gone when it is closed, in the folder for temporary files. What is not packed
 * is returned as it is.
 * @param source of the file; closed if another one is returned, or an error thrown
 * @param limit bytes that it may have; what the folder has room for unless told
 * @throws CoreError
 */
export async function unpacked(file: string, source: FileSource, limit?: number): Promise<FileSource> {
  const start = source.read(0, Math.min(8, source.size)) ?? Buffer.alloc(0);
  const format = formats.find(([, magic]) => start.subarray(0, magic.length).equals(magic))?.[0];
  if (format === undefined) return source;
  source.close();
  const unpacker = format === 'gzip' ? zlib.createGunzip() : format === 'zstd' ? zstd() : format === 'lz4' ? unpackLz4 : null;
  if (unpacker === null) throw new CoreError({ code: 'packed', file, format });
  const folder = os.tmpdir();
  const most = limit ?? Math.floor(roomIn(folder) * mostOfRoom);
  const sink = new SparseFile(folder, most);
  try {
    await pipeline(createReadStream(file), unpacker, sink);
    return sink.take();
  } catch (error) {
    if (error instanceof NoRoom || (error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new CoreError({ code: 'no-room', file, folder, limit: most });
    throw new CoreError({ code: 'damaged', file, detail: error instanceof Error ? error.message : String(error) });
  } finally {
    sink.close();
  }
}

/** Node has zstd from 22.15 and 23.8 on. */
function zstd(): Transform | null {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: typeof zlib.createZstdDecompress };
  return createZstdDecompress?.() ?? null;
}

function roomIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

class NoRoom extends Error {}

/** A file that takes no room for zeros, of which cores are full, and has no name: nothing is left of it however we end. */
class SparseFile extends Writable {
  private fd: number;
  private size = 0;
  private readonly limit: number;

  constructor(folder: string, limit: number) {
    super();
    const name = path.join(folder, `heatline-core-${randomBytes(8).toString('hex')}`);
    this.fd = openSync(name, 'wx+', 0o600);
    rmSync(name);
    this.limit = limit;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    try {
      if (this.size + chunk.length > this.limit) throw new NoRoom();
      if (!isZero(chunk)) {
        for (let at = 0; at < chunk.length;) at += writeSync(this.fd, chunk, at, chunk.length - at, this.size + at);
      }
      this.size += chunk.length;
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  /** What was written; closes it. */
  take(): FileSource {
    ftruncateSync(this.fd, this.size);
    const source = new FileSource(this.fd);
    this.fd = -1;
    return source;
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
  }
}

const zeros = Buffer.alloc(64 * 1024);

function isZero(chunk: Buffer): boolean {
  for (let at = 0; at < chunk.length; at += zeros.length) {
    const end = Math.min(at + zeros.length, chunk.length);
    if (chunk.compare(zeros, 0, end - at, at, end) !== 0) return false;
  }
  return true;
}
