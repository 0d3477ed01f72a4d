import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { TargetError } from '../targetError.ts';
import type { TaskSnapshot } from '../tasks/taskSnapshot.ts';
import type { HelperEnd } from './client.ts';
import { encodeMessage, type HelperMessage, protocolVersion } from './messages.ts';
import { connectLook } from './lookClient.ts';

const never = { answer: 1e9, look: 1e9 };
const ready: HelperMessage = { type: 'ready', protocol: protocolVersion, pid: 9 };
const snapshot: TaskSnapshot = {
  pid: 7,
  pythonVersion: '3.14.0',
  workingDirectory: '/',
  isImported: true,
  exact: true,
  loops: [],
  tasks: [],
  unreadable: 0,
  isCut: false,
};
const looked: HelperMessage = { type: 'looked', kind: 'tasks', snapshot };

/** A helper that says what a test tells it to. */
class Helper {
  readonly stream = new PassThrough();
  readonly abort = new AbortController();
  readonly result: Promise<TaskSnapshot>;
  closed = 0;

  constructor(end: HelperEnd = { reason: 'broken', detail: 'gone' }, limits = never) {
    const connection = {
      messages: this.stream,
      send: () => undefined,
      whyEnded: () => Promise.resolve(end),
      close: () => {
        this.closed++;
      },
    };
    this.result = connectLook(connection, 7, 'tasks', this.abort.signal, limits);
  }

  say(...messages: HelperMessage[]): this {
    this.stream.write(Buffer.concat(messages.map(encodeMessage)));
    return this;
  }

  /** Why there is no result. */
  async failure(): Promise<string> {
    try {
      await this.result;
    } catch (error) {
      assert(error instanceof TargetError);
      assert.equal(this.closed, 1, 'the other side is let go once');
      return error.failure.code === 'not-elevated' ? error.failure.reason : error.failure.code;
    }
    throw new Error('it did not fail');
  }
}

describe('a look by a helper', () => {
  it('gives what the helper saw, and lets it go', async () => {
    const helper = new Helper().say({ type: 'asking' }, ready, looked, { type: 'left', code: 0, signal: null });
    assert.deepEqual(await helper.result, snapshot);
    assert.equal(helper.closed, 1);
  });

  it('fails with the target’s own failure', async () => {
    assert.equal(
      await new Helper()
        .say(ready, { type: 'failed', failure: { code: 'not-visible', pid: 7, version: '3.7.1', what: 'tasks', reason: 'version' } })
        .failure(),
      'not-visible',
    );
  });

  it('fails on what makes no sense, at any time', async () => {
    const wrong: readonly HelperMessage[][] = [
      [looked], [ready, ready], [{ ...ready, protocol: 99 }], [ready, { type: 'paused' }],
      [ready, { type: 'looked', kind: 'greenlets', snapshot: { pid: 7, pythonVersion: '', workingDirectory: null, isImported: false, unreadable: 0, isCut: false, greenlets: [] } }],
    ]; // prettier-ignore
    for (const messages of wrong) assert.equal(await new Helper().say(...messages).failure(), 'broken', JSON.stringify(messages));
    for (const before of [[], [ready]]) {
      const helper = new Helper().say(...before);
      helper.stream.write('sudo: a terminal is required to read the password\n');
      assert.equal(await helper.failure(), 'broken');
    }
  });

  it('says why there was none, when it ends without a word', async () => {
    for (const reason of ['dismissed', 'refused', 'unavailable'] as const) {
      const helper = new Helper({ reason, detail: 'x' });
      helper.stream.end();
      assert.equal(await helper.failure(), reason);
    }
    assert.equal(await new Helper().say({ type: 'asking' }, { type: 'left', code: 1, signal: null }).failure(), 'refused');
    const late = new Helper({ reason: 'refused', detail: '' }).say(ready);
    late.stream.end();
    assert.equal(await late.failure(), 'broken', 'a password that was right is not refused later');
  });

  it('waits neither for a hidden prompt, nor for a result that does not come', async () => {
    assert.equal(await new Helper(undefined, { ...never, answer: 1 }).say({ type: 'asking' }).failure(), 'no-answer');
    assert.equal(await new Helper(undefined, { ...never, look: 1 }).say(ready).failure(), 'broken');
  });

  it('is given up when it is told to', async () => {
    const helper = new Helper().say(ready);
    helper.abort.abort(new Error('enough'));
    await assert.rejects(helper.result, /^Error: enough$/);
    assert.equal(helper.closed, 1);
  });
});
