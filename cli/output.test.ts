import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileOutput, OutputError, removeUnfinished } from './output.ts';

describe('a file that is written', () => {
  let folder: string;
  const inside = (name: string): string => path.join(folder, name);
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-output-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('is what it was until it is whole', async () => {
    fs.writeFileSync(inside('out'), 'old');
    const seen: string[] = [];
    async function* pieces(): AsyncGenerator<string | Uint8Array> {
      for (const piece of ['a', Buffer.from('b')]) {
        seen.push(fs.readFileSync(inside('out'), 'utf8'));
        yield piece;
      }
      await Promise.resolve();
      seen.push(fs.readFileSync(inside('out'), 'utf8'));
    }
    await fileOutput('out', folder).write(pieces());
    assert.deepEqual(seen, ['old', 'old', 'old']);
    assert.equal(fs.readFileSync(inside('out'), 'utf8'), 'ab');
    assert.deepEqual(fs.readdirSync(folder), ['out']);
  });

  it('stays what it was when it can’t be', async () => {
    fs.writeFileSync(inside('out'), 'old');
    // eslint-disable-next-line @typescript-eslint/require-await
    async function* broken(): AsyncGenerator<string> {
      yield 'a';
      throw new RangeError('too big');
    }
    await assert.rejects(fileOutput('out', folder).write(broken()), RangeError);
    assert.equal(fs.readFileSync(inside('out'), 'utf8'), 'old');
    assert.deepEqual(fs.readdirSync(folder), ['out']);
  });

  it('leaves nothing when that is ended in between', async () => {
    let left: string[] = [];
    async function* ended(): AsyncGenerator<string> {
      yield 'a';
      await Promise.resolve();
      assert.equal(fs.readdirSync(folder).length, 1);
      removeUnfinished();
      left = fs.readdirSync(folder);
    }
    await assert.rejects(fileOutput('out', folder).write(ended()), OutputError);
    assert.deepEqual(left, []);
  });

  it('has a name that means something', () => {
    assert.throws(() => fileOutput('out', null), /working directory has been deleted/);
    assert.throws(() => fileOutput('', folder), /is a folder/);
    fileOutput(inside('out'), null);
    assert.deepEqual(fs.readdirSync(folder), []);
  });

  it('is not replaced by root’s when it was another’s', async function () {
    if (process.getuid?.() !== 0) return this.skip();
    fs.writeFileSync(inside('out'), 'old');
    fs.chownSync(inside('out'), 1234, 5678);
    async function* pieces(): AsyncGenerator<string> {
      yield await Promise.resolve('new');
    }
    await fileOutput('out', folder).write(pieces());
    const { uid, gid } = fs.statSync(inside('out'));
    assert.deepEqual([uid, gid, fs.readFileSync(inside('out'), 'utf8')], [1234, 5678, 'new']);
  });
});
