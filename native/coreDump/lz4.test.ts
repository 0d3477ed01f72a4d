import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import { Lz4Error, unpackLz4 } from './lz4.ts';

/** Made by lz4 1.9.4 of the same 151 516 bytes: as it does unless told, and by `-9 -BD -B4 -BX --content-size`. */
const files = ['plain', 'linked'].map((name) => fs.readFileSync(new URL(`fixtures/${name}.lz4`, import.meta.url)));
const sha1 = '537896630026651694367b7629dd1d1e8ae3ad99';

/** @param cut bytes of a piece */
async function unpack(packed: Buffer, cut = packed.length || 1): Promise<Buffer> {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < packed.length; at += cut) yield await Promise.resolve(packed.subarray(at, at + cut));
  }
  const unpacked: Buffer[] = [];
  for await (const piece of unpackLz4(pieces())) unpacked.push(piece);
  return Buffer.concat(unpacked);
}

const hashOf = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');

describe('LZ4', () => {
  it('is unpacked, however it comes', async () => {
    for (const file of files) {
      for (const cut of [file.length, 1, 7, 1000]) assert.equal(hashOf(await unpack(file, cut)), sha1);
    }
    assert.deepEqual(await unpack(Buffer.alloc(0)), Buffer.alloc(0));
  });

  it('may be of several frames, with others between them', async () => {
    const skipped = Buffer.from('532a4d1803000000616263', 'hex');
    const once = await unpack(files[0]!);
    assert.deepEqual(await unpack(Buffer.concat([skipped, ...files, skipped])), Buffer.concat([once, once]));
  });

  it('is refused where it is cut off', async () => {
    for (const file of files) {
      for (let length = 1; length < file.length; length += 13) await assert.rejects(unpack(file.subarray(0, length)), Lz4Error);
    }
  });

  it('gives an error or bytes where it is damaged, and nothing else', async () => {
    const damage = fc.array(fc.tuple(fc.nat(1100), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), damage, async (file, changes) => {
        const damaged = Buffer.from(file);
        for (const [at, byte] of changes) damaged[at] = byte;
        try {
          assert.ok((await unpack(damaged)).length <= 3 * (1 << 22));
        } catch (error) {
          if (!(error instanceof Lz4Error)) throw error;
        }
      }),
      { numRuns: rounds(300) },
    );
  });

  it('takes no longer for lengths that no block can have', async () => {
    const lengths = Buffer.alloc(4 << 20, 255);
    const header = Buffer.from('04224d1860708f00004000', 'hex');
    await assert.rejects(unpack(Buffer.concat([header, lengths])), Lz4Error);
  });
});
