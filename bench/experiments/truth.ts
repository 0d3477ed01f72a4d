import { setTimeout } from 'node:timers/promises';
import type { Interpreter } from '../../test/support/interpreters.ts';
import type { Target } from '../../test/support/target.ts';
import { countSamples, type FoldedFrame, type FoldedStack } from '../foldedStacks.ts';
import { percent, short } from '../table.ts';
import type { Recording, Tool } from '../tools/tool.ts';
import { type Findings, type Setting, startBenchTarget } from './experiment.ts';

/** What targets/truth.py says of itself. */
interface Expected {
  readonly names: readonly string[];
  readonly lines: Readonly<Record<string, number>>;
}

interface Case {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly threads: number;
  readonly isFor?: (interpreter: Interpreter) => boolean;
  /** How many samples this case is about; unless told all. */
  readonly about?: (stacks: readonly FoldedStack[]) => number;
  readonly isRight: (stack: FoldedStack, expected: Expected) => boolean;
}

const rate = 1000;
const has = ({ frames }: FoldedStack, name: string): boolean => frames.some((frame) => frame.name.endsWith(name));
const countWith = (stacks: readonly FoldedStack[], ...names: string[]): number =>
  countSamples(stacks.filter((stack) => names.every((name) => has(stack, name))));
/** Both threads work all the time: who is seen more often tells how often was looked. */
const looksAtBoth = (stacks: readonly FoldedStack[]): number => Math.max(countWith(stacks, 'main_work'), countWith(stacks, 'sub_work'));
const own =
  (name: string) =>
  (frame: FoldedFrame): boolean =>
    frame.name === name || frame.name.endsWith(`.${name}`);

const cases: readonly Case[] = [
  {
    name: 'a call over eight lines: its line',
    script: 'truth.py',
    args: ['several_lines'],
    threads: 1,
    about: (stacks) => countWith(stacks, 'busy', 'caller'),
    isRight: ({ frames }, { lines }) => frames.some(own('busy')) && frames.find(own('caller'))?.line === lines['caller'],
  },
  {
    name: 'greenlets: the running one’s stack',
    script: 'truth.py',
    args: ['greenlets'],
    threads: 1,
    isFor: ({ greenlet }) => greenlet !== null,
    isRight: (stack) => stack.frames.some(({ name }) => name.endsWith('_greenlet')),
  },
  {
    name: 'a sub-interpreter: the main one’s thread',
    script: 'truth.py',
    args: ['sub_interpreter'],
    threads: 1,
    about: looksAtBoth,
    isRight: (stack) => has(stack, 'main_work'),
  },
  {
    name: 'a sub-interpreter: its own thread',
    script: 'truth.py',
    args: ['sub_interpreter'],
    threads: 1,
    about: looksAtBoth,
    isRight: (stack) => has(stack, 'sub_work'),
  },
  ...[1500, 2000, 10_000].map((depth) => ({
    name: `depth ${depth}: all frames`,
    script: 'truth.py',
    args: ['depth', String(depth)],
    threads: 1,
    isRight: ({ frames }: FoldedStack): boolean => frames.filter(own('descend')).length === depth,
  })),
  {
    name: '101 threads, 5 busy: looks a second',
    script: 'threads.py',
    args: ['101', '5'],
    threads: 101,
    isRight: (stack) => has(stack, 'work') || has(stack, 'wait'),
  },
];

/** What each tool shows of programs of which that is known. */
export async function truth({ interpreters, tools, quick, progress }: Setting): Promise<Findings> {
  const seconds = quick ? 1 : 3;
  const rows = [['Python', 'case', 'tool', 'looks/s', 'right']];
  const figures: Record<string, string | number>[] = [];
  for (const interpreter of interpreters) {
    for (const one of cases.filter(({ isFor }) => isFor?.(interpreter) ?? true)) {
      for (const tool of tools.filter((candidate) => candidate.supports(interpreter) && candidate.name !== 'prototype')) {
        progress(`truth: Python ${interpreter.version}, ${one.name}, ${tool.name}`);
        await using target = await startBenchTarget(interpreter, one.script, one.args);
        await setTimeout(100);
        const recording = await tryToRecord(tool, target, seconds);
        const stacks = recording?.stacks ?? [];
        const samples = one.about?.(stacks) ?? countSamples(stacks);
        // What could not be read at all counts against it.
        const lost = recording === null ? 1 : recording.lost || 0;
        const right =
          samples === 0
            ? 0
            : (countSamples(stacks.filter((stack) => one.isRight(stack, target.ready as unknown as Expected))) / samples) * (1 - lost);
        const looks = recording === null ? 0 : (recording.rate * samples) / countSamples(stacks) / one.threads;
        rows.push([interpreter.version, one.name, tool.name, recording === null ? 'none' : short(looks), percent(right)]);
        figures.push({ experiment: 'truth', python: interpreter.version, case: one.name, tool: tool.name, looks, right });
      }
    }
  }
  return {
    title: 'Programs of which the truth is known',
    method:
      `Each tool at ${rate} looks a second for ${seconds} s. Right: the share of samples that show what the program knows of itself, of all that should have been (those that the tool says it lost are not right; ` +
      '"none": it recorded nothing, or ended with an error). A look is one at all threads that there are.',
    rows,
    figures,
  };
}

/** @returns null when the tool has nothing to show */
async function tryToRecord(tool: Tool, target: Target, seconds: number): Promise<Recording | null> {
  try {
    const recording = await tool.record(target.pid, { rate, seconds });
    return recording.stacks.length > 0 ? recording : null;
  } catch {
    return null;
  }
}
