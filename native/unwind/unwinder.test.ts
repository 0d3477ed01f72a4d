import assert from 'node:assert/strict';
import { CallFrameInfo, noRule } from './callFrameInfo.ts';
import { openBinary } from '../binary/open.ts';
import { BufferSource } from '../binary/byteSource.ts';
import { BinaryError } from '../binary/binary.ts';
import { Modules } from './modules.ts';
import { RuleTable } from './rules.ts';
import { StackCopy } from './stackCopy.ts';
import { base, elf, filesOf, memoryOf, type RecordedStop, regionsOf, stops } from './testing/recordedStacks.ts';
import { FoundBy, StackEnd, Unwinder } from './unwinder.ts';
import { x64 } from './x64.ts';

/** Numbers that are the same each time (Numerical Recipes' generator). */
function* randomNumbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 8;
  }
}

function unwinderOf(stop: RecordedStop, file = elf): { readonly unwinder: Unwinder; readonly copy: StackCopy } {
  const rules = new RuleTable(x64);
  const memory = memoryOf(stop, file);
  const regions = regionsOf(stop);
  const copy = new StackCopy();
  assert(copy.fill(stop.context, x64, memory, regions));
  return { unwinder: new Unwinder(new Modules(filesOf(file), 1, memory, regions, rules), rules), copy };
}

const addressesOf = ({ addresses, count }: Unwinder): number[] => Array.from(addresses.subarray(0, count));
/** As only stack pointer and instruction pointer are known of a thread that waits. */
const waiting = (1 << x64.stackPointer) | (1 << x64.returnAddress);

describe('Unwinder', () => {
  // Of the program's functions: all saved registers, a frame pointer, a stack that is aligned anew (expressions, r10), a signal's handler, and code below all.
  for (const stop of stops) {
    it(`finds what gdb finds: ${stop.names.slice(0, 4).join(' < ')}`, () => {
      const { unwinder, copy } = unwinderOf(stop);
      unwinder.unwind(copy);
      assert.deepEqual(addressesOf(unwinder), stop.addresses);
      assert.equal(unwinder.end, StackEnd.Root);
      assert(unwinder.foundBy.subarray(0, unwinder.count).every((by) => by === FoundBy.Rule));
      // Each frame begins where the one inside it ends.
      for (let i = 1; i < unwinder.count; i++) assert.equal(unwinder.stackPointers[i], unwinder.frameEnds[i - 1]);
    });

    it(`finds no wrong frame where registers are not known: ${stop.names.slice(0, 4).join(' < ')}`, () => {
      const { unwinder, copy } = unwinderOf(stop);
      copy.known = waiting;
      unwinder.unwind(copy);
      assert.deepEqual(addressesOf(unwinder), stop.addresses.slice(0, unwinder.count));
      assert.equal(unwinder.end, StackEnd.Root);
    });
  }

  it('says which frames stand at their instruction: the innermost, what a signal’s handler returns to, and what it interrupted', () => {
    const { unwinder, copy } = unwinderOf(stops[0]!);
    unwinder.unwind(copy);
    const exact = stops[0]!.names.filter((_, i) => unwinder.isExact[i] === 1);
    assert.deepEqual(exact, ['leaf', 'restorer', 'call.constprop']);
  });

  it('makes nothing new for a stack whose code it has met', () => {
    const { unwinder, copy } = unwinderOf(stops[1]!);
    unwinder.unwind(copy);
    const first = addressesOf(unwinder);
    const { addresses, stackPointers, frameEnds } = unwinder;
    unwinder.unwind(copy);
    assert.deepEqual(addressesOf(unwinder), first);
    assert(addresses === unwinder.addresses && stackPointers === unwinder.stackPointers && frameEnds === unwinder.frameEnds);
  });

  it('ends where the copy of the stack does, and says so', () => {
    const stop = stops[2]!;
    const { unwinder, copy } = unwinderOf(stop);
    copy.length = 128 + 8 + 32;
    unwinder.unwind(copy);
    assert.equal(unwinder.end, StackEnd.CopyEnds);
    assert.deepEqual(addressesOf(unwinder), stop.addresses.slice(0, unwinder.count));
    assert(unwinder.count >= 2);
  });

  it('goes by what the process has loaded of a file that is gone', () => {
    const stop = stops[1]!;
    const rules = new RuleTable(x64);
    const memory = memoryOf(stop);
    const regions = regionsOf(stop);
    const copy = new StackCopy();
    assert(copy.fill(stop.context, x64, memory, regions));
    const unwinder = new Unwinder(new Modules({ ...filesOf(), openMappedFile: () => null }, 1, memory, regions, rules), rules);
    unwinder.unwind(copy);
    assert.deepEqual(addressesOf(unwinder), stop.addresses);
  });

  it('searches the stack where code says nothing, and finds the caller', () => {
    // `leaf` loses its entry: the index begins behind it.
    const stop = stops[2]!;
    const damaged = Buffer.from(elf);
    const part = openBinary(new BufferSource(elf)).unwindIndex()!;
    const rules = new RuleTable(x64);
    const leaf = CallFrameInfo.open(openBinary(new BufferSource(elf)), rules)!.extent(stop.addresses[0]! - base)!;
    for (let at = part.address + 12; at < part.address + part.size; at += 8)
      if (damaged.readInt32LE(at) === leaf.start - part.address) damaged.writeInt32LE(leaf.start - 1 - part.address, at - 8);
    for (let at = part.address + 12; at < part.address + part.size; at += 8)
      if (damaged.readInt32LE(at) === leaf.start - part.address) damaged.copy(damaged, at, at - 8, at);
    const { unwinder, copy } = unwinderOf(stop, damaged);
    copy.known = waiting;
    unwinder.unwind(copy);
    assert.deepEqual(addressesOf(unwinder), stop.addresses);
    assert.equal(unwinder.foundBy[0], FoundBy.Scan);
  });
});

describe('CallFrameInfo', () => {
  it('has a rule for all code of a function, and none besides', () => {
    const information = CallFrameInfo.open(openBinary(new BufferSource(elf)), new RuleTable(x64))!;
    // As readelf --debug-dump=frames-interp has them.
    assert.deepEqual({ ...pick(information.extent(0x2d5)) }, { start: 0x2d0, end: 0x344 });
    assert.notEqual(information.rule(0x2d0), information.rule(0x2d2));
    assert.equal(information.rule(0x2d7), information.rule(0x31e));
    assert.notEqual(information.rule(0x31f), information.rule(0x31e));
    for (const address of [0, 0x1cf, 0x1e4, 0x216, 0x344, 0x443, 0x10_0000, -1, NaN]) assert.equal(information.rule(address), noRule);
  });

  it('survives what damaged files say, and so does all that rests on it', () => {
    const random = randomNumbers(12);
    const next = (below: number): number => random.next().value % below;
    const index = openBinary(new BufferSource(elf)).unwindIndex()!;
    let opened = 0;
    for (let i = 0; i < 1000; i++) {
      const damaged = Buffer.from(elf);
      const from = next(4) === 0 ? 0 : index.address;
      const length = from === 0 ? elf.length : 0x650 - index.address;
      for (let changes = 1 + next(6); changes > 0; changes--) damaged[from + next(length)] = next(3) === 0 ? 0xff : next(256);
      const stop = stops[i % stops.length]!;
      try {
        const { unwinder, copy } = unwinderOf(stop, damaged);
        unwinder.unwind(copy);
        opened++;
        assert.equal(unwinder.addresses[0], stop.addresses[0]);
      } catch (error) {
        if (!(error instanceof BinaryError)) throw error;
      }
    }
    assert(opened > 300, `${opened}`);
  });

  it('survives damaged stacks', () => {
    const random = randomNumbers(13);
    const next = (below: number): number => random.next().value % below;
    for (let i = 0; i < 1000; i++) {
      const stop = stops[i % stops.length]!;
      const stack = Buffer.from(stop.stack);
      for (let changes = 1 + next(20); changes > 0; changes--) {
        const at = 8 * next(stack.length / 8);
        // Somewhere on the stack, in the code, or nowhere.
        const value = [stop.stackBase + 8 * next(stack.length / 8), base + next(0x500), next(2 ** 24) * 2 ** 24][next(3)]!;
        stack.writeBigUInt64LE(BigInt(value), at);
      }
      const { unwinder, copy } = unwinderOf({ ...stop, stack });
      if (next(2) === 0) copy.known = waiting;
      unwinder.unwind(copy);
      for (let n = 1; n < unwinder.count; n++) assert(unwinder.stackPointers[n]! > unwinder.stackPointers[n - 1]! || n === 1);
    }
  });
});

function pick(extent: { readonly start: number; readonly end: number } | null): { readonly start?: number; readonly end?: number } {
  return extent === null ? {} : { start: extent.start, end: extent.end };
}
