import path from 'node:path';
import { median } from '../statistics.ts';
import type { ColdStart } from '../tools/coldStart.ts';
import { Heatline } from '../tools/heatline.ts';
import { PySpy } from '../tools/pySpy.ts';
import { watch } from '../tools/session.ts';
import type { Tool } from '../tools/tool.ts';
import { type Findings, type Setting, startBenchTarget } from './experiment.ts';
import { alternate, compare, type Quanta } from './slowdown.ts';

const starts = 5;

/** What native stacks cost, and how many of them are whole. */
export async function native({ interpreters, quick, progress }: Setting): Promise<Findings> {
  const tools: readonly Tool[] = [new Heatline('native'), new PySpy('native')];
  const seconds = quick ? 4 : 10;
  const rows = [
    ['Python', 'rate', 'tool', 'work left', 'stacks a second', 'CPU each', 'pause (median, 99 %)', 'whole, merged', 'no stack'],
  ];
  const figures: Record<string, string | number>[] = [];
  const cold: string[] = [];
  for (const interpreter of interpreters) {
    for (const tool of tools.filter((one) => one.supports(interpreter))) {
      for (const rate of [100, 1000]) {
        progress(`native: Python ${interpreter.version}, ${rate} Hz, ${tool.name}`);
        const left = await workLeft(interpreter, tool, rate, quick);
        await using target = await startBenchTarget(interpreter, 'natives.py', []);
        const recording = await tool.record(target.pid, { rate, seconds });
        const { native: own } = recording;
        rows.push([
          interpreter.version,
          `${rate} Hz`,
          tool.name,
          percent(left),
          recording.rate.toFixed(0),
          `${recording.cpuPerSample.toFixed(0)} µs`,
          own === undefined ? '' : `${own.stopMedian.toFixed(0)} µs, ${own.stopP99.toFixed(0)} µs`,
          own === undefined ? '' : `${percent(own.whole / own.stacks)}, ${percent(own.merged / own.stacks)}`,
          percent(recording.lost),
        ]);
        const { rate: reached, cpuPerSample, lost } = recording;
        figures.push({
          experiment: 'native',
          python: interpreter.version,
          rate,
          tool: tool.name,
          left,
          reached,
          cpuPerSample,
          lost,
          ...own,
        });
      }
    }
    progress(`native: Python ${interpreter.version}, the first stack`);
    await using target = await startBenchTarget(interpreter, 'natives.py', []);
    const first: ColdStart[] = [];
    // It is to be free to go to the target's core.
    for (let i = 0; i < starts; i++)
      first.push(await watch<ColdStart>(path.join(import.meta.dirname, '../tools/coldStart.ts'), [String(target.pid)], undefined, []));
    const of = (key: keyof ColdStart): number => median(first.map((one) => one[key]));
    cold.push(
      `Python ${interpreter.version}: ${of('whole').toFixed(0)} ms, ${of('fromStart').toFixed(0)} ms from when Python was found, ${of('memory').toFixed(0)} MB`,
    );
    figures.push({
      experiment: 'first native stack',
      python: interpreter.version,
      whole: of('whole'),
      fromStart: of('fromStart'),
      memory: of('memory'),
    });
  }
  return {
    title: 'Native stacks',
    method:
      'Work left: quanta of C code that Python calls, and that calls Python, of 0.1 to 0.2 ms each, sampled on and off as for the slowdown; their wall time without by that with. The rest is of a program that computes in zlib, hashlib, ' +
      `re, sort, json, sqlite and, where it is there, numpy. Pauses, whole and merged stacks are what Heatline says; py-spy says nothing of its own. Medians of ${starts} starts until the first native stack was there, with the memory of the whole process then: ${cold.join('; ')}.`,
    rows,
    figures,
  };
}

/** Share of its work that a program does while it is sampled. */
async function workLeft(interpreter: Setting['interpreters'][number], tool: Tool, rate: number, quick: boolean): Promise<number> {
  await using target = await startBenchTarget(interpreter, 'quanta.py', ['native']);
  const attachment = await tool.attach(target.pid, rate);
  if (attachment === null) return NaN;
  const pairs = attachment.window < 300 ? (quick ? 20 : 60) : quick ? 4 : 8;
  const { on, off, quanta } = await alternate(attachment, pairs, async (seconds) => (await target.ask(seconds)) as unknown as Quanta);
  const wall = quanta.ends.map((end, i) => end - quanta.starts[i]!);
  return 1 / compare(on, off, quanta, wall).value;
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '';
}
