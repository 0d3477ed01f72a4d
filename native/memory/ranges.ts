/** Addresses from `start` up to `end`, without it. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The last of ascending numbers that is not above a value.
 * @param stride only each so many-th counts; the result is in these
 * @returns −1 where all are above it
 */
export function lastAtMost(ascending: ArrayLike<number>, value: number, stride = 1): number {
  let low = 0;
  let high = ascending.length / stride;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle * stride]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What an address lies in; null: nothing. @param ranges in the order of addresses, none over another */
export function rangeAt<Found extends Range>(ranges: readonly Found[], address: number): Found | null {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]!.start <= address) low = middle + 1;
    else high = middle;
  }
  const found = ranges[low - 1];
  return found !== undefined && address < found.end ? found : null;
}
