import assert from 'node:assert/strict';
import { mock } from 'node:test';
import '../testing/fakeVscode.ts';
import type { EngineEvent, EngineFailure, EngineListener, EngineOptions } from '../../native/index.ts';
import { emptyDelta, noQuality, recordedDelta } from '../testing/deltas.ts';
import type { ProfileSession } from './profileSession.ts';

/** Does as it is told and says what it was asked. */
class FakeEngine {
  readonly asked: string[] = [];
  options: EngineOptions | undefined;
  #listener: EngineListener = () => undefined;

  start = (options: EngineOptions, listener: EngineListener): this => {
    this.options = options;
    this.#listener = listener;
    return this;
  };

  pause = (): unknown => this.asked.push('pause');
  resume = (): unknown => this.asked.push('resume');
  stop = (): unknown => this.asked.push('stop');
  say(...events: EngineEvent[]): void {
    for (const event of events) this.#listener(event);
  }
}

const started: EngineEvent = { type: 'started', pid: 7, pythonVersion: '3.12.1', epoch: 1000 };
const work = recordedDelta('/srv/app.py', [
  {
    path: [
      ['main', 3],
      ['work', 9],
    ],
    count: 5,
  },
]);
/** A delta that brings nothing but figures, `sequence` seconds into the session. */
const second = (sequence: number, samples: number): EngineEvent => ({
  type: 'delta',
  delta: emptyDelta({ sequence, quality: { ...noQuality, samples, elapsed: sequence * 1e6 } }),
});

describe('ProfileSession', () => {
  let Session: typeof ProfileSession;
  before(async () => ({ ProfileSession: Session } = await import('./profileSession.ts')));

  let engine: FakeEngine;
  let session: ProfileSession;
  let changes: number;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
    engine = new FakeEngine();
    session = new Session('profile-1', { pid: 7, name: 'app.py' }, 500, engine.start);
    changes = 0;
    session.onDidChange(() => changes++);
  });
  afterEach(() => mock.timers.reset());

  it('is called by its program and process, and by how often that was profiled', () => {
    const again = new Session('profile-2', { pid: 7, name: 'app.py' }, 500, new FakeEngine().start, 2);
    assert.deepEqual([session.title, again.title], ['app.py (process 7)', 'app.py (process 7), no. 2']);
  });

  it('records what its engine says', async () => {
    assert.deepEqual(engine.options, { pid: 7, rate: 500 });
    assert.equal(session.state, 'starting');
    engine.say(started, { type: 'delta', delta: work });
    await session.settled;
    assert.equal(session.state, 'running');
    assert.equal(session.profile.startedAtEpoch, 1000);
    assert.equal(session.profile.quality.samples, 5);
    assert.equal(session.hasSamples, true);
    engine.say({ type: 'ended', reason: 'stopped' });
    assert.equal(session.state, 'ended');
    assert.equal(session.endMessage, undefined);
  });

  it('pauses, resumes and stops when the engine says so, and asks only what makes sense', () => {
    session.pause();
    engine.say(started);
    session.resume();
    session.pause();
    assert.equal(session.state, 'running');
    engine.say({ type: 'paused' });
    assert.equal(session.state, 'paused');
    session.pause();
    session.resume();
    engine.say({ type: 'resumed' });
    assert.equal(session.state, 'running');
    session.stop();
    engine.say({ type: 'ended', reason: 'stopped' });
    session.stop();
    session.pause();
    assert.deepEqual(engine.asked, ['pause', 'resume', 'stop']);
  });

  it('says why it ended by itself, and keeps what it has', () => {
    engine.say(started, { type: 'delta', delta: work }, { type: 'ended', reason: 'exited' });
    assert.equal(session.endMessage, 'The process has ended.');
    assert.equal(session.profile.quality.samples, 5);
    const other = new FakeEngine();
    const replaced = new Session('profile-2', { pid: 7, name: 'app.py' }, 500, other.start);
    other.say(started, { type: 'ended', reason: 'replaced' });
    assert.equal(replaced.endMessage, 'The process runs another program now.');
  });

  it('ends with a failure, before or after it began', async () => {
    const failure: EngineFailure = { code: 'no-such-process', pid: 7 };
    engine.say({ type: 'failed', failure });
    await session.settled;
    assert.equal(session.state, 'ended');
    assert.deepEqual(session.failure, failure);
    assert.equal(session.endMessage, 'Process 7 is gone. Pick another one.');
  });

  it('stops an engine whose deltas contradict each other, and keeps what came before', () => {
    engine.say(started, { type: 'delta', delta: work }, { type: 'delta', delta: { ...work, sequence: 5 } });
    assert.equal(session.failure?.code, 'internal');
    assert.deepEqual(engine.asked, ['stop']);
    assert.equal(session.profile.quality.samples, 5);
    engine.say(second(1, 99), { type: 'ended', reason: 'stopped' });
    assert.equal(session.failure.code, 'internal');
    assert.equal(session.profile.quality.samples, 5);
  });

  it('tells of samples about once a second, of a new state at once', () => {
    engine.say(started);
    assert.equal(changes, 1);
    for (let tick = 0; tick < 12; tick++) {
      mock.timers.tick(250);
      engine.say(second(tick, tick));
    }
    assert.equal(changes, 1 + 3);
    engine.say(second(12, 12), { type: 'paused' });
    assert.equal(changes, 5);
    mock.timers.tick(10_000);
    assert.equal(changes, 5);
  });

  it('tells of the last samples though none follow', () => {
    engine.say(started, second(0, 1));
    assert.equal(changes, 1);
    mock.timers.tick(1000);
    assert.equal(changes, 2);
  });

  it('measures its rate over the last seconds, pauses left out', () => {
    engine.say(started, second(0, 0));
    assert.equal(session.samplesPerSecond, 0);
    engine.say(second(1, 100), second(2, 1100), second(3, 2100), second(4, 3100));
    assert.equal(session.samplesPerSecond, 1000);
    engine.say({ type: 'paused' });
    assert.equal(session.samplesPerSecond, 0);
    engine.say({ type: 'resumed' }, second(5, 3110));
    assert.equal(session.samplesPerSecond, 0);
    engine.say(second(6, 3120));
    assert.equal(session.samplesPerSecond, 10);
  });

  it('is silent and still once disposed', async () => {
    engine.say(started, second(0, 1));
    session.dispose();
    await session.settled;
    engine.say(second(1, 2), { type: 'ended', reason: 'stopped' });
    mock.timers.tick(10_000);
    assert.equal(changes, 1);
    assert.deepEqual(engine.asked, ['stop']);
    assert.equal(session.profile.quality.samples, 1);
  });

  it('takes events that come while the engine is being made', async () => {
    const early = new Session('profile-3', { pid: 7, name: 'app.py' }, 500, (_options, listener) => {
      listener({ type: 'failed', failure: { code: 'unsupported-system', system: 'plan9' } });
      return engine;
    });
    await early.settled;
    assert.equal(early.state, 'ended');
  });
});
