import assert from 'node:assert/strict';
import type { Memory } from '../memory/memory.ts';
import type { OpenTarget } from '../openTarget.ts';
import { type System, ThreadState } from '../os/system.ts';
import { type Instant, type Look, lookAtInstant } from './instant.ts';
import type { PageMemory } from './pageMemory.ts';

/** A page's first byte says where the next one is that is asked for. */
const pageSize = 4096;
const pageAt = (page: number): number => page * pageSize;

/** A process with one thread, which waits or runs all the time. */
function process(state: ThreadState, copying = 1): { readonly system: System; readonly target: OpenTarget } {
  const memory: Memory = {
    read(address, bytes, offset, length) {
      bytes.fill(Math.floor(address / pageSize) + 1, offset, offset + length);
      return true;
    },
    readSpans(plan, bytes) {
      let at = 0;
      for (let span = 0; span < plan.count; at += plan.lengths[span]!, span++)
        for (let byte = 0; byte < plan.lengths[span]!; byte += pageSize)
          bytes.fill(plan.addresses[span]! / pageSize + byte / pageSize + 1, at + byte, at + byte + pageSize);
      return at;
    },
    close: () => undefined,
  };
  let cpu = 0;
  const states = {
    track: () => 0,
    untrack: () => undefined,
    look: () => state,
    stoodStill: () => state === ThreadState.Waiting,
    hasRun: () => true,
    readyOn: () => (state === ThreadState.Waiting ? -1 : 0),
    cpuTime: () => 0,
  };
  const clock = { threadCpu: () => (cpu += copying), monotonic: () => 0 };
  return {
    system: { threadIds: () => [1], clock } as unknown as System,
    target: { pid: 1, memory, states } as unknown as OpenTarget,
  };
}

const watched = [{ osThreadId: 1, holdsGil: true, isGuarded: true, interpreterId: 0 }];

/** Looks with what is scripted; of the last one there is no end. */
async function looksOf(
  state: ThreadState,
  script: (look: number, memory: PageMemory, isLive: boolean) => number,
  copying?: number,
): Promise<{ readonly shown: Instant<number>; readonly looks: number }> {
  const { system, target } = process(state, copying);
  let looks = 0;
  const shown = await lookAtInstant(system, target, true, (memory, live): Look<number> => {
    const broken = script(looks, memory, live !== null);
    return { result: looks++, broken, threads: watched };
  });
  return { shown, looks };
}

/** Follows a chain of pages. @returns whether one can't be read */
function isBroken(memory: PageMemory, length: number): boolean {
  const byte = new Uint8Array(1);
  for (let page = 1, step = 0; step < length; step++, page = byte[0]!) if (!memory.read(pageAt(page), byte, 0, 1)) return true;
  return false;
}

describe('lookAtInstant', () => {
  it('takes another instant where a stack ends early, as its frames are being written', async () => {
    const { shown, looks } = await looksOf(ThreadState.Waiting, (look) => (look < 3 ? 1 : 0));
    // The first look learns what is to be copied.
    assert.deepEqual([shown.result, looks, shown.moment.isInstant], [3, 4, true]);
  });

  it('shows the best of a few where all are so', async () => {
    const { shown, looks } = await looksOf(ThreadState.Waiting, (look) => [9, 3, 2, 1, 2, 1][look] ?? 1);
    assert.deepEqual([shown.result, looks], [3, 5]);
  });

  it('looks again, too, where there is no instant', async () => {
    const { shown } = await looksOf(ThreadState.Running, (_, __, isLive) => (isLive ? 0 : 1));
    assert.equal(shown.moment.isInstant, false);
    let live = 0;
    const better = await looksOf(ThreadState.Running, (_, __, isLive) => (isLive && live++ === 2 ? 0 : 1));
    assert.equal(live, 3);
    assert.equal(better.shown.result, better.looks - 1);
  });

  it('learns at once all that a page leads to that was missing', async () => {
    // To begin with nothing is asked for: the program has gone to other pages.
    const { shown, looks } = await looksOf(ThreadState.Waiting, (look, memory) => (look > 0 && isBroken(memory, 40) ? 1 : 0));
    assert.deepEqual([shown.moment.isInstant, looks], [true, 4]);
  });

  it('copies no more than takes a few milliseconds', async () => {
    const { shown, looks } = await looksOf(ThreadState.Running, () => 0, 6000);
    assert.deepEqual([shown.moment.why, looks], ['there is too much to read at one instant', 2]);
    assert.equal((await looksOf(ThreadState.Waiting, () => 0, 6000)).shown.moment.isInstant, true);
  });
});
