import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import { SpanPlan } from './memory.ts';
import { RecordedMemory } from './recorded.ts';
import { UnvectoredMemory } from './unvectoredMemory.ts';

/** A recording that is read place by place, and counts the calls. */
class Counted extends UnvectoredMemory {
  calls = 0;
  private readonly memory: RecordedMemory;

  constructor(memory: RecordedMemory) {
    super(64);
    this.memory = memory;
  }

  read(address: number, target: Uint8Array, offset: number, length: number): boolean {
    return this.memory.read(address, target, offset, length);
  }

  protected copyTo(target: Uint8Array, offset: number, length: number, address: number): number {
    this.calls++;
    const plan = new SpanPlan();
    plan.add(address, length);
    return this.memory.readSpans(plan, target.subarray(offset));
  }
}

const base = 0x7f00_0000_0000;

function memoryOf(length: number): RecordedMemory {
  const memory = new RecordedMemory();
  memory.put(
    base,
    Uint8Array.from({ length }, (_, i) => i % 251),
  );
  return memory;
}

function planOf(spans: readonly (readonly [at: number, length: number])[]): SpanPlan {
  const plan = new SpanPlan();
  for (const [at, length] of spans) plan.add(base + at, length);
  return plan;
}

describe('UnvectoredMemory', () => {
  it('copies what one call for all spans would, whatever can’t be read or has no room', () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: -50, max: 1100 }), fc.integer({ min: 1, max: 200 })), { maxLength: 12 });
    fc.assert(
      fc.property(spans, fc.integer({ min: 0, max: 1500 }), (list, room) => {
        const memory = memoryOf(1000);
        const [expected, got] = [new Uint8Array(room), new Uint8Array(room)];
        const plan = planOf(list);
        const copied = memory.readSpans(plan, expected);
        assert.equal(new Counted(memory).readSpans(plan, got), copied);
        assert.deepEqual(got.subarray(0, copied), expected.subarray(0, copied));
      }),
      { numRuns: rounds(2000) },
    );
  });

  it('reads what lies close together in one call, and plans that only when the plan changes', () => {
    const memory = new Counted(memoryOf(1000));
    const plan = planOf([
      [0, 10],
      [20, 10],
      [90, 10], // 60 bytes on
      [300, 10], // too far
    ]);
    const target = new Uint8Array(100);
    assert.equal(memory.readSpans(plan, target), 40);
    assert.equal(memory.calls, 2);
    plan.add(base + 311, 5);
    assert.equal(memory.readSpans(plan, target), 45);
    assert.equal(memory.calls, 4);
    assert.deepEqual([...target.subarray(40, 45)], [60, 61, 62, 63, 64]);
  });
});
