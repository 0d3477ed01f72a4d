import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import { heapFrameLayout } from '../cpython/heapFrameLayouts.ts';
import { type Layout, tabulatedLayout } from '../cpython/layout.ts';
import { objectLayout } from '../cpython/objectLayout.ts';
import type { Memory, SpanPlan } from '../memory/memory.ts';
import { type ValueLimits, valueLimits } from './valueLimits.ts';
import { ValueReader } from './valueReader.ts';

const base = 0x10_0000;
const size = 1 << 18;
const typeSize = 1024;
const objectSize = 256;
/** Types of C, as their `tp_name` has them, and classes that inherit from the one named. */
const typeNames = [
  'object', 'type', 'NoneType', 'bool', 'int', 'long', 'float', 'complex', 'str', 'unicode', 'bytes', 'bytearray', 'list', 'tuple', 'dict',
  'set', 'frozenset', 'collections.deque', 'datetime.date', 'datetime.datetime', 'datetime.time', 'datetime.timedelta', 'datetime.timezone',
  'zoneinfo.ZoneInfo', 'decimal.Decimal', 'BaseException', 'module', 'function', 'builtin_function_or_method', 'method', 'generator', 'range',
  'slice', 'instance', 'classobj', 'numpy.ndarray', 'numpy.float64', '_thread.lock', '_thread.RLock', 'member_descriptor', 'EnumType',
]; // prettier-ignore
const classNames = ['Plain', 'PurePath', 'Fraction', 'DataFrame', 'Field', 'Items'];

/** Memory in which nearly everything can be read, and that counts what is. */
class CountedMemory implements Memory {
  readonly bytes = Buffer.alloc(size);
  reads = 0;
  length = 0;
  beforeRead: (address: number) => void = () => undefined;

  read(address: number, target: Uint8Array, offset: number, length: number): boolean {
    this.beforeRead(address);
    this.reads++;
    this.length += length;
    const at = address - base;
    if (!(at >= 0 && at + length <= size)) return false;
    target.set(this.bytes.subarray(at, at + length), offset);
    return true;
  }

  readSpans(plan: SpanPlan, target: Uint8Array): number {
    let copied = 0;
    for (let i = 0; i < plan.count; i++) {
      if (!this.read(plan.addresses[i]!, target, copied, plan.lengths[i]!)) break;
      copied += plan.lengths[i]!;
    }
    return copied;
  }

  close(): void {
    // Nothing to release.
  }
}

/** Objects of all types, in which there is anything: pointers to each other, small and large numbers, noise. */
function hostileMemory(layout: Layout, random: () => number): { readonly memory: CountedMemory; readonly objects: readonly number[] } {
  const memory = new CountedMemory();
  const { bytes } = memory;
  const names = [...typeNames, ...classNames];
  const typeAt = (index: number): number => base + index * typeSize;
  const first = names.length * typeSize;
  const objects = Array.from({ length: Math.floor((size - first) / objectSize) }, (_, i) => base + first + i * objectSize);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const word = (): bigint => {
    const kind = random();
    if (kind < 0.5) return BigInt(pick(objects) + (random() < 0.1 ? 8 : 0));
    if (kind < 0.6) return BigInt(typeAt(Math.floor(random() * names.length)));
    if (kind < 0.8) return BigInt(Math.floor(random() * 12));
    if (kind < 0.9) return BigInt(Math.floor(random() * 2 ** 48));
    return BigInt.asUintN(64, BigInt(Math.floor((random() - 0.5) * 2 ** 62)) * 2n);
  };
  for (let at = 0; at < size; at += 8) bytes.writeBigUInt64LE(word(), at);
  const behind = layout.object.type + 16;
  for (const [index, name] of names.entries()) {
    const at = index * typeSize;
    bytes.write(`${name}\0`, at + 900, 'latin1');
    bytes.writeBigUInt64LE(BigInt(typeAt(1)), at + layout.object.type);
    bytes.writeBigUInt64LE(BigInt(base + at + 900), at + behind);
    const isClass = index >= typeNames.length;
    bytes.writeUInt32LE((isClass ? 1 << 9 : 0) | (random() < 0.5 ? 1 << 4 : 0) | (random() < 0.5 ? 1 << 2 : 0), at + behind + 144);
    const parent = isClass ? Math.floor(random() * names.length) : 0;
    bytes.writeBigUInt64LE(index === 0 ? 0n : BigInt(typeAt(parent)), at + behind + 232);
  }
  for (const [index, object] of objects.entries())
    bytes.writeBigUInt64LE(BigInt(typeAt(index % names.length)), object - base + layout.object.type);
  return { memory, objects };
}

/** A type of C of 3.12. @param at where, from `base` on */
function putType({ bytes }: CountedMemory, at: number, name: string): void {
  bytes.writeBigUInt64LE(BigInt(base + at + 900), at + 24);
  bytes.write(`${name}\0`, at + 900, 'latin1');
}

const layouts: readonly (readonly [string, Layout])[] = [
  ['2.7', heapFrameLayout(0x02071200)!],
  ['3.6', heapFrameLayout(0x03060f00)!],
  ['3.10', heapFrameLayout(0x030a0d00)!],
  ['3.11', tabulatedLayout(11)!],
  ['3.12', tabulatedLayout(12)!],
];

/** What the worst value may cost: each object some dozens of reads, a class its namespace. */
const most = { reads: 400_000, length: 1 << 29 };

describe('ValueReader', () => {
  for (const [version, layout] of layouts) {
    it(`shows anything in bounds, whatever is in the memory of a Python ${version}`, () => {
      const check = (limits: ValueLimits, seed: number): void => {
        let state = seed;
        const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
        const { memory, objects } = hostileMemory(layout, random);
        const reader = new ValueReader(memory, layout, objectLayout(layout)!, limits);
        for (const object of objects) {
          memory.reads = memory.length = 0;
          const text = reader.show(object);
          assert(memory.reads <= most.reads && memory.length <= most.length, `${memory.reads} reads of ${memory.length} bytes`);
          assert(text.length <= 40 * (limits.total + limits.text), `${text.length} characters`);
          assert.doesNotMatch(text, /\p{Cc}/u);
        }
      };
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => check(valueLimits.short, seed)),
        // A slice in a slice, 50 deep, each with bytes that were not counted: 17 751 characters in 3.6. A class in 2.7 whose bases all
        // had large namespaces: 503 239 reads.
        { numRuns: rounds(12), examples: [[645_433_320], [297_454_395]] },
      );
      check(valueLimits.long, 7);
    }).timeout(60_000);
  }

  it('says of an address where there is nothing that it can’t be read', () => {
    const layout = tabulatedLayout(12)!;
    const reader = new ValueReader(new CountedMemory(), layout, objectLayout(layout)!, valueLimits.short);
    assert.equal(reader.show(0), '<NULL>');
    for (const address of [1, 8, 4096, base + 1, base, base + size - 8, 2 ** 47, 2 ** 53])
      assert.equal(reader.show(address), '<unreadable>');
  });

  it('goes no deeper than it may, whatever lies in each other', () => {
    const layout = tabulatedLayout(12)!;
    const memory = new CountedMemory();
    const { bytes } = memory;
    putType(memory, 1024, 'slice');
    const first = 4096;
    for (let at = first; at + 64 <= size; at += 32) {
      bytes.writeBigUInt64LE(BigInt(base + 1024), at + 8);
      bytes.writeBigUInt64LE(BigInt(base + at + 32), at + 16); // start
    }
    for (const limits of [valueLimits.short, valueLimits.long]) {
      const text = new ValueReader(memory, layout, objectLayout(layout)!, limits).show(base + first);
      assert.equal(text.split('slice(').length - 1, 2 * limits.depth + 4);
      assert.match(text, /slice\(…, /);
    }
  });

  it('marks a list that changes while it is read', () => {
    const layout = tabulatedLayout(12)!;
    const memory = new CountedMemory();
    const { bytes } = memory;
    const [list, number, type] = [1024, 2048, 4096];
    putType(memory, type, 'list');
    putType(memory, type + 1024, 'int');
    bytes.writeBigUInt64LE(BigInt(base + type), list + 8);
    bytes.writeBigUInt64LE(2n, list + 16); // ob_size
    bytes.writeBigUInt64LE(BigInt(base + 3072), list + 24);
    for (const at of [3072, 3080]) bytes.writeBigUInt64LE(BigInt(base + number), at);
    bytes.writeBigUInt64LE(BigInt(base + type + 1024), number + 8);
    bytes.writeBigUInt64LE(8n, number + 16); // one digit
    bytes.writeUInt32LE(7, number + 24);
    const reader = new ValueReader(memory, layout, objectLayout(layout)!, valueLimits.short);
    assert.equal(reader.show(base + list), '[7, 7]');
    memory.beforeRead = (address) => {
      // The number is looked at: the list has another one in its place right after.
      if (address === base + number + 24) bytes.writeBigUInt64LE(BigInt(base + number + 256), 3080);
    };
    assert.equal(reader.show(base + list), '<changed while it was read>');
  });
});
