import fs from 'node:fs';
import Mocha from 'mocha';

/** How a mocha run ended: written to a file, so that a runner that crashes can be told from one that passed. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** mocha's usual output, and at the end the totals in the file that HEATLINE_TOTALS names. */
export default class TotalsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env['HEATLINE_TOTALS'];
    if (file === undefined) return;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const totals: Totals = { passed: passes, failed: failures, skipped: pending };
      fs.writeFileSync(file, JSON.stringify(totals));
    });
  }
}
