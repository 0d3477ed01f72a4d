import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import { findProgram } from '../../../scripts/command.ts';
import type { Interpreter } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { EdgeTable, type Fault } from '../edgeTable.ts';
import { sample } from '../sample.ts';

/** `HEATLINE_FIGURES=1`: more samples, at 1 kHz too, and tables of what was found. */
export const wantsFigures = process.env['HEATLINE_FIGURES'] !== undefined;

type Rate = 'max' | 10_000 | 1000;

/** What is wrong with a sample, or missing from it. */
const defects = ['impossible', 'wrongLine', 'foreignLine', 'unknown', 'partial'] as const satisfies readonly (Fault | 'partial')[];
type Defect = (typeof defects)[number];

export interface MovingProgram {
  readonly interpreter: Interpreter;
  /** A script of edges.py. */
  readonly script: string;
  readonly program: string;
  /** How many threads run it at the same time. */
  readonly threads: number;
  /** Highest share of samples in the typical slice. */
  readonly bounds: Readonly<Record<Defect, number>>;
  /** Samples to take, at each rate. */
  readonly wanted: readonly (readonly [rate: Rate, samples: number])[];
}

/** What one recording came to. */
interface Row {
  readonly python: string;
  readonly program: string;
  readonly rate: Rate;
  readonly samples: number;
  readonly lost: number;
  /** Share of the time for which the target's first thread had a CPU. */
  readonly ran: number;
  readonly shares: Readonly<Record<Defect, number>>;
}

const rows: Row[] = [];

/**
 * A program that rarely gets a CPU stands still, so that its figures look better than they are, and a sampler that loses its own
 * in the middle of a copy tears it: for figures a target has the last core, and, as root, comes before all else (sched(7),
 * autogroup). The command in docs/sampling.md does the same for the sampler.
 */
const wrapper = wantsFigures ? ['sh', '-c', 'echo -15 2>/dev/null > /proc/self/autogroup; exec "$@"', 'sh', ...ownCore()] : [];

function ownCore(): readonly string[] {
  const taskset = findProgram('taskset');
  return taskset === null || os.cpus().length < 2 ? [] : [taskset, '-c', String(os.cpus().length - 1)];
}

/** Samples a program that calls all the time and compares with a trace of it. Rejects where too much is wrong or lost. */
export async function checkMoving({ interpreter, script, program, threads, bounds, wanted }: MovingProgram): Promise<void> {
  const table = new EdgeTable(interpreter, script, program);
  await using target = await startTarget(interpreter, script, { arguments: ['run', program, String(threads)], wrapper });
  for (const [rate, count] of wanted) {
    const before = [timeOnCpu(target.pid), performance.now()] as const;
    const { profile } = await sample({ pid: target.pid, rate }, count);
    const ran = (timeOnCpu(target.pid) - before[0]) / (performance.now() - before[1]);
    assert.equal(profile.threads.length, threads);
    const { samples, lost } = profile.quality;
    const judgement = table.judge(profile);
    const shares = Object.fromEntries(defects.map((defect) => [defect, judgement.share(defect)])) as Record<Defect, number>;
    const examples = [...judgement.examples]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 6)
      .map(([what, times]) => `        ${times} ${what}`);
    const text = `at ${rate}: ${samples} samples of a program that ran ${percent(ran)} of the time; ${defects.map((defect) => `${defect} ${percent(shares[defect])} (typically ${percent(judgement.typicalShare(defect))})`).join(', ')}; lost ${lost}`;
    if (wantsFigures) {
      rows.push({
        python: `${interpreter.version}${interpreter.freeThreaded ? 't' : ''}`,
        program: threads > 1 ? `${program}, ${threads} threads` : program,
        rate,
        samples,
        lost,
        ran,
        shares,
      });
      console.log([`      ${text}`, ...examples].join('\n'));
    }
    assert(lost <= samples * 0.01 + 1, `${lost} of ${samples} samples lost`);
    for (const defect of defects) {
      const typical = judgement.typicalShare(defect);
      assert(typical <= bounds[defect], `${defect}: ${percent(typical)} of the typical slice\n${[text, ...examples].join('\n')}`);
    }
  }
}

/** All figures since the last time, as tables: each program, and each interpreter's sum. */
export function printFigures(): void {
  const taken = rows.splice(0);
  if (taken.length === 0) return;
  console.log(`\n${tableOf(taken).join('\n')}`);
  const sums = new Map<string, Row[]>();
  for (const row of taken) sums.set(`${row.python} ${row.rate}`, [...(sums.get(`${row.python} ${row.rate}`) ?? []), row]);
  console.log(`\n${tableOf([...sums.values()].map(sumOf)).join('\n')}\n`);
}

function sumOf(all: readonly Row[]): Row {
  const samples = all.reduce((sum, one) => sum + one.samples, 0);
  const mean = (of: (row: Row) => number): number => all.reduce((sum, one) => sum + of(one) * one.samples, 0) / samples;
  return {
    ...all[0]!,
    program: `all ${all.length}`,
    samples,
    lost: all.reduce((sum, one) => sum + one.lost, 0),
    ran: mean(({ ran }) => ran),
    shares: Object.fromEntries(defects.map((defect) => [defect, mean(({ shares }) => shares[defect])])) as Record<Defect, number>,
  };
}

function tableOf(all: readonly Row[]): string[] {
  return [
    '| Python | program | rate | samples | ran | impossible edges | wrong lines | foreign lines | unknown | partial | lost |',
    '|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...all.map(
      ({ python, program, rate, samples, lost, ran, shares }) =>
        `| ${[python, program, rate, samples, percent(ran), ...defects.map((defect) => percent(shares[defect])), percent(lost / samples)].join(' | ')} |`,
    ),
  ];
}

function percent(share: number): string {
  return share === 0 ? '0 %' : `${(100 * share).toFixed(share < 0.1 ? 3 : 0)} %`;
}

/** ms that a process's first thread had a CPU. */
function timeOnCpu(pid: number): number {
  return Number(fs.readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
}
