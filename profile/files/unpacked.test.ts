import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { AnyReader } from '../formats/anyReader.ts';
import { profileOf } from '../formats/savedProfile.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { StackWeights } from '../weights.ts';
import { unpackInto, unzstd } from './unpacked.ts';

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array, void> {
  const buffer = new Uint8Array(length);
  for (let at = 0; at < bytes.length; at += length) {
    const piece = bytes.subarray(at, at + length);
    buffer.set(await Promise.resolve(piece));
    yield buffer.subarray(0, piece.length);
  }
}

async function unpacked(bytes: Uint8Array, length: number): Promise<string> {
  let text = '';
  await unpackInto(pieces(bytes, length), (piece) => (text += Buffer.from(piece).toString('latin1')));
  return text;
}

describe('unpacking', () => {
  it('tells what is gzipped, in however many parts, from what is not', async () => {
    const text = 'main;f 1\n'.repeat(10_000);
    for (const length of [3, 1000, 1 << 20]) {
      assert.equal(await unpacked(Buffer.from(text), length), text);
      assert.equal(await unpacked(Buffer.concat([gzipSync(text), gzipSync('g 2\n')]), length), `${text}g 2\n`);
    }
    assert.equal(await unpacked(Buffer.alloc(0), 10), '');
  });

  it('says where it is cut off, and passes on what is thrown', async () => {
    const packed = gzipSync('main;f 1\n');
    await assert.rejects(
      unpacked(packed.subarray(0, 20), 5),
      (error) => error instanceof ProfileFormatError && /cut off or damaged at byte \d+ /.test(error.message),
    );
    const mine = new Error('mine');
    await assert.rejects(
      unpackInto(pieces(packed, 5), () => {
        throw mine;
      }),
      mine,
    );
  });

  it('unpacks what profiling.sampling packed', () => {
    const reader = new AnyReader(undefined, { unzstd });
    reader.push(readFileSync(new URL('../formats/corpus/sampling-3.15.zstd.bin', import.meta.url)));
    const profile = profileOf(reader.end());
    assert.equal(new StackWeights(profile).totalTime, 300_000);
    assert.equal(profile.processes[0]!.pythonVersion, '3.15.2');
  });

  it('refuses zstd that is damaged or a bomb', () => {
    const packed = zstdCompressSync(Buffer.alloc(5_000_000));
    assert.throws(() => unzstd!(packed, 1 << 20), /too big: more than 1 MB/);
    assert.throws(() => unzstd!(packed.subarray(0, packed.length - 3), 1 << 30), /cut off or damaged/);
    assert.throws(() => unzstd!(Buffer.from('no zstd at all'), 1 << 30), ProfileFormatError);
  });
});
