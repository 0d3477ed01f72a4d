import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ThreadState, type ThreadStates } from '../../os/system.ts';
import { RunStates } from './runStates.ts';
import { SampledThread } from './sampledThread.ts';
import { nobodyRuns } from '../testing/recordedTarget.ts';

const { Waiting, Running, Ready } = ThreadState;

function statesWith(parts: Partial<ThreadStates> = {}): RunStates {
  return new RunStates({ ...nobodyRuns, ...parts });
}

describe('RunStates', () => {
  const newThread = (): SampledThread => new SampledThread(0x1000, 1, '1');

  /** What the samples show of a thread that was found so, 1 ms apart, with these µs of CPU. */
  const show = (samples: readonly (readonly [state: ThreadState, cpu: number])[]): ThreadState[] => {
    const states = statesWith();
    const thread = newThread();
    return samples.map(([state, cpu]) => states.shown(thread, state, cpu, 1000));
  };

  it('shows a thread as running from which the sampler took the only core, and one that gets none as ready', () => {
    assert.deepEqual(
      show([
        [Ready, 960],
        [Ready, 960],
        [Ready, 960],
      ]),
      [Running, Running, Running],
    );
    assert.deepEqual(
      show([
        [Ready, 0],
        [Ready, 0],
      ]),
      [Ready, Ready],
    );
  });

  it('shows one that runs as running, whatever the system says late, and never one that waits', () => {
    assert.deepEqual(
      show([
        [Running, 0],
        [Running, 0],
        [Running, 4000],
        [Waiting, 4000],
        [Waiting, 4000],
      ]),
      [Running, Running, Running, Waiting, Waiting],
    );
  });

  it('shows as much of a ready thread as running as it used CPU, whatever its turns are', () => {
    const turn = fc.record({ cpu: fc.integer({ min: 0, max: 1000 }), weight: fc.integer({ min: 1000, max: 20_000 }) });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 200 }), (turns) => {
        const states = statesWith();
        const thread = newThread();
        let used = 0;
        let shown = 0;
        for (const { cpu, weight } of turns) {
          used += cpu;
          if (states.shown(thread, Ready, cpu, weight) === Running) shown += weight;
          assert.ok(Math.abs(used - shown) <= 20_000);
        }
      }),
    );
  });

  it('makes up for what was shown or used by chance for no longer than a few samples', () => {
    const busy = Array.from({ length: 1000 }, () => [Running, 0] as const);
    const after = show([...busy, ...Array.from({ length: 30 }, () => [Ready, 1000] as const)]);
    assert.equal(after.at(-1), Running);
    const asleep = Array.from({ length: 1000 }, () => [Waiting, 100] as const);
    const later = show([...asleep, ...Array.from({ length: 30 }, () => [Ready, 0] as const)]);
    assert.ok(later.filter((state) => state === Running).length <= 11);
    assert.equal(later.at(-1), Ready);
  });

  it('takes CPU time from the system, from the first look on, and all the time of what runs where it does not tell', () => {
    let total = 5000;
    const states = statesWith({ cpuTime: () => total, look: () => Running });
    const thread = newThread();
    assert.equal(states.cpuUsed(thread, 1000), 0);
    total = 9000;
    assert.deepEqual([states.cpuUsed(thread, 1000), states.cpuUsed(thread, 1000)], [4000, 0]);
    const unknown = statesWith();
    const other = newThread();
    assert.equal(unknown.cpuUsed(other, 1000), 0);
    other.runState = Running;
    assert.equal(unknown.cpuUsed(other, 1000), 1000);
  });
});
