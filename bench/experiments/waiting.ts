import { setTimeout } from 'node:timers/promises';
import { countWith } from '../foldedStacks.ts';
import { percent, short } from '../table.ts';
import { type Findings, type Setting, startBenchTarget } from './experiment.ts';

/** Functions of targets/waiting.py that wait for ever. */
const waiters = ['wait_for_sleep', 'wait_for_lock', 'wait_for_queue', 'wait_for_socket', 'wait_for_select'];

/** How often threads that wait are shown as running. */
export async function waiting({ interpreters, tools, quick, progress }: Setting): Promise<Findings> {
  const seconds = quick ? 3 : 6;
  const rows = [['Python', 'rate', 'tool', 'looks', 'waiting shown as running', 'naps: sampled', 'naps: true']];
  const figures: Record<string, string | number>[] = [];
  for (const interpreter of interpreters) {
    await using target = await startBenchTarget(interpreter, 'waiting.py', []);
    await setTimeout(200);
    for (const rate of [100, 1000]) {
      for (const tool of tools.filter((one) => one.supports(interpreter) && one.name !== 'prototype')) {
        progress(`waiting: Python ${interpreter.version}, ${rate} Hz, ${tool.name}`);
        await target.ask(null);
        const { stacks } = await tool.record(target.pid, { rate, seconds, runningOnly: true });
        const trueShare = Number(await target.ask(null));
        // The working thread always runs, so it tells how often the tool looked.
        const looks = countWith(stacks, 'work');
        const wrong = waiters.reduce((sum, name) => sum + countWith(stacks, name), 0) / (looks * waiters.length);
        const naps = countWith(stacks, 'nap') / looks;
        rows.push([interpreter.version, `${rate} Hz`, tool.name, short(looks), percent(wrong), percent(naps), percent(trueShare)]);
        figures.push({ experiment: 'waiting', python: interpreter.version, rate, tool: tool.name, looks, wrong, naps, trueShare });
      }
    }
  }
  return {
    title: 'Waiting threads shown as running',
    method:
      'Five threads that wait for ever (sleep, lock, queue, socket, select), one that works, one that naps 2 ms at a time: the share of looks at which each tool, asked for ' +
      `running threads only, shows a waiting one, and how much of the time it shows the napping one, against that thread's CPU clock. ${seconds} s each.`,
    rows,
    figures,
  };
}
