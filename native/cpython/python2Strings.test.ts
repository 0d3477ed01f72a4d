import assert from 'node:assert/strict';
import { RecordedMemory } from '../memory/recorded.ts';
import { readPython2String } from './python2Strings.ts';

const object = 0x1000;
const type = 0x2000;
const data = 0x3000;
const Flags = { string: 1 << 27, unicode: 1 << 28, list: 1 << 25 } as const;

function memoryWith(flags: number, length: number, bytes: Uint8Array, isUnicode: boolean): RecordedMemory {
  const memory = new RecordedMemory();
  const header = Buffer.alloc(40);
  header.writeBigUInt64LE(BigInt(type), 8);
  header.writeBigInt64LE(BigInt(length), 16);
  if (isUnicode) header.writeBigUInt64LE(BigInt(data), 24);
  memory.put(object, header);
  memory.put(isUnicode ? data : object + 36, bytes);
  const typeBytes = Buffer.alloc(176);
  typeBytes.writeUInt32LE(flags, 168);
  memory.put(type, typeBytes);
  return memory;
}

function str(bytes: Buffer, limit = 100): string | null {
  return readPython2String(memoryWith(Flags.string, bytes.length, Buffer.concat([bytes, Buffer.alloc(8)]), false), object, 4, limit);
}

function unicode(text: string, unitSize: 2 | 4, limit = 100): string | null {
  const points =
    unitSize === 4 ? Array.from(text, (one) => one.codePointAt(0)!) : Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const bytes = Buffer.alloc(points.length * unitSize);
  points.forEach((point, i) => (unitSize === 4 ? bytes.writeUInt32LE(point, 4 * i) : bytes.writeUInt16LE(point, 2 * i)));
  return readPython2String(memoryWith(Flags.unicode, points.length, bytes, true), object, unitSize, limit);
}

describe('readPython2String', () => {
  it('reads str as UTF-8 where it is, else as Latin-1', () => {
    assert.equal(str(Buffer.from('plain')), 'plain');
    assert.equal(str(Buffer.from('grün €', 'utf8')), 'grün €');
    assert.equal(str(Buffer.from([0x67, 0x72, 0xfc, 0x6e])), 'grün');
    assert.equal(str(Buffer.alloc(0)), '');
  });

  it('reads unicode of wide and narrow builds', () => {
    for (const unitSize of [2, 4] as const) {
      for (const text of ['', 'plain', 'größe', '函数', '\u{1f600} party'])
        assert.equal(unicode(text, unitSize), text, `${text} in units of ${unitSize}`);
    }
  });

  it('cuts long ones off', () => {
    assert.equal(str(Buffer.from('abcdefgh'), 3), 'abc…');
    assert.equal(unicode('abcdefgh', 4, 3), 'abc…');
  });

  it('is null for what is no string, or can’t be read', () => {
    assert.equal(readPython2String(memoryWith(Flags.list, 3, Buffer.from('abc'), false), object, 4, 100), null, 'a list');
    assert.equal(readPython2String(memoryWith(Flags.string, -1, Buffer.from('abc'), false), object, 4, 100), null, 'a negative length');
    assert.equal(
      readPython2String(memoryWith(Flags.string, 1 << 30, Buffer.from('abc'), false), object, 4, 100),
      null,
      'a length beyond reason',
    );
    assert.equal(readPython2String(memoryWith(Flags.unicode, 3, Buffer.alloc(4), true), object, 4, 100), null, 'it ends early');
    assert.equal(
      readPython2String(memoryWith(Flags.unicode, 1, Buffer.from([0, 0, 0x11, 0x7f]), true), object, 4, 100),
      null,
      'no code point',
    );
    assert.equal(readPython2String(new RecordedMemory(), object, 4, 100), null);
    assert.equal(readPython2String(new RecordedMemory(), NaN, 4, 100), null);
  });
});
