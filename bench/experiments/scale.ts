import path from 'node:path';
import type { Interpreter } from '../../test/support/interpreters.ts';
import { percent, short } from '../table.ts';
import { watch } from '../tools/session.ts';
import type { ScaleResult } from '../tools/scaleProcess.ts';
import { type Findings, type Setting, startBenchTarget } from './experiment.ts';

const tool = path.join(import.meta.dirname, '..', 'tools', 'scaleProcess.ts');
const rate = 1000;

interface Case {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly quick?: boolean;
  /** Pythons it is for. */
  readonly isFor?: (interpreter: Interpreter) => boolean;
}

const threads = (count: number, busy: number, quick = false): Case => ({
  name: `${count} threads, ${busy} busy`,
  script: 'threads.py',
  args: [String(count), String(busy)],
  quick,
});
// Before 3.11 each call takes some of the C stack as well; 3.12 is the first in which only Python's own limit counts.
const depth = (frames: number, since: number, quick = false): Case => ({
  name: `depth ${frames}`,
  script: 'deep.py',
  args: [String(frames)],
  quick,
  isFor: ({ minor }) => minor >= since,
});

const cases: readonly Case[] = [
  threads(1, 1, true),
  threads(2, 2),
  threads(8, 1),
  threads(8, 8),
  threads(32, 2),
  threads(32, 32),
  threads(100, 4, true),
  threads(100, 100),
  threads(200, 4),
  threads(200, 200),
  threads(500, 4, true),
  threads(500, 500, true),
  depth(5, 0, true),
  depth(50, 0),
  depth(500, 0),
  depth(5000, 0, true),
  depth(10_000, 11, true),
  depth(50_000, 12),
  ...[100, 5000, 50_000].map((count) => ({
    name: `${count} functions`,
    script: 'many.py',
    args: ['functions', String(count)],
    quick: count === 50_000,
  })),
  ...[1000, 100_000].map((count) => ({
    name: `function of ${count} lines`,
    script: 'many.py',
    args: ['lines', String(count)],
    quick: count === 100_000,
  })),
];

/** What a look costs as programs grow. */
export async function scale({ interpreters, quick, progress }: Setting): Promise<Findings> {
  const milliseconds = quick ? 2000 : 4000;
  const rows = [
    [
      'Python',
      'target',
      'functions',
      'threads',
      'µs a look',
      'µs a sample',
      'missed',
      'latest',
      'partial',
      'lost',
      'memory',
      'delta',
      'page',
    ],
  ];
  const figures: Record<string, string | number>[] = [];
  for (const interpreter of interpreters) {
    for (const { name, script, args, quick: isQuick = false, isFor } of cases) {
      if ((quick && !isQuick) || isFor?.(interpreter) === false) continue;
      progress(`scale: Python ${interpreter.version}, ${name}`);
      await using target = await startBenchTarget(interpreter, script, args);
      const result = await watch<ScaleResult>(tool, [String(target.pid), String(rate), String(milliseconds)]);
      const { ticks, samples, samplerCpu, missed, latenessMax, partial, lost, memory, append, page, functions } = result;
      rows.push([
        interpreter.version,
        name,
        short(functions),
        short(result.threads),
        short(samplerCpu / ticks),
        short(samplerCpu / samples),
        percent(missed / (missed + ticks)),
        `${short(latenessMax / 1000)} ms`,
        percent(partial / samples),
        percent(lost / (lost + samples)),
        `${short(memory)} MB`,
        `${short(append)} ms`,
        `${short(page)} ms`,
      ]);
      figures.push({
        experiment: 'scale',
        python: interpreter.version,
        case: name,
        look: samplerCpu / ticks,
        sample: samplerCpu / samples,
        missed,
        latenessMax,
        partial,
        lost,
        memory,
        append,
        page,
        functions,
        threads: result.threads,
        ticks,
      });
    }
  }
  return {
    title: 'Large programs',
    method:
      `Heatline alone, ${rate} looks a second for ${milliseconds / 1000} s, what it does at its start and at its end (it finds everything new then) included: CPU time of a look and of a sample (one thread's), looks that were missed and how late the latest was, ` +
      "the memory of the sampler's process with Node in it, the longest time the editor took to add what came in a quarter of a second, and to make flame graph and table of all of it.",
    rows,
    figures,
  };
}
