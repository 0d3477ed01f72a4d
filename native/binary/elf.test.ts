import assert from 'node:assert/strict';
import { closeSync, openSync, readSync } from 'node:fs';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import { BufferSource, type ByteSource, FileSource } from './byteSource.ts';
import { BinaryError } from './binary.ts';
import { ElfFile } from './elf.ts';
import { buildElf } from './elfFixture.ts';

const symbols = { _PyRuntime: 0x5000, Py_Version: 0x4008, long_Py_Version: 0x4010, other: 0x4100 };

function open(bytes: Uint8Array): ElfFile {
  return new ElfFile(new BufferSource(bytes));
}

describe('ElfFile', () => {
  for (const hash of ['gnu', 'sysv'] as const) {
    it(`finds dynamic symbols by the ${hash} hash table`, () => {
      const elf = open(buildElf({ dynamic: symbols, hash }));
      const found = elf.findExports(['_PyRuntime', 'Py_Version', 'missing', 'other']);
      assert.deepEqual(
        [...found].map(([name, symbol]) => [name, symbol.address]),
        [
          ['_PyRuntime', 0x5000],
          ['Py_Version', 0x4008],
          ['other', 0x4100],
        ],
      );
    });

    it(`finds each of 300 symbols by the ${hash} hash table`, () => {
      const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`symbol_${i * 7919}`, 0x4000 + i * 8]));
      const found = open(buildElf({ dynamic: many, hash })).findExports(Object.keys(many));
      assert.deepEqual(Object.fromEntries([...found].map(([name, symbol]) => [name, symbol.address])), many);
    });
  }

  it('does not take an undefined (imported) symbol for a definition', () => {
    const elf = open(buildElf({ dynamic: symbols, undefinedSymbols: ['_PyRuntime'], hash: 'gnu' }));
    assert.equal(elf.findSymbols(['_PyRuntime']).size, 0);
  });

  it('finds static symbols in one pass, also when names share their tails', () => {
    const elf = open(buildElf({ static: symbols, mergeTails: true }));
    assert.equal(elf.findExports(['_PyRuntime']).size, 0);
    const found = elf.findSymbols(['Py_Version', '_PyRuntime']);
    assert.equal(found.get('Py_Version')?.address, 0x4008);
    assert.equal(found.get('_PyRuntime')?.address, 0x5000);
  });

  it('finds sections by name', () => {
    const section = open(buildElf({ dynamic: symbols, hash: 'gnu' })).section('PyRuntime');
    assert.equal(section?.address, 0x5000);
    assert.equal(open(buildElf({ dynamic: symbols, hash: 'gnu' })).section('absent'), null);
  });

  it('finds functions by any address in them, by a name that others see', () => {
    const statics = { inner: 0x4000, __alias: 0x4010, alias: 0x4010, longer_alias: 0x4010, last: 0x4100 };
    const table = open(buildElf({ static: statics, functions: true })).functions('all')!;
    // They have 8 bytes each.
    assert.deepEqual(table.find(0x4007), { name: 'inner', address: 0x4000, size: 8 });
    assert.equal(table.find(0x4010)?.name, 'alias');
    assert.equal(table.find(0x4107)?.address, 0x4100);
    for (const address of [0, 0x3fff, 0x4008, 0x4108, -1, NaN]) assert.equal(table.find(address), null);
    // Variables are none.
    assert.equal(open(buildElf({ static: statics })).functions('all'), null);
  });

  it('reads the build id', () => {
    assert.equal(open(buildElf({ buildId: 'c0ffee00deadbeef' })).buildId(), 'c0ffee00deadbeef');
    assert.equal(open(buildElf({})).buildId(), null);
  });

  it('reads an image in memory, whether or not the dynamic linker relocated its pointers', () => {
    const bias = 0x7f00_1234_5000;
    for (const relocated of [0, bias]) {
      const bytes = buildElf({ dynamic: symbols, hash: 'gnu', relocated, buildId: 'ab12cd34' });
      const image = new ElfFile(new BufferSource(bytes), bias);
      assert.equal(image.findSymbols(['_PyRuntime']).get('_PyRuntime')?.address, 0x5000);
      assert.equal(image.buildId(), 'ab12cd34');
      assert.deepEqual(image.sections, []);
    }
  });

  it('reads the binary we run in without reading it whole', () => {
    const file = new FileSource(process.execPath);
    let total = 0;
    const counting: ByteSource = {
      size: file.size,
      read: (offset, length) => {
        total += length;
        return file.read(offset, length);
      },
      close: () => file.close(),
    };
    const elf = new ElfFile(counting);
    // Every Node exports its add-on interface.
    const found = elf.findExports(['napi_create_function', 'napi_no_such_thing']);
    const address = found.get('napi_create_function')?.address;
    assert.ok(address !== undefined && elf.readAt(address, 16) !== null);
    assert.equal(found.size, 1);
    assert.ok(total < file.size / 100, `${total} of ${file.size} bytes read`);
    file.close();
  });

  it('refuses other formats with a reason', () => {
    const good = buildElf({ dynamic: symbols, hash: 'gnu' });
    const changed = (at: number, value: number): Uint8Array => Uint8Array.from(good, (byte, i) => (i === at ? value : byte));
    assert.throws(() => open(Buffer.from('MZ')), /Not an ELF file/);
    assert.throws(() => open(Buffer.alloc(64, 'x')), /Not an ELF file/);
    assert.throws(() => open(changed(4, 1)), /Not a 64-bit ELF file/);
    assert.throws(() => open(changed(5, 2)), /Not a little-endian ELF file/);
    assert.throws(() => open(changed(57, 0xff)), /impossible program headers/);
    assert.throws(() => open(good.subarray(0, 100)), /program headers are outside/);
  });

  it('survives any bytes', () => {
    const good = buildElf({ dynamic: symbols, static: symbols, hash: 'gnu', buildId: 'c0ffee' });
    const old = buildElf({ dynamic: symbols, hash: 'sysv' });
    const edits = fc.array(fc.record({ at: fc.nat(good.length - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.constantFrom(good, old), edits, fc.nat(good.length), (base, changes, cut) => {
        const bytes = Uint8Array.from(base.subarray(0, Math.max(cut, base.length >> 1)));
        for (const { at, bytes: change } of changes) if (at + change.length <= bytes.length) bytes.set(change, at);
        exercise(bytes);
      }),
      { numRuns: rounds(3000) },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (noise) => exercise(Buffer.concat([good.subarray(0, 64), noise]))),
      { numRuns: rounds(1000) },
    );
  });

  it('ends the walk through a cyclic hash chain', () => {
    const bytes = buildElf({ dynamic: symbols, hash: 'sysv', cyclicChains: true });
    assert.equal(open(bytes).findExports(['missing']).size, 0);
  });
});

describe('loadBiases', () => {
  const elf = open(buildElf({ dynamic: symbols, hash: 'gnu' }));

  it('is the difference between where parts are and where the file says', () => {
    const bias = 0x7f11_0000_0000;
    const mappings = elf.segments
      .filter((segment) => segment.type === 1)
      .map((segment) => {
        const start = bias + segment.address - (segment.address % 4096);
        return { start, end: start + 0x1000, fileOffset: segment.fileOffset - (segment.fileOffset % 4096) };
      });
    assert.equal(elf.placement.loadBiases(mappings, 4096)[0], bias);
  });

  it('prefers a complete copy to a file mapped as data', () => {
    const bias = 0x7f22_0000_0000;
    const asData = { start: 0x7e00_0000_0000, end: 0x7e00_0001_0000, fileOffset: 0 };
    const parts = elf.segments
      .filter((segment) => segment.type === 1)
      .map((segment) => {
        const start = bias + segment.address - (segment.address % 4096);
        return { start, end: start + 0x1000, fileOffset: segment.fileOffset - (segment.fileOffset % 4096) };
      });
    assert.ok(parts.length > 1);
    assert.equal(elf.placement.loadBiases([asData, ...parts], 4096)[0], bias);
  });

  it('finds a binary that is loaded twice at both places, and not where just a part of it is', () => {
    const biases = [0x7f11_0000_0000, 0x7f22_0000_0000];
    const mappings = biases.flatMap((bias) =>
      elf.segments
        .filter((segment) => segment.type === 1)
        .map((segment) => {
          const start = bias + segment.address - (segment.address % 4096);
          return { start, end: start + 0x1000, fileOffset: segment.fileOffset - (segment.fileOffset % 4096) };
        }),
    );
    const found = elf.placement.loadBiases(mappings, 4096).filter((bias) => elf.placement.isLoadedAt(bias, mappings));
    assert.deepEqual(found.sort(), biases);
    for (const [index, { start }] of mappings.entries()) {
      const bias = biases.find((one) => one > start - 0x1_0000_0000 && one <= start)!;
      assert.equal(elf.placement.isLoadedAt(bias, mappings.toSpliced(index, 1)), false);
    }
  });

  it('is empty when no part of the file is mapped where a segment is', () => {
    assert.deepEqual(elf.placement.loadBiases([{ start: 0x1000, end: 0x2000, fileOffset: 1 << 30 }], 4096), []);
  });
});

describe('FileSource', () => {
  it('reads exactly what is there', () => {
    const file = new FileSource(import.meta.filename);
    const bytes = Buffer.alloc(10);
    const fd = openSync(import.meta.filename, 'r');
    readSync(fd, bytes, 0, 10, 5);
    closeSync(fd);
    assert.deepEqual(file.read(5, 10), bytes);
    assert.equal(file.read(file.size - 5, 6), null);
    assert.equal(file.read(-1, 1), null);
    assert.equal(file.read(0, Number.MAX_SAFE_INTEGER), null);
    file.close();
    assert.equal(file.read(0, 1), null);
  });

  it('refuses what is not a file', () => {
    assert.throws(() => new FileSource('/'), /not a regular file/);
  });
});

/** Everything a caller may do; only BinaryError may come out. */
function exercise(bytes: Uint8Array): void {
  try {
    for (const bias of [null, 0x7f00_0000_0000]) {
      const elf = new ElfFile(new BufferSource(bytes), bias);
      elf.findSymbols(['_PyRuntime', 'Py_Version']);
      elf.section('PyRuntime');
      elf.buildId();
      elf.texts('everything');
      elf.functions('all')?.find(0x5000);
      elf.functions('exported')?.find(0x5000);
      elf.unwindIndex();
      elf.debugLink();
      elf.placement.loadBiases([{ start: 0x7f00_0000_0000, end: 0x7f00_0001_0000, fileOffset: 0 }], 4096);
    }
  } catch (error) {
    if (!(error instanceof BinaryError)) throw error;
  }
}
