/** How far shares that were seen are from true ones: total variation distances, and how far chance alone takes them. Pure. */

/** Weights by name: of functions, or lines. */
export type Weights = ReadonlyMap<string, number>;

/** What a program knows of its shares. */
export interface KnownShares {
  /** Adding up to 1. */
  readonly shares: Readonly<Record<string, number>>;
  /** What part of everything these have together, at least and at most. */
  readonly least: number;
  readonly most: number;
}

/** The sum of all weights. */
export function sumOf(weights: Weights): number {
  let sum = 0;
  for (const weight of weights.values()) sum += weight;
  return sum;
}

/**
 * Half the sum of all differences of shares, 0 to 1: the most by which the shares of any set of names differ. NaN where there are
 * no weights.
 */
export function totalVariation(a: Weights, b: Weights): number {
  const [sumA, sumB] = [sumOf(a), sumOf(b)];
  let sum = 0;
  for (const [name, weight] of a) sum += Math.abs(weight / sumA - (b.get(name) ?? 0) / sumB);
  for (const [name, weight] of b) if (!a.has(name)) sum += weight / sumB;
  return sumA > 0 && sumB > 0 ? sum / 2 : NaN;
}

/** The total variation distance from the nearest shares that the program could have. What has other names is one thing. */
export function distanceFromKnown(seen: Weights, known: KnownShares): number {
  const all = sumOf(seen);
  if (!(all > 0)) return NaN;
  const cells = Object.entries(known.shares).map(([name, share]) => ({ share, seen: (seen.get(name) ?? 0) / all }));
  const together = cells.reduce((sum, cell) => sum + cell.seen, 0);
  const clamped = (part: number): number => Math.min(known.most, Math.max(known.least, part));
  const distance = (part: number): number =>
    cells.reduce((sum, cell) => sum + Math.abs(cell.seen - part * cell.share), Math.abs(together - part)) / 2;
  // Convex, and straight between these: the least value is at one of them.
  const corners = [together, ...cells.filter(({ share }) => share > 0).map((cell) => cell.seen / cell.share)];
  return Math.min(...corners.map((part) => distance(clamped(part))));
}

/** The weights of these names alone. */
export function only(weights: Weights, names: Iterable<string>): Weights {
  const kept = new Map<string, number>();
  for (const name of names) kept.set(name, weights.get(name) ?? 0);
  return kept;
}

/**
 * The total variation distance that so many independent samples of these shares have from them on average (normal approximation:
 * the mean of |x| is sqrt(2/π) standard deviations).
 */
export function expectedDistance(shares: Weights, samples: number): number {
  const all = sumOf(shares);
  let sum = 0;
  for (const weight of shares.values()) sum += Math.sqrt((2 * (weight / all) * (1 - weight / all)) / (Math.PI * samples));
  return sum / 2;
}

/** So many samples as two independent lots have together, where they are compared with each other. */
export function samplesOfDifference(a: number, b: number): number {
  return (a * b) / (a + b);
}

/** So many equally heavy samples are worth as much as these weights (Kish 1965): (Σw)² / Σw². */
export function effectiveSamples(weights: Iterable<number>): number {
  let [sum, squares] = [0, 0];
  for (const weight of weights) {
    sum += weight;
    squares += weight * weight;
  }
  return squares === 0 ? 0 : (sum * sum) / squares;
}

/**
 * The total variation distance between samples and what they are drawn from exceeds this with at most the given probability: Hoeffding's
 * inequality for weighted sums, for each of the 2^cells sets of cells (a distance is the difference of one of them).
 * @param samples effectiveSamples
 */
export function deviationBound(samples: number, cells: number, probability: number): number {
  return Math.sqrt((cells * Math.LN2 - Math.log(probability)) / (2 * samples));
}

export type Verdict = 'right' | 'wrong' | 'undecided';

export interface TestOptions {
  /** How far true shares of what is measured may be from the known ones. */
  readonly allowed: number;
  /** How far they are in a case that must be found out. Between the two, either verdict is right. */
  readonly found: number;
  /** How probable it is at most to say "wrong" of what is allowed, and "right" of what must be found out. */
  readonly falseAlarm?: number;
  readonly missed?: number;
}

/**
 * Decides from more and more samples whether shares are right. However often it is asked, the probabilities hold: the n-th question
 * may be wrong with 1/(n(n+1)) of them, and these add up to 1.
 */
export class SequentialTest {
  readonly #options: Required<TestOptions>;
  #questions = 0;

  constructor(options: TestOptions) {
    this.#options = { falseAlarm: 1e-6, missed: 1e-3, ...options };
  }

  /** @param distance of the samples so far from what is known; @param cells how many kinds of samples that told apart */
  judge(distance: number, samples: number, cells: number): Verdict {
    const { allowed, found, falseAlarm, missed } = this.#options;
    if (!(samples > 0) || Number.isNaN(distance)) return 'undecided';
    const part = 1 / (++this.#questions * (this.#questions + 1));
    if (distance - deviationBound(samples, cells, falseAlarm * part) > allowed) return 'wrong';
    return distance + deviationBound(samples, cells, missed * part) < found ? 'right' : 'undecided';
  }
}
