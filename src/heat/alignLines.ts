/** A table of this many cells is the most that a gap between two anchors may cost. */
const MAX_TABLE_CELLS = 1 << 20;

/** Marks blank lines, which are too common to tell anything. */
export const BLANK = 0;

/**
 * Identifies a line by its text (FNV-1a), whatever its indentation and trailing space, so that
 * wrapping lines in a block or trimming them on save changes nothing.
 */
export function lineKey(text: string): number {
  const trimmed = text.trim();
  if (trimmed === '') return BLANK;
  let hash = 0x811c9dc5;
  for (let i = 0; i < trimmed.length; i++) hash = Math.imul(hash ^ trimmed.charCodeAt(i), 0x01000193);
  return hash >>> 0 || 1;
}

/** The keys of all lines of a text, whatever its line ends. */
export function lineKeys(text: string): Uint32Array {
  return Uint32Array.from(text.split(/\r\n|\r|\n/), lineKey);
}

/**
 * Finds where the lines of an older text are in a newer one, by their keys. Keeps the order; lines
 * that changed in place are taken for the same where as many lines went as came. Never costs
 * more than a bounded table: common ends first, then lines that occur once, then the gaps between them.
 *
 * @returns for each old line its new one, or -1
 */
export function alignLines(older: Uint32Array, newer: Uint32Array): Int32Array {
  const result = new Int32Array(older.length).fill(-1);
  const whole = trimEnds({ older, newer, oldFrom: 0, oldTo: older.length, newFrom: 0, newTo: newer.length }, result);
  let { oldFrom, newFrom } = whole;
  for (const [oldLine, newLine] of uniqueAnchors(whole)) {
    alignGap({ ...whole, oldFrom, oldTo: oldLine, newFrom, newTo: newLine }, result);
    result[oldLine] = newLine;
    oldFrom = oldLine + 1;
    newFrom = newLine + 1;
  }
  alignGap({ ...whole, oldFrom, newFrom }, result);
  return result;
}

interface Gap {
  readonly older: Uint32Array;
  readonly newer: Uint32Array;
  readonly oldFrom: number;
  readonly oldTo: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** Matches equal lines at both ends; returns what is left between them. */
function trimEnds(gap: Gap, result: Int32Array): Gap {
  const { older, newer } = gap;
  let { oldFrom, oldTo, newFrom, newTo } = gap;
  while (oldFrom < oldTo && newFrom < newTo && older[oldFrom] === newer[newFrom]) result[oldFrom++] = newFrom++;
  while (oldTo > oldFrom && newTo > newFrom && older[oldTo - 1] === newer[newTo - 1]) result[--oldTo] = --newTo;
  return { older, newer, oldFrom, oldTo, newFrom, newTo };
}

function alignGap(gap: Gap, result: Int32Array): void {
  const rest = trimEnds(gap, result);
  const oldCount = rest.oldTo - rest.oldFrom;
  const newCount = rest.newTo - rest.newFrom;
  if (oldCount === 0 || newCount === 0) return;
  const pairs = (oldCount + 1) * (newCount + 1) <= MAX_TABLE_CELLS ? longestCommon(rest) : [];
  let { oldFrom, newFrom } = rest;
  for (const [oldLine, newLine] of [...pairs, [rest.oldTo, rest.newTo] as const]) {
    if (oldLine - oldFrom === newLine - newFrom) {
      for (let i = 0; i < oldLine - oldFrom; i++) result[oldFrom + i] = newFrom + i; // changed in place
    }
    if (oldLine < rest.oldTo) result[oldLine] = newLine;
    oldFrom = oldLine + 1;
    newFrom = newLine + 1;
  }
}

/** The longest common subsequence of a gap, without blank lines. */
function longestCommon({ older, newer, oldFrom, oldTo, newFrom, newTo }: Gap): [number, number][] {
  const width = newTo - newFrom + 1;
  const lengths = new Uint32Array((oldTo - oldFrom + 1) * width);
  for (let i = oldTo - oldFrom - 1; i >= 0; i--) {
    for (let j = width - 2; j >= 0; j--) {
      const key = older[oldFrom + i]!;
      const skip = Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
      const take = key !== BLANK && key === newer[newFrom + j] ? lengths[(i + 1) * width + j + 1]! + 1 : 0;
      lengths[i * width + j] = Math.max(skip, take);
    }
  }
  const pairs: [number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < oldTo - oldFrom && j < width - 1) {
    const key = older[oldFrom + i]!;
    const here = lengths[i * width + j]!;
    if (key !== BLANK && key === newer[newFrom + j] && here === lengths[(i + 1) * width + j + 1]! + 1) {
      pairs.push([oldFrom + i++, newFrom + j++]);
    } else if (lengths[(i + 1) * width + j] === here) i++;
    else j++;
  }
  return pairs;
}

/** Lines that occur once in both, reduced to the longest run that keeps its order (patience diff). */
function uniqueAnchors({ older, newer, oldFrom, oldTo, newFrom, newTo }: Gap): [number, number][] {
  const oldPlaces = uniquePlaces(older, oldFrom, oldTo);
  const newPlaces = uniquePlaces(newer, newFrom, newTo);
  const pairs: [number, number][] = [];
  for (const [key, oldLine] of oldPlaces) {
    const newLine = newPlaces.get(key);
    if (oldLine >= 0 && newLine !== undefined && newLine >= 0) pairs.push([oldLine, newLine]);
  }
  // Map keeps the order of first occurrence, so pairs ascend by old line.
  const tails: number[] = []; // tails[n]: the pair that ends the best run of length n + 1
  const before = new Int32Array(pairs.length).fill(-1);
  for (const [index, [, newLine]] of pairs.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pairs[tails[middle]!]![1] < newLine) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[index] = tails[low - 1]!;
    tails[low] = index;
  }
  const run: [number, number][] = [];
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index]!) run.push(pairs[index]!);
  return run.reverse();
}

/** Where each key is; -1 for those that occur more than once. */
function uniquePlaces(keys: Uint32Array, from: number, to: number): Map<number, number> {
  const places = new Map<number, number>();
  for (let i = from; i < to; i++) {
    const key = keys[i]!;
    if (key !== BLANK) places.set(key, places.has(key) ? -1 : i);
  }
  return places;
}
