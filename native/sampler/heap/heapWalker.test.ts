import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../../profile/testing/fuzz.ts';
import { SampleFlag } from '../../../profile/delta.ts';
import type { Memory } from '../../memory/memory.ts';
import { RecordedMemory } from '../../memory/recorded.ts';
import { frameText, HandSampler } from '../testing/handSampler.ts';
import { type HeapRecording, heapLayoutOf, heapRecordings, recordedHeapTarget } from '../testing/recordedHeap.ts';
import { asProcess } from '../testing/recordedTarget.ts';

/** How much a sampler may ask a target for, whatever that says of itself. */
const mostReads = 40_000;
const mostBytes = 1 << 30;

/** Counts what is asked of a memory, and ends a test that never would. */
function metered(memory: Memory): Memory {
  let reads = 0;
  let bytes = 0;
  const count = (length: number): void => {
    reads++;
    bytes += length;
    assert(reads < mostReads && bytes < mostBytes, `${reads} reads of ${bytes} bytes`);
  };
  return {
    read: (address, target, offset, length) => (count(length), memory.read(address, target, offset, length)),
    readSpans: (plan, target) => (count(plan.totalLength), memory.readSpans(plan, target)),
    close: () => undefined,
  };
}

/** Spans read one by one, by a `read` of one's own. */
function memoryOf(read: Memory['read']): Memory {
  return {
    read,
    readSpans(plan, target) {
      let copied = 0;
      for (let i = 0; i < plan.count; i++) {
        const length = Math.min(plan.lengths[i]!, target.byteLength - copied);
        if (!read(plan.addresses[i]!, target, copied, length)) break;
        copied += length;
      }
      return copied;
    },
    close: () => undefined,
  };
}

function stacksIn(hand: HandSampler): Record<string, string[]> {
  const runs = hand.tick();
  return Object.fromEntries(
    [...runs.threads].map((thread, run) => [hand.threads[thread]!.pythonThreadId, hand.framesOf(runs.stacks[run]!).map(frameText)]),
  );
}

/** A few samples, between which memory may change; what comes out has to hold together. */
function sampleAll(recording: HeapRecording, memory: Memory, between: (tick: number) => void = () => undefined): HandSampler {
  const hand = new HandSampler(recordedHeapTarget(recording, metered(memory)));
  hand.sampler.enumerate();
  for (let tick = 0; tick < 6; tick++) {
    between(tick);
    const runs = hand.tick();
    for (let run = 0; run < runs.threads.length; run++) {
      assert(runs.threads[run]! < hand.threads.length);
      for (const { name, file, line, firstLine } of hand.framesOf(runs.stacks[run]!)) {
        assert(name.length <= 65_537 && file.length <= 65_537 && line >= 0 && firstLine >= 0);
      }
    }
    if (tick % 2 === 1) hand.sampler.housekeeping();
  }
  return hand;
}

function word(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function pointer(memory: Memory, address: number): number {
  const bytes = Buffer.alloc(8);
  assert(memory.read(address, bytes, 0, 8));
  return Number(bytes.readBigUInt64LE());
}

describe('Heap frames', () => {
  it('have recordings of each of their kinds', () => {
    assert.deepEqual(
      heapRecordings.map(({ version }) => version),
      ['2.7.18', '3.8.18', '3.10.13'],
    );
  });

  for (const recording of heapRecordings) {
    describe(`of a recorded Python ${recording.version}`, () => {
      const layout = heapLayoutOf(recording);
      const [longest] = Object.entries(recording.stacks).sort((a, b) => b[1].length - a[1].length);

      /** Address of the innermost frame of the thread with the longer stack, or of the other one. */
      const topFrame = (memory: Memory, ofLongest = true): number => {
        const probe = new HandSampler(recordedHeapTarget(recording, memory));
        assert(probe.sampler.enumerate());
        const thread = probe.sampler.sampledThreads.find(({ pythonThreadId }) => (pythonThreadId === longest![0]) === ofLongest)!;
        return pointer(memory, thread.address + layout.threadState.frame);
      };

      it('are the stacks that the process said it had, in the first sample and in later ones', () => {
        const hand = new HandSampler(recordedHeapTarget(recording));
        assert(hand.sampler.enumerate());
        for (let tick = 0; tick < 5; tick++) assert.deepEqual(stacksIn(hand), recording.stacks);
        assert.deepEqual([hand.sampler.book.partial, hand.sampler.lost, hand.sampler.book.samples], [0, 0, 10]);
      });

      it('take one read a sample when nothing changes', () => {
        const memory = RecordedMemory.fromText(recording.memory);
        const reads = { single: 0, spans: 0 };
        const counted = {
          ...asProcess(memory),
          read: (...[address, target, offset, length]: Parameters<Memory['read']>) => (
            reads.single++,
            memory.read(address, target, offset, length)
          ),
          readSpans: (...[plan, target]: Parameters<Memory['readSpans']>) => (reads.spans++, memory.readSpans(plan, target)),
        };
        const hand = new HandSampler({ ...recordedHeapTarget(recording, memory), memory: counted });
        assert(hand.sampler.enumerate());
        hand.tick(3);
        Object.assign(reads, { single: 0, spans: 0 });
        hand.tick(300);
        // When only holders of the GIL are read from some tick on, the plan changes: once.
        assert.deepEqual(reads, { single: 0, spans: 300 });
      });

      it('that were popped since the thread state was copied give way to the deepest that executes', () => {
        const memory = RecordedMemory.fromText(recording.memory);
        const hand = new HandSampler(recordedHeapTarget(recording, memory));
        assert(hand.sampler.enumerate());
        assert.deepEqual(stacksIn(hand), recording.stacks);
        // As frame_dealloc() leaves it: no reference, f_back the link of the free list or NULL, and not executing.
        const top = topFrame(memory);
        memory.put(top, word(0n));
        memory.put(top + layout.frame.back, word(0n));
        if (layout.frame.state >= 0) memory.put(top + layout.frame.state, Uint8Array.of(layout.frame.stateStyle === 'state' ? 4 : 0));
        const { [longest![0]]: stack } = stacksIn(hand);
        // The caller is at its call still; 2.7 can't tell its generators apart from popped frames.
        assert.deepEqual(stack, longest![1].slice(0, -1));
        assert.equal(hand.sampler.lost, 0);
      });

      it('that are a generator’s being made, where a frame that ran was, are not called by who makes it', () => {
        const memory = RecordedMemory.fromText(recording.memory);
        const top = topFrame(memory);
        // Not begun and not executing: FRAME_CREATED, a value stack of its own.
        memory.put(top + layout.frame.lastInstruction, Buffer.from([255, 255, 255, 255]));
        if (layout.frame.stateStyle === 'none') memory.put(top + layout.frame.stackTop, word(BigInt(top + 400)));
        else memory.put(top + layout.frame.state, Uint8Array.of(layout.frame.stateStyle === 'state' ? 254 : 0));
        const hand = new HandSampler(recordedHeapTarget(recording, memory));
        assert(hand.sampler.enumerate());
        assert.deepEqual(stacksIn(hand)[longest![0]], longest![1].slice(0, -1));
      });

      it('that can’t be read cost their thread its innermost frames, the other one nothing, and are found again', () => {
        const memory = RecordedMemory.fromText(recording.memory);
        const pageOf = (address: number): number => address - (address % 4096);
        const pagesOf = (frame: number): Set<number> => {
          const pages = new Set<number>();
          for (let at = frame; at !== 0; at = pointer(memory, at + layout.frame.back)) pages.add(pageOf(at)).add(pageOf(at + 400));
          return pages;
        };
        const others = pagesOf(topFrame(memory, false));
        const [page] = [...pagesOf(topFrame(memory))].filter((one) => !others.has(one));
        assert(page !== undefined);
        let isHidden = false;
        const shown = memoryOf(
          (address, target, offset, length) =>
            !(isHidden && address < page + 4096 && address + length > page) && memory.read(address, target, offset, length),
        );
        const hand = new HandSampler(recordedHeapTarget(recording, shown));
        assert(hand.sampler.enumerate());
        assert.deepEqual(stacksIn(hand), recording.stacks);
        isHidden = true;
        const [other] = Object.keys(recording.stacks).filter((ident) => ident !== longest![0]);
        for (let tick = 0; tick < 3; tick++) {
          const without = stacksIn(hand);
          assert.deepEqual(without[other!], recording.stacks[other!]);
          const left = without[longest![0]] ?? [];
          assert(left.length < longest![1].length);
          assert.deepEqual(left, longest![1].slice(0, left.length));
        }
        isHidden = false;
        hand.tick(2);
        assert.deepEqual(stacksIn(hand), recording.stacks);
      });

      it('whose memory went back to the system, in many places at once, lose no sample', () => {
        const memory = RecordedMemory.fromText(recording.memory);
        let isGone = false;
        const start = 0x6000_0000_0000;
        const isNew = (address: number): boolean => address >= start && address < start + 2 ** 30;
        const shown = memoryOf(
          (address, target, offset, length) => !(isGone && isNew(address)) && memory.read(address, target, offset, length),
        );
        const hand = new HandSampler(recordedHeapTarget(recording, shown));
        assert(hand.sampler.enumerate());
        assert.deepEqual(stacksIn(hand), recording.stacks);
        // Ten calls more, with frames far from each other.
        const thread = hand.sampler.sampledThreads.find(({ pythonThreadId }) => pythonThreadId === longest![0])!;
        const top = topFrame(memory);
        const frame = Buffer.alloc(layout.frame.lastInstruction + 32);
        assert(memory.read(top, frame, 0, frame.length));
        let newest = top;
        for (let call = 0; call < 10; call++) {
          frame.writeBigUInt64LE(BigInt(newest), layout.frame.back);
          newest = start + call * 2 ** 20;
          memory.put(newest - 4096, new Uint8Array(3 * 4096));
          memory.put(newest, frame);
        }
        memory.put(thread.address + layout.threadState.frame, word(BigInt(newest)));
        for (let tick = 0; tick < 3; tick++) assert.equal(stacksIn(hand)[longest![0]]!.length, longest![1].length + 10);
        memory.put(thread.address + layout.threadState.frame, word(BigInt(top)));
        isGone = true;
        for (let tick = 0; tick < 3; tick++) assert.deepEqual(stacksIn(hand), recording.stacks);
        assert.deepEqual([hand.sampler.lost, hand.sampler.book.partial], [0, 0]);
      });

      it('that are a cycle, or lead nowhere, end', () => {
        for (const to of ['itself', 8, 2 ** 47 - 8, 2 ** 47, 12] as const) {
          const memory = RecordedMemory.fromText(recording.memory);
          const top = topFrame(memory);
          memory.put(top + layout.frame.back, word(BigInt(to === 'itself' ? top : to)));
          const hand = sampleAll(recording, memory);
          assert.equal(hand.sampler.book.samples + hand.sampler.lost, 12);
        }
      });

      it('that never end and can all be read, end', () => {
        const memory = RecordedMemory.fromText(recording.memory);
        const start = 0x6000_0000_0000;
        const top = topFrame(memory);
        const known = Buffer.alloc(512);
        assert(memory.read(top, known, 0, layout.frame.lastInstruction + 32));
        memory.put(top + layout.frame.back, word(BigInt(start)));
        // A frame every 4096 bytes, called by the next one.
        const endless = memoryOf((address, target, offset, length) => {
          if (address < start || address > start + 2 ** 44) return memory.read(address, target, offset, length);
          for (let i = 0; i < length; i++) target[offset + i] = (address + i) % 4096 < 512 ? known[(address + i) % 4096]! : 0;
          for (let frame = Math.ceil(address / 4096) * 4096; frame + layout.frame.back + 8 <= address + length; frame += 4096) {
            target.set(word(BigInt(frame + 4096)), offset + frame + layout.frame.back - address);
          }
          return true;
        });
        const hand = new HandSampler(recordedHeapTarget(recording, metered(endless)));
        assert(hand.sampler.enumerate());
        hand.tick(2);
        assert.equal(hand.sampler.book.samples + hand.sampler.lost, 4);
      }).timeout(20_000);

      const spans = [...RecordedMemory.fromText(recording.memory).spans()];
      const edit = fc.record({
        span: fc.nat(spans.length - 1),
        at: fc.nat(1 << 14),
        value: fc.oneof(
          fc.constantFrom(0n, 1n, 0xffn, 0x7fff_ffffn, 0xffff_ffffn, (1n << 47n) - 8n, 1n << 63n, (1n << 64n) - 1n),
          fc.constantFrom(...spans).map(({ address }) => BigInt(address)), // points into what is there: cycles
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
        const offset = (at * 8) % Math.max(8, bytes.length - 7);
        memory.put(address + offset - (offset % 8), word(value).subarray(0, Math.min(8, bytes.length)));
      };

      it('give samples or none whatever words change, before and between samples', () => {
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
          { numRuns: rounds(100) },
        );
      }).timeout(60_000);

      it('give samples or none wherever memory ends', () => {
        fc.assert(
          fc.property(fc.constantFrom(...spans), fc.nat(), fc.nat(3), (cut, at, when) => {
            const memory = RecordedMemory.fromText(recording.memory);
            const end = cut.address + (at % cut.bytes.length);
            let cutting = when === 0;
            const truncated = memoryOf(
              (address, target, offset, length) =>
                !(cutting && address < cut.address + cut.bytes.length && address + length > end) &&
                memory.read(address, target, offset, length),
            );
            sampleAll(recording, truncated, (tick) => (cutting = tick >= when));
          }),
          { numRuns: rounds(60) },
        );
      }).timeout(60_000);

      it('give samples or none where every address answers', () => {
        const values: readonly ((address: number) => number)[] = [
          () => 0,
          () => 0xff,
          () => 1,
          () => 8,
          // Addresses of more of the same, and small numbers.
          (address) => (address % 8 === 0 ? address & 0xf8 : address % 8 < 5 && (address >> 3) % 3 !== 0 ? 0x10 : 0),
        ];
        for (const value of values) {
          sampleAll(
            recording,
            memoryOf((address, target, offset, length) => {
              for (let i = 0; i < length; i++) target[offset + i] = value(address + i);
              return true;
            }),
          );
        }
      });

      const countsSwitches = recording.currentThreadAddress === 0; // of the GIL: since 3.7
      if (countsSwitches)
        it('are those of the GIL’s holder alone soon after the GIL has gone round often', () => {
          const memory = RecordedMemory.fromText(recording.memory);
          const lengths: number[] = [];
          const measured = {
            ...asProcess(memory),
            readSpans: (...[plan, target]: Parameters<Memory['readSpans']>) => (
              lengths.push(plan.totalLength),
              memory.readSpans(plan, target)
            ),
          };
          const hand = new HandSampler({ ...recordedHeapTarget(recording, memory), memory: measured });
          assert(hand.sampler.enumerate());
          let switches = 100n;
          const switchGil = (): void =>
            memory.put(recording.runtimeAddress + layout.runtime.gil + layout.gil.switchNumber, word(++switches));
          /** Ticks after a switch until fewer threads are read than before. */
          const ticksUntilHolder = (): number => {
            switchGil();
            hand.tick();
            const all = lengths.at(-1)!;
            let ticks = 1;
            for (; lengths.at(-1)! >= all && ticks < 3000; ticks++) hand.tick();
            return ticks;
          };
          hand.tick(3);
          const patient = Array.from({ length: 12 }, ticksUntilHolder);
          assert(patient[0]! < 16 && patient.at(-1)! > 1000, patient.join());
          for (let turn = 0; turn < 10; turn++) hand.sampler.housekeeping();
          assert(ticksUntilHolder() < 16);
        });

      it('show who holds the GIL', () => {
        const memory = RecordedMemory.fromText(recording.memory);
        const probe = new HandSampler(recordedHeapTarget(recording, memory));
        assert(probe.sampler.enumerate());
        const thread = probe.sampler.sampledThreads.find(({ pythonThreadId }) => pythonThreadId === longest![0])!;
        if (recording.currentThreadAddress !== 0) {
          memory.put(recording.currentThreadAddress, word(BigInt(thread.address)));
        } else {
          const gil = recording.runtimeAddress + layout.runtime.gil;
          memory.put(gil + layout.gil.lastHolder, word(BigInt(thread.address)));
          memory.put(gil + layout.gil.locked, word(1n));
        }
        const runs = probe.tick();
        const holders = [...runs.threads].filter((_thread, run) => (runs.flags[run]! & SampleFlag.HoldsGil) !== 0);
        assert.deepEqual(
          holders.map((one) => probe.threads[one]!.pythonThreadId),
          [longest![0]],
        );
      });
    });
  }
});
