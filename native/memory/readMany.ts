import { type Memory, SpanPlan } from './memory.ts';

/**
 * Copies `length` bytes at each of many addresses, in as few calls as possible.
 * @returns the copies in the order of the addresses; null for one that can't be read
 */
export function readMany(memory: Memory, addresses: readonly number[], length: number): (Buffer | null)[] {
  const result: (Buffer | null)[] = [];
  const plan = new SpanPlan();
  while (result.length < addresses.length) {
    plan.clear();
    for (let i = result.length; i < addresses.length; i++) plan.add(addresses[i]!, length);
    const bytes = Buffer.alloc(plan.totalLength);
    const complete = Math.floor(memory.readSpans(plan, bytes) / length);
    for (let i = 0; i < complete; i++) result.push(bytes.subarray(i * length, (i + 1) * length));
    // One that can't be read stops a read: go on behind it.
    if (result.length < addresses.length) result.push(null);
  }
  return result;
}
