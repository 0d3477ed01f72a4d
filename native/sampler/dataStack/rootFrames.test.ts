import assert from 'node:assert/strict';
import type { DataStackLayout } from '../../cpython/layout.ts';
import { readPointer } from '../../cpython/strings.ts';
import { RecordedMemory } from '../../memory/recorded.ts';
import type { SampledThread } from '../threads/sampledThread.ts';
import { frameText, HandSampler } from '../testing/handSampler.ts';
import { asProcess, layoutOf, recordedTarget, type Recording, recordings } from '../testing/recordedTarget.ts';

/** Where nothing was recorded: of a frame object with a frame in it, another one, and a trampoline. */
const [mainObject, moduleObject, trampoline] = [0x7e00_0000_0000, 0x7e00_0000_2000, 0x7e00_0000_4000];
/** From the start of a `struct Nuitka_FrameObject` to its frame, in 3.11. */
const distance = 72;
const [mainLine, moduleLine] = [4242, 777];

interface Process {
  readonly memory: RecordedMemory;
  readonly layout: DataStackLayout;
  readonly thread: SampledThread;
  /** Its outermost frame on the data stack, and that frame's code. */
  readonly bottom: number;
  readonly code: number;
}

/** A recorded process, the one of its threads with the longest stack. */
function open(recording: Recording): Process {
  const memory = RecordedMemory.fromText(recording.memory);
  const layout = layoutOf(recording, memory);
  assert(layout.frames === 'data-stack');
  const hand = new HandSampler(recordedTarget(recording, memory));
  assert(hand.sampler.enumerate());
  hand.tick();
  const thread = [...hand.sampler.sampledThreads].sort((a, b) => b.depth - a.depth)[0]!;
  // Who held the GIL last is read with every sample.
  const { gilPointer } = layout.interpreter;
  put(
    memory,
    (gilPointer >= 0 ? readPointer(memory, thread.interpreter!.address + gilPointer) : recording.runtimeAddress + layout.runtime.gil) +
      layout.gil.lastHolder,
    thread.address,
  );
  const bottom = thread.chunkAddresses[0]! + layout.chunk.data + 8;
  const code = readPointer(memory, bottom + layout.frame.code);
  return { memory, layout, thread, bottom, code: code - (code % 4) };
}

function put(memory: RecordedMemory, address: number, value: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  memory.put(address, bytes);
}

/** Writes a frame that C code made. @returns its address */
function putFrame({ memory, layout, code }: Process, object: number, line: number, previous: number, owner = 1): number {
  const { frame, frameObject } = layout;
  const address = object + distance;
  memory.put(object, Buffer.alloc(1024, 0x5a));
  put(memory, object + frameObject.frame, address);
  const number = Buffer.alloc(4);
  number.writeInt32LE(line);
  memory.put(object + frameObject.line, number);
  put(memory, address + frame.object, object);
  put(memory, address + frame.code, code);
  put(memory, address + frame.previous, previous);
  put(memory, address + frame.instruction, code + layout.code.instructions);
  memory.put(address + frame.owner, Buffer.from([owner]));
  return address;
}

/** What called the outermost frame of the data stack is from now on the frame at an address, through a trampoline where there are such. */
function call({ memory, layout, bottom }: Process, caller: number): void {
  const { frame } = layout;
  if (layout.minor === 11) {
    put(memory, bottom + frame.previous, caller);
    return;
  }
  memory.put(trampoline, Buffer.alloc(256));
  put(memory, trampoline + frame.previous, caller);
  memory.put(trampoline + frame.owner, Buffer.from([3]));
  put(memory, bottom + frame.previous, trampoline);
}

/** The stack of the thread in each of some ticks; what was not read is "?". */
function stacksOf(
  recording: Recording,
  { memory, thread }: Process,
  ticks: number,
  before: (tick: number) => void = () => undefined,
): string[][] {
  const hand = new HandSampler({ ...recordedTarget(recording, memory), memory: asProcess(memory) });
  assert(hand.sampler.enumerate());
  return Array.from({ length: ticks }, (_, tick) => {
    before(tick);
    const runs = hand.tick();
    const run = [...runs.threads].findIndex((id) => hand.threads[id]!.pythonThreadId === thread.pythonThreadId);
    return hand.framesOf(runs.stacks[run]!).map((frame) => (frame.file === '' ? '?' : frameText(frame)));
  });
}

for (const recording of recordings) {
  describe(`Frames that C code made below those of a recorded Python ${recording.version}`, () => {
    const said = (process: Process): readonly string[] => recording.stacks[process.thread.pythonThreadId]!;
    /** The bottom frame's own function, at another line. */
    const at = (process: Process, line: number): string => said(process)[0]!.replace(/:\d+ \(/, `:${line} (`);

    it('are part of the stack, with their own lines, in each sample', () => {
      const process = open(recording);
      call(process, putFrame(process, mainObject, mainLine, putFrame(process, moduleObject, moduleLine, 0)));
      const stacks = stacksOf(recording, process, 200);
      for (const stack of stacks) assert.deepEqual(stack, [at(process, moduleLine), at(process, mainLine), ...said(process)]);
    });

    it('are part of it whoever they say owns them', () => {
      for (const owner of [0, 1, 2]) {
        const process = open(recording);
        call(process, putFrame(process, mainObject, mainLine, 0, owner));
        const [stack] = stacksOf(recording, process, 1);
        assert.deepEqual(stack, [at(process, mainLine), ...said(process)]);
      }
    });

    it('are found though nobody called it before, and not any more when nobody does', () => {
      const process = open(recording);
      const main = putFrame(process, mainObject, mainLine, 0);
      call(process, 0);
      const stacks = stacksOf(recording, process, 400, (tick) => {
        if (tick === 100) call(process, main);
        else if (tick === 250) call(process, 0);
      });
      assert.deepEqual(stacks[99], said(process));
      // Where it is a trampoline that tells, that is looked at again once in 64 samples.
      for (const stack of stacks.slice(170, 250)) assert.deepEqual(stack, [at(process, mainLine), ...said(process)]);
      for (const stack of stacks.slice(250)) assert.deepEqual(stack, said(process));
    });

    it('are none where there is no frame object that points back', () => {
      const process = open(recording);
      const main = putFrame(process, mainObject, mainLine, 0, 2);
      put(process.memory, mainObject + process.layout.frameObject.frame, main + 8);
      call(process, main);
      const [stack] = stacksOf(recording, process, 1);
      assert.deepEqual(stack, said(process));
    });

    it('are not read where they lead in a circle', () => {
      const process = open(recording);
      const main = putFrame(process, mainObject, mainLine, moduleObject + distance);
      putFrame(process, moduleObject, moduleLine, main);
      call(process, main);
      for (const stack of stacksOf(recording, process, 3)) assert.deepEqual(stack, ['?']);
    });
  });
}
