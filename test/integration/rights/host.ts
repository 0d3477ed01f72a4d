/**
 * For elevate.test.ts, run as another user: what the editor does with a helper in a terminal. Writes the types of the events to
 * standard output as JSON, one a line, and stops when there are samples.
 */
import { spawn } from 'node:child_process';
import { connectEngine, elevateArguments, makePipeConnection, startTimeOf } from '../../../native/index.ts';
import { Profile } from '../../../profile/profile.ts';

const [cli, pidText, program = ''] = process.argv.slice(2);
const pid = Number(pidText);
const connection = makePipeConnection();
const startTime = (await startTimeOf(pid))!;
const profile = new Profile();
const engine = connectEngine(connection, pid, (event) => {
  if (event.type === 'delta') {
    profile.append(event.delta);
    if (profile.quality.samples > 20) engine.stop();
    return;
  }
  const names = profile.functions.map(({ name }) => name);
  process.stdout.write(`${JSON.stringify(event.type === 'ended' ? { ...event, names } : event)}\n`);
});
const args = [cli!, ...elevateArguments({ pid, startTime, rate: 500, subprocesses: false }, connection)];
const terminal =
  program === '' ? spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }) : spawn(program, { stdio: 'ignore' });
terminal.on('close', () => connection.giveUp({ reason: 'dismissed', detail: '' }));
