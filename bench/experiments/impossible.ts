import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startBusyNeighbours } from '../placement.ts';
import { countSamples, type FoldedStack } from '../foldedStacks.ts';
import { percent, short } from '../table.ts';
import { type Findings, type Setting, startBenchTarget } from './experiment.ts';

const script = 'alternating.py';

/** How many stacks of each tool never existed. */
export async function impossible({ interpreters, tools, quick, progress }: Setting): Promise<Findings> {
  const callLines = linesThatCall();
  const seconds = quick ? 2 : 5;
  const rows = [['Python', 'sampler', 'tool', 'samples', 'both chains', 'wrong line', 'partial', 'lost']];
  const figures: Record<string, string | number>[] = [];
  for (const interpreter of interpreters) {
    await using target = await startBenchTarget(interpreter, script, []);
    for (const crowded of [false, true]) {
      const sampler = crowded ? 'shares its core' : 'has its core';
      progress(`impossible: Python ${interpreter.version}, ${sampler}`);
      const neighbours = crowded ? startBusyNeighbours(2) : null;
      for (const tool of tools.filter((one) => one.supports(interpreter) && one.name !== 'prototype')) {
        const { stacks, partial, lost } = await tool.record(target.pid, { rate: 'max', seconds });
        const samples = countSamples(stacks);
        const mixed = countSamples(stacks.filter(hasBothChains)) / samples;
        const wrong = countSamples(stacks.filter((stack) => !hasBothChains(stack) && callsFromElsewhere(stack, callLines))) / samples;
        rows.push([
          interpreter.version,
          sampler,
          tool.name,
          short(samples),
          percent(mixed),
          percent(wrong),
          percent(partial),
          percent(lost),
        ]);
        figures.push({
          experiment: 'impossible',
          python: interpreter.version,
          case: sampler,
          tool: tool.name,
          samples,
          mixed,
          wrong,
          partial,
          lost,
        });
      }
      neighbours?.end();
    }
  }
  return {
    title: 'Stacks that never existed',
    method:
      'The target calls a1 → a2 → a3 → a4 and b1 → b2 → b3 → b4 in turn, about 50 ns a call: no stack has frames of both chains, and each function but the ' +
      `innermost calls from one line only. ${seconds} s as fast as each tool goes; "shares its core": with two other programs that never rest.`,
    rows,
    figures,
  };
}

function hasBothChains({ frames }: FoldedStack): boolean {
  return frames.some(({ name }) => /^a\d$/.test(name)) && frames.some(({ name }) => /^b\d$/.test(name));
}

function callsFromElsewhere({ frames }: FoldedStack, callLines: ReadonlyMap<string, number>): boolean {
  return frames.some(({ name, line }, depth) => {
    const expected = callLines.get(name);
    return expected !== undefined && depth < frames.length - 1 && line !== expected;
  });
}

/** By function the line of targets/alternating.py that its calls come from. */
function linesThatCall(): Map<string, number> {
  const lines = new Map<string, number>();
  let current = '';
  for (const [index, text] of readFileSync(path.join(import.meta.dirname, '..', 'targets', script), 'utf8')
    .split('\n')
    .entries()) {
    current = /^def (\w+)/.exec(text)?.[1] ?? current;
    if (text.endsWith('# calls')) lines.set(current, index + 1);
  }
  return lines;
}
