import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../../profile/testing/fuzz.ts';
import { RunRecorder } from './runRecorder.ts';

type Step =
  | { readonly thread: number; readonly stack: number; readonly flags: number; readonly weight: number; readonly cpu: number }
  | { readonly interrupt: number }
  | 'take';

describe('RunRecorder', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        thread: fc.constantFrom(0, 1, 2, 63, 64, 700),
        stack: fc.nat(3),
        flags: fc.constantFrom(0, 1, 255),
        weight: fc.integer({ min: 1, max: 9000 }),
        cpu: fc.constantFrom(0, 3, 4000),
      }),
    },
    { weight: 2, arbitrary: fc.record({ interrupt: fc.constantFrom(0, 1, 64, 100_000) }) },
    { weight: 1, arbitrary: fc.constant<Step>('take') },
  );

  it('gives back every sample in runs, merging those of one thread that follow each other and are equal', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3000 }), (steps) => {
        const recorder = new RunRecorder();
        interface Run {
          thread: number;
          stack: number;
          flags: number;
          start: number;
          duration: number;
          count: number;
          cpu: number;
        }
        let runs: Run[] = [];
        let open = new Map<number, Run>();
        const check = (): void => {
          const taken = recorder.take();
          const columns = runs.map((_, i) => ({
            thread: taken.threads[i],
            stack: taken.stacks[i],
            flags: taken.flags[i],
            start: taken.starts[i],
            duration: taken.durations[i],
            count: taken.counts[i],
            cpu: taken.cpu[i],
          }));
          assert.deepEqual(columns, runs);
          for (const column of Object.values(taken)) assert.equal((column as Uint32Array).length, runs.length);
          runs = [];
          open = new Map();
        };
        let now = 0;
        for (const one of steps) {
          if (one === 'take') {
            check();
          } else if ('interrupt' in one) {
            recorder.interrupt(one.interrupt);
            open.delete(one.interrupt);
          } else {
            now += 10;
            recorder.record(one.thread, one.stack, one.flags, now, one.weight, one.cpu);
            const last = open.get(one.thread);
            if (last?.stack === one.stack && last.flags === one.flags) {
              last.count++;
              last.duration += one.weight;
              last.cpu += one.cpu;
            } else {
              const run = {
                thread: one.thread,
                stack: one.stack,
                flags: one.flags,
                start: now,
                duration: one.weight,
                count: 1,
                cpu: one.cpu,
              };
              open.set(one.thread, run);
              runs.push(run);
            }
          }
        }
        check();
      }),
      { numRuns: rounds(60) },
    );
  });

  it('grows to as many runs as there are', () => {
    const recorder = new RunRecorder();
    for (let i = 0; i < 10_000; i++) recorder.record(i % 300, i, 0, i, 1, 0);
    const { stacks } = recorder.take();
    assert.deepEqual(
      [...stacks],
      Array.from({ length: 10_000 }, (_, i) => i),
    );
    assert.equal(recorder.take().stacks.length, 0);
  });
});
