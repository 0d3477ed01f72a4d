import assert from 'node:assert/strict';
import path from 'node:path';
import { interpreters, title } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';
import { LiveHandSampler } from './liveHandSampler.ts';

const script = path.join(import.meta.dirname, 'targets', 'manystacks.py');

/** Adds to each key. */
function add(totals: Map<string, number>, keys: Iterable<string>, amount: number): void {
  for (const key of keys) totals.set(key, (totals.get(key) ?? 0) + amount);
}

describe('Programs with more kinds of stacks than are kept', () => {
  for (const interpreter of interpreters) {
    it(`have the time of every line and function: ${title(interpreter)}`, async () => {
      await using target = await startTarget(interpreter, script);
      // Room for the stacks of a few samples, and to know those of some more at a time.
      using hand = await LiveHandSampler.open(target.pid, false, [100, 400]);
      const [truth, seen] = [new Map<string, number>(), new Map<string, number>()];
      const functionsOf = (stack: number): string[] => hand.framesOf(stack).map(({ name, file }) => `${name} ${file}`);
      const linesOf = (stack: number): string[] => hand.framesOf(stack).map(({ file, line }) => `${file}:${line}`);
      let [cut, count] = [0, 0];
      // Some samples follow each other so closely that they are equal.
      while (cut < 1000 && count < 100_000) {
        const runs = hand.tick();
        const taken = hand.cutCalls.take();
        for (let run = 0; run < runs.threads.length; run++) {
          const { sampledStack, sampledPartial } = hand.sampler.sampledThreads[0]!;
          const stack = runs.stacks[run]!;
          const duration = runs.durations[run]!;
          count += runs.counts[run]!;
          const whole = hand.stacks.isPassing(sampledStack) ? sampledStack : stack;
          if (whole !== stack) cut++;
          const isThere = (key: string): boolean => !key.startsWith('(not read)') && !key.startsWith(':');
          add(truth, new Set([...functionsOf(whole), ...linesOf(whole)].filter(isThere)), duration);
          // Of what was not read to its end nothing is known to be innermost.
          if (whole === stack || !sampledPartial) add(truth, [`self ${linesOf(whole).at(-1) ?? ''}`], duration);
          add(seen, new Set([...functionsOf(stack), ...linesOf(stack)].filter(isThere)), duration);
          if (whole === stack) add(seen, [`self ${linesOf(stack).at(-1) ?? ''}`], duration);
        }
        if (taken === null) continue;
        taken.calls.stacks.forEach((stack, at) => {
          const frames = hand.framesOf(stack);
          const { name, file, line } = frames.at(-1)!;
          if (frames.length > 1) return; // its line of the file is counted
          add(seen, [line === 0 ? `${name} ${file}` : `${file}:${line}`], taken.calls.durations[at]!);
        });
        taken.leaves.stacks.forEach((stack, at) => add(seen, [`self ${linesOf(stack)[0]!}`], taken.leaves.durations[at]!));
      }
      assert.equal(cut, 1000, `${cut} of ${count} samples were cut`);
      assert(hand.stacks.count <= 2000, `${hand.stacks.count} stacks`);
      assert(
        [...truth.keys()].some((key) => key.startsWith('f19 ')),
        [...truth.keys()].join(),
      );
      assert.deepEqual(new Map([...seen].sort()), new Map([...truth].sort()));
    }).timeout(60_000);
  }
});
