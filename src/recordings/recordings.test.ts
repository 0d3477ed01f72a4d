import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineEvent, Exit, RecordingFacts } from '../../native/index.ts';
import { Profile } from '../../profile/profile.ts';
import { recordedDelta } from '../testing/deltas.ts';
import { type KeptFile, Recordings } from './recordings.ts';

interface Restored {
  readonly facts: RecordingFacts;
  readonly file: KeptFile;
  readonly events: EngineEvent[];
  readonly exits: Exit[];
}

const noError = (): void => {
  throw new Error('It could not be kept.');
};
const facts: RecordingFacts = { pid: 1234, name: 'app.py', ordinal: 2, rate: 1000 };
const started: EngineEvent = { type: 'started', pid: 1234, pythonVersion: '3.12.1', epoch: 1_700_000_000_000 };
const samples = {
  type: 'delta',
  delta: recordedDelta('app.py', [
    {
      path: [
        ['main', 3],
        ['work', 7],
      ],
      count: 5,
    },
  ]),
} as const;

describe('kept recordings', () => {
  let folder: string;
  let logged: string[];
  /** Start times of the processes that live. */
  let living: Map<number, number>;
  const open: Recordings[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'heatline-recordings-'));
    logged = [];
    living = new Map([[process.pid, 77]]);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((recordings) => recordings.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  function editor(): Recordings {
    const recordings = new Recordings({
      folder,
      startTimeOf: (pid) => Promise.resolve(living.get(pid) ?? null),
      log: (message) => logged.push(message),
    });
    open.push(recordings);
    return recordings;
  }

  async function restore(recordings: Recordings, onRead: (restored: Restored) => void = () => undefined): Promise<Restored[]> {
    const all: Restored[] = [];
    await recordings.restore((read, file) => {
      const restored: Restored = { facts: read, file, events: [], exits: [] };
      return {
        onEvent: (event) => restored.events.push(event),
        onExit: (exit) => restored.exits.push(exit),
        onRead: () => {
          all.push(restored);
          onRead(restored);
        },
      };
    });
    return all;
  }

  const files = (): string[] =>
    readdirSync(folder).flatMap((name) => readdirSync(join(folder, name)).map((file) => join(folder, name, file)));

  it('come back to the next editor, whole', async () => {
    const first = editor();
    const file = first.keep(facts, noError);
    file.write(started);
    file.write(samples);
    await first.close();
    const [restored, ...others] = await restore(editor());
    assert.deepEqual(others, []);
    assert.deepEqual(restored!.facts, facts);
    assert.deepEqual(restored!.events[0], started);
    const profile = new Profile();
    for (const event of restored!.events) if (event.type === 'delta') profile.append(event.delta);
    assert.equal(profile.quality.samples, 5);
    assert.deepEqual(
      profile.functions.map(({ name }) => name),
      ['main', 'work'],
    );
    assert.equal(restored!.events.length, 2, 'it did not end');
  });

  it('say how they ended', async () => {
    const first = editor();
    const file = first.keep(facts, noError);
    file.write(started);
    file.write(samples);
    file.write({ type: 'ended', reason: 'exited' }, { code: null, signal: 'SIGSEGV' });
    await first.close();
    const [restored] = await restore(editor());
    assert.deepEqual(restored!.exits, [{ code: null, signal: 'SIGSEGV' }]);
    assert.deepEqual(restored!.events.at(-1), { type: 'ended', reason: 'exited' });
  });

  it('come back after a crash as far as they were written', async () => {
    const crashed = editor();
    const file = crashed.keep(facts, noError);
    file.write(started);
    file.write(samples);
    file.write({ type: 'delta', delta: { ...samples.delta, sequence: 1 } });
    await file.close(); // all is written, but nobody says that this editor ends
    const [path] = files();
    writeFileSync(path!, readFileSync(path!).subarray(0, -20));
    living.set(process.pid, 78); // the process is another one by now
    const [restored] = await restore(editor());
    assert.deepEqual(
      restored!.events.map(({ type }) => type),
      ['started', 'delta'],
    );
    assert.deepEqual(logged, []);
  });

  it('of an editor that runs are left alone until it ends', async () => {
    const other = editor();
    const file = other.keep(facts, noError);
    file.write(started);
    file.write(samples);
    await file.close();
    let onLater: (restored: Restored) => void = () => undefined;
    const later = new Promise<Restored>((resolve) => (onLater = resolve));
    const next = editor();
    assert.deepEqual(await restore(next, onLater), []);
    await other.close();
    assert.deepEqual((await later).facts, facts);
  });

  it('come back to one of several editors only', async () => {
    const first = editor();
    first.keep(facts, noError).write(started);
    await first.close();
    const all = await Promise.all([restore(editor()), restore(editor()), restore(editor())]);
    assert.equal(all.flat().length, 1);
  });

  it('stay until they are deleted, through any number of editors', async () => {
    const first = editor();
    first.keep(facts, noError).write(started);
    await first.close();
    const second = editor();
    assert.equal((await restore(second)).length, 1);
    await second.close();
    const third = editor();
    const [restored] = await restore(third);
    await restored!.file.delete();
    await third.close();
    assert.deepEqual(await restore(editor()), []);
    assert.deepEqual(readdirSync(folder), [], 'no empty folders are left');
  });

  it('that are deleted while they are made leave nothing', async () => {
    const recordings = editor();
    const file = recordings.keep(facts, noError);
    file.write(started);
    file.write(samples);
    await file.delete();
    file.write(samples);
    assert.deepEqual(files(), []);
  });

  it('are nobody else’s to read, and there is none of what never began', async () => {
    const recordings = editor();
    const failed = recordings.keep(facts, noError);
    failed.write({ type: 'failed', failure: { code: 'not-ready', pid: 1234 } });
    await failed.close();
    assert.deepEqual(readdirSync(folder), []);
    const file = recordings.keep(facts, noError);
    file.write(started);
    await file.close();
    assert.equal(statSync(files()[0]!).mode & 0o777, 0o600);
  });

  it('whose middle is broken come back up to there, and the log says so', async () => {
    const first = editor();
    const file = first.keep(facts, noError);
    file.write(started);
    await file.close();
    const [path] = files();
    writeFileSync(path!, Buffer.concat([readFileSync(path!), Buffer.alloc(16, 0xff)]));
    await first.close();
    const [restored] = await restore(editor());
    assert.deepEqual(restored!.events, [started]);
    assert.match(logged.join('\n'), /can’t be read any further/);
  });

  it('say once that there is no place for them', async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'no folder');
    const recordings = editor();
    let errors = 0;
    const file = recordings.keep(facts, () => errors++);
    file.write(started);
    file.write(samples);
    await file.close();
    assert.equal(errors, 1);
    assert.equal(logged.length, 1);
  });
});
