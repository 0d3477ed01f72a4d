import fs from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import TotalsReporter from '../../support/reporter.ts';

/** What VS Code calls in the extension host: runs the bundled tests beside this file. Rejects if one fails. */
export async function run(): Promise<void> {
  const output = process.env['HEATLINE_OUTPUT'];
  // The extension host's console is full of VS Code's own lines.
  if (output !== undefined) Mocha.reporters.Base.consoleLog = (...args: unknown[]) => fs.appendFileSync(output, `${format(...args)}\n`);

  const grep = process.env['HEATLINE_GREP'];
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 180_000,
    color: false,
    reporter: TotalsReporter,
    forbidOnly: true,
    ...(grep === undefined ? {} : { grep }),
  });
  const names = fs
    .readdirSync(__dirname)
    .filter((name) => name.endsWith('.test.cjs'))
    .sort();
  // What is asked of an extension that sleeps comes before anything wakes it.
  names.sort((a, b) => Number(b === 'installation.test.cjs') - Number(a === 'installation.test.cjs'));
  for (const name of names) mocha.addFile(path.join(__dirname, name));
  await new Promise<void>((resolve, reject) => {
    mocha.run((failures) => {
      if (failures === 0) resolve();
      else reject(new Error(`${failures} tests failed.`));
    });
  });
}
