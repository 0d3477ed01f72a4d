import assert from 'node:assert/strict';
import type { EngineEvent, EngineFailure } from '../../native/index.ts';
import { emptyDelta } from '../testing/deltas.ts';
import { LaunchedProgram, type SamplingCommand } from './launchedProgram.ts';

const started: EngineEvent = { type: 'started', pid: 7, pythonVersion: '3.12.1', epoch: 1000 };
const delta: EngineEvent = { type: 'delta', delta: emptyDelta() };
const exited: EngineEvent = { type: 'ended', reason: 'exited' };

describe('LaunchedProgram', () => {
  let sent: SamplingCommand[];
  let heard: string[];
  let program: LaunchedProgram;
  const listen = () =>
    program.listen((event) =>
      heard.push(event.type === 'ended' ? `${event.type} ${event.reason} ${program.exit?.code ?? '?'}` : event.type),
    );
  beforeEach(() => {
    sent = [];
    heard = [];
    program = new LaunchedProgram((command) => sent.push(command));
  });

  it('keeps what is said until somebody listens', async () => {
    for (const message of [started, delta]) program.take(message);
    assert.deepEqual(await program.outcome, { kind: 'started', pid: 7 });
    listen();
    program.take(delta);
    assert.deepEqual(heard, ['started', 'delta', 'delta']);
  });

  it('tells the end together with the exit code, whichever comes first', () => {
    for (const messages of [
      [exited, { type: 'left', code: 3, signal: null }],
      [{ type: 'left', code: 3, signal: null }, exited],
    ] as const) {
      program = new LaunchedProgram(() => undefined);
      heard = [];
      listen();
      program.take(started);
      program.take(messages[0]);
      assert.deepEqual(heard, ['started']);
      program.take(messages[1]);
      assert.deepEqual(heard, ['started', 'ended exited 3']);
      program.gone({ code: 9, signal: null });
      assert.deepEqual(heard, ['started', 'ended exited 3']);
    }
  });

  it('takes a stop that nobody asked for as the program’s end', () => {
    listen();
    program.take(started);
    program.take({ type: 'ended', reason: 'stopped' });
    program.take({ type: 'left', code: 0, signal: null });
    assert.deepEqual(heard, ['started', 'ended exited 0']);
  });

  it('ends when the launcher is gone without a word', () => {
    listen();
    program.take(started);
    program.gone({ code: null, signal: null });
    assert.deepEqual(heard, ['started', 'ended exited ?']);
  });

  it('says that a program ended before it could be looked into', async () => {
    program.gone({ code: 2, signal: null });
    assert.deepEqual(await program.outcome, { kind: 'left', exit: { code: 2, signal: null } });
  });

  for (const failure of [
    { code: 'ended-early', pid: 7, executable: '/usr/bin/python3' },
    { code: 'no-such-process', pid: 7 },
  ] as const)
    it(`tells how a program ended of which nothing could be seen (${failure.code})`, async () => {
      program.take({ type: 'failed', failure });
      program.take({ type: 'left', code: 1, signal: null });
      program.gone({ code: 0, signal: null });
      assert.deepEqual(await program.outcome, { kind: 'left', exit: { code: 1, signal: null } });
    });

  it('says why a program can’t be profiled', async () => {
    const failure: EngineFailure = { code: 'not-python', pid: 7, executable: '/bin/true' };
    program.take({ type: 'failed', failure });
    program.gone({ code: 0, signal: null });
    assert.deepEqual(await program.outcome, { kind: 'failed', failure });
  });

  it('ends at once when sampling is stopped, and the program goes on', () => {
    listen();
    program.take(started);
    program.pause();
    program.resume();
    program.stop();
    assert.deepEqual(sent, ['pause', 'resume', 'stop']);
    program.take({ type: 'ended', reason: 'stopped' });
    program.take(delta);
    program.take({ type: 'left', code: 0, signal: null });
    assert.deepEqual(heard, ['started', 'ended stopped ?']);
  });
});
