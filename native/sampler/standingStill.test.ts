import assert from 'node:assert/strict';
import { SampleFlag } from '../../profile/delta.ts';
import { RecordedMemory } from '../memory/recorded.ts';
import { ThreadState, type ThreadStates } from '../os/system.ts';
import { FrameTable } from './tables/frameTable.ts';
import { RunRecorder } from './tables/runRecorder.ts';
import { Sampler } from './sampler.ts';
import { StackTrie } from './tables/stackTrie.ts';
import { asProcess, recordedTarget, recordings } from './testing/recordedTarget.ts';

/** A recorded process whose threads' states a test says; counts how often it was read. */
function processWith(states: Partial<ThreadStates>): {
  sampler: Sampler;
  recorder: RunRecorder;
  reads: () => number;
  memory: RecordedMemory;
} {
  const recording = recordings.at(-1)!;
  const memory = RecordedMemory.fromText(recording.memory);
  let reads = 0;
  /** Where a copy of the process begins; other reads are of code and for second looks. */
  let start: number | undefined;
  const counting = asProcess({
    read: (address, target, offset, length) => memory.read(address, target, offset, length),
    readSpans: (plan, bytes) => {
      start ??= plan.addresses[0];
      if (plan.addresses[0] === start) reads++;
      return memory.readSpans(plan, bytes);
    },
    close: () => undefined,
  });
  let slots = 0;
  let threads = 0;
  const all: ThreadStates = {
    track: () => slots++,
    untrack: () => undefined,
    look: () => ThreadState.Waiting,
    cpuTime: () => -1,
    processTime: () => -1,
    stoodStill: () => false,
    readyOn: () => -1,
    hasRun: () => false,
    isGone: () => false,
    close: () => undefined,
    ...states,
  };
  const recorder = new RunRecorder();
  const shared = { frames: new FrameTable(), stacks: new StackTrie(() => -1), recorder };
  const sampler = new Sampler({ ...recordedTarget(recording), memory: counting, states: all }, shared, {
    threadStarted: () => threads++,
    threadEnded: () => undefined,
  });
  assert(sampler.enumerate());
  return { sampler, recorder, reads: () => reads, memory };
}

/** Ticks 1 ms apart, from the one after `from`. */
function tick(sampler: Sampler, from: number, count: number): void {
  for (let i = 1; i <= count; i++) sampler.tick((from + i) * 1000, 1000);
}

describe('A process that stands still', () => {
  it('is not read, and its samples are those of its last copy', () => {
    const still = processWith({ stoodStill: () => true });
    const looked = processWith({});
    for (const { sampler } of [still, looked]) tick(sampler, 0, 10);
    assert.equal(still.reads(), 1);
    assert.equal(looked.reads(), 10);
    assert.deepEqual(still.recorder.take(), looked.recorder.take());
    assert.equal(still.sampler.book.samples, looked.sampler.book.samples);
    assert.equal(still.sampler.book.partial, looked.sampler.book.partial);
  });

  it('is not read however long that is, until a thread comes into Python', () => {
    const { sampler, reads, memory } = processWith({ stoodStill: () => true });
    tick(sampler, 0, 100);
    assert.equal(reads(), 1);
    const [interpreter] = sampler.knownInterpreters;
    const { next } = recordedTarget(recordings.at(-1)!, memory).layout.threadState;
    const head = interpreter!.address + recordedTarget(recordings.at(-1)!, memory).layout.interpreter.threadsHead;
    // The newest thread begins: before that, the list began with the one behind it.
    const newest = Buffer.alloc(8);
    const second = Buffer.alloc(8);
    assert(memory.read(head, newest, 0, 8) && memory.read(Number(newest.readBigUInt64LE()) + next, second, 0, 8));
    const all = sampler.threadCount;
    memory.put(head, second);
    tick(sampler, 100, 3);
    assert.equal(sampler.threadCount, all - 1);
    const before = reads();
    memory.put(head, newest);
    tick(sampler, 103, 3);
    assert.equal(sampler.threadCount, all);
    assert.ok(reads() > before);
  });

  it('is not asked about its threads one by one, nor read, while it has used no CPU time', () => {
    let time = 1234.567;
    let asked = 0;
    const looked = processWith({});
    const { sampler, reads, recorder } = processWith({
      processTime: () => time,
      stoodStill: () => {
        asked++;
        return false;
      },
    });
    for (const one of [looked.sampler, sampler]) tick(one, 0, 20);
    // The second look is the first before which the time was noted.
    assert.equal(reads(), 2);
    assert.deepEqual(recorder.take(), looked.recorder.take());
    const before = asked;
    tick(sampler, 20, 20);
    assert.equal(asked, before);
    time += 0.001;
    tick(sampler, 40, 2);
    assert.equal(reads(), 3);
  });

  it('is read where that is not known, or a thread ran in its last sample', () => {
    const unknown = processWith({ processTime: () => -1 });
    tick(unknown.sampler, 0, 5);
    assert.equal(unknown.reads(), 5);
    const busy = processWith({ processTime: () => 1, look: (slot) => (slot === 1 ? ThreadState.Running : ThreadState.Waiting) });
    tick(busy.sampler, 0, 5);
    assert.equal(busy.reads(), 5);
  });

  it('is read when one of its threads may have run, or ran in its last sample', () => {
    let moved = -1;
    const { sampler, reads } = processWith({ stoodStill: (slot) => slot !== moved });
    tick(sampler, 0, 3);
    moved = 2; // slot 0 is the process's own
    tick(sampler, 3, 3);
    assert.equal(reads(), 4);
    const busy = processWith({ stoodStill: () => true, look: (slot) => (slot === 1 ? ThreadState.Running : ThreadState.Waiting) });
    tick(busy.sampler, 0, 5);
    assert.equal(busy.reads(), 5);
  });
});

describe('A process that is gone', () => {
  it('has no samples, though its memory can be read: another one has its number', () => {
    let gone = false;
    const { sampler, recorder } = processWith({ isGone: () => gone });
    tick(sampler, 0, 3);
    assert.equal(sampler.takeGone(), false);
    const before = sampler.book.samples;
    recorder.take();
    gone = true;
    assert.ok(sampler.isOver());
    tick(sampler, 3, 3);
    assert.equal(sampler.book.samples, before);
    assert.equal(recorder.take().threads.length, 0);
    assert.equal(sampler.takeGone(), true);
    assert.equal(sampler.takeGone(), false);
  });

  it('does not count as gone while its thread runs', () => {
    const { sampler, recorder } = processWith({ look: () => ThreadState.Running });
    tick(sampler, 0, 2);
    assert.equal(sampler.isOver(), false);
    assert.ok([...recorder.take().flags].every((flags) => (flags & SampleFlag.OnCpu) !== 0));
  });
});
