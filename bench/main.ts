/** Heatline beside its peers, on this machine, in one run: see docs/benchmarks.md. No pass or fail. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { since } from '../test/support/interpreters.ts';
import { type BenchArguments, type ExperimentName, parseArguments, usage } from './arguments.ts';
import { children } from './experiments/children.ts';
import type { Findings, Setting } from './experiments/experiment.ts';
import { files } from './experiments/files.ts';
import { impossible } from './experiments/impossible.ts';
import { long } from './experiments/long.ts';
import { native } from './experiments/native.ts';
import { rate } from './experiments/rate.ts';
import { scale } from './experiments/scale.ts';
import { shares } from './experiments/shares.ts';
import { slowdown } from './experiments/slowdown.ts';
import { truth } from './experiments/truth.ts';
import { unwinding } from './experiments/unwinding.ts';
import { waiting } from './experiments/waiting.ts';
import { placement } from './placement.ts';
import { table } from './table.ts';
import { Heatline } from './tools/heatline.ts';
import { ProfilingSampling } from './tools/profilingSampling.ts';
import { Prototype } from './tools/prototype.ts';
import { PySpy } from './tools/pySpy.ts';
import type { Tool } from './tools/tool.ts';

const run: Record<ExperimentName, (setting: Setting) => Promise<Findings>> = {
  rate,
  slowdown,
  impossible,
  waiting,
  children,
  scale,
  files,
  long,
  truth,
  shares,
  native,
  unwinding,
};

async function main(options: BenchArguments): Promise<void> {
  const tools: Tool[] = [
    new Heatline(),
    new PySpy('blocking'),
    ...(options.quick ? [] : [new PySpy('nonblocking')]),
    await ProfilingSampling.find(),
  ];
  if (options.prototype !== null) tools.push(new Prototype(options.prototype));
  const interpreters = newestOfEach(options.pythons === null ? since(3, 11) : since(2, 7)).filter(
    (one) => tools[0]!.supports(one) && (options.pythons === null || options.pythons.includes(`${one.major}.${one.minor}`)),
  );
  if (interpreters.length === 0) throw new Error('There is no such Python here.');
  const description = machine();
  print(`# Heatline beside its peers\n\n${description}\n`);
  const missing = tools.filter((tool) => !interpreters.some((one) => tool.supports(one)));
  if (missing.length > 0) print(`Not here, or not for these Pythons: ${missing.map(({ name }) => name).join(', ')}.\n`);

  const setting: Setting = { interpreters, tools, quick: options.quick, shares: options.shares, progress: showProgress };
  const figures: Findings['figures'][number][] = [];
  for (const name of options.only) {
    const findings = await run[name](setting);
    showProgress('');
    print(`## ${findings.title}\n\n${findings.method}\n\n${table(findings.rows)}\n`);
    figures.push(...findings.figures);
    if (options.json !== null) writeFileSync(options.json, `${JSON.stringify({ machine: description, figures }, null, 1)}\n`);
  }
}

/** The newest release of each version there is. */
function newestOfEach(interpreters: ReturnType<typeof since>): ReturnType<typeof since> {
  const newest = new Map(interpreters.map((one) => [`${one.major}.${one.minor}${one.abiFlags}`, one]));
  return [...newest.values()];
}

function machine(): string {
  const [cpu] = os.cpus();
  let load = '';
  try {
    load = `, load ${os.loadavg()[0]!.toFixed(1)} before it began`;
  } catch {
    // Windows has none.
  }
  const virtual = isVirtual() ? ', a virtual machine' : '';
  return `${os.cpus().length} × ${cpu?.model ?? 'CPU'}${virtual}, Linux ${os.release()}, Node ${process.version}${load}; ${placement.description}.`;
}

function isVirtual(): boolean {
  try {
    return execFileSync('systemd-detect-virt', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() !== 'none';
  } catch {
    return false;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

// Leave by way of process.exit, so that targets and samplers end with us.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    process.stderr.write(`Ended by ${signal}.\n`);
    process.exit(1);
  });
}
try {
  const options = parseArguments(process.argv.slice(2));
  if (options.help) print(usage);
  else await main(options);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1); // what still runs for an experiment ends with us
}
