import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { encodeMessage, type HelperMessage } from '../../native/helper/messages.ts';
import { emptyDelta } from '../testing/deltas.ts';
import { makePipeFolder } from './pipeFolder.ts';
import { RunPipe } from './runPipe.ts';

const started: HelperMessage = { type: 'started', pid: 7, pythonVersion: '3.12.1', epoch: 1000 };
const delta: HelperMessage = { type: 'delta', delta: emptyDelta() };

/** What a pipe tells, as a list that can be waited for. */
class Listener {
  readonly heard: string[] = [];
  #wake: () => void = () => undefined;
  readonly onMessage = ({ type }: HelperMessage): void => this.#hear(type);
  readonly onBroken = (error: Error): void => this.#hear(`broken: ${error.message}`);
  readonly onEnd = (): void => this.#hear('end');

  async until(count: number): Promise<readonly string[]> {
    while (this.heard.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.heard;
  }

  #hear(what: string): void {
    this.heard.push(what);
    this.#wake();
  }
}

/** The launcher's end. */
async function open(pipe: RunPipe): Promise<WriteStream> {
  const writer = createWriteStream(pipe.messagesPath);
  await once(writer, 'open');
  return writer;
}

async function end(writer: WriteStream): Promise<void> {
  writer.end();
  await once(writer, 'close');
}

describe('RunPipe', function () {
  if (process.platform === 'win32') return; // no named pipes in its file system

  let folder: string;
  let listener: Listener;
  let pipe: RunPipe;
  beforeEach(async () => {
    folder = await makePipeFolder();
    listener = new Listener();
    pipe = await RunPipe.create(folder, '1');
    await pipe.listen(listener);
  });
  afterEach(async () => {
    await pipe.dispose();
    await rm(folder, { recursive: true });
  });

  it('is open to nobody else', async () => {
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    for (const file of [pipe.messagesPath, pipe.commandsPath]) assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('hears all that was said before the launcher ended, and says so once', async () => {
    const writer = await open(pipe);
    for (const message of [started, delta, { type: 'left', code: 0, signal: null }] as const) writer.write(encodeMessage(message));
    await end(writer);
    await pipe.finish();
    assert.deepEqual(await listener.until(4), ['started', 'delta', 'left', 'end']);
  });

  it('does not take a launcher that reopens or comes late for one that has ended', async () => {
    for (const message of [started, delta]) {
      const writer = await open(pipe);
      writer.write(encodeMessage(message));
      await end(writer);
    }
    assert.deepEqual(await listener.until(2), ['started', 'delta']);
    await pipe.finish();
    assert.deepEqual(await listener.until(3), ['started', 'delta', 'end']);
  });

  it('serves one program after the other, and what one left unread is not for the next', async () => {
    const writer = await open(pipe);
    pipe.send('stop'); // nobody reads it
    await end(writer);
    await pipe.finish();
    await listener.until(1);

    const second = await open(pipe);
    second.write(encodeMessage(started));
    assert.deepEqual(await listener.until(2), ['end', 'started']);
    const reader = createReadStream(pipe.commandsPath);
    pipe.send('pause');
    const [bytes] = (await once(reader, 'data')) as [Buffer];
    assert.deepEqual([...bytes], [0x70]);
    reader.destroy();
    await end(second);
  });

  it('says once what makes no sense, and recovers with the next program', async () => {
    const writer = await open(pipe);
    writer.write(Buffer.alloc(100, 0xff));
    await listener.until(1);
    writer.write(encodeMessage(started));
    await end(writer);
    await pipe.finish();
    await listener.until(2);
    assert.match(listener.heard[0]!, /^broken: /);
    assert.deepEqual(listener.heard.slice(1), ['end']);
    const second = await open(pipe);
    second.write(encodeMessage(started));
    assert.deepEqual((await listener.until(3)).slice(1), ['end', 'started']);
    await end(second);
  });

  it('leaves nothing behind', async () => {
    await pipe.dispose();
    assert.deepEqual(await readdir(folder), []);
  });
});
