/**
 * How soon there is a native stack, and what that takes: `coldStart.ts PID`. Says "begun" when it begins and then a ColdStart, as lines of JSON.
 */
import { type EngineEvent, startEngine } from '../../native/index.ts';
import { isNative } from '../../profile/delta.ts';

export interface ColdStart {
  /** ms from the engine's start, its program being loaded included, to the first native stack; and the same of the engine's own time, from when it had found Python. */
  readonly whole: number;
  readonly fromStart: number;
  /** MB that the process had at most. */
  readonly memory: number;
}

const began = performance.now();
let started = began;
process.stdout.write('"begun"\n');
const engine = startEngine({ pid: Number(process.argv[2]), rate: 100, native: 'functions', deltaInterval: 5 }, (event: EngineEvent) => {
  if (event.type === 'started') started = performance.now();
  else if (event.type === 'failed') throw new Error(JSON.stringify(event.failure));
  else if (event.type === 'delta' && event.delta.functions.some((record) => isNative(record) && record.file !== '')) {
    const now = performance.now();
    const result: ColdStart = { whole: now - began, fromStart: now - started, memory: process.resourceUsage().maxRSS / 1000 };
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
    engine.stop();
  }
});
