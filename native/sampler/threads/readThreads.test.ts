import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ThreadState, type ThreadStates } from '../../os/system.ts';
import type { Interpreter } from './interpreters.ts';
import { ReadThreads } from './readThreads.ts';
import { SampledThread } from './sampledThread.ts';

/**
 * What may happen between two looks: a thread takes the GIL and works, or works without it. It goes on at the next look, or waits
 * again.
 */
interface Step {
  readonly runs: readonly { readonly thread: number; readonly withGil: boolean; readonly goesOn: boolean }[];
  readonly keepsHouse: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  runs: fc.array(fc.record({ thread: fc.nat(59), withGil: fc.boolean(), goesOn: fc.boolean() }), { maxLength: 3 }),
  keepsHouse: fc.constantFrom(false, false, false, true),
});

/** Threads that move, and a sampler's loop around the choice. */
class World {
  readonly threads: SampledThread[];
  /** By thread: how often it has worked, how often it had when it was read last, and whether the system says that it waits. */
  readonly moved: number[];
  readonly seen: number[];
  readonly isWaiting: boolean[];
  /** By thread: whether the system would say that nothing changed since it was asked last. */
  private readonly isUnchanged: boolean[];
  private readonly interpreter = { gilHolderLow: 0, gilHolderHigh: 0, lastHolderLow: 0, lastHolderHigh: 0 } as unknown as Interpreter;
  readonly choice: ReadThreads;
  reads = 0;
  ticks = 0;
  asked = 0;

  constructor(count: number) {
    this.threads = Array.from({ length: count }, (_, i) => {
      const thread = new SampledThread(4096 * (i + 1), i + 1, String(i + 1));
      thread.interpreter = this.interpreter;
      thread.stateSlot = i;
      return thread;
    });
    this.moved = this.threads.map(() => 1);
    this.seen = this.threads.map(() => 0);
    this.isWaiting = this.threads.map(() => true);
    this.isUnchanged = this.threads.map(() => false);
    const states = {
      stoodStill: (slot: number) => {
        this.asked++;
        const is = this.isUnchanged[slot]!;
        this.isUnchanged[slot] = true;
        return is && this.isWaiting[slot]!;
      },
    } as ThreadStates;
    this.choice = new ReadThreads(states, () => undefined);
    this.choice.use(this.threads);
  }

  /** @returns whether the GIL changed hands meanwhile */
  happen({ runs }: Step): boolean {
    const holders = [this.interpreter.lastHolderLow];
    this.threads.forEach((_, i) => {
      if (!this.isWaiting[i]) this.moved[i]!++;
    });
    for (const { thread: number, withGil, goesOn } of runs) {
      const at = number % this.threads.length;
      const { addressLow } = this.threads[at]!;
      this.moved[at]!++;
      this.isUnchanged[at] = false;
      this.isWaiting[at] = !goesOn;
      if (withGil) {
        // Who had it waits for it now.
        this.threads.forEach((other, i) => {
          if (i === at || other.addressLow !== this.interpreter.gilHolderLow) return;
          this.isWaiting[i] = true;
          this.isUnchanged[i] = false;
        });
        this.interpreter.lastHolderLow = addressLow;
        this.interpreter.gilHolderLow = goesOn ? addressLow : 0;
        holders.push(addressLow);
      } else if (this.interpreter.gilHolderLow === addressLow) {
        this.interpreter.gilHolderLow = 0;
      }
    }
    // One that comes to the GIL by itself leaves it to others.
    return new Set(holders).size > 1;
  }

  tick(switched: boolean): void {
    this.ticks++;
    this.choice.choose();
    this.copy(switched);
    this.sample();
    for (const thread of this.threads) if (thread.sampledAt !== this.ticks) thread.isRead = false;
    this.choice.rest();
  }

  /** The same in two parts: in the first nobody is asked. */
  tickInParts(switched: boolean): void {
    this.ticks++;
    const { asked } = this;
    this.choice.chooseFirst();
    this.copy(switched);
    this.sample();
    assert.equal(this.asked, asked);
    assert(this.choice.list.length <= 1);
    if (this.choice.chooseRest(this.ticks)) this.sample();
    for (const thread of this.threads) if (thread.sampledAt !== this.ticks) thread.isRead = false;
    this.choice.rest();
  }

  private copy(switched: boolean): void {
    for (let attempt = 0; attempt < 3 && this.choice.look(switched); attempt++) switched = false;
  }

  private sample(): void {
    for (const thread of this.choice.list) {
      if (thread.sampledAt === this.ticks) continue;
      thread.sampledAt = this.ticks;
      this.reads++;
      this.seen[thread.stateSlot] = this.moved[thread.stateSlot]!;
      thread.sampledStack = 1;
      thread.mightRun = this.interpreter.gilHolderLow === thread.addressLow;
      thread.runState = this.isWaiting[thread.stateSlot]! ? ThreadState.Waiting : ThreadState.Running;
    }
  }
}

describe('Which threads are read', () => {
  it('are all that have worked since they were read, while they hold the GIL or took it', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 20, 33, 60), fc.array(step, { maxLength: 60 }), fc.boolean(), (count, steps, inParts) => {
        const world = new World(count);
        const tick = (switched: boolean): void => (inParts && count > 32 ? world.tickInParts(switched) : world.tick(switched));
        world.tick(true);
        for (const one of steps) {
          const withGil: Step = { ...one, runs: one.runs.map((run) => ({ ...run, withGil: true })) };
          tick(world.happen(withGil));
          if (one.keepsHouse) world.choice.housekeeping();
          assert.deepEqual(world.seen, world.moved);
        }
      }),
    );
  });

  it('are those that work without the GIL, too, after the next time house is kept at the latest', () => {
    fc.assert(
      fc.property(fc.constantFrom(20, 33, 60), fc.array(step, { maxLength: 60 }), fc.boolean(), (count, steps, inParts) => {
        const world = new World(count);
        const tick = (switched: boolean): void => (inParts && count > 32 ? world.tickInParts(switched) : world.tick(switched));
        world.tick(true);
        for (const one of steps) tick(world.happen(one));
        world.choice.housekeeping();
        tick(world.happen({ runs: [], keepsHouse: false }));
        const waiting = world.threads.filter(({ stateSlot }) => world.isWaiting[stateSlot]!).map(({ stateSlot }) => stateSlot);
        for (const at of waiting) assert.equal(world.seen[at], world.moved[at]);
      }),
    );
  });

  it('are few of many of which most wait', () => {
    const world = new World(1000);
    world.tick(true);
    world.tick(false);
    const { reads } = world;
    for (let look = 0; look < 100; look++)
      world.tick(world.happen({ runs: [{ thread: look % 3, withGil: true, goesOn: false }], keepsHouse: false }));
    assert(world.reads - reads < 500, `${world.reads - reads}`);
    const { asked } = world;
    // No hands are changed: nobody is asked.
    for (let look = 0; look < 100; look++) world.tick(false);
    assert(world.asked - asked <= 5000, `${world.asked - asked}`);
  });
});
