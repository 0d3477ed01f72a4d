import { parseArgs } from 'node:util';
import type { ShareOptions } from './experiments/experiment.ts';

export const usage = `Usage: npm run bench -- [options]

Measures Heatline beside py-spy, CPython 3.15's profiling.sampling (where they are there) and, if given, a prototype.
It takes half an hour or so; close what else uses the machine.

  --quick             fewer repetitions and cases, without py-spy --nonblocking: a few minutes
  --python VERSIONS   only these, for instance 3.8,3.14; unless told 3.11 and newer
  --only EXPERIMENTS  of rate, slowdown, impossible, waiting, children, scale, files, long, truth, shares, native, unwinding
  --programs NAMES    of the experiment shares: only these, for instance plain-mixed,ordinary-html
  --tools NAMES       of the experiment shares: only these, for instance Heatline,py-spy
  --rates RATES       of the experiment shares; unless told 100,1000
  --seconds S         of the experiment shares: how long each tool looks at each program, unless told 10
  --load              of the experiment shares: two busy programs run beside
  --prototype FOLDER  also measure the sampler.cjs in this folder
  --json FILE         write the figures to a file, too
  --help              this text
`;

export const experiments = [
  'rate',
  'slowdown',
  'impossible',
  'waiting',
  'children',
  'scale',
  'files',
  'long',
  'truth',
  'shares',
  'native',
  'unwinding',
] as const;
export type ExperimentName = (typeof experiments)[number];

export interface BenchArguments {
  readonly quick: boolean;
  /** "3.12" and the like; null for all. */
  readonly pythons: readonly string[] | null;
  readonly only: readonly ExperimentName[];
  readonly shares: ShareOptions;
  readonly prototype: string | null;
  readonly json: string | null;
  readonly help: boolean;
}

/** @throws Error that says what is wrong */
export function parseArguments(args: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      quick: { type: 'boolean', default: false },
      python: { type: 'string' },
      only: { type: 'string' },
      programs: { type: 'string' },
      tools: { type: 'string' },
      rates: { type: 'string', default: '100,1000' },
      seconds: { type: 'string', default: '10' },
      load: { type: 'boolean', default: false },
      prototype: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const pythons = values.python?.split(',') ?? null;
  for (const version of pythons ?? []) if (!/^\d+\.\d+$/.test(version)) throw new Error(`"${version}" is not a version like 3.12.`);
  const only = values.only?.split(',').map((name) => {
    const known = experiments.find((one) => one === name);
    if (known === undefined) throw new Error(`There is no experiment "${name}". There are ${experiments.join(', ')}.`);
    return known;
  });
  const rates = values.rates.split(',').map(Number);
  const seconds = Number(values.seconds);
  if (!rates.every((rate) => rate >= 1) || !(seconds > 0)) throw new Error('Rates and seconds are numbers above 0.');
  const shares = {
    programs: values.programs?.split(',') ?? null,
    tools: values.tools?.split(',') ?? null,
    rates,
    seconds,
    load: values.load,
  };
  return {
    quick: values.quick,
    pythons,
    only: only ?? experiments,
    shares,
    prototype: values.prototype ?? null,
    json: values.json ?? null,
    help: values.help,
  };
}
