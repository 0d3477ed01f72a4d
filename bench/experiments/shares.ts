import { setTimeout } from 'node:timers/promises';
import path from 'node:path';
import type { Interpreter } from '../../test/support/interpreters.ts';
import type { Target } from '../../test/support/target.ts';
import { countSamples, type FoldedStack } from '../foldedStacks.ts';
import { placement, startBusyPair } from '../placement.ts';
import {
  distanceFromKnown,
  expectedDistance,
  type KnownShares,
  only,
  samplesOfDifference,
  totalVariation,
  type Weights,
} from '../shareDistance.ts';
import { quickSharePrograms, runsOn, sharePrograms } from '../sharePrograms.ts';
import { short } from '../table.ts';
import { Austin } from '../tools/austin.ts';
import { Heatline } from '../tools/heatline.ts';
import { ProfilingSampling } from '../tools/profilingSampling.ts';
import { PySpy } from '../tools/pySpy.ts';
import type { Tool } from '../tools/tool.ts';
import { type Findings, type Setting, startBenchTarget } from './experiment.ts';

/** What shares.py says of itself; ordinary.py says no shares. */
interface Said extends Partial<KnownShares> {
  readonly pid: number;
  readonly tolerance?: number;
  readonly lines?: Readonly<Record<string, number>>;
}

/** What was seen of a program, in shares of all. */
interface Seen {
  readonly self: Weights;
  /** Of the functions' total times, each of all time. */
  readonly total: Weights;
  readonly lines: Weights;
  /** Worth so many equally heavy samples. */
  readonly samples: number;
  readonly partial: number;
}

const folder = path.join('..', '..', 'test', 'integration', 'targets');
/**
 * Each recording is made in so many parts; how they differ tells more of chance than numbers of samples do, where samples hang
 * together.
 */
const parts = 2;
/**
 * What others are compared with: stopped samples, from the target's own core. Where a thread is stopped from another core of a
 * virtual machine, it runs on for so long that it often comes to its next system call: an asyncio program was seen there in 80 to
 * 90 % of the samples, and was there for 10 % of the time.
 */
const stopped = new PySpy('blocking', placement.target);
/** Looks a second of the stopped samples that others are compared with: any of them 2 ms apart. */
const referenceRate = 500;

/** How far each tool's shares are from the truth. */
export async function shares({
  interpreters,
  quick,
  shares: { programs, tools: named, rates, seconds, load },
  progress,
}: Setting): Promise<Findings> {
  const names = programs ?? (quick ? quickSharePrograms : sharePrograms.map(({ name }) => name));
  const chosen = names.map((name) => {
    const found = sharePrograms.find((one) => one.name === name);
    if (found === undefined)
      throw new Error(`There is no program "${name}". There are ${sharePrograms.map((one) => one.name).join(', ')}.`);
    return found;
  });
  const all = [
    new Heatline(),
    new Heatline('blocking'),
    new PySpy('blocking'),
    new PySpy('nonblocking'),
    new Austin(),
    await ProfilingSampling.find(),
    await ProfilingSampling.find(true),
  ];
  const unknown = named?.filter((name) => !all.some((tool) => tool.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`There is no tool "${unknown.join('", "')}". There are ${all.map(({ name }) => name).join(', ')}.`);
  const tools = all.filter(({ name }) => named === null || named.includes(name));
  const rows = [
    [
      'Python',
      'program',
      'tool',
      'looks/s',
      'samples',
      'self, known',
      'self, stopped',
      'total',
      'lines, known',
      'lines, stopped',
      'parts',
      'partial',
    ],
  ];
  const figures: Record<string, string | number>[] = [];
  const neighbours = load ? startBusyPair() : null;
  try {
    for (const interpreter of interpreters) {
      for (const program of chosen.filter((one) => runsOn(one, interpreter))) {
        await using target = await startBenchTarget(interpreter, path.join(folder, program.script), program.args);
        const said = target.ready as unknown as Said;
        progress(`shares: Python ${interpreter.version}, ${program.name}, stopped`);
        const reference = await lookParts(stopped, interpreter, target, referenceRate, seconds);
        for (const tool of tools.filter((one) => one.supports(interpreter))) {
          for (const rate of rates) {
            progress(`shares: Python ${interpreter.version}, ${program.name}, ${tool.name} at ${rate}`);
            const seen = await lookParts(tool, interpreter, target, rate, seconds);
            const found = seen === null ? null : judge(seen, reference, said);
            const left = [interpreter.version, program.name, tool.name, String(rate)];
            rows.push(
              found === null
                ? [...left, 'none']
                : [
                    ...left,
                    short(found.samples),
                    ...columns.map(([value, error]) => withError(found[value], found[error])),
                    percent(found.parts),
                    percent(found.partial),
                  ],
            );
            figures.push({
              experiment: 'shares',
              python: interpreter.version,
              program: program.name,
              tool: tool.name,
              rate,
              load: Number(load),
              seconds,
              tolerance: said.tolerance ?? 0,
              ...found,
            });
          }
        }
      }
    }
  } finally {
    neighbours?.end();
  }
  return {
    title: `How right shares are${load ? ', beside two busy programs' : ''}`,
    method:
      `Each tool for ${seconds} s, in ${parts} parts. Total variation distance, the most by which the share of any set of functions (lines) is wrong: of self times from what the program knows of itself, and from ` +
      `stopped samples (py-spy's, from the target's core, ${referenceRate} looks a second, as long); total: the most by which any function's total share differs from those. After ±: what chance makes of it on average, were all ` +
      'samples independent; parts: what it makes of it judging by how the parts differ. What is missing from partial samples is the share of where they end.',
    rows,
    figures,
  };
}

const columns = [
  ['known', 'knownError'],
  ['stopped', 'stoppedError'],
  ['total', 'totalError'],
  ['knownLines', 'knownLinesError'],
  ['stoppedLines', 'stoppedLinesError'],
] as const;

function judge(
  seen: readonly Seen[],
  reference: readonly Seen[] | null,
  said: Said,
): Record<(typeof columns)[number][number] | 'samples' | 'parts' | 'partial' | 'leaves', number> {
  const all = merge(seen);
  const other = reference === null ? null : merge(reference);
  const compared = other === null ? NaN : samplesOfDifference(all.samples, other.samples);
  const known = said.shares === undefined ? null : { shares: said.shares, least: said.least ?? 0, most: said.most ?? 1 };
  const own = known === null ? null : only(all.self, Object.keys(known.shares));
  const lines = new Map(Object.entries(said.lines ?? {}));
  const ownLines = only(all.lines, lines.keys());
  const share = (weights: Weights): number => [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return {
    samples: all.samples,
    known: known === null ? NaN : distanceFromKnown(all.self, known),
    knownError:
      known === null || own === null ? NaN : share(own) * expectedDistance(new Map(Object.entries(known.shares)), all.samples * share(own)),
    stopped: other === null ? NaN : totalVariation(all.self, other.self),
    stoppedError: other === null ? NaN : expectedDistance(other.self, compared),
    total: other === null ? NaN : greatestDifference(all.total, other.total),
    totalError: Math.sqrt(1 / (2 * Math.PI * compared)), // of a share of one half, which varies most
    knownLines: lines.size === 0 ? NaN : totalVariation(ownLines, lines),
    knownLinesError: lines.size === 0 ? NaN : expectedDistance(lines, all.samples * share(ownLines)),
    stoppedLines: other === null ? NaN : totalVariation(all.lines, other.lines),
    stoppedLinesError: other === null ? NaN : expectedDistance(other.lines, compared),
    parts: seen.length === 2 ? totalVariation(seen[0]!.self, seen[1]!.self) / 2 : NaN, // two halves differ twice as much as all differs from the truth
    partial: all.partial,
    leaves: own === null ? NaN : share(own),
  };
}

async function lookParts(tool: Tool, interpreter: Interpreter, target: Target, rate: number, seconds: number): Promise<Seen[] | null> {
  if (!tool.supports(interpreter)) return null;
  const seen: Seen[] = [];
  for (let part = 0; part < parts; part++) {
    const one = await look(tool, target, rate, seconds / parts);
    if (one !== null) seen.push(one);
  }
  return seen.length === 0 ? null : seen;
}

/** @returns null when the tool has nothing to show */
async function look(tool: Tool, target: Target, rate: number, seconds: number): Promise<Seen | null> {
  try {
    const recording = await tool.record(target.pid, { rate, seconds });
    const { stacks, samples } = recording.weighted ?? { stacks: recording.stacks, samples: countSamples(recording.stacks) };
    return stacks.length === 0 ? null : { ...sharesOf(stacks), samples, partial: recording.partial };
  } catch (error) {
    process.stderr.write(`${tool.name}: ${String(error).slice(0, 300)}\n`);
    await setTimeout(100);
    return null;
  }
}

function sharesOf(stacks: readonly FoldedStack[]): Pick<Seen, 'self' | 'total' | 'lines'> {
  const all = countSamples(stacks);
  const [self, total, lines] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const add = (to: Map<string, number>, name: string, weight: number): unknown => to.set(name, (to.get(name) ?? 0) + weight / all);
  for (const { frames, count } of stacks) {
    const leaf = frames.at(-1);
    add(self, leaf === undefined ? '' : plainName(leaf.name), count);
    add(lines, leaf === undefined ? '' : `${plainName(leaf.name)}:${leaf.line}`, count);
    for (const name of new Set(frames.map((frame) => plainName(frame.name)))) add(total, name, count);
  }
  return { self, total, lines };
}

/** Some tools say qualified names, some don't. */
function plainName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function merge(seen: readonly Seen[]): Seen {
  const samples = seen.reduce((sum, one) => sum + one.samples, 0);
  const mean = (of: (one: Seen) => Weights): Weights => {
    const all = new Map<string, number>();
    for (const one of seen) for (const [name, weight] of of(one)) all.set(name, (all.get(name) ?? 0) + (weight * one.samples) / samples);
    return all;
  };
  const partial = seen.reduce((sum, one) => sum + one.partial * one.samples, 0) / samples;
  return { self: mean((one) => one.self), total: mean((one) => one.total), lines: mean((one) => one.lines), samples, partial };
}

function greatestDifference(a: Weights, b: Weights): number {
  return Math.max(...[...new Set([...a.keys(), ...b.keys()])].map((name) => Math.abs((a.get(name) ?? 0) - (b.get(name) ?? 0))));
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '–';
}

function withError(share: number, error: number): string {
  return Number.isFinite(share) && Number.isFinite(error) ? `${(100 * share).toFixed(1)} ± ${(100 * error).toFixed(1)} %` : percent(share);
}
