import path from 'node:path';
import Mocha from 'mocha';
import { writeTotals } from './totals.ts';

/** Lines of a failure that are said once more at the end. */
const maxLines = 12;

/**
 * mocha's usual output, and at the end the totals in the file that HEATLINE_TOTALS names, so that a runner that crashes can be told
 * from one that passed.
 */
export default class TotalsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env['HEATLINE_TOTALS'];
    if (file === undefined) return;
    const failures: string[] = [];
    const files: Record<string, number> = {};
    runner.on(Mocha.Runner.constants.EVENT_TEST_END, ({ file: testFile, duration }) => {
      const name = path.relative(process.cwd(), testFile ?? '');
      files[name] = (files[name] ?? 0) + (duration ?? 0) / 1000;
    });
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test, error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      failures.push([test.fullTitle(), ...text.split('\n').slice(0, maxLines)].join('\n    '));
    });
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures: failed, pending } = this.stats;
      writeTotals(file, { passed: passes, failed, skipped: pending, failures, files });
    });
  }
}
