import type { ThreadDump } from './dumpSnapshot.ts';

/** The oldest thread first, as py-spy has them: the interpreter's list begins with the newest. */
export function oldestFirst(threads: readonly ThreadDump[]): readonly ThreadDump[] {
  return [...threads].reverse();
}

/**
 * Threads that wait for each other in a ring, so that none of them will ever go on: for what another one holds, or for its end.
 * @returns indices; each ring begins with its first thread, and each waits for the next one
 */
export function waitRings(threads: readonly ThreadDump[]): readonly (readonly number[])[] {
  const rings: number[][] = [];
  const seen = new Set<number>();
  for (let start = 0; start < threads.length; start++) {
    const path: number[] = [];
    let at: number | null = start;
    // A thread waits for one other at most: its way is a chain that ends, or runs into a ring.
    while (at !== null && threads[at] !== undefined && !seen.has(at)) {
      seen.add(at);
      path.push(at);
      at = threads[at]!.wait?.owner ?? null;
    }
    const entry = at === null ? -1 : path.indexOf(at);
    if (entry < 0) continue;
    const ring = path.slice(entry);
    const first = ring.indexOf(Math.min(...ring));
    rings.push([...ring.slice(first), ...ring.slice(0, first)]);
  }
  return rings;
}
