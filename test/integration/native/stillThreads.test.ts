import assert from 'node:assert/strict';
import path from 'node:path';
import type { SpanPlan } from '../../../native/memory/memory.ts';
import { openTarget } from '../../../native/openTarget.ts';
import { openSystem } from '../../../native/os/index.ts';
import { FrameTable } from '../../../native/sampler/tables/frameTable.ts';
import { RunRecorder } from '../../../native/sampler/tables/runRecorder.ts';
import type { SampledThread } from '../../../native/sampler/threads/sampledThread.ts';
import { Sampler } from '../../../native/sampler/sampler.ts';
import { StackTrie } from '../../../native/sampler/tables/stackTrie.ts';
import { since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';

const script = path.join(import.meta.dirname, '..', 'targets', 'stillThreads.py');

describe('threads that stand still', () => {
  for (const interpreter of since(3, 11)) {
    // Without a GIL nothing tells that a thread did not move.
    const what = interpreter.freeThreaded ? 'are read each time' : 'are not read again, and never missed when they move';
    it(`${what} (${title(interpreter)})`, async () => {
      await using target = await startTarget(interpreter, script);
      const watch = await watchWaits(target.pid);
      const allThreads = watch.look(0);
      assert.deepEqual(watch.places(), target.ready);

      for (let step = 1; step <= 40; step++) {
        const expected = await target.ask((step * step) % 6);
        // The first look must show it: nothing has been read since the thread moved.
        watch.look(step * 1000);
        assert.deepEqual(watch.places(), expected, `at step ${step}`);

        let copied = allThreads;
        const looks = interpreter.freeThreaded ? 50 : 5000;
        for (let i = 1; i < looks && copied > allThreads / 2; i++) copied = watch.look(step * 1000 + i);
        if (interpreter.freeThreaded) assert.ok(copied >= allThreads / 2, 'some threads are not read any more');
        else assert.ok(copied < allThreads / 2, 'all threads are still read');
        assert.deepEqual(watch.places(), expected);
      }
    });
  }
});

/** Looks at a process by hand, and tells which function `wait_…` each thread is in, in the order of their start. */
async function watchWaits(pid: number): Promise<{ look(now: number): number; places(): string[] }> {
  const opened = openTarget(await openSystem(), pid);
  const memory = Object.create(opened.memory) as typeof opened.memory;
  let copied = 0;
  /** Where a copy of the process begins; other reads are of code and for second looks. */
  let start: number | undefined;
  memory.readSpans = (plan: SpanPlan, bytes: Uint8Array) => {
    start ??= plan.addresses[0];
    if (plan.addresses[0] === start) copied = plan.totalLength;
    return opened.memory.readSpans(plan, bytes);
  };
  const shared = { frames: new FrameTable(), stacks: new StackTrie(() => -1), recorder: new RunRecorder() };
  const started: SampledThread[] = [];
  const sampler = new Sampler({ ...opened, memory }, shared, {
    threadStarted: (thread) => started.push(thread) - 1,
    threadEnded: () => assert.fail('a thread ended'),
  });
  assert.ok(sampler.enumerate());

  const functions: string[] = [];
  const frameFunctions: number[] = [];
  return {
    look: (now) => {
      assert.ok(sampler.tick(now, 1));
      return copied;
    },
    places: () => {
      const found = shared.frames.takeNew();
      functions.push(...found.functions.map(({ name }) => name));
      frameFunctions.push(...found.frames.functions);
      const { threads, stacks } = shared.recorder.take();
      const last = new Map<number, number>();
      threads.forEach((thread, run) => last.set(thread, stacks[run]!));
      const places: { ident: number; place: string }[] = [];
      for (const [thread, stack] of last) {
        for (let at = stack; at !== 0; at = shared.stacks.parents[at]!) {
          const name = functions[frameFunctions[shared.stacks.frames[at]!]!]!;
          if (/^wait_\d$/.test(name)) places.push({ ident: started[thread]!.osThreadId, place: name });
        }
      }
      return places.sort((a, b) => a.ident - b.ident).map(({ place }) => place);
    },
  };
}
