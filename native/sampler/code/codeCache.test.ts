import assert from 'node:assert/strict';
import { type DataStackLayout, tabulatedLayout } from '../../cpython/layout.ts';
import { InstructionKind, opcodesOf } from '../../cpython/opcodes.ts';
import type { Memory } from '../../memory/memory.ts';
import { RecordedMemory } from '../../memory/recorded.ts';
import { CodeCache } from './codeCache.ts';
import { FrameTable } from '../tables/frameTable.ts';

const layout: DataStackLayout = tabulatedLayout(12)!;
const opcodes = opcodesOf(12);
const codeType = 0x5600_0000_1000;
const returnValue = 83; // 3.12
const forIter = 93;

interface CodeText {
  readonly name: string;
  readonly file?: string;
  readonly firstLine: number;
  /** Opcodes; each is on a line of its own, from the first one on. */
  readonly instructions?: readonly number[];
  readonly locals?: number;
  readonly stack?: number;
}

/** Memory in which code objects can be made and replaced. */
class Heap {
  readonly memory = new RecordedMemory();
  private next = 0x7f80_0000_0000;

  string(text: string): number {
    const address = this.allocate(layout.unicode.compactData + text.length + 8);
    const bytes = Buffer.alloc(layout.unicode.asciiData + text.length);
    bytes.writeUInt32LE(text.length, layout.unicode.length);
    bytes.writeUInt32LE((1 << 2) | (1 << 5) | (1 << 6), layout.unicode.state); // kind 1, compact, ASCII
    bytes.write(text, layout.unicode.asciiData, 'latin1');
    this.memory.put(address, bytes);
    return address;
  }

  bytes(content: Uint8Array): number {
    const address = this.allocate(layout.bytes.data + content.length);
    const bytes = Buffer.alloc(layout.bytes.data + content.length);
    bytes.writeUInt32LE(content.length, layout.bytes.length);
    bytes.set(content, layout.bytes.data);
    this.memory.put(address, bytes);
    return address;
  }

  code(
    { name, file = 'file.py', firstLine, instructions = [returnValue], locals = 1, stack = 2 }: CodeText,
    address = this.allocate(4096),
  ): number {
    const bytes = Buffer.alloc(layout.code.size + 2 * instructions.length); // allocations are rounded up to 16 bytes
    const pointer = (value: number, at: number): unknown => bytes.writeBigUInt64LE(BigInt(value), at);
    pointer(1, 0); // references
    pointer(codeType, layout.object.type);
    bytes.writeUInt32LE(instructions.length, layout.object.type + 8);
    bytes.writeInt32LE(firstLine, layout.code.firstLine);
    bytes.writeInt32LE(locals, layout.code.localsPlusCount);
    bytes.writeInt32LE(stack, layout.code.stackSize);
    pointer(this.string(name), layout.code.qualifiedName);
    pointer(this.string(name), layout.code.name);
    pointer(this.string(file), layout.code.fileName);
    // Kind 11: one line on; the first one is the first line's.
    pointer(this.bytes(Uint8Array.from(instructions.flatMap((_, i) => [0x80 | ((i === 0 ? 10 : 11) << 3), 0, 0]))), layout.code.lineTable);
    instructions.forEach((opcode, i) => (bytes[layout.code.instructions + 2 * i] = opcode));
    this.memory.put(address, bytes);
    return address;
  }

  private allocate(length: number): number {
    const address = this.next;
    this.next += (length + 15) & ~15;
    return address;
  }
}

function find(cache: CodeCache, address: number): number {
  return cache.find(address | 0, Math.floor(address / 2 ** 32));
}

function open(
  memory: Memory,
  type = codeType,
): { readonly cache: CodeCache; readonly frameAt: (address: number, unit?: number) => string } {
  const table = new FrameTable();
  const cache = new CodeCache(memory, layout, opcodes, type, table);
  const functions: { name: string; file: string; firstLine: number }[] = [];
  const frames: string[] = [];
  return {
    cache,
    frameAt: (address, unit = 0) => {
      const code = find(cache, address);
      if (code === 0) return 'none';
      const frame = cache.frame(code, unit, 0);
      const fresh = table.takeNew();
      functions.push(...fresh.functions);
      fresh.frames.functions.forEach((one, i) =>
        frames.push(`${functions[one]!.name} ${functions[one]!.file}:${fresh.frames.lines[i]} (${functions[one]!.firstLine})`),
      );
      return frames[frame]!;
    },
  };
}

describe('CodeCache', () => {
  it('decodes names, files, lines, frame lengths and kinds of instructions', () => {
    const heap = new Heap();
    const { cache, frameAt } = open(heap.memory);
    const address = heap.code({
      name: 'Class.method',
      file: '/a/b.py',
      firstLine: 12,
      instructions: [9, forIter, 0, 9, returnValue],
      locals: 3,
      stack: 4,
    });
    assert.equal(frameAt(address, 3), 'Class.method /a/b.py:15 (12)');
    assert.equal(frameAt(address, 0), 'Class.method /a/b.py:12 (12)');
    const code = find(cache, address);
    assert.equal(cache.frameLength[code], layout.frame.localsPlus + 8 * 7);
    assert.equal(cache.unitCount[code], 5);
    const { CallsNothing, Iterates, Leaves } = InstructionKind;
    // FOR_ITER has one cache entry, which counts as it.
    assert.deepEqual(
      [...cache.kindOfUnit.subarray(cache.unitBase[code], cache.unitBase[code]! + 5)],
      [CallsNothing, Iterates, Iterates, CallsNothing, Leaves],
    );
  });

  it('keeps thousands apart while it grows', () => {
    const heap = new Heap();
    const { frameAt } = open(heap.memory);
    const addresses = Array.from({ length: 3000 }, (_, i) =>
      heap.code({ name: `f${i}`, firstLine: i + 1, instructions: Array.from({ length: 1 + (i % 30) }, () => 9) }),
    );
    for (let round = 0; round < 2; round++)
      addresses.forEach((address, i) =>
        assert.equal(frameAt(address, i % (1 + (i % 30))), `f${i} file.py:${i + 1 + (i % (1 + (i % 30)))} (${i + 1})`),
      );
  });

  it('notices another code object at a known address when it verifies', () => {
    const heap = new Heap();
    const { cache, frameAt } = open(heap.memory);
    const address = heap.code({ name: 'before', firstLine: 1 });
    const other = heap.code({ name: 'other', firstLine: 5 });
    assert.equal(frameAt(address), 'before file.py:1 (1)');
    assert.equal(frameAt(other), 'other file.py:5 (5)');
    assert.equal(cache.verifySome(512), false);
    heap.code({ name: 'after', firstLine: 7, locals: 5 }, address);
    assert.equal(cache.verifySome(512), true);
    assert.equal(frameAt(address), 'after file.py:7 (7)');
    assert.equal(frameAt(other), 'other file.py:5 (5)');
    assert.equal(cache.verifySome(512), false);
  });

  it('verifies before its next use once a code object was freed (3.14+)', () => {
    const heap = new Heap();
    const { cache, frameAt } = open(heap.memory);
    const address = heap.code({ name: 'before', firstLine: 1 });
    assert.equal(frameAt(address), 'before file.py:1 (1)');
    heap.code({ name: 'after', firstLine: 2 }, address);
    cache.bumpGeneration();
    assert.equal(frameAt(address), 'after file.py:2 (2)');
    heap.code({ name: 'before', firstLine: 1 }, address);
    cache.bumpGeneration();
    assert.equal(frameAt(address), 'before file.py:1 (1)');
  });

  it('tells code that was compiled anew where the last one lay, before its next use', () => {
    const heap = new Heap();
    const { cache, frameAt } = open(heap.memory);
    const address = heap.code({ name: 'first', firstLine: 1 });
    const other = heap.code({ name: 'other', firstLine: 1 });
    for (let i = 0; i < 200; i++) {
      heap.code({ name: `made${i % 3}`, firstLine: 1 + (i % 5) }, address);
      cache.verifyAll();
      assert.equal(frameAt(address), `made${i % 3} file.py:${1 + (i % 5)} (${1 + (i % 5)})`);
      assert.equal(frameAt(other), 'other file.py:1 (1)');
    }
    // What says the same takes the place of what is gone.
    assert.ok(cache.count <= 1 + 2 + 15, `${cache.count}`);
  });

  it('does not decode what is freed meanwhile, or was changed', () => {
    const heap = new Heap();
    const address = heap.code({ name: 'f', firstLine: 1 });
    const references = Buffer.alloc(8);
    const moving = (change: () => void): Memory => {
      let reads = 0;
      return {
        read: (...args) => {
          if (++reads === 5) change();
          return heap.memory.read(...args);
        },
        readSpans: (...args) => heap.memory.readSpans(...args),
        close: () => undefined,
      };
    };
    // The allocator links free memory where references were counted.
    references.writeBigUInt64LE(0x7f80_0000_4000n);
    assert.equal(open(moving(() => heap.memory.put(address, references))).frameAt(address), 'none');
    references.writeBigUInt64LE(1n);
    heap.memory.put(address, references);
    assert.equal(open(moving(() => heap.code({ name: 'g', firstLine: 2 }, address))).frameAt(address), 'none');
    assert.equal(open(heap.memory).frameAt(address), 'g file.py:2 (2)');
  });

  it('verifies in turns, past what can’t be read any more', () => {
    const heap = new Heap();
    let hidden = -1;
    const memory: Memory = {
      read: (address, ...rest) => !(hidden >= 0 && address >= hidden && address < hidden + 4096) && heap.memory.read(address, ...rest),
      readSpans(plan, target) {
        let copied = 0;
        for (let i = 0; i < plan.count; i++) {
          if (!this.read(plan.addresses[i]!, target, copied, plan.lengths[i]!)) break;
          copied += plan.lengths[i]!;
        }
        return copied;
      },
      close: () => undefined,
    };
    const { cache, frameAt } = open(memory);
    const addresses = Array.from({ length: 20 }, (_, i) => heap.code({ name: `f${i}`, firstLine: i + 1 }));
    for (const address of addresses) frameAt(address);
    hidden = addresses[4]!;
    heap.code({ name: 'changed', firstLine: 99 }, addresses[17]);
    let noticed = 0;
    for (let round = 0; round < 20; round++) if (cache.verifySome(5)) noticed++;
    assert.equal(noticed, 2);
    assert.equal(frameAt(addresses[17]!), 'changed file.py:99 (99)');
    assert.equal(frameAt(addresses[4]!), 'none');
    assert.equal(frameAt(addresses[5]!), 'f5 file.py:6 (6)');
    // At once, where there is room for all of them.
    hidden = addresses[11]!;
    heap.code({ name: 'anew', firstLine: 77 }, addresses[12]);
    assert.equal(cache.verifySome(512), true);
    assert.equal(frameAt(addresses[12]!), 'anew file.py:77 (77)');
    assert.equal(cache.verifySome(512), false);
  });

  it('finds nothing at addresses that can’t be, and asks again for bad ones only after a while', () => {
    const heap = new Heap();
    let reads = 0;
    const { cache, frameAt } = open({
      read: (...args) => (reads++, heap.memory.read(...args)),
      readSpans: (...args) => heap.memory.readSpans(...args),
      close: () => undefined,
    });
    for (const address of [0, 8, 4095, 12_345_677, 2 ** 47, 2 ** 52, 2 ** 63]) assert.equal(find(cache, address), 0, String(address));
    assert.equal(reads, 0);
    const address = 0x7f80_1234_5670;
    for (let i = 0; i < 50; i++) assert.equal(frameAt(address), 'none');
    assert.equal(reads, 1);
    heap.code({ name: 'late', firstLine: 3 }, address);
    for (let i = 0; i < 64; i++) cache.age();
    assert.equal(frameAt(address), 'late file.py:3 (3)');
  });

  it('refuses what claims to be too large to be a code object', () => {
    const heap = new Heap();
    const fields: readonly (readonly [at: number, bytes: number[]])[] = [
      [layout.object.type, [1, 2, 3, 4, 5, 6]], // another type
      [layout.object.type + 8, [0, 0, 0, 0, 0, 0, 0, 0]], // no instruction
      [layout.object.type + 8, [255, 255, 255, 127, 0, 0, 0, 0]],
      [layout.object.type + 8, [1, 0, 0, 0, 0, 0, 0, 1]],
      [layout.code.firstLine, [255, 255, 255, 255]],
      [layout.code.localsPlusCount, [255, 255, 255, 127]],
      [layout.code.localsPlusCount, [255, 255, 255, 255]],
      [layout.code.stackSize, [0, 0, 0, 128]],
      [layout.code.qualifiedName, [0, 0, 0, 0, 0, 0, 0, 0]],
      [layout.code.fileName, [255, 255, 255, 255, 255, 255, 255, 255]],
      [layout.code.lineTable, [8, 0, 0, 0, 0, 0, 0, 0]],
    ];
    for (const [at, bytes] of fields) {
      const address = heap.code({ name: 'f', firstLine: 1 });
      heap.memory.put(address + at, Uint8Array.from(bytes));
      assert.equal(find(open(heap.memory).cache, address), 0, `${at} ${bytes.join(' ')}`);
    }
  });

  it('learns the type of code objects when no symbol tells it', () => {
    const heap = new Heap();
    const { frameAt } = open(heap.memory, 0);
    for (let i = 0; i < 10; i++) assert.equal(frameAt(heap.code({ name: `f${i}`, firstLine: 1 })), `f${i} file.py:1 (1)`);
    const impostor = heap.code({ name: 'impostor', firstLine: 1 });
    heap.memory.put(impostor + layout.object.type, Uint8Array.of(0, 0x20));
    assert.equal(frameAt(impostor), 'none');
  });
});
