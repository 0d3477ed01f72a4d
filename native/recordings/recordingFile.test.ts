import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Profile } from '../../profile/profile.ts';
import { snapshotOf } from '../../profile/snapshot.ts';
import { deltaOf, NOTHING_NEW } from '../../profile/testing/build.ts';
import type { EngineEvent } from '../engine.ts';
import { RecordingFile, type RecordingFacts, type RecordingFileOptions, type RecordingLimits } from './recordingFile.ts';
import { isRecording, readRecording, readRecordingFacts } from './recordingReader.ts';

const facts: RecordingFacts = { pid: 7, name: 'app.py', ordinal: 1, rate: 100, output: '/out.svg' };
const started: EngineEvent = { type: 'started', pid: 7, pythonVersion: '3.12.1', epoch: 1_700_000_000_000 };
const MIB = 1 << 20;
const limits: RecordingLimits = { rewrite: 64 * MIB, file: 1024 * MIB, queue: 64 * MIB, free: 0 };
const first = deltaOf({ runs: [{ stack: 'main:1 work:2', count: 5 }], quality: { samples: 5 } });
/** The same again, of the same stack. */
const more = (sequence: number): EngineEvent => ({ type: 'delta', delta: { ...first, ...NOTHING_NEW, sequence } });

describe('a file of a recording', () => {
  let folder: string;
  let file: string;
  let errors: string[];
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-recording-'));
    file = path.join(folder, '1.recording');
    errors = [];
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  function recording(options: Partial<RecordingFileOptions> = {}, bounds: Partial<RecordingLimits> = {}): RecordingFile {
    const onError = ({ message }: Error): unknown => errors.push(message);
    return new RecordingFile({ path: () => Promise.resolve(file), facts: () => facts, onError, ...options }, { ...limits, ...bounds });
  }

  async function read(): Promise<{ profile: Profile; facts: RecordingFacts; wrong: string | undefined; types: string[] }> {
    const profile = new Profile();
    const types: string[] = [];
    let said: RecordingFacts | undefined;
    const wrong = await readRecording(file, (read) => {
      said = read;
      return {
        onEvent: (event) => {
          types.push(event.type);
          if (event.type === 'delta') profile.append(event.delta);
        },
        onExit: () => undefined,
      };
    });
    return { profile, facts: said!, wrong: wrong?.message, types };
  }

  it('has what was said, and what it is', async () => {
    const made = recording();
    made.write(started);
    made.write({ type: 'delta', delta: first });
    made.write({ type: 'ended', reason: 'stopped' });
    await made.close();
    const { profile, types, wrong, facts: said } = await read();
    assert.deepEqual([wrong, types, said], [undefined, ['started', 'delta', 'ended'], facts]);
    assert.equal(profile.runs.counts[0], 5);
    assert.ok(isRecording(fs.readFileSync(file)));
    assert.ok(!isRecording(Buffer.from('{"protocol":')));
    assert.deepEqual(await readRecordingFacts(file), facts);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  });

  it('is not there while all of it can wait, unless it is to be kept', async () => {
    const short = recording({ patience: 1e6 });
    short.write(started);
    short.write({ type: 'delta', delta: first });
    assert.equal(short.isThere, false);
    await short.delete();
    assert.deepEqual(fs.readdirSync(folder), []);
    const kept = recording({ patience: 1e6 });
    kept.write(started);
    kept.write({ type: 'delta', delta: first });
    await kept.keep();
    assert.ok(kept.isThere);
    assert.equal((await read()).profile.runs.length, 1);
    await kept.delete();
    assert.deepEqual(fs.readdirSync(folder), []);
  });

  it('is there when time has come, or there is much', async () => {
    let tellAsked: () => void;
    const asked = new Promise<void>((resolve) => (tellAsked = resolve));
    const patient = recording({ patience: 1, path: () => (tellAsked(), Promise.resolve(file)) });
    patient.write(started);
    await asked;
    assert.ok(patient.isThere);
    await patient.delete();
    const full = recording({ patience: 1e6 }, { queue: 4096 });
    full.write(started);
    for (let i = 0; !full.isThere; i++) full.write(i === 0 ? { type: 'delta', delta: first } : more(i));
    await full.close();
    assert.ok((await read()).profile.runs.length > 1);
  });

  it('is written anew from the profile when it is long, and says the same', async () => {
    const profile = new Profile({ maxRuns: 20 });
    let snapshots = 0;
    const made = recording({ snapshot: () => (snapshots++, snapshotOf(profile, 7)) }, { rewrite: 10_000 });
    const say = (event: EngineEvent): void => {
      made.write(event);
      if (event.type === 'delta') profile.append(event.delta);
    };
    say(started);
    say({ type: 'delta', delta: first });
    for (let i = 1; i < 500; i++) {
      say(more(i));
      await made.written();
    }
    await made.close();
    assert.deepEqual(errors, []);
    assert.ok(snapshots > 1);
    const { profile: read_, wrong, facts: said } = await read();
    assert.equal(wrong, undefined);
    const sum = (of: Profile): number => of.runs.counts.subarray(0, of.runs.length).reduce((all, count) => all + count, 0);
    assert.equal(sum(read_), 2500);
    assert.deepEqual(read_.functions, profile.functions);
    assert.ok(said.coarseTimes!.length > 0, 'it says that times are coarse');
    assert.ok(fs.statSync(file).size < 60_000, String(fs.statSync(file).size));
    assert.deepEqual(fs.readdirSync(folder), ['1.recording']);
  });

  it('lets the profile go on also where it could not be written anew', async () => {
    const profile = new Profile();
    const taken = { times: 0, held: 0 };
    const snapshot = (): ReturnType<typeof snapshotOf> => {
      taken.times++;
      taken.held++;
      const made = snapshotOf(profile);
      return { ...made, release: () => (made.release(), taken.held--) };
    };
    const made = recording({ snapshot }, { rewrite: 100, free: Infinity });
    made.write(started);
    made.write({ type: 'delta', delta: first });
    for (let i = 1; i < 10; i++) made.write(more(i));
    await made.close();
    assert.equal(errors.length, 1);
    assert.deepEqual([taken.times > 0, taken.held], [true, 0]);
  });

  it('never has more than it may, and keeps what it had', async () => {
    const made = recording({}, { file: 10_000 });
    made.write(started);
    made.write({ type: 'delta', delta: first });
    for (let i = 1; i < 100; i++) made.write(more(i));
    await made.close();
    assert.equal(errors.length, 1);
    assert.ok(made.hasFailed);
    assert.ok(fs.statSync(file).size <= 10_500);
    const { profile, wrong } = await read();
    assert.equal(wrong, undefined);
    assert.ok(profile.runs.length > 1 && profile.runs.length < 100);
  });

  it('leaves room to others, and does not let what waits for the disk grow', async () => {
    const poor = recording({}, { free: Number.MAX_SAFE_INTEGER });
    poor.write(started);
    await poor.close();
    assert.match(errors.join(), /^less than [\d.]+ MiB are free on the disk$/);
    fs.rmSync(file);
    errors = [];
    const slow = recording({ path: () => new Promise(() => undefined) }, { queue: 10_000 });
    slow.write(started);
    slow.write({ type: 'delta', delta: first });
    for (let i = 1; i < 100; i++) slow.write(more(i));
    assert.deepEqual(errors, ['the disk does not take it as fast as it comes']);
  });

  it('is never written through a link, and what is no file is not read', async () => {
    fs.symlinkSync(path.join(folder, 'elsewhere'), file);
    const made = recording();
    made.write(started);
    await made.close();
    assert.match(errors.join(), /EEXIST/);
    assert.deepEqual(fs.readdirSync(folder), ['1.recording']);
    fs.rmSync(file);
    fs.mkdirSync(file);
    assert.match((await read()).wrong!, /no file/);
  });
});
