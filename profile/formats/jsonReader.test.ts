import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../testing/fuzz.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { isList, mapped } from './json.ts';
import { MAX_COST } from './jsonBudget.ts';
import { JsonReader, type Shape } from './jsonReader.ts';
import { BLOCK_LENGTH, NumberColumn } from './numberColumn.ts';

const shape: Shape = { a: true, b: { a: true, b: { a: true, c: 'lists' } }, c: { a: true } };

/** What is read of UTF-8 that comes in pieces which end at these places. */
function readPieces(bytes: Uint8Array, ends: readonly number[], of = shape): unknown {
  const reader = new JsonReader(of);
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    // A copy that is spoilt afterwards: nothing of a piece may be kept.
    const piece = bytes.slice(from, end);
    reader.push(piece);
    piece.fill(0x58);
    from = end;
  }
  return plain(reader.end());
}

function read(text: string, of = shape): unknown {
  return readPieces(new TextEncoder().encode(text), [], of);
}

/** As it is read. */
function readRaw(value: unknown): unknown {
  const reader = new JsonReader(shape);
  reader.push(new TextEncoder().encode(JSON.stringify(value)));
  return reader.end();
}

/** With arrays in the place of columns. */
function plain(value: unknown): unknown {
  if (value === 0) return 0;
  if (isList(value)) return mapped(value, plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

/** What a shape leaves of a value. */
function left(value: unknown, of: Shape | true | 'lists' | 'nested', isInList = false): unknown {
  if (value === 0) return 0; // and not -0
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return isInList && of !== 'lists' ? [] : value.map((one) => left(one, isInList ? true : of, true));
  if (typeof of !== 'object') return {};
  return Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (Object.hasOwn(of, key) ? [[key, left(one, of[key]!)]] : [])));
}

/** Objects whose members are often those of the shape. */
const anyObject = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.jsonValue({ maxDepth: 1 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(fc.integer(), fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true }))),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
    tie('object'),
  ),
  object: fc.dictionary(
    fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('a', 'b', 'c'), fc.string({ unit: 'binary', maxLength: 3 })),
    tie('value'),
    { maxKeys: 5, noNullPrototype: true },
  ),
})).object;

function refused(text: string, why: RegExp): void {
  assert.throws(
    () => read(text),
    (error) => error instanceof ProfileFormatError && why.test(error.message),
    text.slice(0, 40),
  );
}

describe('JsonReader', () => {
  it('reads what JSON.parse does, as far as the shape names it, wherever the pieces end', () => {
    fc.assert(
      fc.property(anyObject, fc.array(fc.nat(), { maxLength: 8 }), fc.constantFrom(undefined, 1, '\r\n\t'), (value, cuts, space) => {
        const text = JSON.stringify(value, null, space);
        const bytes = new TextEncoder().encode(text);
        const ends = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
        assert.deepEqual(readPieces(bytes, ends), left(JSON.parse(text), shape));
      }),
      { numRuns: rounds(1000) },
    );
  });

  const everything = `\ufeff {"a" : [0, -0.5e+3,12.25,null ,1E2,-7,123456789012345678901,1.7976931348623157e308,5e-324,0.1,0.30000000000000004,9007199254740993], "skipped":{"x":[{"y":"\\"}"},[-1.5e-7,true,null]]},
    "b":[{"a":"\\ud83d\\ude00 \\ud83d 😀é\\u0000\\n\\\\\\"\\/","b":{"a":true,"c":false}},{"b":{"c":[null,"x",1,[2],{"z":3}]}}],"\\u0063":{"a":null},"c":{"a":[]}}`;

  it('may be cut at any byte', () => {
    const bytes = new TextEncoder().encode(everything);
    const expected = left(JSON.parse(everything.slice(1)), shape);
    assert.deepEqual(readPieces(bytes, []), expected);
    for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(readPieces(bytes, [cut]), expected, `${cut}`);
    assert.deepEqual(
      readPieces(
        bytes,
        Array.from(bytes, (_, i) => i),
      ),
      expected,
    );
  });

  it('says how far a file goes that is cut off', () => {
    const bytes = new TextEncoder().encode(everything);
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(
        () => readPieces(bytes.subarray(0, length), []),
        (error) => error instanceof ProfileFormatError && error.message.includes(`cut off after ${length} bytes`),
        `${length}`,
      );
    }
  });

  it('says at which byte there is something else than JSON, also where nothing is kept', () => {
    const wrong: readonly [text: string, byte: number][] = [
      ['\u0001', 1],
      ['<html>', 1],
      ['{a:1}', 2],
      ['{"a":1,}', 8],
      ['{"a":[1,]}', 9],
      ['{"a":[,1]}', 7],
      ['{"a" 1}', 6],
      ['{"a":1 2}', 8],
      ['{"a":1]', 7],
      ['{"a":[1}', 8],
      ['{"x":[1}', 8],
      ['{"x":{]', 7],
      ['{"x":{"y":[{}}', 14],
      ['{"a":1}x', 8],
      ['{"a":1}{', 8],
      ['{"a":tru_}', 9],
      ['{"x":nul ', 9],
      ['{"a":01}', 8],
      ['{"a":[1,2,03,4]}', 13],
      ['{"a":[1,2,-]}', 12],
      ['{"a":[1,2,1.]}', 13],
      ['{"a":[1,2,.5]}', 11],
      ['{"a":[1,2,1e]}', 13],
      ['{"a":[1,2,+1]}', 11],
      ['{"a":[1,2,1-2]}', 14],
      ['{"a":[1,2,0x10]}', 12],
      ['{"a":[1,2,NaN]}', 11],
      ['{"a":"\n"}', 7],
      ['{"a":"\\x"}', 8],
      ['{"x":"\\x"}', 8],
      ['{"a":"\\u12g4"}', 11],
      ['{"x":"\\u12g4"}', 11],
      ['{"x":"\\u123"}', 12],
      [`{"a":[1,${' '.repeat(40)}2 3${' '.repeat(40)}]}`, 51],
    ];
    for (const [text, byte] of wrong) {
      assert.throws(() => JSON.parse(text), SyntaxError, text);
      refused(text, new RegExp(`at byte ${byte} of`));
      refused(text.replace(']}', `]${' '.repeat(50)}}`), new RegExp(`at byte ${byte} of`)); // not near the end of the piece
    }
  });

  it('takes nothing for JSON that is none', () => {
    const bytes = new TextEncoder().encode('{"a":[1.5,-2,null,3e1],"x":{"b":["\\n",true]},"b":{"a":"\\u00e9é"}}');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(127), fc.boolean(), (at, byte, isAdded) => {
        const changed = Uint8Array.from(isAdded ? [...bytes.subarray(0, at), byte, ...bytes.subarray(at)] : bytes.with(at, byte));
        let parsed: unknown;
        try {
          parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(changed));
        } catch {
          assert.throws(() => readPieces(changed, [at]), ProfileFormatError);
          return;
        }
        assert.deepEqual(readPieces(changed, [at]), left(parsed, shape));
      }),
      { numRuns: rounds(5000) },
    );
  });

  it('refuses texts that are no UTF-8', () => {
    const bytes = new TextEncoder().encode('{"a":"xyz"}');
    for (const [first, second] of [
      [0xff, 0xfe],
      [0xc3, 0x28],
      [0xed, 0xa0],
    ] as const) {
      bytes.set([first, second], 6);
      assert.throws(() => readPieces(bytes, [7]), /byte 10 of/);
    }
    refused('\ufeff\ufeff{}', /byte 4 of/);
    refused(' \ufeff{}', /byte 2 of/);
    assert.throws(() => readPieces(Uint8Array.of(0xef, 0xbb, 0x7b, 0x7d), [1]), /byte 3 of/);
    assert.deepEqual(readPieces(Uint8Array.of(0xef, 0xbb, 0xbf, 0x20, 0x7b, 0x7d), [1, 2]), {});
    assert.deepEqual(read('\t{}'), {});
  });

  it('takes an object only', () => {
    for (const text of ['[', '"x"', '1', '-1', 'null', 'true', ' [{}]']) refused(text, /the file is not an object/);
  });

  it('takes the last of members with the same name', () => {
    assert.deepEqual(read('{"a":[1,2],"a":"x","b":{"a":1},"b":{"b":{"a":[1],"a":[2,3]}},"a":3}'), { a: 3, b: { b: { a: [2, 3] } } });
    assert.deepEqual(read('{"__proto__":{"a":1},"constructor":2,"toString":[3]}'), {});
  });

  it('keeps numbers in few bytes, with nulls, however many there are', () => {
    const lists = [
      [0, 1, null, 254],
      [255, 65_534, null],
      [65_535, 0],
      [-1, 2 ** 31 - 1, null, -(2 ** 31) + 1],
      [-(2 ** 31), null],
      [2 ** 32 - 1, null, 0],
      [0.5, null, 1e300],
      [0.001, null, 4_294_967.294],
      [0.001, 4_294_967.295],
      [0.000001, null, 4294.967294],
      [0.000001, 4294.967295, 4294.967295, 100_000.5],
      [1e9 + 0.25, 1e9 + 0.5, null],
      [-1.5, 2],
      [-5000.25, -1.5, 9_000_000],
      [9_007_199_254.740991, 9_007_199_254.740993, 9_007_199_255.5],
      [0.1 + 0.2, 1 / 3],
      Array.from({ length: 20_000 }, (_, i) => 1e7 + i * 1.000001),
      Array.from({ length: 20_000 }, (_, i) => Math.round(1e13 + i * 1_234_567.1) / 1e6),
      Array.from({ length: 20_000 }, (_, i) => (i % 50 === 0 ? null : i * 4000.5)),
      Array.from({ length: 200_000 }, (_, i) => (i % 3 === 0 ? null : i / 4)),
      Array.from({ length: 2 * BLOCK_LENGTH }, (_, i) => i % 7),
      [...Array.from({ length: 70_000 }, (_, i) => i), 'text'],
      [],
    ];
    for (const list of lists) assert.deepEqual(read(JSON.stringify({ a: list })), { a: list });
    const reader = new JsonReader(shape);
    reader.push(new TextEncoder().encode(`{"a":[0${',7'.repeat(1_000_000)}]}`));
    const { a } = reader.end() as { a: NumberColumn };
    assert.ok(a instanceof NumberColumn);
    assert.equal(a.length, 1_000_001);
    assert.ok(reader.cost < 1_002_000, `${reader.cost}`);
    assert.deepEqual([a.at(0), a.at(1_000_000), a.at(1_000_001)], [0, 7, undefined]);
    const times = Array.from({ length: 20_000 }, (_, i) => (1e12 + i * 1_000_123) / 1e6);
    const { a: column } = readRaw({ a: times }) as { a: NumberColumn };
    for (const index of [0, 19_999, 8191, 8192, 5, 20_000, -1]) assert.equal(column.at(index), times[index]);
  });

  it('lets pass what is not asked for, however much it is', () => {
    const reader = new JsonReader(shape);
    const push = (text: string): void => reader.push(new TextEncoder().encode(text));
    push('{"markers":[0');
    for (let i = 0; i < 100; i++) push(',{"name":"some text","data":[1,2,{"a":[]}]}'.repeat(1000));
    push('],"a":1}');
    assert.deepEqual(reader.end(), { a: 1 });
    assert.ok(reader.cost < 1000);
  });

  it('reads long texts, and no endless ones', () => {
    const long = 'é"\\\n'.repeat(100_000);
    assert.deepEqual(read(JSON.stringify({ a: long, x: long, [long]: 1 })), { a: long });
    const piece = new Uint8Array(1 << 20).fill(0x61);
    const endless = (start: string): void => {
      const reader = new JsonReader(shape);
      reader.push(new TextEncoder().encode(start));
      for (let i = 0; i < 100; i++) reader.push(piece);
    };
    assert.throws(() => endless('{"a":"'), /text in this file is longer/);
    assert.throws(() => endless('{"'), /text in this file is longer/);
    assert.doesNotThrow(() => endless('{"x":"'));
    refused(`{"a":1${'0'.repeat(5000)}`, /not JSON/);
  });

  it('is not led astray by what is nested without end', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = (depth: number): string =>
        `{"a":${open.repeat(depth)}1${close.repeat(depth)},"x":${open.repeat(depth)}1${close.repeat(depth)},"c":{"a":2}}`;
      assert.deepEqual(read(deep(500_000)), { a: open === '[' ? [[]] : {}, c: { a: 2 } });
      assert.throws(() => read(deep(1_000_001)), /more objects/);
    }
  });

  it('counts what it keeps, and stops before it is too much', function () {
    this.timeout(60_000);
    const grows = (start: string, piece: string): void => {
      const reader = new JsonReader(shape);
      reader.push(new TextEncoder().encode(start));
      const bytes = new TextEncoder().encode(piece.repeat(Math.ceil(1_000_000 / piece.length)));
      let before = reader.cost;
      assert.throws(() => {
        for (;;) {
          reader.push(bytes);
          assert.ok(reader.cost > before, 'what is kept is counted');
          before = reader.cost;
        }
      }, /more objects and values/);
      assert.ok(reader.cost < MAX_COST * 1.1);
    };
    grows('{"b":[', '{},');
    grows('{"b":[', '[],');
    grows('{"b":[', '{"a":1,"b":[{"c":[1]}]},');
    grows('{"a":["",', '"",');
    grows('{"a":[true,', '1,');
    grows('{', '"a":[1],');
  });
});
