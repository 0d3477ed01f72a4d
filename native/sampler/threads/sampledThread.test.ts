import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../../profile/testing/fuzz.ts';
import { type DataStackLayout, tabulatedLayout } from '../../cpython/layout.ts';
import { type Memory, SpanPlan } from '../../memory/memory.ts';
import { RecordedMemory } from '../../memory/recorded.ts';
import { SampledThread } from './sampledThread.ts';

const layout: DataStackLayout = tabulatedLayout(12)!;
const state = 0x7f00_0000_1000;
const scratch = new Uint8Array(4096);
const view = new DataView(scratch.buffer);

function word(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** A thread whose data stack has these chunks, oldest first: [address, size, bytes in use]. */
function withChunks(chunks: readonly (readonly [address: number, size: number, used: number])[]): RecordedMemory {
  const memory = new RecordedMemory();
  memory.put(state, new Uint8Array(layout.threadState.dataStackTop + 8));
  chunks.forEach(([address, size, used], index) => {
    memory.put(address, new Uint8Array(Math.min(size, 1 << 16)));
    memory.put(address + layout.chunk.previous, word(chunks[index - 1]?.[0] ?? 0));
    memory.put(address + layout.chunk.size, word(size));
    memory.put(address + layout.chunk.top, word((used - layout.chunk.data) / 8));
  });
  const [address, , used] = chunks.at(-1)!;
  memory.put(state + layout.threadState.dataStackChunk, word(address));
  memory.put(state + layout.threadState.dataStackTop, word(address + used));
  return memory;
}

function located(memory: Memory): SampledThread | null {
  const thread = new SampledThread(state, 1, '1');
  return thread.locateChunks(memory, layout, scratch, view) ? thread : null;
}

describe('SampledThread', () => {
  it('finds the chunks of a data stack, oldest first, and wants what is in use of each', () => {
    const thread = located(
      withChunks([
        [0x7f10_0000_0000, 16_384, 16_000],
        [0x7f20_0000_0000, 16_384, 1000],
      ]),
    )!;
    assert.equal(thread.chunkCount, 2);
    assert.deepEqual([...thread.chunkAddresses.subarray(0, 2)], [0x7f10_0000_0000, 0x7f20_0000_0000]);
    assert.equal(thread.chunkLengths[0], 16_000);
    assert(thread.chunkLengths[1]! >= 1000 + 256 && thread.chunkLengths[1]! < 2048);
    assert.deepEqual([thread.chunkLow[1]! >>> 0, thread.chunkHigh[1]], [0, 0x7f20]);
  });

  it('never wants more of the newest chunk than there is: what follows may not be mapped', () => {
    const thread = located(withChunks([[0x7f10_0000_0000, 16_384, 16_380 - 4]]))!;
    assert.equal(thread.chunkLengths[0], 16_384);
    assert.equal(thread.growTopChunk(16_384), true);
    assert.equal(thread.chunkLengths[0], 16_384);
    for (const nonsense of [0, -1, 16_385, 1 << 30]) assert.equal(thread.growTopChunk(nonsense), false);
  });

  it('refuses a list that comes back to itself, after few reads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), (count, target) => {
        const chunks = Array.from({ length: count }, (_, i) => [0x7f10_0000_0000 + i * 0x10_000, 16_384, 1024] as const);
        const memory = withChunks(chunks);
        memory.put(chunks[0]![0] + layout.chunk.previous, word(chunks[target % count]![0]));
        let reads = 0;
        const counting: Memory = { ...{ readSpans: () => 0, close: () => undefined }, read: (...args) => (reads++, memory.read(...args)) };
        assert.equal(located(counting), null);
        assert(reads <= 4 * count + 8, `${reads} reads of ${count} chunks`);
      }),
    );
  });

  it('refuses chunks that can’t be: too small, too large, crooked, or too many bytes in all', () => {
    for (const [size, used] of [
      [0, 24],
      [24, 24],
      [65 << 20, 1024],
      [16_388, 1024],
    ] as const) {
      assert.equal(located(withChunks([[0x7f10_0000_0000, size, used]])), null, String(size));
    }
    assert.equal(located(withChunks([[0x7f10_0000_0004, 16_384, 1024]])), null);
    const large = Array.from({ length: 8 }, (_, i) => [0x7f10_0000_0000 + i * 0x1000_0000, 60 << 20, 60 << 20] as const);
    assert.equal(located(withChunks(large)), null);
    assert.equal(located(new RecordedMemory()), null);
  });

  it('finds linked frames again, whatever comes and goes', () => {
    const address = fc.integer({ min: 1, max: 2000 }).map((n) => 0x7f30_0000_0000 + n * 48);
    fc.assert(
      fc.property(fc.array(fc.oneof(address, fc.constant(-1)), { maxLength: 1200 }), (steps) => {
        const thread = new SampledThread(state, 1, '1');
        const truth = new Map<number, { length: number; used: number }>();
        steps.forEach((step, now) => {
          if (step < 0) {
            thread.dropLinked(now - 100);
            for (const [known, { used }] of truth) if (used < now - 100) truth.delete(known);
            return;
          }
          const low = step | 0;
          const high = Math.floor(step / 2 ** 32);
          const index = thread.findLinked(low, high);
          assert.equal(index >= 0, truth.has(step));
          if (index >= 0) {
            thread.linkedUsed[index] = now;
            truth.get(step)!.used = now;
            return;
          }
          if (truth.size === 512) truth.delete([...truth].reduce((oldest, one) => (one[1].used < oldest[1].used ? one : oldest))[0]);
          thread.addLinked(low, high, 80 + (now % 40) * 8, now * 1000, now);
          truth.set(step, { length: 80 + (now % 40) * 8, used: now });
          assert.equal(thread.linkedOffsets[thread.findLinked(low, high)], now * 1000);
        });
        assert.equal(thread.linkedCount, truth.size);
        // Where the plan puts each is where its bytes will be.
        const plan = new SpanPlan();
        thread.plan(plan, layout);
        for (const [known, { length }] of truth) {
          const index = thread.findLinked(known | 0, Math.floor(known / 2 ** 32));
          const offset = thread.linkedOffsets[index]!;
          let start = 0;
          let span = 0;
          while (span < plan.count && start + plan.lengths[span]! <= offset) start += plan.lengths[span++]!;
          assert.equal(plan.addresses[span]! + offset - start, known);
          assert(offset + length <= start + plan.lengths[span]!);
        }
      }),
      { numRuns: rounds(60) },
    );
  });
});
