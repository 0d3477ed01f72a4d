/**
 * Runs the tests, and before them whatever they need: set-up, linter, bundles, package.
 *
 *   npm test                                  everything
 *   npm run unit [-- MOCHA OPTIONS]           the tests beside the sources
 *   npm run integration [-- MOCHA OPTIONS]    native/ and cli/ against real Pythons
 *   npm run editor [-- OPTIONS]               the packed .vsix in a real VS Code (test/editor/run.ts)
 *
 * The last line says "N passed, N failed"; the exit code is 0 only if nothing failed. A step or
 * runner that breaks down counts as one failure.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import '../test/support/orderlyEnd.ts';
import type { Totals } from '../test/support/reporter.ts';
import { root, runApart, runOnTerminal } from './command.ts';
import { allParts, describeMissing, setUp, type Part } from './setup.ts';

/** One thing that is run: a program that says by its exit code how it went, and, if it runs tests, writes totals. */
interface Step {
  readonly name: string;
  readonly program: readonly string[];
  /** Whether it runs tests with test/support/reporter.ts. */
  readonly tests?: boolean;
  /** Whether it runs while things are set up, needing none of them and measuring nothing. */
  readonly besideSetUp?: boolean;
  /** Steps that make no sense without this one. */
  readonly neededBy?: readonly string[];
}

interface Result extends Totals {
  readonly step: Step;
  readonly seconds: number;
  readonly note: string;
}

const mocha = [
  'node_modules/mocha/bin/mocha.js',
  '--require',
  './test/support/orderlyEnd.ts',
  '--reporter',
  'test/support/reporter.ts',
  '--forbid-only',
];
const extra = process.argv.slice(3);
const unitTests = ['native', 'profile', 'webview', 'src', 'cli', 'bench', 'scripts'].map((folder) => `${folder}/**/*.test.ts`);
/** Mocha adds files on its command line to those of a config file: so these are named here, unless others are. */
const allUnless = (files: readonly string[]): readonly string[] => (extra.some((argument) => argument.endsWith('.ts')) ? [] : files);

const steps: readonly Step[] = [
  { name: 'types', program: [process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.'], besideSetUp: true },
  { name: 'types of webview', program: [process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'webview'], besideSetUp: true },
  { name: 'linter', program: [process.execPath, 'node_modules/eslint/bin/eslint.js', '.'], besideSetUp: true },
  { name: 'dead code', program: [process.execPath, 'node_modules/knip/bin/knip.js'], besideSetUp: true },
  { name: 'formatting', program: [process.execPath, 'node_modules/prettier/bin/prettier.cjs', '--check', '.'], besideSetUp: true },
  { name: 'build', program: [process.execPath, 'scripts/build.mjs'], besideSetUp: true, neededBy: ['integration', 'editor'] },
  { name: 'unit', program: [process.execPath, ...mocha, ...extra, ...allUnless(unitTests)], tests: true },
  { name: 'package', program: [process.execPath, 'scripts/package.ts'], besideSetUp: true, neededBy: ['editor'] },
  {
    name: 'integration',
    program: [
      process.execPath,
      ...mocha,
      '--config',
      'test/integration/.mocharc.json',
      ...extra,
      ...allUnless(['test/integration/**/*.test.ts', 'webview/dev/**/*.test.ts']),
    ],
    tests: true,
  },
  { name: 'editor', program: [process.execPath, 'test/editor/run.ts', ...extra], tests: true },
];

/** What each of the scripts in package.json runs, and the parts of the set-up it needs. */
const suites: Readonly<Record<string, { readonly steps: readonly string[]; readonly parts: readonly Part[] }>> = {
  all: { steps: steps.map((step) => step.name), parts: allParts },
  unit: { steps: ['unit'], parts: [] },
  integration: { steps: ['build', 'integration'], parts: ['system', 'pythons', 'freeThreaded', 'packages'] },
  editor: { steps: ['package', 'editor'], parts: ['system', 'vscode'] },
};

const suite = suites[process.argv[2] ?? 'all'];
if (suite === undefined) {
  console.error(`Unknown suite "${process.argv[2] ?? ''}". Suites: ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}
const wanted = steps.filter(({ name }) => suite.steps.includes(name));
const results: Result[] = [];
const [missing] = await Promise.all([setUp(suite.parts), runSteps(wanted.filter(isBeside), suite.parts.length > 0)]);
await runSteps(
  wanted.filter((step) => !isBeside(step)),
  false,
);
report(results);

function isBeside({ besideSetUp }: Step): boolean {
  return besideSetUp === true;
}

/** One after the other. @param beside whether others write to the terminal meanwhile: what a step wrote comes when it has ended */
async function runSteps(list: readonly Step[], beside: boolean): Promise<void> {
  for (const step of list) {
    const broken = results.find((result) => result.failed > 0 && result.step.neededBy?.includes(step.name) === true);
    results.push(
      broken === undefined
        ? await runStep(step, beside)
        : { step, passed: 0, failed: 1, skipped: 0, seconds: 0, note: `not run: ${broken.step.name} failed` },
    );
  }
}

async function runStep(step: Step, beside: boolean): Promise<Result> {
  if (!beside) console.log(`\n=== ${step.name} ===`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-test-'));
  const file = path.join(folder, 'totals.json');
  const started = Date.now();
  try {
    const [program, ...args] = step.program;
    const options = { workingDirectory: root, environment: { HEATLINE_TOTALS: file } };
    const { code, output } = await (beside
      ? runApart(program!, args, options)
      : runOnTerminal(program!, args, options).then((result) => ({ code: result, output: '' })));
    if (beside) console.log(`\n=== ${step.name} ===\n${output}`);
    const seconds = (Date.now() - started) / 1000;
    if (step.tests !== true)
      return { step, passed: 0, failed: code === 0 ? 0 : 1, skipped: 0, seconds, note: code === 0 ? '' : `exit code ${code}` };
    const totals = readTotals(file);
    if (totals === null) return { step, passed: 0, failed: 1, skipped: 0, seconds, note: `the runner broke down (exit code ${code})` };
    const lied = code !== 0 && totals.failed === 0;
    return { step, ...totals, failed: lied ? 1 : totals.failed, seconds, note: lied ? `all passed, but exit code ${code}` : '' };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns null when the runner never got so far as to write any. */
function readTotals(file: string): Totals | null {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Totals;
  } catch {
    return null;
  }
}

function report(all: readonly Result[]): void {
  const sum = (count: (result: Result) => number): number => all.reduce((total, result) => total + count(result), 0);
  console.log('\n=== summary ===');
  for (const { step, passed, failed, skipped, seconds, note } of all) {
    const counts = step.tests === true ? `${passed} passed, ${failed} failed, ${skipped} skipped` : failed === 0 ? 'done' : 'FAILED';
    console.log(`${step.name.padEnd(18)}${`${seconds.toFixed(0)} s`.padStart(6)}  ${counts}${note === '' ? '' : ` (${note})`}`);
  }
  if (missing.length > 0) console.log(`\nCould not be had on this machine:\n${describeMissing(missing)}`);
  const [passed, failed, skipped] = [sum((one) => one.passed), sum((one) => one.failed), sum((one) => one.skipped)];
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  // Linters and builds pass or fail without a count of their own; a run in which no test passed proves nothing.
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
