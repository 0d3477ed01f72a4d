import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RecordedMemory } from '../memory/recorded.ts';
import { tabulatedLayout } from './layout.ts';
import { readBytes, readPointer, readString, type StringLayout } from './strings.ts';

const address = 0x7f00_0000_1000;

/** Layouts of strings by the versions' headers: 3.11, 3.12 to 3.15, and free-threaded 3.14. */
const layouts: Readonly<Record<string, StringLayout>> = {
  '3.11': tabulatedLayout(11)!,
  '3.12': tabulatedLayout(12)!,
  '3.14t': { minor: 14, object: { type: 24 }, unicode: { length: 32, state: 48, asciiData: 56, compactData: 72 } },
};

/** Lays a str object out as Include/cpython/unicodeobject.h says. */
function put(memory: RecordedMemory, text: string, layout: StringLayout, options: { readonly subclass?: boolean; readonly length?: number } = {}): void {
  const points = Array.from(text, (character) => character.codePointAt(0)!);
  const widest = Math.max(0, ...points);
  const kind = widest < 256 ? 1 : widest < 65536 ? 2 : 4;
  const isAscii = widest < 128;
  const { unicode } = layout;
  const header = Buffer.alloc(unicode.compactData);
  header.writeUInt32LE(options.length ?? points.length, unicode.length);
  const shift = layout.minor >= 14 && layout.object.type === 24 ? 8 : 2;
  header.writeUInt32LE(1 | (kind << shift) | (Number(options.subclass !== true) << (shift + 3)) | (Number(isAscii) << (shift + 4)), unicode.state);
  memory.put(address, header);
  const data = Buffer.alloc(points.length * kind);
  points.forEach((point, i) => data.writeUIntLE(point, i * kind, kind));
  const dataAt = address + (isAscii ? unicode.asciiData : unicode.compactData);
  if (options.subclass === true) {
    const pointer = Buffer.alloc(8);
    pointer.writeBigUInt64LE(BigInt(address + 0x100000));
    memory.put(address + unicode.compactData, pointer);
    memory.put(address + 0x100000, data);
  } else {
    memory.put(dataAt, data);
  }
}

describe('readString', () => {
  for (const [version, layout] of Object.entries(layouts)) {
    it(`reads every kind of ${version}`, () => {
      const ofKind = fc.constantFrom(0x7f, 0xff, 0xffff, 0x10ffff).chain((highest) => fc.array(fc.integer({ min: 0, max: highest }), { maxLength: 60 }));
      fc.assert(
        fc.property(ofKind, fc.boolean(), (points, subclass) => {
          const memory = new RecordedMemory();
          // Surrogates are characters of their own in Python; a pair of them would be one here.
          const text = String.fromCodePoint(...points.map((point) => (point >= 0xd800 && point < 0xe000 ? 0xe000 : point)));
          put(memory, text, layout, { subclass });
          assert.equal(readString(memory, address, layout), text);
        }),
      );
    });
  }

  it('keeps lone surrogates', () => {
    const memory = new RecordedMemory();
    put(memory, 'x\udc80', layouts['3.12']!);
    assert.equal(readString(memory, address, layouts['3.12']!), 'x\udc80');
  });

  it('cuts what is long and says so', () => {
    const memory = new RecordedMemory();
    put(memory, 'ä'.repeat(100), layouts['3.12']!);
    assert.equal(readString(memory, address, layouts['3.12']!, 10), `${'ä'.repeat(10)}…`);
    assert.equal(readString(memory, address, layouts['3.12']!, 100), 'ä'.repeat(100));
  });

  it('is null for lengths, kinds and characters that can not be', () => {
    const layout = layouts['3.12']!;
    for (const length of [0x7fffffff, 0xffffffff, 200]) {
      const memory = new RecordedMemory();
      put(memory, 'abc', layout, { length });
      assert.equal(readString(memory, address, layout), null);
    }
    const memory = new RecordedMemory();
    put(memory, '😀', layout);
    memory.put(address + layout.unicode.compactData, Uint8Array.of(0, 0, 0x11, 0));
    assert.equal(readString(memory, address, layout), null, 'beyond Unicode');
    memory.put(address + layout.unicode.state, Uint8Array.of(3 << 2));
    assert.equal(readString(memory, address, layout), null, 'kind 3');
    assert.equal(readString(memory, address + 0x10000, layout), null, 'nothing there');
    assert.equal(readString(memory, 0, layout), null);
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 100, maxLength: 300 }), fc.constantFrom(...Object.values(layouts)), (bytes, layout) => {
        const memory = new RecordedMemory();
        memory.put(address, bytes);
        const text = readString(memory, address, layout);
        return text === null || text.length <= 300;
      }),
    );
  });
});

describe('readBytes', () => {
  const layout = tabulatedLayout(12)!;

  it('reads a bytes object up to the length it may have', () => {
    const memory = new RecordedMemory();
    const object = Buffer.alloc(layout.bytes.data + 5);
    object.writeUInt32LE(5, layout.bytes.length);
    object.write('hello', layout.bytes.data);
    memory.put(address, object);
    assert.equal(readBytes(memory, address, layout, 5)?.toString(), 'hello');
    assert.equal(readBytes(memory, address, layout, 4), null);
    memory.put(address + layout.bytes.length + 4, Uint8Array.of(1));
    assert.equal(readBytes(memory, address, layout, 5), null, 'a length of more than 32 bits');
    assert.equal(readBytes(memory, 0x5000, layout, 5), null);
  });
});

describe('readPointer', () => {
  it('is 0 for what is no address', () => {
    const memory = new RecordedMemory();
    memory.put(address, Buffer.from('00100000007f0000ffffffffffffffff', 'hex'));
    assert.equal(readPointer(memory, address), 0x7f00_0000_1000);
    assert.equal(readPointer(memory, address + 8), 0);
    assert.equal(readPointer(memory, address + 12), 0);
  });
});
