import { startEngine } from '../../../native/index.ts';
import { deferred } from '../../../native/deferred.ts';
import { Profile } from '../../../profile/profile.ts';
import { interpreters } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';

/** What was seen of processes with the same pid. */
export interface Seen {
  readonly pids: readonly number[];
  /** The functions of each profiled process with that pid, in the order in which they were found. */
  readonly functions: readonly (readonly string[])[];
}

/*
 * For pidReuse.test.ts, in a pid namespace of its own: samples the processes of a program that have the same pid one after the
 * other, and says in JSON what was seen of each (Seen).
 */
const [script = '', python = ''] = process.argv.slice(2);
await using target = await startTarget(
  interpreters.find((one) => one.path === python)!,
  script,
);
const profile = new Profile();
const started = deferred<undefined>();
const ended = deferred<undefined>();
const engine = startEngine({ pid: target.pid, rate: 1000, subprocesses: true }, (event) => {
  if (event.type === 'started') started.resolve(undefined);
  else if (event.type === 'delta') profile.append(event.delta);
  else if (event.type === 'ended') ended.resolve(undefined);
  else if (event.type === 'failed') throw new Error(JSON.stringify(event.failure));
});
await started.promise;
target.tell(null);
const pids: number[] = [];
for (let said = await target.next(); said !== null; said = await target.next()) pids.push(Number(said));
engine.stop();
await ended.promise;

const { processes, threads, runs } = profile;
const functions = processes.flatMap(({ pid }, process_) => {
  if (pid !== pids[0]) return [];
  const names = new Set<string>();
  for (let run = 0; run < runs.length; run++) {
    if (threads[runs.threads[run]!]!.process !== process_) continue;
    for (let at = runs.stacks[run]!; at !== 0; at = profile.stackParent(at))
      names.add(profile.functions[profile.frameFunction(profile.stackFrame(at))]!.name);
  }
  return [[...names]];
});
const seen: Seen = { pids, functions };
process.stdout.write(JSON.stringify(seen));
