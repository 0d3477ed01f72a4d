import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { RecordingFile, startTimeOf } from '../../native/index.ts';
import { deltaOf } from '../../profile/testing/build.ts';
import { readProfile } from '../readProfile.ts';
import { Recorded } from '../recorded.ts';
import type { RecordOptions } from '../recordOptions.ts';
import { KeptRecording } from './keptRecording.ts';
import { claimLeft, leftLimits, leftRecordings, prune } from './leftRecordings.ts';
import { readKept } from './readKept.ts';
import { isAbandoned, isLiveName, leftName, liveName } from './recordingNames.ts';
import { isPrivate, makePrivateFolder, recordingFolders } from './stateFolder.ts';
import { leftText } from './tellLeft.ts';

const started = { type: 'started', pid: 7, pythonVersion: '3.12.1', epoch: 1_700_000_000_000 } as const;
const samples = deltaOf({
  runs: [{ stack: 'main:1 work:2', count: 5 }],
  processes: [{ pid: 7, name: 'app.py' }],
  quality: { samples: 5 },
});
/** A number that no process has: more than Linux gives. */
const nobody = 2 ** 22 + 1;

describe('recordings that are kept', () => {
  let folder: string;
  let before: readonly (readonly [string, string | undefined])[];
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-kept-'));
    before = ['XDG_STATE_HOME', 'TMPDIR'].map((name) => [name, process.env[name]]);
    process.env['XDG_STATE_HOME'] = path.join(folder, 'state');
    process.env['TMPDIR'] = path.join(folder, 'tmp');
  });
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const place = (): string => path.join(folder, 'state/heatline/recordings');

  /** What a process that was killed leaves. */
  async function killed(start = 0, file?: string): Promise<string> {
    makePrivateFolder(place());
    const name =
      file ?? path.join(place(), (await liveName()).replace(`-${process.pid}-`, `-${nobody}-`).replace(/-\d+-(?=\w+-\w+\.)/, `-${start}-`));
    const made = new RecordingFile({
      path: () => Promise.resolve(name),
      facts: () => ({ pid: 7, name: 'app.py', ordinal: 1, rate: 100, output: '/out.svg' }),
      onError: (error) => assert.fail(error),
    });
    made.write(started);
    made.write({ type: 'delta', delta: samples });
    await made.close();
    return name;
  }

  it('are in a folder of our user alone', () => {
    const [first] = recordingFolders();
    assert.equal(first, place());
    makePrivateFolder(place());
    for (const one of [place(), path.dirname(place())]) assert.equal(fs.statSync(one).mode & 0o777, 0o700);
    fs.chmodSync(place(), 0o777);
    assert.equal(isPrivate(place()), false);
    assert.throws(() => makePrivateFolder(place()), /not a folder of yours alone/);
    fs.rmSync(place(), { recursive: true });
    fs.mkdirSync(path.join(folder, 'evil'));
    fs.symlinkSync(path.join(folder, 'evil'), place());
    assert.throws(() => makePrivateFolder(place()), /not a folder of yours alone/);
  });

  it('are never in another user’s home, nor where the environment names no place', () => {
    const uid = process.getuid!();
    const home = path.join(folder, 'home');
    fs.mkdirSync(home);
    const folders = (env: NodeJS.ProcessEnv, user = uid): string[] => recordingFolders({ env, uid: user, home, temporary: '/tmp' });
    const ofHome = path.join(home, '.local/state/heatline/recordings');
    assert.deepEqual(folders({ HOME: home }), [ofHome, `/tmp/heatline-${uid}/recordings`]);
    assert.deepEqual(
      folders({ HOME: '/nowhere', XDG_STATE_HOME: 'relative' })[0],
      uid === 0 ? '/nowhere/.local/state/heatline/recordings' : ofHome,
    );
    assert.deepEqual(folders({ HOME: home, XDG_STATE_HOME: home }, uid + 1), [`/tmp/heatline-${uid + 1}/recordings`]);
  });

  it('have a name by which it is known whether who made them lives', async () => {
    const name = await liveName();
    const now = Date.now();
    assert.ok(isLiveName(name) && isLiveName(`${name}.part`) && !isLiveName(`x${name}`));
    assert.equal(await isAbandoned(name, 0, now), false);
    assert.equal(await isAbandoned(name.replace(`-${process.pid}-`, `-${nobody}-`), now, now), true);
    const start = await startTimeOf(process.pid);
    assert.equal(await isAbandoned(name.replace(`-${start!}-`, `-${start! + 1}-`), now, now), true, 'another process has its number');
    // Of another machine or container nothing is known but that it goes on.
    const [, pid, , , random] = name.split('-');
    const elsewhere = `live-${pid!}-1-elsewhere-${random!}`;
    assert.deepEqual([await isAbandoned(elsewhere, now - 1000, now), await isAbandoned(elsewhere, now - 1e6, now)], [false, true]);
    assert.equal(await isAbandoned('of-app.py-7.recording', 0, now), false);
    const left = leftName(name, { pid: 7, name: '../live-\n', ordinal: 1, rate: 1 }, new Date(2026, 0, 2, 3, 4, 5));
    assert.match(left, /^of-live-_-7-2026-01-02T03-04-05-\w+\.recording$/);
  });

  it('are told once of what was killed, under the name they have from then on', async () => {
    const path_ = await killed();
    fs.writeFileSync(`${path_}.part`, 'cut off');
    const other = path.join(place(), await liveName()); // one that goes on
    fs.writeFileSync(other, '');
    const found = await claimLeft();
    assert.equal(found.length, 1);
    const text = leftText(found);
    assert.match(
      text,
      /^heatline: the recording of app\.py \(process 7\) broke off at [\d:]+, without its profile\. What it had is in \/.*of-app\.py-7-/,
    );
    assert.match(text, /\nheatline recover -o FILE makes a profile of it; heatline recover lists what is there\.$/);
    assert.deepEqual(await claimLeft(), []);
    assert.deepEqual(await leftRecordings(), found);
    assert.deepEqual(fs.readdirSync(place()).sort(), [path.basename(other), path.basename(found[0]!.path)].sort());
    assert.equal((await readProfile(found[0]!.path)).quality.samples, 5);
    assert.deepEqual(
      leftText([...found, ...found, ...found, ...found, ...found])
        .split('\n')
        .at(-2),
      'heatline: and so did 2 more.',
    );
  });

  it('go when they are old or many, the oldest first', async () => {
    const now = Date.now();
    const files: string[] = [];
    for (let i = 0; i < leftLimits.recordings + 2; i++) {
      files.push(await killed(i));
      fs.utimesSync(files[i]!, new Date(now), new Date(now - i * 1000));
    }
    await prune(now);
    const left = (await leftRecordings()).map(({ endedAt }) => Math.round((now - endedAt.getTime()) / 1000));
    assert.deepEqual(left, [0, 1, 2, 3, 4, 5, 6, 7, 8], 'there is room for one more');
    await prune(now + (leftLimits.days + 1) * 24 * 3600 * 1000);
    assert.deepEqual(await leftRecordings(), []);
  });

  it('are read as far as they are whole', async () => {
    const file = await killed();
    const bytes = fs.readFileSync(file);
    fs.writeFileSync(file, Buffer.concat([bytes, Buffer.alloc(16, 0xff)]));
    const { profile, wrong, facts } = await readKept(file);
    assert.deepEqual([profile.quality.samples, facts.output, profile.startedAtEpoch], [5, '/out.svg', started.epoch]);
    assert.ok(wrong !== null);
    fs.writeFileSync(file, bytes.subarray(0, 300));
    await assert.rejects(readKept(file), /no samples/);
    for (let i = 0; i < bytes.length; i += 7) {
      // Whatever is damaged is told or does not matter; nothing hangs or crashes.
      const damaged = Buffer.from(bytes);
      damaged[i]! ^= 0x55;
      fs.writeFileSync(file, damaged);
      await readKept(file).catch((error: unknown) => assert.ok(error instanceof Error));
    }
  });

  const options: RecordOptions = {
    rate: 'max',
    format: 'firefox',
    view: { lines: 'current', threads: false, gil: false, idle: false, fullFilenames: true },
    quiet: false,
    hidesProgress: true,
  };

  it('leave nothing when the profile is written, and all when it can’t be', async () => {
    const record = (): { kept: KeptRecording; recorded: Recorded } => {
      const kept = new KeptRecording({ ...options, output: () => '/out.svg' }, () => recorded.profile);
      const recorded = new Recorded(options, { before: (event) => kept.write(event) });
      recorded.begin(started);
      recorded.append(samples);
      return { kept, recorded };
    };
    const { kept: written } = record();
    assert.equal(written.loss(), 'the profile is not written');
    await written.delete();
    assert.equal(written.loss(), '');
    assert.equal(fs.existsSync(place()), false);
    const left = await record().kept.leave();
    assert.ok(left?.isWhole === true);
    const { profile, facts } = await readKept(left.path);
    assert.deepEqual([profile.quality.samples, facts], [5, { pid: 7, name: 'app.py', ordinal: 1, rate: 0, output: '/out.svg' }]);
    assert.deepEqual(
      (await leftRecordings()).map((one) => one.path),
      [left.path],
    );
  });
});
