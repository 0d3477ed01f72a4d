import assert from 'node:assert/strict';
import fc from 'fast-check';
import { adjusted, chanceOfChange, chanceOfMore, incompleteBeta } from './significance.ts';

const near = (actual: number, expected: number, relative = 1e-9): void =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);

/** P(X ≥ k) of a binomial distribution, term by term. */
function binomialTail(k: number, n: number, p: number): number {
  let term = (1 - p) ** n;
  let sum = 0;
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return sum;
}

describe('incompleteBeta', () => {
  it('is what others compute', () => {
    // scipy.special.betainc(a, b, x) of SciPy 1.17.1
    for (const [a, b, x, value] of [
      [2, 3, 0.4, 0.5247999999999999],
      [0.5, 0.5, 0.2, 0.2951672353008665],
      [15.5, 30.25, 0.5, 0.9868365958528768],
      [1000, 1200, 0.5, 0.9999901281830742],
      [1000, 900, 0.4, 5.81722652938093e-29],
      [20000, 20500, 0.5, 0.9935147290482215],
      [3, 1000000.0, 1e-6, 0.08030167298125858],
      [1000000.0, 1000000.0, 0.5005, 0.9213504224190758],
      [12, 1, 0.1, 1.0000000000000006e-12],
    ] as const)
      near(incompleteBeta(x, a, b), value, 1e-7);
    assert.deepEqual([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)], [0, 1]);
  });

  it('is the tail of binomial distributions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 99 }), (k, more, percent) => {
        const p = percent / 100;
        const sum = binomialTail(k, k + more, p);
        assert.ok(Math.abs(incompleteBeta(p, k, more + 1) - sum) < 1e-9);
      }),
    );
  });
});

describe('the chance of a change', () => {
  it('is that of the exact test of two rates', () => {
    // scipy.stats.poisson_means_test has another statistic; scipy.stats.binomtest(30, 45, 0.5, 'greater') is this one.
    near(chanceOfMore({ count: 15, exposure: 1 }, { count: 30, exposure: 1 }), 0.017848901777597348, 1e-9);
    near(chanceOfChange({ count: 15, exposure: 1 }, { count: 30, exposure: 1 }), 2 * 0.017848901777597348, 1e-9);
    near(chanceOfChange({ count: 30, exposure: 1 }, { count: 15, exposure: 1 }), 2 * 0.017848901777597348, 1e-9);
  });

  it('knows how much was looked at, and by what ratio there may be more', () => {
    assert.equal(chanceOfChange({ count: 100, exposure: 1 }, { count: 200, exposure: 2 }), 1);
    assert.ok(chanceOfChange({ count: 100, exposure: 1 }, { count: 200, exposure: 1 }) < 1e-6);
    assert.ok(chanceOfMore({ count: 1000, exposure: 1 }, { count: 1100, exposure: 1 }, 1) < 0.02);
    assert.ok(chanceOfMore({ count: 1000, exposure: 1 }, { count: 1100, exposure: 1 }, 1.1) > 0.4);
    assert.equal(chanceOfMore({ count: 5, exposure: 1 }, { count: 0, exposure: 1 }), 1);
    assert.equal(chanceOfMore({ count: 0, exposure: 0 }, { count: 9, exposure: 1 }), 1, 'nothing was looked at');
    const fromNothing = chanceOfMore({ count: 0, exposure: 1 }, { count: 20, exposure: 1 });
    near(fromNothing, 2 ** -20);
  });
});

describe('adjusted', () => {
  it('is Holm’s correction', () => {
    const chances = [0.01, 0.04, 0.03, 0.005];
    assert.deepEqual(
      adjusted(chances).map((chance) => Number(chance.toFixed(6))),
      [0.03, 0.06, 0.06, 0.02],
    );
    assert.deepEqual(adjusted([]), []);
    assert.deepEqual(adjusted([0.9, 0.8]), [1, 1]);
  });
});
