import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RecordedMemory } from '../memory/recorded.ts';
import { tabulatedLayout } from './layout.ts';
import { readBytes, readPointer, readShortStrings, readString, type StringLayout } from './strings.ts';

const address = 0x7f00_0000_1000;

/** Layouts of strings by the versions' headers: 3.11, 3.12 to 3.15, and free-threaded 3.14. */
const layouts: Readonly<Record<string, StringLayout>> = {
  '3.11': tabulatedLayout(11)!,
  '3.12': tabulatedLayout(12)!,
  '3.14t': { unicode: { length: 32, state: 48, asciiData: 56, compactData: 72, kindBit: 8 } },
};

/** Lays a str object out as Include/cpython/unicodeobject.h says. */
function put(
  memory: RecordedMemory,
  text: string,
  layout: StringLayout,
  options: { readonly subclass?: boolean; readonly length?: number } = {},
  at: number = address,
): void {
  const points = Array.from(text, (character) => character.codePointAt(0)!);
  const widest = Math.max(0, ...points);
  const kind = widest < 256 ? 1 : widest < 65536 ? 2 : 4;
  const isAscii = widest < 128;
  const { unicode } = layout;
  const header = Buffer.alloc(unicode.compactData);
  header.writeUInt32LE(options.length ?? points.length, unicode.length);
  header.writeUInt32LE(
    1 |
      (kind << unicode.kindBit) |
      (Number(options.subclass !== true) << (unicode.kindBit + 3)) |
      (Number(isAscii) << (unicode.kindBit + 4)),
    unicode.state,
  );
  memory.put(at, header);
  const data = Buffer.alloc(points.length * kind);
  points.forEach((point, i) => data.writeUIntLE(point, i * kind, kind));
  const dataAt = at + (isAscii ? unicode.asciiData : unicode.compactData);
  if (options.subclass === true) {
    const pointer = Buffer.alloc(8);
    pointer.writeBigUInt64LE(BigInt(at + 0x100000));
    memory.put(at + unicode.compactData, pointer);
    memory.put(at + 0x100000, data);
  } else {
    memory.put(dataAt, data);
  }
}

describe('readString', () => {
  for (const [version, layout] of Object.entries(layouts)) {
    it(`reads every kind of ${version}`, () => {
      const ofKind = fc
        .constantFrom(0x7f, 0xff, 0xffff, 0x10ffff)
        .chain((highest) => fc.array(fc.integer({ min: 0, max: highest }), { maxLength: 60 }));
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

describe('readShortStrings', () => {
  /** Each of them in a page of its own, so that what follows its text can be read if anything is there. */
  const addressOf = (index: number): number => address + 0x1000 * index;
  const readable = new Uint8Array(0x200);

  for (const [version, layout] of Object.entries(layouts)) {
    it(`reads many of ${version} in the order in which they are asked for`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 64 }), { maxLength: 40 }),
          fc.infiniteStream(fc.nat(39)),
          (texts, order) => {
            const memory = new RecordedMemory();
            texts.forEach((text, index) => {
              memory.put(addressOf(index), readable);
              put(memory, text, layout, {}, addressOf(index));
            });
            const indices = texts.length === 0 ? [] : [...order.take(60)].map((index) => index % texts.length);
            assert.deepEqual(
              readShortStrings(memory, indices.map(addressOf), layout),
              indices.map((index) => texts[index]),
            );
          },
        ),
      );
    });

    it(`has null for what is no short ASCII string of ${version}, and the others all the same`, () => {
      const memory = new RecordedMemory();
      const texts = ['first', 'ä', 'x'.repeat(65), '😀', 'x'.repeat(64), 'subclass', 'no string', 'last'];
      texts.forEach((text, index) => {
        memory.put(addressOf(index), readable);
        put(
          memory,
          text,
          layout,
          { subclass: text === 'subclass', ...(text === 'no string' ? { length: 0x7fffffff } : {}) },
          addressOf(index),
        );
      });
      const addresses = texts.map((_, index) => addressOf(index));
      const found = ['first', null, null, null, 'x'.repeat(64), null, null, 'last'];
      assert.deepEqual(readShortStrings(memory, addresses, layout), found);
      assert.deepEqual(readShortStrings(memory, [0, ...addresses, 4095], layout), [null, ...found, null], 'and for what is no address');
      put(memory, 'low', layout, {}, 0);
      assert.deepEqual(readShortStrings(memory, [0], layout), [null], 'whatever is there');
    });

    it(`reads one of ${version} that is the last thing in readable memory, and what comes after it`, () => {
      const memory = new RecordedMemory();
      for (const index of [0, 2]) memory.put(addressOf(index), readable);
      put(memory, 'before', layout, {}, addressOf(0));
      put(memory, 'end', layout, {}, addressOf(1));
      put(memory, 'after', layout, {}, addressOf(2));
      const nowhere = addressOf(9);
      assert.deepEqual(readShortStrings(memory, [0, 1, 2].map(addressOf), layout), ['before', 'end', 'after']);
      assert.deepEqual(readShortStrings(memory, [addressOf(0), nowhere, addressOf(1), addressOf(2)], layout), [
        'before',
        null,
        'end',
        'after',
      ]);
    });

    it(`is no stricter or looser about one of ${version} at the end of readable memory`, () => {
      const memory = new RecordedMemory();
      for (const [index, text] of ['ä', 'x'.repeat(65), 'x'.repeat(64)].entries()) {
        put(memory, text, layout, {}, addressOf(index));
        assert.deepEqual(readShortStrings(memory, [addressOf(9), addressOf(index)], layout), [null, text.length === 64 ? text : null]);
      }
    });

    it(`has null for one of ${version} of which only the beginning can be read`, () => {
      const memory = new RecordedMemory();
      put(memory, 'begin', layout, { length: 40 });
      assert.deepEqual(readShortStrings(memory, [address], layout), [null]);
    });
  }

  it('reads none of none', () => {
    assert.deepEqual(readShortStrings(new RecordedMemory(), [], layouts['3.12']!), []);
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
