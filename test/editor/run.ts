/**
 * Tests the packed .vsix in a real VS Code: first from inside, with mocha in the extension host
 * (suite/), then from outside, as a person at the keyboard (ui/).
 *
 *   npm run editor [-- --grep TEXT] [--only suite|ui] [--electron]
 *
 * --electron runs suite/ in a desktop VS Code that @vscode/test-electron downloads, instead of in
 * the one that set-up installed; what needs pictures of the page is skipped there.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, runOnTerminal } from '../../scripts/command.ts';
import { findChromium } from '../../scripts/setup/system.ts';
import { isVSCodeInstalled } from '../../scripts/setup/vscode.ts';
import '../support/orderlyEnd.ts';
import { brokenDown, readTotals, sumOf, type Totals, writeTotals } from '../support/totals.ts';
import { runSuite, runSuiteInElectron } from './extensionHost.ts';
import { packedExtension } from './packedExtension.ts';

const { values: options } = parseArgs({
  options: { grep: { type: 'string' }, only: { type: 'string' }, electron: { type: 'boolean', default: false } },
});
const output = path.join(root, 'out');
fs.mkdirSync(output, { recursive: true });
if (!fs.existsSync(packedExtension)) throw new Error(`${packedExtension} is not there: npm run package makes it.`);

const totals: Totals[] = [];
const hasBrowser = isVSCodeInstalled() && findChromium() !== null;
if (options.only !== 'ui') {
  if (options.electron) totals.push(await orFailed(runSuiteInElectron(options.grep)));
  else totals.push(hasBrowser ? await orFailed(runSuite(options.grep)) : leftOut('suite'));
}
if (options.only !== 'suite') totals.push(hasBrowser ? await runUi() : leftOut('ui'));

const sum = sumOf(totals);
const file = process.env['HEATLINE_TOTALS'];
if (file !== undefined) writeTotals(file, sum);
process.exitCode = sum.failed === 0 ? 0 : 1;

async function runUi(): Promise<Totals> {
  const totalsFile = path.join(output, 'totals-ui.json');
  fs.rmSync(totalsFile, { force: true });
  const args = [
    'node_modules/mocha/bin/mocha.js',
    '--config',
    'test/editor/ui/.mocharc.json',
    '--require',
    './test/support/orderlyEnd.ts',
    '--reporter',
    'test/support/reporter.ts',
    '--forbid-only',
  ];
  if (options.grep !== undefined) args.push('--grep', options.grep);
  const code = await runOnTerminal(process.execPath, args, { workingDirectory: root, environment: { HEATLINE_TOTALS: totalsFile } });
  return readTotals(totalsFile) ?? brokenDown(`UI tests: mocha broke down (exit code ${code})`);
}

/** A suite that could not even be run is one failure, and no reason to leave out the rest. */
async function orFailed(run: Promise<Totals>): Promise<Totals> {
  return run.catch((error: unknown) => {
    console.error(error);
    return brokenDown(String(error));
  });
}

function leftOut(part: string): Totals {
  console.log(`Left out: test/editor/${part}. It takes the VS Code and the Chromium that "npm run setup" could not get.`);
  return { passed: 0, failed: 0, skipped: 1, failures: [], files: {} };
}
