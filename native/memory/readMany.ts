import { type Memory, SpanPlan } from './memory.ts';

/** Spans of one call: no more are planned anew because one of them can't be read. */
const atOnce = 1024;

/**
 * Copies `length` bytes at each of many addresses, in as few calls as possible.
 * @returns the copies in the order of the addresses; null for one that can't be read
 */
export function readMany(memory: Memory, addresses: readonly number[], length: number): (Buffer | null)[] {
  const result: (Buffer | null)[] = [];
  const plan = new SpanPlan();
  while (result.length < addresses.length) {
    plan.clear();
    const end = Math.min(addresses.length, result.length + atOnce);
    for (let i = result.length; i < end; i++) plan.add(addresses[i]!, length);
    const bytes = Buffer.alloc(plan.totalLength);
    const complete = Math.floor(memory.readSpans(plan, bytes) / length);
    for (let i = 0; i < complete; i++) result.push(bytes.subarray(i * length, (i + 1) * length));
    // One that can't be read stops a read: go on behind it.
    if (result.length < end) result.push(null);
  }
  return result;
}
