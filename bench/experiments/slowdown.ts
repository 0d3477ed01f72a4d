import { setTimeout } from 'node:timers/promises';
import { type Estimate, median, medianWithInterval } from '../statistics.ts';
import type { Attachment } from '../tools/tool.ts';
import { type Findings, type Setting, startBenchTarget } from './experiment.ts';

/** ns, CLOCK_MONOTONIC. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

export interface Quanta {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly cpu: readonly number[];
}

/** How much longer the target takes while it is sampled. */
export async function slowdown({ interpreters, tools, quick, progress }: Setting): Promise<Findings> {
  const rates = quick ? [1000, 10_000] : [100, 1000, 10_000];
  const pairs = quick ? { switched: 20, restarted: 4 } : { switched: 60, restarted: 8 };
  const rows = [['Python', 'rate', 'tool', 'CPU time', 'wall time', 'pairs']];
  const figures: Record<string, string | number>[] = [];
  for (const interpreter of interpreters) {
    for (const tool of tools.filter((one) => one.supports(interpreter))) {
      for (const rate of rates) {
        progress(`slowdown: Python ${interpreter.version}, ${rate} Hz, ${tool.name}`);
        await using target = await startBenchTarget(interpreter, 'quanta.py', []);
        const attachment = await tool.attach(target.pid, rate);
        if (attachment === null) continue;
        const windowPairs = attachment.window < 300 ? pairs.switched : pairs.restarted;
        const { on, off, quanta } = await alternate(
          attachment,
          windowPairs,
          async (seconds) => (await target.ask(seconds)) as unknown as Quanta,
        );
        const cpu = compare(on, off, quanta, quanta.cpu);
        const wall = compare(
          on,
          off,
          quanta,
          quanta.ends.map((end, i) => end - quanta.starts[i]!),
        );
        rows.push([interpreter.version, `${rate} Hz`, tool.name, estimate(cpu), estimate(wall), String(windowPairs)]);
        figures.push({
          experiment: 'slowdown',
          python: interpreter.version,
          rate,
          tool: tool.name,
          cpu: cpu.value,
          cpuLow: cpu.low,
          cpuHigh: cpu.high,
          wall: wall.value,
          wallLow: wall.low,
          wallHigh: wall.high,
        });
      }
    }
  }
  return {
    title: "The target's slowdown",
    method:
      'The target does quanta of work (recursive calls, the dearest case: the sampler reads what the target writes; 0.1 ms each) and times them itself. Sampling goes on and off (Heatline pauses, 100 ms each; the others are ' +
      'started and ended, 500 ms each); the time per quantum while it is on is divided by that of the windows around it. Medians of these ratios with 95 % bootstrap intervals. A tool that pauses ' +
      'its target costs wall time that CPU time does not show.',
    rows,
    figures,
  };
}

/** Samples on and off, while the target does its quanta: windows of both, and what it says. */
export async function alternate(
  attachment: Attachment,
  pairs: number,
  work: (seconds: number) => Promise<Quanta>,
): Promise<{ on: Window[]; off: Window[]; quanta: Quanta }> {
  const { window } = attachment;
  // Starting a program takes up to 2 s.
  const result = work((pairs * (2 * window + (window < 300 ? 60 : 1500)) + 1000) / 1000);
  const on: Window[] = [];
  const off: Window[] = [];
  const record = async (into: Window[]): Promise<void> => {
    const start = now();
    await setTimeout(window);
    into.push({ start, end: now() });
  };
  await setTimeout(200);
  await record(off);
  for (let pair = 0; pair < pairs; pair++) {
    await attachment.on();
    await record(on);
    await attachment.off();
    await record(off);
  }
  await attachment.end();
  return { on, off, quanta: await result };
}

/** Ratios of the mean value per quantum in each `on` window to that in the two `off` windows around it. */
export function compare(on: readonly Window[], off: readonly Window[], quanta: Quanta, values: readonly number[]): Estimate {
  const ratios: number[] = [];
  for (const [i, window] of on.entries()) {
    const before = mean(off[i]!, quanta, values);
    const after = mean(off[i + 1]!, quanta, values);
    const ratio = mean(window, quanta, values) / ((before + after) / 2);
    if (Number.isFinite(ratio)) ratios.push(ratio);
  }
  return ratios.length === 0 ? { value: median(ratios), low: NaN, high: NaN } : medianWithInterval(ratios);
}

/** Mean value of the quanta that lie in the window. */
function mean(window: Window, { starts, ends }: Quanta, values: readonly number[]): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < starts.length; i++) {
    if (starts[i]! < window.start || ends[i]! > window.end) continue;
    sum += values[i]!;
    count++;
  }
  return sum / count;
}

function now(): number {
  return Number(process.hrtime.bigint()); // CLOCK_MONOTONIC, as Python's
}

function estimate({ value, low, high }: Estimate): string {
  const text = (ratio: number): string => `${ratio >= 1 ? '+' : '−'}${Math.abs((ratio - 1) * 100).toFixed(1)}`;
  return Number.isFinite(low) ? `${text(value)} % [${text(low)} … ${text(high)}]` : `${text(value)} %`;
}
