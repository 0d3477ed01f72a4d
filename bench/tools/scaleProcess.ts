/**
 * Heatline's sampling loop on a process, and then what the editor makes of its profile, for the benchmark: `scaleProcess.ts PID
 * RATE|max MS`. Says "started", and in the end a ScaleResult, as lines of JSON.
 */
import { openTarget } from '../../native/openTarget.ts';
import { openSystem } from '../../native/os/index.ts';
import { SamplingSession } from '../../native/sampler/session.ts';
import type { ProfileDelta, Quality } from '../../profile/delta.ts';
import { Profile } from '../../profile/profile.ts';
import { Feed } from '../../src/flameGraph/feed.ts';

export interface ScaleResult extends Quality {
  readonly threads: number;
  readonly functions: number;
  readonly stacks: number;
  /** Memory of the sampler's process at the end of the recording, MB: what Node takes included. */
  readonly memory: number;
  /** ms: the longest to add a delta to the profile, and to make the messages of a whole profile for the page with flame graph and table. */
  readonly append: number;
  readonly page: number;
}

const [pid, rate, duration] = process.argv.slice(2);
const system = await openSystem();
const deltas: ProfileDelta[] = [];
const options = { pid: Number(pid), rate: rate === 'max' ? ('max' as const) : Number(rate), duration: Number(duration) };
new SamplingSession(system, openTarget(system, options.pid), options, new Int32Array(new SharedArrayBuffer(4)), (event) => {
  if (event.type === 'delta') deltas.push(event.delta);
  else if (event.type === 'started') process.stdout.write('"started"\n');
}).run();
const memory = process.memoryUsage().rss / 1e6;

function milliseconds(action: () => void): number {
  const before = performance.now();
  action();
  return performance.now() - before;
}

const profile = new Profile();
let append = 0;
for (const delta of deltas)
  append = Math.max(
    append,
    milliseconds(() => profile.append(delta)),
  );
const feed = new Feed(profile);
const page = milliseconds(() => {
  feed.functions();
  feed.participants();
  feed.tree(1, 20_000);
});
const result: ScaleResult = {
  ...profile.quality,
  threads: profile.threads.length,
  functions: profile.functions.length,
  stacks: profile.stackCount,
  memory,
  append,
  page,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
