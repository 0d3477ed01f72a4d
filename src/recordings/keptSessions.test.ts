import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../testing/fakeVscode.ts';
import type { EngineEvent, EngineListener } from '../../native/index.ts';
import type { ProfileSession } from '../sessions/profileSession.ts';
import { emptyDelta, recordedDelta } from '../testing/deltas.ts';
import type { KeptSessions } from './keptSessions.ts';

const kept = await import('./keptSessions.ts');
const { Sources } = await import('../sessions/sources.ts');

interface Editor {
  readonly sources: InstanceType<typeof Sources>;
  readonly sessions: KeptSessions;
  readonly begin: (exit?: { code: number | null; signal: string | null }) => {
    readonly session: ProfileSession;
    readonly say: EngineListener;
  };
}

const started: EngineEvent = { type: 'started', pid: 42, pythonVersion: '3.12.1', epoch: 1_700_000_000_000 };
const samples = { type: 'delta', delta: recordedDelta('app.py', [{ path: [['main', 3]], count: 7 }]) } as const;

describe('sessions', () => {
  let folder: string;
  const editors: Editor[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'heatline-sessions-'));
  });
  afterEach(async () => {
    for (const { sessions, sources } of editors.splice(0)) {
      await sessions.close();
      sources.dispose();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  function editor(): Editor {
    const sources = new Sources();
    const options = {
      folder,
      startTimeOf: () => Promise.resolve(1),
      log: (message: string) => assert.equal(message, ''),
      onLost: (name: string) => assert.equal(name, ''),
    };
    const sessions = new kept.KeptSessions(sources, options);
    const result: Editor = {
      sources,
      sessions,
      begin: (exit) => {
        let say: EngineListener | undefined;
        const session = sessions.begin(
          { pid: 42, name: 'app.py', ...(exit === undefined ? {} : { exit: () => exit }) },
          500,
          (_options, listener) => {
            say = listener;
            return { pause: () => undefined, resume: () => undefined, stop: () => undefined };
          },
          1,
        );
        return { session, say: say! };
      },
    };
    editors.push(result);
    return result;
  }

  /** Ends an editor as a reload does, and starts the next one. */
  async function reload({ sessions, sources }: Editor): Promise<Editor> {
    await sessions.close();
    sources.dispose();
    const next = editor();
    await next.sessions.restore();
    return next;
  }

  it('that were stopped and not saved are there after a reload, marked as not saved', async () => {
    const first = editor();
    const { say } = first.begin();
    say(started);
    say(samples);
    say({ type: 'ended', reason: 'stopped' });
    const [restored, ...others] = (await reload(first)).sources.all;
    assert.deepEqual(others, []);
    assert.equal(restored!.title, 'app.py (process 42)');
    assert.equal(restored!.state, 'ended');
    assert.equal(restored!.endMessage, undefined);
    assert.equal(restored!.isSaved, false);
    assert.equal(restored!.profile.quality.samples, 7);
    assert.equal(restored!.profile.startedAtEpoch, 1_700_000_000_000);
  });

  it('that were running say after a reload why they end there', async () => {
    const first = editor();
    const { say } = first.begin();
    say(started);
    say(samples);
    const [restored] = (await reload(first)).sources.all;
    assert.equal(restored!.state, 'ended');
    assert.match(restored!.endMessage!, /editor was closed/);
  });

  it('say after a reload, too, how their program ended', async () => {
    const first = editor();
    const { session, say } = first.begin({ code: null, signal: 'SIGSEGV' });
    say(started);
    say(samples);
    say({ type: 'ended', reason: 'exited' });
    const [restored] = (await reload(first)).sources.all;
    assert.match(session.endMessage!, /SIGSEGV/);
    assert.equal(restored!.endMessage, session.endMessage);
  });

  it('that were saved or discarded do not come back', async () => {
    const first = editor();
    const saved = first.begin();
    const discarded = first.begin();
    for (const { say } of [saved, discarded])
      for (const event of [started, samples, { type: 'ended', reason: 'stopped' } as const]) say(event);
    saved.session.markSaved(saved.session.profile.version);
    assert.equal(saved.session.isSaved, true);
    first.sources.remove(discarded.session);
    assert.deepEqual((await reload(first)).sources.all, []);
  });

  it('that were saved before they went on come back', async () => {
    const first = editor();
    const { session, say } = first.begin();
    say(started);
    say(samples);
    session.markSaved(session.profile.version);
    say({ type: 'delta', delta: emptyDelta({ sequence: 1, quality: samples.delta.quality }) });
    assert.equal(session.isSaved, false);
    say({ type: 'ended', reason: 'stopped' });
    assert.equal((await reload(first)).sources.all.length, 1);
  });

  it('that have no samples do not come back, and leave nothing', async () => {
    const first = editor();
    first.begin().say(started);
    const next = await reload(first);
    assert.deepEqual(next.sources.all, []);
    await next.sessions.close();
    assert.deepEqual(readdirSync(folder), []);
  });
});
