import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startEngine } from '../../../native/index.ts';
import { SampleFlag } from '../../../profile/delta.ts';
import { toFirefox } from '../../../profile/formats/firefox.ts';
import { Profile } from '../../../profile/profile.ts';
import { interpreters } from '../../support/interpreters.ts';
import { startTarget, type Target } from '../../support/target.ts';

const script = path.join(import.meta.dirname, '..', 'targets', 'cores.py');
const interpreter = interpreters.at(-1)!;

/** The first of the cores we may use. */
function cores(count: number): string {
  const allowed = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]!;
  const all = allowed.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i);
  });
  return all.slice(0, count).join();
}

/** µs of CPU: exact while it does not run. */
function cpuOf(target: Target): number {
  return Number(readFileSync(`/proc/${target.pid}/schedstat`, 'latin1').split(' ')[0]) / 1000;
}

/** Stops it, and waits until it stands still. */
async function stop(target: Target): Promise<void> {
  target.signal('SIGSTOP');
  for (;;) {
    const text = readFileSync(`/proc/${target.pid}/stat`, 'latin1');
    if (text[text.lastIndexOf(')') + 2] === 'T') return;
    await pause(1);
  }
}

/** A profile of a program that stands still at its beginning and end, so that its CPU time in between (µs) is known exactly. */
async function sampled(target: Target, wanted: number): Promise<{ readonly profile: Profile; readonly used: number }> {
  const profile = new Profile();
  await stop(target);
  const before = cpuOf(target);
  /** Called with each delta; resolves what is awaited. */
  let look = (): void => undefined;
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (isSo()) resolve();
      };
      look();
    });
  let ended: (error?: Error) => void;
  const end = new Promise<void>((resolve, reject) => (ended = (error) => (error === undefined ? resolve() : reject(error))));
  const engine = startEngine({ pid: target.pid, rate: 1000, deltaInterval: 50 }, (event) => {
    if (event.type === 'delta') {
      profile.append(event.delta);
      look();
    } else if (event.type === 'ended') ended();
    else if (event.type === 'failed') ended(new Error(JSON.stringify(event.failure)));
  });
  const more = async (samples: number): Promise<void> => {
    const goal = profile.quality.samples + samples;
    await Promise.race([until(() => profile.quality.samples >= goal), end]);
  };
  await more(1);
  target.signal('SIGCONT');
  await more(wanted);
  await stop(target);
  const used = cpuOf(target) - before;
  // Deltas that were on their way hold samples of before, a quarter of a second's at most; this many more are of after.
  await more(300);
  engine.stop();
  await end;
  return { profile, used };
}

/** Samples with a flag. */
function counted(profile: Profile, flag: number): number {
  let sum = 0;
  for (let run = 0; run < profile.runs.length; run++) if ((profile.runs.flags[run]! & flag) !== 0) sum += profile.runs.counts[run]!;
  return sum;
}

describe('Programs that share cores', () => {
  it('have the CPU time that they used, and are ready while others run', async () => {
    const wrapper = ['taskset', '-c', cores(1)];
    await using target = await startTarget(interpreter, script, { arguments: ['loop'], wrapper });
    await using others = new AsyncDisposableStack();
    for (let i = 0; i < 3; i++) others.use(await startTarget(interpreter, script, { arguments: ['loop'], wrapper }));
    const { profile, used } = await sampled(target, 1000);
    const saved = toFirefox(profile)
      .threads.flatMap(({ samples }) => samples.threadCPUDelta)
      .reduce((sum, cpu) => sum + cpu, 0);
    assert.ok(Math.abs(saved - used) <= 0.1 * used, `${saved} µs saved, ${used} µs used`);
    // A quarter of the time each, in turns of some ms: of 1000 samples none is so far from that by chance.
    const [running, ready] = [counted(profile, SampleFlag.OnCpu), counted(profile, SampleFlag.Ready)];
    assert.ok(running > 0 && ready > running, `${running} running, ${ready} ready`);
  }).timeout(60_000);

  it('are not shown as running while they sleep and wait for a core', async () => {
    const wrapper = ['taskset', '-c', cores(2)];
    await using target = await startTarget(interpreter, script, { arguments: ['nap'], wrapper });
    await using others = new AsyncDisposableStack();
    for (let i = 0; i < 4; i++) others.use(await startTarget(interpreter, script, { arguments: ['loop'], wrapper }));
    const { profile, used } = await sampled(target, 3000);
    // A look falls anywhere in 1000 µs (Schedule), and never sooner than 300 µs after another, so that of CPU used one in 500 µs is met at most on average,
    // whatever the program's rhythm is. By Chernoff's bound twice that and 25 more are met once in 1e10 runs. What was found ready is
    // shown as running for no more than the CPU time and 11 ms (RunStates.shown), each for 500 µs at least.
    const limit = (2 * used) / 500 + 25 + (used + 11_000) / 500;
    const running = counted(profile, SampleFlag.OnCpu);
    assert.ok(running <= limit, `${running} of ${profile.quality.samples} samples running, ${used} µs used`);
  }).timeout(60_000);
});
