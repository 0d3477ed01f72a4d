/** ln Γ(x) for x > 0 by Lanczos' series (g = 7, 9 terms; relative error < 1e-13: P. Godfrey, "A note on the computation of the convergent Lanczos complex Gamma approximation", 2001). */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
    9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  let sum = 0.99999999999980993;
  terms.forEach((term, i) => (sum += term / (x + i)));
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const smallest = 1e-300;
/** The fraction needs some √max(a, b) steps (DLMF 8.17.22); that is enough for 10^10 samples. */
const mostSteps = 200_000;

/** The regularised incomplete beta function I_x(a, b), for a, b > 0: continued fraction DLMF 8.17.22 by Lentz's method. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // It converges fast on this side of the mean; the other is its complement (DLMF 8.17.4).
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  const bounded = (value: number): number => (Math.abs(value) < smallest ? smallest : value);
  let c = 1;
  let d = 1 / bounded(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= mostSteps; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / bounded(1 + even * d);
    c = bounded(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / bounded(1 + odd * d);
    c = bounded(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return Math.min(1, front * fraction);
}

/** Samples that something was in, and of how many: those of the whole, by the unit that rates are compared in. */
export interface Count {
  readonly count: number;
  readonly exposure: number;
}

/**
 * How probable it is to see so many samples more in `after`, or more still, if its rate were `ratio` times that of `before`: the
 * conditional test of two Poisson rates (Przyborowski & Wilenski, "Homogeneity of results in testing samples from Poisson series",
 * Biometrika 31, 1940), which is exact at any count: of all samples, those in `after` are binomial, with the probability
 * ratio·e₂ / (e₁ + ratio·e₂). For shares, whose counts are binomial and so vary less, it is on the safe side. Counts need not be whole.
 */
export function chanceOfMore(before: Count, after: Count, ratio = 1): number {
  if (after.count <= 0 || before.exposure <= 0 || after.exposure <= 0) return 1;
  const probability = (ratio * after.exposure) / (before.exposure + ratio * after.exposure);
  return incompleteBeta(probability, after.count, before.count + 1);
}

/** How probable a change as large as that is by chance, in whatever direction. */
export function chanceOfChange(before: Count, after: Count): number {
  return Math.min(1, 2 * Math.min(chanceOfMore(before, after), chanceOfMore(after, before)));
}

/**
 * Probabilities as they are when so many things are tested at once: who calls significant what is below a level errs in any of them
 * with no more than that probability (Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6, 1979).
 */
export function adjusted(chances: readonly number[]): number[] {
  const order = chances.map((_, i) => i).sort((a, b) => chances[a]! - chances[b]!);
  const result = new Array<number>(chances.length).fill(1);
  let most = 0;
  order.forEach((index, rank) => {
    most = Math.max(most, Math.min(1, (chances.length - rank) * chances[index]!));
    result[index] = most;
  });
  return result;
}
