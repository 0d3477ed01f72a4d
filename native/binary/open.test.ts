import assert from 'node:assert/strict';
import { BinaryError } from './binary.ts';
import { BufferSource } from './byteSource.ts';
import { buildElf } from './elfFixture.ts';
import { is32Bit, openBinary, openImage } from './open.ts';

const symbols = { _PyRuntime: 0x5000, Py_Version: 0x4008 };

describe('openBinary', () => {
  it('opens a file by its first bytes', () => {
    const binary = openBinary(new BufferSource(buildElf({ dynamic: symbols, hash: 'gnu' })));
    assert.equal(binary.processor, 'x64');
    assert.equal(binary.findExports(['_PyRuntime']).get('_PyRuntime')?.address, 0x5000);
  });

  it('refuses what is of no format it knows', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('MZ'), Buffer.alloc(64, 'x')])
      assert.throws(() => openBinary(new BufferSource(bytes)), BinaryError);
  });

  it('opens an image where its mappings say it is, and nowhere else', () => {
    const bytes = buildElf({ dynamic: symbols, hash: 'gnu', relocated: 0 });
    const start = 0x7f00_1234_5000;
    const mapping = { start, end: start + bytes.length, fileOffset: 0 };
    const image = openImage(new BufferSource(bytes), [mapping], 4096);
    assert.equal(image.findExports(['_PyRuntime']).get('_PyRuntime')?.address, 0x5000);
    assert.equal(image.placement.loadBiases([mapping], 4096)[0], start);
    assert.throws(() => openImage(new BufferSource(bytes), [{ ...mapping, fileOffset: 1 << 30 }], 4096), BinaryError);
  });

  it('tells binaries with 32-bit addresses', () => {
    const bytes = buildElf({ dynamic: symbols, hash: 'gnu' });
    assert.equal(is32Bit(new BufferSource(bytes)), false);
    bytes[4] = 1;
    assert.equal(is32Bit(new BufferSource(bytes)), true);
    assert.equal(is32Bit(new BufferSource(Buffer.from('text'))), false);
    assert.throws(() => openBinary(new BufferSource(bytes)), /64-bit/);
  });
});
