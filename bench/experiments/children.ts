import { setTimeout } from 'node:timers/promises';
import path from 'node:path';
import { median, quantile } from '../statistics.ts';
import { percent, short } from '../table.ts';
import { watch } from '../tools/session.ts';
import type { TreeResult } from '../tools/treeProcess.ts';
import { type Findings, type Setting, startBenchTarget } from './experiment.ts';

/** A child's pid and, in ns of CLOCK_MONOTONIC, when it was started, reached its first statement and ended. */
type Child = readonly [pid: number, started: number, first: number, ended: number];

const tool = path.join(import.meta.dirname, '..', 'tools', 'treeProcess.ts');
const lives = [5, 10, 20, 50, 100];
const rate = 1000;
/** ms */
const settling = 1500;

/** How soon children are found, and what of their lives is sampled. */
export async function children({ interpreters, quick, progress }: Setting): Promise<Findings> {
  const count = quick ? 15 : 40;
  const rows = [['Python', 'tree', 'children', 'found', 'found after: median', '95 %', 'of their time sampled', 'CPU', 'missed ticks']];
  const figures: Record<string, string | number>[] = [];
  for (const interpreter of interpreters) {
    for (const idle of [0, 100]) {
      const tree = idle === 0 ? '1 process' : `${idle + 1} processes`;
      await using target = await startBenchTarget(interpreter, 'children.py', [String(idle)]);
      const argumentsFor = (duration: number): string[] => [String(target.pid), String(rate), String(duration)];
      const alone = await watch<TreeResult>(tool, [...argumentsFor(2000), 'alone']);
      const resting = await watch<TreeResult>(tool, argumentsFor(2000));
      rows.push([
        interpreter.version,
        tree,
        'none',
        '–',
        '–',
        '–',
        '–',
        `${percent(resting.cpuShare)}, alone ${percent(alone.cpuShare)}`,
        percent(resting.missed / (resting.ticks + resting.missed)),
      ]);
      figures.push({
        experiment: 'children',
        python: interpreter.version,
        tree,
        how: 'none',
        cpu: resting.cpuShare,
        cpuAlone: alone.cpuShare,
        missed: resting.missed,
      });
      for (const how of ['fork', 'subprocess']) {
        for (const life of lives) {
          progress(`children: Python ${interpreter.version}, ${tree}, ${how}, ${life} ms`);
          let lived: readonly Child[] = [];
          const pause = life + 30;
          const result = await watch<TreeResult>(tool, argumentsFor(settling + count * (pause + 60) + 500), async () => {
            await setTimeout(settling); // a hundred processes that are there already are found first
            lived = (await target.ask([how, life, count, pause])) as unknown as readonly Child[];
          });
          // A fork is a Python at once; a new program is one when it has started up: its first statement is the start.
          const beginOf = ([, started, first]: Child): number => (how === 'fork' ? started : first);
          const found = lived.flatMap((child) => {
            const process = result.processes.find(({ pid, last }) => pid === child[0] && last >= child[1]);
            return process === undefined
              ? []
              : [
                  {
                    after: (process.first - beginOf(child)) / 1e6,
                    share:
                      Math.max(0, Math.min(process.last, child[3]) - Math.max(process.first, beginOf(child))) / (child[3] - beginOf(child)),
                  },
                ];
          });
          const after = found.map((one) => one.after);
          const share = found.reduce((sum, one) => sum + one.share, 0) / lived.length;
          rows.push([
            interpreter.version,
            tree,
            `${how}, ${life} ms`,
            `${found.length} of ${lived.length}`,
            later(median(after)),
            later(quantile(after, 0.95)),
            percent(share),
            percent(result.cpuShare),
            percent(result.missed / (result.ticks + result.missed)),
          ]);
          figures.push({
            experiment: 'children',
            python: interpreter.version,
            tree,
            how,
            life,
            children: lived.length,
            found: found.length,
            after: median(after),
            after95: quantile(after, 0.95),
            share,
            cpu: result.cpuShare,
            missed: result.missed,
          });
        }
      }
    }
  }
  return {
    title: 'How soon children are found',
    method:
      `${count} children of each kind, one after the other, at ${rate} looks a second: how many have a sample, how long after their start the first one is (fork: after the call of os.fork(); ` +
      'subprocess: after the first statement of the new Python), and what share of their time lies between the first and the last sample, those that were not found included. "None": what looking ' +
      'for children that never come costs, beside a recording without children.',
    rows,
    figures,
  };
}

/** A Python that starts up is sampled already: before its first statement. */
function later(milliseconds: number): string {
  return milliseconds <= 0 ? 'before' : `${short(milliseconds)} ms`;
}
