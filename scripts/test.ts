/**
 * Runs the tests, and before them whatever they need: set-up, linter, bundles, package.
 *
 *   npm test                                  everything
 *   npm run gate                              what most mistakes are caught by, in a few minutes
 *   npm run unit [-- MOCHA OPTIONS]           the tests beside the sources
 *   npm run integration [-- MOCHA OPTIONS]    native/ and cli/ against real Pythons
 *   npm run editor [-- OPTIONS]               the packed .vsix in a real VS Code (test/editor/run.ts)
 *
 * The last line says "N passed, N failed", and before it comes what failed; the exit code is 0 only if nothing did. A step or
 * runner that breaks down counts as one failure.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import '../test/support/orderlyEnd.ts';
import { brokenDown, readTotals, sumOf, type Totals } from '../test/support/totals.ts';
import { root, runApart, runOnTerminal } from './command.ts';
import { allParts, describeMissing, type Missing, setUp, type Part } from './setup.ts';

/** One thing that is run: a program that says by its exit code how it went, and, if it runs tests, writes totals. */
interface Step {
  readonly program: readonly string[];
  /** Whether it runs tests with test/support/reporter.ts. */
  readonly tests?: boolean;
  /** The step without which it makes no sense. */
  readonly needs?: string;
}

interface Result extends Totals {
  readonly name: StepName;
  readonly seconds: number;
  readonly note: string;
}

type StepName = keyof typeof steps;
/** Steps that are run one after the other. Lanes of a stage run side by side. */
type Lane = readonly (StepName | 'set-up')[];

interface Suite {
  readonly parts: readonly Part[];
  readonly stages: readonly (readonly Lane[])[];
  readonly environment?: Readonly<Record<string, string>>;
}

const extra = process.argv.slice(3);
const namesFiles = extra.some((argument) => argument.endsWith('.ts'));
const unitTests = ['native', 'profile', 'webview', 'src', 'cli', 'bench', 'scripts'].map((folder) => `${folder}/**/*.test.ts`);
/** Of the integration tests, those that make users and have passwords asked for, and those that judge what they measure. */
const rights = 'test/integration/rights/**/*.test.ts';
const measured = 'test/integration/measured/**/*.test.ts';

/** @param files unless others are named: mocha adds files on its command line to those of a config file */
function mocha(files: readonly string[], ...options: readonly string[]): readonly string[] {
  return [
    process.execPath,
    'node_modules/mocha/bin/mocha.js',
    '--require',
    './test/support/orderlyEnd.ts',
    '--reporter',
    'test/support/reporter.ts',
    '--forbid-only',
    ...options,
    ...extra,
    ...(namesFiles ? [] : files),
  ];
}

const integration = ['--config', 'test/integration/.mocharc.json'];
const steps = {
  'types': { program: [process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.'] },
  'types of webview': { program: [process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'webview'] },
  'types of page': { program: [process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'page'] },
  'linter': { program: [process.execPath, 'node_modules/eslint/bin/eslint.js', '.'] },
  'dead code': { program: [process.execPath, 'node_modules/knip/bin/knip.js'] },
  'formatting': { program: [process.execPath, 'node_modules/prettier/bin/prettier.cjs', '--check', '.'] },
  'build': { program: [process.execPath, 'scripts/build.mjs'] },
  'package': { program: [process.execPath, 'scripts/package.ts'] },
  'unit': { program: mocha(unitTests), tests: true },
  'integration': {
    program: mocha(
      ['test/integration/**/*.test.ts', 'webview/dev/**/*.test.ts'],
      ...integration,
      ...(namesFiles ? [] : ['--ignore', rights, '--ignore', measured]),
    ),
    tests: true,
    needs: 'build',
  },
  'rights': { program: mocha([rights], ...integration), tests: true, needs: 'build' },
  'measured': { program: mocha([measured], ...integration), tests: true, needs: 'build' },
  'editor': { program: [process.execPath, 'test/editor/run.ts', ...extra], tests: true, needs: 'package' },
  'main paths': {
    program: mocha(
      ['measured/behaviour', 'code', 'commandLine', 'stacks'].map((name) => `test/integration/${name}.test.ts`),
      ...integration,
    ),
    tests: true,
    needs: 'build',
  },
  'main paths of the editor': {
    program: [process.execPath, 'test/editor/run.ts', '--only', 'ui', '--grep', 'profiling a running program'],
    tests: true,
    needs: 'package',
  },
} as const satisfies Readonly<Record<string, Step>>;

const checks: Lane = ['types', 'types of webview', 'types of page', 'linter', 'dead code', 'formatting', 'build', 'package'];

/** What each of the scripts in package.json runs, and the parts of the set-up it needs. */
const suites: Readonly<Record<string, Suite>> = {
  // Everything that can bear that others run beside it does; what is measured has the machine to itself.
  all: {
    parts: allParts,
    stages: [[['set-up'], checks], [['integration'], ['unit', 'rights', 'editor']], [['measured']]],
  },
  gate: {
    parts: allParts,
    stages: [
      [['set-up'], checks],
      [['unit', 'main paths'], ['main paths of the editor']],
    ],
    environment: { HEATLINE_PYTHONS: 'few', HEATLINE_FUZZ: '0.1' },
  },
  unit: { parts: [], stages: [[['unit']]] },
  integration: {
    parts: ['system', 'pythons', 'freeThreaded', 'packages', 'nodes'],
    stages: [[['set-up'], ['build']], [['integration', ...(namesFiles ? [] : (['rights', 'measured'] as const))]]],
  },
  editor: { parts: ['system', 'vscode'], stages: [[['set-up'], ['package']], [['editor']]] },
};

const suite = suites[process.argv[2] ?? 'all'];
if (suite === undefined) {
  console.error(`Unknown suite "${process.argv[2] ?? ''}". Suites: ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}
const results: Result[] = [];
let missing: readonly Missing[] = [];
for (const lanes of suite.stages) await Promise.all(lanes.map((lane) => runLane(lane, lanes.length > 1)));
report(results);

/** @param beside whether others write to the terminal meanwhile: what a step wrote comes when it has ended */
async function runLane(lane: Lane, beside: boolean): Promise<void> {
  for (const name of lane) {
    if (name === 'set-up') {
      missing = await setUp(suite!.parts);
      continue;
    }
    const { needs }: Step = steps[name];
    const broken = results.find((result) => result.failed > 0 && result.name === needs);
    results.push(
      broken === undefined
        ? await runStep(name, beside)
        : { name, ...brokenDown(`${name} was not run: ${broken.name} failed`), seconds: 0, note: `not run: ${broken.name} failed` },
    );
  }
}

async function runStep(name: StepName, beside: boolean): Promise<Result> {
  const step: Step = steps[name];
  console.log(beside ? `[${name} begins]` : `\n=== ${name} ===`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-test-'));
  const file = path.join(folder, 'totals.json');
  const started = Date.now();
  try {
    const [program, ...args] = step.program;
    const options = { workingDirectory: root, environment: { ...suite!.environment, HEATLINE_TOTALS: file } };
    const { code, output } = await (beside
      ? runApart(program!, args, options)
      : runOnTerminal(program!, args, options).then((result) => ({ code: result, output: '' })));
    if (beside) console.log(`\n=== ${name} ===\n${output}`);
    const seconds = (Date.now() - started) / 1000;
    if (step.tests !== true) {
      const note = code === 0 ? '' : `exit code ${code}`;
      return { name, ...(code === 0 ? sumOf([]) : brokenDown(`${name}: ${note}`)), seconds, note };
    }
    const totals = readTotals(file);
    if (totals === null) {
      const note = `the runner broke down (exit code ${code})`;
      return { name, ...brokenDown(`${name}: ${note}`), seconds, note };
    }
    if (code === 0 || totals.failed > 0) return { name, ...totals, seconds, note: '' };
    const note = `all passed, but exit code ${code}`;
    return { name, ...totals, failed: 1, failures: [`${name}: ${note}`], seconds, note };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function report(all: readonly Result[]): void {
  console.log('\n=== summary ===');
  for (const { name, passed, failed, skipped, seconds, note } of all) {
    const counts =
      (steps[name] as Step).tests === true ? `${passed} passed, ${failed} failed, ${skipped} skipped` : failed === 0 ? 'done' : 'FAILED';
    console.log(`${name.padEnd(24)}${`${seconds.toFixed(0)} s`.padStart(6)}  ${counts}${note === '' ? '' : ` (${note})`}`);
  }
  if (missing.length > 0) console.log(`\nCould not be had on this machine:\n${describeMissing(missing)}`);
  const { passed, failed, skipped, failures, files } = sumOf(all);
  const slowest = Object.entries(files).sort(([, a], [, b]) => b - a);
  if (slowest.length > 0)
    console.log(
      `\nSlowest:\n${slowest
        .slice(0, 12)
        .map(([file, seconds]) => `${`${seconds.toFixed(0)} s`.padStart(7)}  ${file}`)
        .join('\n')}`,
    );
  // Where only the end of what was printed is kept, this is what it takes to mend it.
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((one) => `  - ${one}`).join('\n')}`);
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  // Linters and builds pass or fail without a count of their own; a run in which no test passed proves nothing.
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
