import fs from 'node:fs';

/** How tests ended. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, each in some lines. */
  readonly failures: readonly string[];
  /** Seconds that the tests of each file took. */
  readonly files: Readonly<Record<string, number>>;
}

/** A runner that broke down counts as one failure. */
export function brokenDown(why: string): Totals {
  return { passed: 0, failed: 1, skipped: 0, failures: [why], files: {} };
}

export function sumOf(all: readonly Totals[]): Totals {
  const sum = (count: (one: Totals) => number): number => all.reduce((total, one) => total + count(one), 0);
  return {
    passed: sum((one) => one.passed),
    failed: sum((one) => one.failed),
    skipped: sum((one) => one.skipped),
    failures: all.flatMap(({ failures }) => failures),
    files: Object.assign({}, ...all.map(({ files }) => files)) as Totals['files'],
  };
}

export function writeTotals(file: string, totals: Totals): void {
  fs.writeFileSync(file, JSON.stringify(totals));
}

/** @returns null when the runner never got so far as to write any. */
export function readTotals(file: string): Totals | null {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Totals;
  } catch {
    return null;
  }
}
