import { median } from '../statistics.ts';
import { percent, short } from '../table.ts';
import type { Recording } from '../tools/tool.ts';
import { type Findings, type Setting, startBenchTarget, withRatio } from './experiment.ts';

interface Case {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'depth 5', script: 'deep.py', args: ['5'] },
  { name: 'depth 20', script: 'deep.py', args: ['20'] },
  { name: 'depth 100', script: 'deep.py', args: ['100'] },
  { name: 'depth 400', script: 'deep.py', args: ['400'] },
  { name: 'depth 1000', script: 'deep.py', args: ['1000'] },
  { name: '8 busy threads', script: 'threads.py', args: ['8', '8'] },
  { name: '100 threads, 4 busy', script: 'threads.py', args: ['100', '4'] },
  { name: '100 busy threads', script: 'threads.py', args: ['100', '100'] },
];
const quickCases = new Set(['depth 20', 'depth 100', '8 busy threads', '100 threads, 4 busy']);

/** How fast each tool can go. */
export async function rate({ interpreters, tools, quick, progress }: Setting): Promise<Findings> {
  const rounds = quick ? 2 : 3;
  const rows = [['Python', 'target', 'tool', 'samples/s', 'CPU µs/sample', 'partial', 'lost']];
  const figures: Record<string, string | number>[] = [];
  for (const interpreter of interpreters) {
    for (const { name, script, args } of cases) {
      if (quick && !quickCases.has(name)) continue;
      progress(`rate: Python ${interpreter.version}, ${name}`);
      await using target = await startBenchTarget(interpreter, script, args);
      const usable = tools.filter((tool) => tool.supports(interpreter));
      const recordings = new Map(usable.map((tool) => [tool, [] as Recording[]]));
      for (let round = 0; round < rounds; round++) {
        for (const tool of usable) recordings.get(tool)!.push(await tool.record(target.pid, { rate: 'max', seconds: 1 }));
      }
      const middle = (tool: (typeof usable)[number], of: (recording: Recording) => number): number => median(recordings.get(tool)!.map(of));
      const ours = { rate: middle(usable[0]!, ({ rate }) => rate), cpu: middle(usable[0]!, ({ cpuPerSample }) => cpuPerSample) };
      for (const tool of usable) {
        const perSecond = middle(tool, ({ rate }) => rate);
        const cpu = middle(tool, ({ cpuPerSample }) => cpuPerSample);
        const partial = middle(tool, (recording) => recording.partial);
        const lost = middle(tool, (recording) => recording.lost);
        rows.push([
          interpreter.version,
          name,
          tool.name,
          withRatio(short(perSecond), perSecond, ours.rate, tool, tools),
          withRatio(short(cpu), cpu, ours.cpu, tool, tools),
          percent(partial),
          percent(lost),
        ]);
        figures.push({
          experiment: 'rate',
          python: interpreter.version,
          case: name,
          tool: tool.name,
          samplesPerSecond: perSecond,
          cpuPerSample: cpu,
          partial,
          lost,
        });
      }
    }
  }
  return {
    title: 'How fast',
    method:
      `As fast as each tool goes. A sample is one thread's stack: a look at 8 threads gives 8. Medians of ${rounds} rounds of 1 s, the tools in turn. ` +
      "CPU is the whole tool's, start and end left out. In brackets: times Heatline's. Partial: the innermost frames are missing.",
    rows,
    figures,
  };
}
