import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SpanPlan } from './memory.ts';
import { MemoryRecorder, RecordedMemory } from './recorded.ts';

const base = 0x7f12_3456_7ff0;

function sample(): RecordedMemory {
  const memory = new RecordedMemory();
  memory.put(
    base,
    Uint8Array.from({ length: 64 }, (_, i) => i),
  ); // across a page's border
  memory.put(0x1000, Buffer.from('abcd'));
  return memory;
}

describe('RecordedMemory', () => {
  it('reads what was put, across pages, and nothing else', () => {
    const memory = sample();
    const target = new Uint8Array(66);
    assert.ok(memory.read(base + 10, target, 1, 20));
    assert.deepEqual([...target.subarray(0, 22)], [0, ...Array.from({ length: 20 }, (_, i) => i + 10), 0]);
    assert.equal(memory.read(base + 10, target, 0, 55), false);
    assert.equal(memory.read(base - 1, target, 0, 2), false);
    assert.equal(memory.read(0x9000, target, 0, 1), false);
    assert.equal(memory.read(NaN, target, 0, 1), false);
    assert.equal(memory.read(base, target, 60, 10), false);
  });

  it('copies spans up to the first that is not known', () => {
    const memory = sample();
    const plan = new SpanPlan();
    plan.add(0x1001, 2);
    plan.add(base, 3);
    plan.add(0x1003, 5);
    plan.add(0x1000, 1);
    const target = new Uint8Array(20);
    assert.equal(memory.readSpans(plan, target), 6);
    assert.equal(Buffer.from(target).toString('latin1', 0, 6), 'bc\0\x01\x02d');
  });

  it('is the same after being written and read as text', () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.uint8Array({ minLength: 1, maxLength: 5000 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(spans, (list) => {
        const memory = new RecordedMemory();
        for (const [address, bytes] of list) memory.put(base + address, bytes);
        const again = RecordedMemory.fromText(memory.toText());
        assert.deepEqual([...again.spans()], [...memory.spans()]);
        const [address, bytes] = list.at(-1) ?? [0, new Uint8Array()];
        const target = new Uint8Array(bytes.length);
        assert.ok(again.read(base + address, target, 0, bytes.length));
        assert.deepEqual(target, bytes);
      }),
    );
  });

  it('joins neighbours and keeps gaps', () => {
    const memory = new RecordedMemory();
    memory.put(0x2000, Buffer.from('b'));
    memory.put(0x1fff, Buffer.from('a'));
    memory.put(0x2002, Buffer.from('d'));
    assert.deepEqual(
      [...memory.spans()].map(({ address, bytes }) => [address, Buffer.from(bytes).toString()]),
      [
        [0x1fff, 'ab'],
        [0x2002, 'd'],
      ],
    );
  });

  it('refuses text that is no recording', () => {
    assert.throws(() => RecordedMemory.fromText('1000 YQ==\nnonsense'), /Line 2/);
    assert.throws(() => RecordedMemory.fromText('ffffffffffffff YQ=='), /Line 1/);
  });
});

describe('MemoryRecorder', () => {
  it('keeps what was read and passes it on', () => {
    const recorder = new MemoryRecorder(sample());
    const target = new Uint8Array(16);
    assert.ok(recorder.read(0x1001, target, 4, 2));
    assert.equal(Buffer.from(target).toString('latin1', 4, 6), 'bc');
    assert.equal(recorder.read(0x1003, target, 0, 2), false);
    const plan = new SpanPlan();
    plan.add(base, 2);
    plan.add(0x1003, 9);
    assert.equal(recorder.readSpans(plan, target), 3);
    assert.deepEqual(
      [...recorder.recording.spans()].map(({ address, bytes }) => [address, [...bytes]]),
      [
        [0x1001, [98, 99, 100]],
        [base, [0, 1]],
      ],
    );
  });
});
