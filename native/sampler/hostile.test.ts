import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import type { Memory, SpanPlan } from '../memory/memory.ts';
import { RecordedMemory } from '../memory/recorded.ts';
import { listInterpreters } from './threads/interpreters.ts';
import { freeThreadedRecording, freeThreadedVersions } from './testing/freeThreadedProgram.ts';
import { HandSampler } from './testing/handSampler.ts';
import { layoutOf, recordedTarget, type Recording, recordings } from './testing/recordedTarget.ts';

/** How much a sampler may ask a target for, whatever that says of itself: looks at threads, not at the machine's speed. */
const mostReads = 20_000;
const mostBytes = 512 << 20;

/** Counts what is asked of a memory, and ends a test that never would. */
class Metered implements Memory {
  reads = 0;
  bytes = 0;
  private readonly memory: Memory;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  read(address: number, target: Uint8Array, offset: number, length: number): boolean {
    this.count(length);
    return this.memory.read(address, target, offset, length);
  }

  readSpans(plan: SpanPlan, target: Uint8Array): number {
    this.count(plan.totalLength);
    return this.memory.readSpans(plan, target);
  }

  close(): void {
    this.memory.close();
  }

  private count(length: number): void {
    this.reads++;
    this.bytes += length;
    assert(this.reads < mostReads && this.bytes < mostBytes, `${this.reads} reads of ${this.bytes} bytes`);
  }
}

/** A few samples, between which memory may change; what comes out has to hold together. */
function sampleAll(recording: Recording, memory: Memory, between: (tick: number) => void = () => undefined): HandSampler {
  // Instructions are told apart: all that is read without that is read, too.
  const hand = new HandSampler(
    recordedTarget(recording, new Metered(memory), layoutOf(recording, RecordedMemory.fromText(recording.memory))),
    true,
  );
  hand.sampler.enumerate();
  for (let tick = 0; tick < 6; tick++) {
    between(tick);
    const runs = hand.tick();
    for (let run = 0; run < runs.threads.length; run++) {
      assert(runs.threads[run]! < hand.threads.length);
      for (const { name, file, line, firstLine, instruction } of hand.framesOf(runs.stacks[run]!)) {
        assert(name.length <= 65_537 && file.length <= 65_537 && line >= 0 && firstLine >= 0);
        const { endLine, startColumn, endColumn } = instruction!;
        assert(
          startColumn === 0 ? endColumn === 0 : line > 0 && (endLine > line || (endLine === line && endColumn >= startColumn)),
          JSON.stringify({ line, instruction }),
        );
      }
    }
    if (tick % 2 === 1) hand.sampler.housekeeping();
  }
  return hand;
}

/** Every address answers, with bytes that a seed decides: a quarter of the words are small numbers, a quarter look like addresses. */
class RandomMemory implements Memory {
  private readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  read(address: number, target: Uint8Array, offset: number, length: number): boolean {
    if (offset + length > target.byteLength) return false;
    for (let i = 0; i < length; i++) target[offset + i] = this.byte(address + i);
    return true;
  }

  readSpans(plan: SpanPlan, target: Uint8Array): number {
    let copied = 0;
    for (let i = 0; i < plan.count && copied < target.byteLength; i++) {
      const length = Math.min(plan.lengths[i]!, target.byteLength - copied);
      this.read(plan.addresses[i]!, target, copied, length);
      copied += length;
    }
    return copied;
  }

  close(): void {
    // Nothing to release.
  }

  private byte(address: number): number {
    const word = Math.floor(address / 8);
    let x = Math.imul((word % 2 ** 32) ^ this.seed, 0x9e3779b1);
    x ^= x >>> 15;
    const at = address % 8;
    switch (x & 3) {
      case 0: // a small number
        return at === 0 ? (x >>> 8) & 255 : 0;
      case 1: // an aligned address in user space
        return at === 0 ? (x >>> 8) & 0xf8 : at < 6 ? (Math.imul(x, at + 7) >>> 9) & 0x7f : 0;
      default:
        return (Math.imul(x, at + 3) >>> 11) & 255;
    }
  }
}

for (const recording of [...recordings, ...freeThreadedVersions.map(freeThreadedRecording)]) {
  describe(`Hostile memory, as of Python ${recording.version}`, () => {
    const spans = [...RecordedMemory.fromText(recording.memory).spans()];
    const addresses = spans.map(({ address }) => address);
    /** An 8-byte word put somewhere into the recorded memory. */
    const edit = fc.record({
      span: fc.nat(spans.length - 1),
      at: fc.nat(1 << 14),
      value: fc.oneof(
        fc.constantFrom(
          0n,
          1n,
          2n,
          0xffn,
          0x7fff_ffffn,
          0x8000_0000n,
          0xffff_ffffn,
          1n << 40n,
          (1n << 47n) - 8n,
          1n << 47n,
          1n << 63n,
          (1n << 64n) - 1n,
        ),
        fc.constantFrom(...addresses).map((address) => BigInt(address)), // points into what is there: cycles
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        fc.nat(65_536).map((value) => BigInt(value)),
      ),
    });
    interface Edit {
      readonly span: number;
      readonly at: number;
      readonly value: bigint;
    }
    const apply = (memory: RecordedMemory, { span, at, value }: Edit): void => {
      const { address, bytes } = spans[span]!;
      const word = Buffer.alloc(8);
      word.writeBigUInt64LE(value);
      const offset = (at * 8) % Math.max(8, bytes.length - 7);
      memory.put(address + offset - (offset % 8), word.subarray(0, Math.min(8, bytes.length)));
    };

    it('words changed anywhere, before and between samples', () => {
      fc.assert(
        fc.property(
          fc.array(edit, { minLength: 1, maxLength: 30 }),
          fc.array(fc.array(edit, { maxLength: 4 }), { maxLength: 6 }),
          (before, between) => {
            const memory = RecordedMemory.fromText(recording.memory);
            for (const change of before) apply(memory, change);
            sampleAll(recording, memory, (tick) => between[tick]?.forEach((change) => apply(memory, change)));
          },
        ),
        { numRuns: rounds(150) },
      );
    }).timeout(60_000);

    it('memory that ends anywhere', () => {
      fc.assert(
        fc.property(fc.constantFrom(...spans), fc.nat(), fc.nat(3), (cut, at, when) => {
          const memory = RecordedMemory.fromText(recording.memory);
          const end = cut.address + (at % cut.bytes.length);
          let cutting = when === 0;
          const truncated: Memory = {
            read: (address, target, offset, length) =>
              !(cutting && address < cut.address + cut.bytes.length && address + length > end) &&
              memory.read(address, target, offset, length),
            readSpans(plan, target) {
              let copied = 0;
              for (let i = 0; i < plan.count; i++) {
                const length = Math.min(plan.lengths[i]!, target.byteLength - copied);
                if (!this.read(plan.addresses[i]!, target, copied, length)) break;
                copied += length;
              }
              return copied;
            },
            close: () => undefined,
          };
          sampleAll(recording, truncated, (tick) => (cutting = tick >= when));
        }),
        { numRuns: rounds(60) },
      );
    }).timeout(60_000);

    it('random bytes everywhere', () => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          sampleAll(recording, new RandomMemory(seed));
        }),
        { numRuns: rounds(60) },
      );
    }).timeout(60_000);

    it('one value everywhere', () => {
      for (const value of [0, 0xff, 0x7f, 1]) {
        sampleAll(recording, {
          read: (_address, target, offset, length) => (target.fill(value, offset, offset + length), true),
          readSpans: (plan, target) => (target.fill(value), Math.min(plan.totalLength, target.byteLength)),
          close: () => undefined,
        });
      }
    });

    const pointer = (memory: RecordedMemory, address: number): number => {
      const word = Buffer.alloc(8);
      assert(memory.read(address, word, 0, 8));
      return Number(word.readBigUInt64LE());
    };
    const put = (memory: RecordedMemory, address: number, value: number): void => {
      const word = Buffer.alloc(8);
      word.writeBigUInt64LE(BigInt(value));
      memory.put(address, word);
    };

    it('lists of interpreters and threads that are cycles are refused', () => {
      const { layout, runtimeAddress } = recordedTarget(recording);
      const list = (memory: RecordedMemory): unknown =>
        listInterpreters({ ...recordedTarget(recording, memory), memory })?.interpreters ?? null;
      const interpreters = RecordedMemory.fromText(recording.memory);
      const interpreter = pointer(interpreters, runtimeAddress + layout.runtime.interpretersHead);
      put(interpreters, interpreter + layout.interpreter.next, interpreter);
      assert.equal(list(interpreters), null);

      const threads = RecordedMemory.fromText(recording.memory);
      const first = pointer(threads, interpreter + layout.interpreter.threadsHead);
      const second = pointer(threads, first + layout.threadState.next);
      assert.notEqual(second, 0);
      put(threads, second + layout.threadState.next, first);
      assert.equal(list(threads), null);
      put(threads, second + layout.threadState.next, 12);
      assert.equal(list(threads), null);
    });

    it('a data stack that never ends and can all be read', () => {
      const { layout } = recordedTarget(recording);
      if (layout.frames !== 'data-stack') throw new Error('not a data stack');
      const { chunk, threadState } = layout;
      const memory = RecordedMemory.fromText(recording.memory);
      const probe = new HandSampler(recordedTarget(recording));
      assert(probe.sampler.enumerate());
      const start = 0x6000_0000_0000;
      const distance = 16 << 20;
      put(memory, probe.sampler.sampledThreads[0]!.address + threadState.dataStackChunk, start);
      put(memory, probe.sampler.sampledThreads[0]!.address + threadState.dataStackTop, start + distance);
      // Every 16 MiB there is another chunk of 16 MiB, full.
      const endless: Memory = {
        read(address, target, offset, length) {
          if (address < start || address > start + 2 ** 44) return memory.read(address, target, offset, length);
          target.fill(0, offset, offset + length);
          const header = Buffer.alloc(24);
          header.writeBigUInt64LE(BigInt(address + distance), chunk.previous);
          header.writeBigUInt64LE(BigInt(distance), chunk.size);
          header.writeBigUInt64LE(BigInt((distance - chunk.data) / 8), chunk.top);
          target.set(header.subarray(0, Math.min(length, 24)), offset);
          return true;
        },
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
      const hand = sampleAll(recording, endless);
      assert.deepEqual([hand.sampler.book.samples, hand.sampler.lost], [6, 6]);
    });

    it('chunks of the data stack that are a cycle, too large, or lead nowhere lose their thread, not the other one', () => {
      const { layout } = recordedTarget(recording);
      if (layout.frames !== 'data-stack') throw new Error('not a data stack');
      const { chunk } = layout;
      for (const [at, value] of [
        [chunk.previous, 'itself'],
        [chunk.previous, 8],
        [chunk.previous, 2 ** 47 - 8],
        [chunk.size, 0],
        [chunk.size, 2 ** 46],
        [chunk.size, 24],
      ] as const) {
        const memory = RecordedMemory.fromText(recording.memory);
        const probe = new HandSampler(recordedTarget(recording));
        assert(probe.sampler.enumerate());
        probe.tick();
        const address = probe.sampler.sampledThreads[0]!.chunkAddresses[0]!;
        put(memory, address + at, value === 'itself' ? address : value);
        const hand = sampleAll(recording, memory);
        assert.equal(hand.sampler.lost, 6, `${at} ${value}`);
        assert.equal(hand.sampler.book.samples, 6);
      }
    });
  });
}
