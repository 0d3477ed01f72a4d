import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { FileSource } from '../binary/byteSource.ts';
import { CoreError, type CoreFailure } from './coreFailure.ts';
import { unpacked } from './unpack.ts';

describe('packed core dumps', () => {
  let folder: string;
  let before: string | undefined;
  const content = Buffer.concat([Buffer.from('core'), Buffer.alloc(1 << 20), Buffer.from('end'), Buffer.alloc(1 << 17)]);

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-packed-'));
    before = process.env['TMPDIR'];
    fs.mkdirSync(path.join(folder, 'tmp'));
    process.env['TMPDIR'] = path.join(folder, 'tmp');
  });
  afterEach(() => {
    // However it ended, nothing is left.
    assert.deepEqual(fs.readdirSync(path.join(folder, 'tmp')), []);
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    fs.rmSync(folder, { recursive: true });
  });

  async function unpack(bytes: Buffer, limit?: number): Promise<Buffer | CoreFailure> {
    const file = path.join(folder, 'core');
    fs.writeFileSync(file, bytes);
    try {
      const source = await unpacked(file, new FileSource(file), limit);
      assert.deepEqual(fs.readdirSync(path.join(folder, 'tmp')), []);
      const read = source.read(0, source.size);
      source.close();
      assert(read !== null);
      return read;
    } catch (error) {
      if (error instanceof CoreError) return error.failure;
      throw error;
    }
  }

  it('are unpacked from gzip, zstd and lz4', async () => {
    assert.deepEqual(await unpack(zlib.gzipSync(content)), content);
    assert.deepEqual(await unpack(zlib.zstdCompressSync(content)), content);
    const unpacked = await unpack(fs.readFileSync(new URL('fixtures/plain.lz4', import.meta.url)));
    assert(Buffer.isBuffer(unpacked) && unpacked.length === 151_516);
    assert.deepEqual(await unpack(content), content);
    assert.deepEqual(await unpack(Buffer.alloc(0)), Buffer.alloc(0));
  });

  it('are refused in formats that are not unpacked, where they are cut off, and where they would take too much room', async () => {
    const file = path.join(folder, 'core');
    const cut = await unpack(Buffer.from('04224d186440a7', 'hex'));
    assert(!Buffer.isBuffer(cut) && cut.code === 'damaged');
    assert.deepEqual(await unpack(Buffer.from('fd377a585a000004', 'hex')), { code: 'packed', file, format: 'xz' });
    for (const packed of [zlib.gzipSync(content), zlib.zstdCompressSync(content)]) {
      const failure = await unpack(packed.subarray(0, packed.length - 20));
      assert(!Buffer.isBuffer(failure) && failure.code === 'damaged');
      assert.deepEqual(await unpack(packed, content.length), content);
      assert.deepEqual(await unpack(packed, content.length - 1), {
        code: 'no-room',
        file,
        folder: path.join(folder, 'tmp'),
        limit: content.length - 1,
      });
    }
  });
});
