/**
 * Heatline's sampling loop on a process and what it starts, for the benchmark: `treeProcess.ts PID RATE MS
 * [alone]`. Says "started", and in the end a TreeResult, as lines of JSON. "alone": leaves the children out.
 */
import { openTarget } from '../../native/openTarget.ts';
import { openSystem } from '../../native/os/index.ts';
import { SamplingSession } from '../../native/sampler/session.ts';
import type { ProfileDelta } from '../../profile/delta.ts';

export interface TreeResult {
  /** Of each process: pid, and when its first and its last run of equal samples began and ended (ns, CLOCK_MONOTONIC). */
  readonly processes: readonly { readonly pid: number; readonly first: number; readonly last: number }[];
  /** CPU time the loop used, share of a core. */
  readonly cpuShare: number;
  readonly ticks: number;
  readonly missed: number;
  /** µs */
  readonly latenessMax: number;
}

const [pid, rate, duration, alone] = process.argv.slice(2);
const system = await openSystem();
const deltas: ProfileDelta[] = [];
let zero = 0;
const options = { pid: Number(pid), rate: Number(rate), duration: Number(duration), subprocesses: alone === undefined };
const session: SamplingSession = new SamplingSession(
  system,
  openTarget(system, options.pid),
  options,
  new Int32Array(new SharedArrayBuffer(4)),
  (event) => {
    if (event.type === 'delta') deltas.push(event.delta);
    else if (event.type === 'started') {
      zero = system.clock.monotonic() - session.now();
      process.stdout.write('"started"\n');
    }
  },
);
session.run();

const processes: { pid: number; first: number; last: number }[] = [];
const processOfThread: number[] = [];
for (const { processes: added, threads, runs } of deltas) {
  for (const record of added) processes.push({ pid: record.pid, first: Infinity, last: 0 });
  for (const thread of threads) processOfThread.push(thread.process);
  for (let run = 0; run < runs.threads.length; run++) {
    const one = processes[processOfThread[runs.threads[run]!]!]!;
    const start = (zero + runs.starts[run]!) * 1000;
    one.first = Math.min(one.first, start);
    one.last = Math.max(one.last, start + runs.durations[run]! * 1000);
  }
}
const { quality } = deltas.at(-1)!;
const result: TreeResult = {
  processes: processes.filter(({ last }) => last > 0),
  cpuShare: quality.samplerCpu / quality.elapsed,
  ticks: quality.ticks,
  missed: quality.missed,
  latenessMax: quality.latenessMax,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
