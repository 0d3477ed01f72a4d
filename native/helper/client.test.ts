import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { Engine, EngineEvent } from '../engine.ts';
import { connectEngine, type HelperEnd } from './client.ts';
import { Command, encodeMessage, type HelperMessage, protocolVersion } from './messages.ts';

const never = { answer: 1e9, start: 1e9, stop: 1e9 };
const ready: HelperMessage = { type: 'ready', protocol: protocolVersion, pid: 9 };
const started: HelperMessage = { type: 'started', pid: 7, pythonVersion: '3.12.1', epoch: 5 };

/** A helper that says what a test tells it to. */
class Helper {
  readonly events: EngineEvent[] = [];
  readonly sent: number[] = [];
  readonly stream = new PassThrough();
  readonly engine: Engine;
  closed = 0;
  private readonly over: Promise<void>;

  constructor(end: HelperEnd = { reason: 'broken', detail: 'gone' }, limits = never) {
    let settle: () => void;
    this.over = new Promise((resolve) => (settle = resolve));
    const connection = {
      messages: this.stream,
      send: (command: number) => void this.sent.push(command),
      whyEnded: () => Promise.resolve(end),
      close: () => {
        this.closed++;
      },
    };
    this.engine = connectEngine(
      connection,
      7,
      (event) => {
        this.events.push(event);
        if (event.type === 'ended' || event.type === 'failed') settle();
      },
      limits,
    );
  }

  say(...messages: HelperMessage[]): this {
    this.stream.write(Buffer.concat(messages.map(encodeMessage)));
    return this;
  }

  /** How it came to an end. */
  async ending(): Promise<string> {
    await this.over;
    assert.equal(this.closed, 1, 'the other side is let go once');
    const last = this.events.at(-1)!;
    if (last.type === 'ended') return last.reason;
    assert(last.type === 'failed');
    return last.failure.code === 'not-elevated' ? last.failure.reason : last.failure.code;
  }
}

describe('the engine in a helper', () => {
  it('tells what the helper tells, from its start to its end', async () => {
    const helper = new Helper().say(
      { type: 'asking' },
      ready,
      started,
      { type: 'paused' },
      { type: 'resumed' },
      { type: 'ended', reason: 'exited' },
      started,
    );
    assert.equal(await helper.ending(), 'exited');
    assert.deepEqual(
      helper.events.map(({ type }) => type),
      ['started', 'paused', 'resumed', 'ended'],
    );
  });

  it('passes commands on while there is something to command', async () => {
    const helper = new Helper();
    helper.engine.pause();
    helper.say(ready, started, { type: 'paused' });
    while (helper.events.length < 2) await new Promise((resolve) => setImmediate(resolve));
    helper.engine.pause();
    helper.engine.resume();
    helper.engine.stop();
    helper.engine.stop();
    helper.say({ type: 'ended', reason: 'stopped' });
    assert.equal(await helper.ending(), 'stopped');
    helper.engine.resume();
    assert.deepEqual(helper.sent, [Command.Pause, Command.Resume, Command.Stop]);
  });

  it('fails with the target’s own failure', async () => {
    assert.equal(
      await new Helper().say(ready, { type: 'failed', failure: { code: 'not-python', pid: 7, executable: '/bin/sh' } }).ending(),
      'not-python',
    );
  });

  it('fails on what makes no sense, at any time', async () => {
    for (const wrong of [
      [started],
      [ready, ready],
      [{ ...ready, protocol: 99 }],
      [ready, { type: 'paused' }],
      [{ type: 'waiting' }],
      [ready, started, { type: 'waiting' }],
      [ready, started, started],
      [ready, { type: 'ended', reason: 'exited' }],
    ]) {
      assert.equal(await new Helper().say(...(wrong as HelperMessage[])).ending(), 'broken', JSON.stringify(wrong));
    }
    for (const before of [[], [ready], [ready, started]]) {
      const helper = new Helper().say(...before);
      helper.stream.write('sudo: a terminal is required to read the password\n');
      assert.equal(await helper.ending(), 'broken');
    }
  });

  it('says why there was none, when it ends without a word', async () => {
    for (const reason of ['dismissed', 'refused', 'unavailable'] as const) {
      const helper = new Helper({ reason, detail: 'x' });
      helper.stream.end();
      assert.equal(await helper.ending(), reason);
      assert.deepEqual(helper.events, [{ type: 'failed', failure: { code: 'not-elevated', pid: 7, reason, detail: 'x' } }]);
    }
    assert.equal(await new Helper().say({ type: 'asking' }, { type: 'left', code: 1, signal: null }).ending(), 'refused');
    const late = new Helper({ reason: 'refused', detail: '' }).say(ready, started);
    late.stream.end();
    assert.equal(await late.ending(), 'broken', 'a password that was right is not refused later');
  });

  it('waits neither for a hidden prompt, nor for a start, nor for an end that do not come', async () => {
    assert.equal(await new Helper(undefined, { ...never, answer: 1 }).say({ type: 'asking' }).ending(), 'no-answer');
    assert.equal(await new Helper(undefined, { ...never, start: 1 }).say(ready).ending(), 'broken');
    const helper = new Helper(undefined, { ...never, stop: 1 }).say(ready, started);
    while (helper.events.length < 1) await new Promise((resolve) => setImmediate(resolve));
    helper.engine.stop();
    assert.equal(await helper.ending(), 'broken');
  });

  it('is stopped, not failed, when it is stopped before it begins', async () => {
    const helper = new Helper();
    helper.engine.stop();
    assert.equal(await helper.ending(), 'stopped');
    assert.deepEqual(helper.events, [{ type: 'ended', reason: 'stopped' }]);
  });
});
